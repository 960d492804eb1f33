"""What schemathesis finds out anew for each of thousands of calls although it stays the same, found out once."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core import signals
from django.db import close_old_connections
from schemathesis.schemas import APIOperation, BaseSchema


@contextmanager
def in_this_process() -> Iterator[None]:
    """Calls are made without a server. A request's end would close the connection that the test is on."""
    endings = (signals.request_started, signals.request_finished)
    for signal in endings:
        signal.disconnect(close_old_connections)
    with pytest.MonkeyPatch.context() as patch:
        # Any application could be one of Flask's, which is looked for on the disk each time.
        patch.setitem(sys.modules, "flask", None)
        yield
    for signal in endings:
        signal.connect(close_old_connections)


def keep_settings(schema: BaseSchema) -> BaseSchema:
    """Let the schema keep what its checks are told of an operation: it is gathered from all settings that may apply."""
    gather: Any = schema.config.checks_config_for
    kept: dict[tuple[str | None, str | None], Any] = {}

    def checks_config_for(
        *, operation: "APIOperation[Any, Any, Any, Any] | None" = None, phase: str | None = None
    ) -> Any:
        key = operation.label if operation else None, phase
        if key not in kept:
            kept[key] = gather(operation=operation, phase=phase)
        return kept[key]

    # As a method, it is found on the class; here the instance answers first.
    vars(schema.config)["checks_config_for"] = checks_config_for
    return schema
