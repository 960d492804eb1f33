"""Runs a program that ends with its parent: no kill -9 leaves an orphan that holds a port or a connection.

``python leash.py SIGNAL PARENT PROGRAM [ARGUMENT...]`` becomes PROGRAM. It is run by path, without the package, to cost
nothing.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int, parent: int) -> None:
    """Let the kernel send us ``signal_number`` when ``parent`` dies; only Linux can, elsewhere this does nothing.

    Args:
        signal_number: which signal.
        parent: who we believe is the parent; when it is gone already, this process ends now.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 - becoming the program is the point
