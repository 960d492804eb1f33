"""A renderer version is its bytes: fonts, libraries and code that change them need another version."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from customizations.rendering import RENDERER_VERSION, typefaces, typesetting
from customizations.tests.rendering_samples import SAMPLES, hashes

LEDGER = json.loads(Path(__file__).with_name("rendering_versions.json").read_text(encoding="utf-8"))
MANIFEST = json.loads((typefaces.FOLDER / "manifest.json").read_text(encoding="utf-8"))
ROOT = Path(__file__).resolve().parents[2]


def run_elsewhere(times: int, **environment: str) -> list[dict[str, str]]:
    """The samples' hashes, made so many times by a process of its own."""
    command = [sys.executable, "-m", "customizations.tests.rendering_samples", str(times)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, check=True, capture_output=True, text=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_bytes_are_those_of_the_version() -> None:
    fonts = sha256((typefaces.FOLDER / "manifest.json").read_bytes()).hexdigest()
    assert LEDGER[RENDERER_VERSION] == {"fonts": fonts, "proofs": hashes()}, "say RENDERER_VERSION anew, and its bytes"


def test_every_font_is_the_one_of_the_manifest() -> None:
    files = {file.name: sha256(file.read_bytes()).hexdigest() for file in typefaces.FOLDER.glob("*.ttf")}
    assert files == {name: font["sha256"] for name, font in MANIFEST.items()}


def test_four_processes_at_once_and_one_with_warm_caches_make_the_same_bytes() -> None:
    places = [{"LC_ALL": "C", "TZ": "Asia/Tokyo"}, {"LC_ALL": "tr_TR.UTF-8", "LANG": "ar"}, {"PYTHONHASHSEED": "7"}, {}]
    with ThreadPoolExecutor(len(places)) as pool:
        cold = [answer[0] for answer in pool.map(lambda place: run_elsewhere(1, **place), places)]
    warm = [hashes(), hashes()]
    typesetting.set_text.cache_clear()
    typefaces.load.cache_clear()
    assert [*cold, *warm, hashes()] == [LEDGER[RENDERER_VERSION]["proofs"]] * 7


def test_threads_that_share_fonts_make_the_same_bytes() -> None:
    with ThreadPoolExecutor(4) as pool:
        typesetting.set_text.cache_clear()
        found = list(pool.map(lambda _: hashes(), range(8)))
    assert found == [LEDGER[RENDERER_VERSION]["proofs"]] * 8


def test_the_hashes_tell_one_changed_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    schema, answers, assets = SAMPLES["texts"]()
    monkeypatch.setitem(SAMPLES, "texts", lambda: (schema, {**answers, "serif": "Zoé & Ǻgnes 12"}, assets))
    assert hashes()["texts"] != LEDGER[RENDERER_VERSION]["proofs"]["texts"]
    assert hashes()["pictures"] == LEDGER[RENDERER_VERSION]["proofs"]["pictures"]
