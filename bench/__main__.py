"""``python -m bench [name ...]``: run the named benchmarks, or all of them."""

import argparse
from collections.abc import Callable, Sequence

from bench import (
    catalogue,
    customizations,
    enumeration,
    guessing,
    import_catalogue,
    kills,
    machine,
    placing,
    previews,
    quotes,
    races,
    relevance,
    rendering,
    seed_demo,
    snapshots,
    startup,
    transfers,
)
from bench.report import Measurement, print_table, write_json

BENCHES: dict[str, Callable[[], Sequence[Measurement]]] = {
    "agreement": customizations.measure_agreement,
    "catalogue": catalogue.measure,
    "engine": customizations.measure_engine,
    "enumeration": enumeration.measure,
    "guessing": guessing.measure,
    "import_catalogue": import_catalogue.measure,
    "kills": kills.measure,
    "machine": machine.measure,
    "placing": placing.measure,
    "previews": previews.measure,
    "quotes": quotes.measure,
    "races": races.measure,
    "relevance": relevance.measure,
    "rendering": rendering.measure,
    "seed_demo": seed_demo.measure,
    "snapshots": snapshots.measure,
    "startup": startup.measure,
    "transfers": transfers.measure,
}


def main() -> None:
    """Run, show and keep the figures."""
    parser = argparse.ArgumentParser(prog="bench", description="Measure the shop; results go to var/bench/*.json.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(BENCHES)}; default: all")
    names = parser.parse_args().names or list(BENCHES)
    if unknown := set(names) - BENCHES.keys():
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    for name in names:
        measurements = BENCHES[name]()
        print_table(name, measurements)
        write_json(name, measurements)


if __name__ == "__main__":
    main()
