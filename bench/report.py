"""What a benchmark found, on the screen and on disk."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).resolve().parent.parent / "var" / "bench"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure; ``limit`` is the most it may be, where something is promised."""

    what: str
    value: float
    unit: str
    limit: float | None = None


def print_table(name: str, measurements: Sequence[Measurement]) -> None:
    """Show a benchmark's figures beside what is promised."""
    print(name)
    for each in measurements:
        promise = "" if each.limit is None else f"   (at most {each.limit:,g} {each.unit})"
        print(f"  {each.what:<36} {each.value:>10,.2f} {each.unit:<8}{promise}")


def write_json(name: str, measurements: Sequence[Measurement]) -> Path:
    """Keep a benchmark's figures with when and where they were taken; returns the file."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    taken = {
        "name": name,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "measurements": [asdict(each) for each in measurements],
    }
    path.write_text(json.dumps(taken, indent=2) + "\n", encoding="utf-8")
    return path
