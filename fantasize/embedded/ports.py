"""The public port, bound before anything is started for it, and private ports behind it."""

import errno
import random
import socket

from fantasize.embedded.configuration import ServeError

# Below the range from which the kernel takes ports for outgoing connections.
_PRIVATE = range(20_000, 30_000)
_BACKLOG = 1024


def bind_public(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen on every address of ``host``; connections wait until somebody accepts them.

    Args:
        host: a name or an address; ``localhost`` is both 127.0.0.1 and ::1 where there is IPv6.
        port: 0 lets the kernel choose one.

    Raises:
        ServeError: when the port is taken or not allowed, or the host is not this machine's.
    """
    bound: list[socket.socket] = []
    for family, address in _addresses(host):
        try:
            bound.append(_bind(family, address, bound[0].getsockname()[1] if bound else port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                raise _refusal(error.errno, port) from None
    if not bound:
        raise ServeError(f"HOST={host} is not an address of this machine.")
    return bound


def free_private_port(taken: set[int]) -> int:
    """A free port on 127.0.0.1 that is not in ``taken``.

    Raises:
        ServeError: when there is none.
    """
    for port in random.sample(_PRIVATE, 200):
        if port not in taken and _is_free(port):
            return port
    raise ServeError(f"No free port between {_PRIVATE.start} and {_PRIVATE.stop} on 127.0.0.1.")


def _addresses(host: str) -> list[tuple[socket.AddressFamily, str]]:
    try:
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise ServeError(f"HOST={host} is not a name or address that can be resolved.") from None
    return list(dict.fromkeys((family, str(address[0])) for family, _, _, _, address in found))


def _bind(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        # At once: until then another process could bind the same port, and clients would be refused instead of waiting.
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _refusal(reason: int, port: int) -> ServeError:
    if reason == errno.EACCES:
        return ServeError(f"Port {port} is for root only: choose one above 1023, such as PORT=5000.")
    return ServeError(f"Port {port} is already in use: stop what uses it, or choose another with PORT={port + 1}.")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
