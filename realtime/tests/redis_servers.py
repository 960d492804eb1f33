"""The Redis that carries wake-ups: which one it is, and its end."""

import os
import signal
import time
from pathlib import Path

from pytest_django import Settings

from fantasize.embedded.redis import redis_pid


def use_redis(settings: Settings, url: str) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [{"address": url, "socket_timeout": None}]},
        },
    }


def kill_redis(home: Path) -> None:
    pid = redis_pid(home)
    assert pid
    os.kill(pid, signal.SIGKILL)
    while redis_pid(home):
        time.sleep(0.01)
