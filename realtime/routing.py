"""Where the sockets are."""

from realtime.consumers import LiveConsumer, OriginGate
from realtime.consumers.origin import Application

_live = OriginGate(LiveConsumer.as_asgi())

PATHS: dict[str, Application] = {"/ws": _live, "/ws/": _live}
