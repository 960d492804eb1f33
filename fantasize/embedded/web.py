"""The WSGI application under ``bin/serve``: a worker of granian dies with the server that forked it."""

import os
import signal

from fantasize.embedded.leash import die_with_parent

die_with_parent(signal.SIGKILL, os.getppid())

from fantasize.wsgi import application  # noqa: E402 - an orphan should not even start Django

__all__ = ["application"]
