"""The sockets' side of the app."""

from realtime.consumers.live import Limits, LiveConsumer
from realtime.consumers.origin import OriginGate
from realtime.consumers.relay import Relay

__all__ = ["Limits", "LiveConsumer", "OriginGate", "Relay"]
