"""The import contracts hold, and each of them catches what it is there for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ["fantasize", "accounts", "catalog", "customizations", "orders", "notifications", "realtime"]

# One planted violation per contract: (file, line to add).
VIOLATIONS = {
    "Apps import downwards only": ("catalog/apps.py", "import orders.enums"),
    "Layers inside every app, from a closed list of names": ("orders/enums.py", "import orders.services.checkout"),
    "Pure modules import no framework": ("orders/pricing/lines.py", "import django.db"),
    "No web framework below the entry points": ("orders/selectors.py", "import rest_framework.views"),
    "Only tests import tests": ("orders/apps.py", "import orders.tests.factories"),
}


def _lint_imports(folder: Path) -> str:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--config", "pyproject.toml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_each_contract_holds_and_catches_a_planted_violation(copy: Path) -> None:
    before = _lint_imports(copy)
    assert [name for name in VIOLATIONS if f"{name} KEPT" not in before] == []
    for file, line in VIOLATIONS.values():
        path = copy / file
        path.write_text(f"{path.read_text()}\n{line}\n")
    after = _lint_imports(copy)
    assert [name for name in VIOLATIONS if f"{name} BROKEN" not in after] == []


def test_a_module_name_outside_the_closed_list_breaks_the_contract(copy: Path) -> None:
    (copy / "orders" / "helpers.py").write_text('"""A junk drawer."""\n')
    assert "Layers inside every app, from a closed list of names BROKEN" in _lint_imports(copy)
