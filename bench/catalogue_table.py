"""``python -m bench.catalogue_table``: the last figures of the catalogue benchmark, as docs/performance.md has them."""

import json
from collections import defaultdict

from bench.report import RESULTS

_COLUMNS = ("computed, median", "computed, p95", "bare SQL, median", "bare SQL, p95", "kept, median", "kept, p95")


def main() -> None:
    """Print the table in Markdown."""
    taken = json.loads((RESULTS / "catalogue.json").read_text(encoding="utf-8"))
    rows: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for each in taken["measurements"]:
        name, _, column = each["what"].rpartition(": ")
        rows[name][column] = each["value"]
    print(f"{taken['at'][:10]}, {taken['machine']['cpus']} processors, Python {taken['machine']['python']}\n")
    print("| milliseconds | " + " | ".join(_COLUMNS) + " | computed / bare SQL |")
    print("|---|" + "---:|" * (len(_COLUMNS) + 1))
    for name, found in rows.items():
        figures = " | ".join(f"{found[column]:.1f}" for column in _COLUMNS)
        print(f"| {name} | {figures} | {found['computed / bare SQL']:.1f} |")


if __name__ == "__main__":
    main()
