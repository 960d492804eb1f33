"""Structured logs on standard error: for people (``console``) or machines (``json``, Elastic Common Schema names)."""

import logging.config
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

_ECS_VERSION = "8.11.0"
_ECS_NAMES = {
    "event": "message",
    "level": "log.level",
    "logger": "log.logger",
    "timestamp": "@timestamp",
    "exception": "error.stack_trace",
    "request_id": "http.request.id",
    "method": "http.request.method",
    "path": "url.path",
    "status": "http.response.status_code",
    "duration_ms": "event.duration_ms",
    "error": "error.type",
}
_LEVELS = {
    # The access log says what was refused; once is enough.
    "django.request": "ERROR",
    "django.server": "ERROR",
    # Every job that begins and ends is no news; one that fails is.
    "procrastinate": "WARNING",
    "procrastinate.periodic": "ERROR",
    "procrastinate.blueprints": "ERROR",
    # Tells of every attempt while Redis is away; the relay says it once.
    "channels_redis.pubsub": "CRITICAL",
    # Tells of every table of every font in every document.
    "fontTools": "WARNING",
    "fpdf": "ERROR",
}
_KEYS = re.compile(r"(/track/|/pay/sandbox/|[?&]token=)[^\s/?&#\"']+")
# Everything that a terminal or a line-based reader takes for a new line or a command.
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {0x2028: "\\u2028", 0x2029: "\\u2029"}


def configure(config: Mapping[str, str]) -> None:
    """Send everything that anybody logs to standard error (Django calls this with ``settings.LOGGING``).

    Args:
        config: ``format`` (``console`` or ``json``) and ``level``.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.config.dictConfig(_standard_library(shared, config))


def _standard_library(shared: list[Processor], config: Mapping[str, str]) -> dict[str, Any]:
    """One handler at the root; libraries' own records take the same way as ours."""
    processors: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        escape_control_characters,
        hide_keys,
    ]
    processors += _for_machines() if config["format"] == "json" else _for_people()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": shared,
        "processors": processors,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": config["level"]},
        "loggers": {name: {"level": level} for name, level in _LEVELS.items()},
    }


def _for_machines() -> list[Processor]:
    return [structlog.processors.format_exc_info, rename_to_ecs, structlog.processors.JSONRenderer()]


def _for_people() -> list[Processor]:
    # Plain tracebacks: the pretty ones print local variables, and with them passwords.
    return [
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    ]


def escape_control_characters(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """Keep one record on one line, whatever somebody put into a name."""
    return {key: value.translate(_CONTROL) if isinstance(value, str) else value for key, value in event.items()}


def hide_keys(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """The record without the part of an address that is a key: whoever has it may read an order, or pay for one."""
    return {key: _KEYS.sub(r"\1…", value) if isinstance(value, str) else value for key, value in event.items()}


def rename_to_ecs(_logger: Any, _name: str, event: EventDict) -> EventDict:
    """The record under the Elastic Common Schema's names."""
    renamed = {_ECS_NAMES.get(key, key): value for key, value in event.items()}
    return {**renamed, "ecs.version": _ECS_VERSION, "service.name": "fantasize"}
