"""The events of customizations, as they are written to the log."""

from typing import Any

from fantasize.core.events import Event

AGGREGATE = "customization_template"


def template_event(template_id: int, what: str, *, version: int, actor: str, **facts: Any) -> Event:
    """``customization.created``, ``.changed``, ``.published``, ``.retired`` or ``.deleted``: what staff did."""
    return Event(AGGREGATE, str(template_id), f"customization.{what}", {"version": version, **facts}, actor)
