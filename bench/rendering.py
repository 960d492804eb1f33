"""How quickly previews and print files are drawn, and how much memory the largest takes.

Each drawing is of pictures and texts that were never drawn before; so none of them is remembered.
"""

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from time import perf_counter

from bench import proofs
from bench.proofs import Example
from bench.report import Measurement
from customizations.rendering import pdf, render, render_preview
from customizations.rendering.files import PreviewFormat

_TIMES = 40
_SIDE = 600
_LARGEST = 6000
_PREVIEW_MS = 300
# What a worker that draws may have.
_MEMORY_MIB = 1024
_EXAMPLES = (proofs.coaster, proofs.card, proofs.mug)
_KEPT = {"photo"}


def measure() -> list[Measurement]:
    """Draw every example that has a photo and text, and the largest canvas."""
    found = []
    for make in _EXAMPLES:
        example, name = make(), make.__name__
        for form in ("webp", "png"):
            milliseconds = _p95(_previews(example, form))
            found.append(Measurement(f"preview of a {name}, {form}, p95", milliseconds, "ms", _PREVIEW_MS))
        found.append(Measurement(f"print file of a {name}, p95", _p95(_print_files(example)), "ms"))
    rendered = render(*proofs.card().parsed())
    found.append(Measurement("PDF of a print file, p95", _p95(iter([lambda: pdf(rendered.png)] * _TIMES)), "ms"))
    command = [sys.executable, "-m", "bench.rendering"]
    most = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found.append(Measurement("memory for 36 megapixels", float(most), "MiB", _MEMORY_MIB))
    return found


def _variants(example: Example) -> Iterator[Example]:
    """The example with other files and other texts, one after the other; the files end with what nobody reads."""
    for number in count():
        mark = f" {number}"
        assets = {name: content + mark.encode() for name, content in example.assets.items()}
        answers = {key: answer if key in _KEPT else answer + mark for key, answer in example.answers.items()}
        yield replace(example, background=example.background + mark.encode(), assets=assets, answers=answers)


def _previews(example: Example, form: PreviewFormat) -> Iterator[Callable[[], object]]:
    for _, variant in zip(range(_TIMES), _variants(example), strict=False):
        parsed = variant.parsed()
        yield lambda parsed=parsed: render_preview(*parsed, max_side=_SIDE, format=form)  # type: ignore[misc]


def _print_files(example: Example) -> Iterator[Callable[[], object]]:
    for _, variant in zip(range(_TIMES), _variants(example), strict=False):
        parsed = variant.parsed()
        yield lambda parsed=parsed: render(*parsed)  # type: ignore[misc]


def _p95(calls: Iterator[Callable[[], object]]) -> float:
    """Milliseconds that 19 of 20 calls take at most."""
    taken = []
    for call in calls:
        begun = perf_counter()
        call()
        taken.append((perf_counter() - begun) * 1000)
    return sorted(taken)[len(taken) * 95 // 100]


def _largest() -> float:
    """MiB of a process that has drawn 6000 by 6000 pixels: a background, a photo and a text, all as large as that."""
    box = (0, 0, _LARGEST, _LARGEST)
    options = (
        proofs.photo("photo", *box, mask="heart"),
        proofs.text("name", *box, font="script", color="#ffffff", curve=60),
    )
    card = proofs.card()
    answers = {"photo": next(iter(card.assets)), "name": "Anna & Tom"}
    render(*replace(card, options=options, answers=answers, side=_LARGEST).parsed())
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(_largest())
