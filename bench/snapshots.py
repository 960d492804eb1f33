"""Whether what was sold stays what it was while staff change everything: to read, to look at, and to the cent.

The edits are those of the tests, a thousand of them, in a shop of its own.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import Measurement
from bench.shop import ROOT, empty_shop

_EDITS = 1000
_ORDERS = 20


def measure() -> list[Measurement]:
    """Sell, edit, and look at every line that was sold: none may have changed."""
    with tempfile.TemporaryDirectory() as data_dir, empty_shop(Path(data_dir)) as shop:
        command = [sys.executable, "-m", "bench.snapshots"]
        answer = subprocess.run(command, env=dict(shop.environment), cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return [Measurement(*figure) for figure in json.loads(answer.stdout)]


def _edit() -> None:
    """Do it in the shop of this process, and print the figures as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fantasize.settings")
    import django  # noqa: PLC0415 - only in the process that edits

    django.setup()
    from fantasize.core import invariants  # noqa: PLC0415 - as above
    from orders.models import OrderLine  # noqa: PLC0415 - as above
    from orders.services import proving  # noqa: PLC0415 - as above
    from orders.tests import customized, edits  # noqa: PLC0415 - as above

    before = customized.facts(customized.sell_everything(_ORDERS))
    editor = edits.Editor(seed=1)
    while sum(editor.done.values()) < _EDITS:
        editor.edit()
    lines = list(OrderLine.objects.select_related("order").order_by("pk"))
    began = time.perf_counter()
    changed = proving.find_changed(lines)
    seconds = time.perf_counter() - began
    proofs = [thing["proof"] for line in lines for thing in line.customizations if thing["proof"]]
    figures = [
        ("edits", sum(editor.done.values()), ""),
        ("kinds of edits", len(editor.done), ""),
        ("lines sold", len(lines), ""),
        ("proofs among them", len(proofs), ""),
        ("lines that read otherwise", sum(a != b for a, b in zip(before, customized.facts(lines), strict=True)), "", 0),
        ("lines that cost or draw otherwise", len(changed), "", 0),
        ("stored proofs that are not there", sum(not _is_stored(sha256) for sha256 in proofs), "", 0),
        ("broken invariants", sum(invariants.violations().values()), "", 0),
        ("price and draw a line again", 1000 * seconds / len(lines), "ms"),
    ]
    print(json.dumps(figures))


def _is_stored(sha256: str) -> bool:
    from customizations.models import Proof  # noqa: PLC0415 - as above
    from customizations.services import proofs  # noqa: PLC0415 - as above

    return hashlib.sha256(proofs.content_of(Proof.objects.get(pk=sha256))).hexdigest() == sha256


if __name__ == "__main__":
    _edit()
