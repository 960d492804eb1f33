"""Where a drill reaches into the processes of a shop: functions of its services, and switches that are files.

A switch is thrown by the test, for all processes at once; whoever takes one that works once has it alone.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fantasize.settings.env import DATA_DIR

FOLDER = "drill"


def switch(data_dir: Path, name: str) -> Path:
    """The file of a switch; it is on while there is one."""
    (data_dir / FOLDER).mkdir(exist_ok=True)
    return data_dir / FOLDER / name


def is_on(name: str) -> bool:
    """Whether a switch of this shop is on."""
    return (DATA_DIR / FOLDER / name).exists()


def take(name: str) -> bool:
    """Turn a switch off; whether it was on, which only one asker hears."""
    try:
        (DATA_DIR / FOLDER / name).unlink()
    except FileNotFoundError:
        return False
    return True


def around(place: Any, name: str, wrapper: Callable[..., Any]) -> None:
    """Have ``wrapper(original, *args, **kwargs)`` called in place of a function."""
    original = getattr(place, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        return wrapper(original, *args, **kwargs)

    setattr(place, name, call)
