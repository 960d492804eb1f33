"""Static files of production."""

from pathlib import Path

from django.core.management import call_command
from pytest_django import Settings

from fantasize.settings import production


def test_modules_import_each_other_by_the_names_that_change_with_their_content(
    tmp_path: Path, settings: Settings
) -> None:
    written, settings.STATIC_ROOT = tmp_path / "written", tmp_path / "gathered"
    written.mkdir()
    (written / "page.js").write_text('import { draw } from "./drawing.js";\ndraw();\n')
    (written / "drawing.js").write_text("export function draw() {}\n")
    settings.STORAGES = production.STORAGES
    settings.STATICFILES_DIRS = [written]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    call_command("collectstatic", interactive=False, verbosity=0)
    (page,) = settings.STATIC_ROOT.glob("page.*.js")
    (drawing,) = settings.STATIC_ROOT.glob("drawing.*.js")
    assert f'"./{drawing.name}"' in page.read_text()
