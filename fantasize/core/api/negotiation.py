"""Which media types are read and written."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from fantasize.core.api.problems import NotAcceptableError


class JSONNegotiation(DefaultContentNegotiation):
    """Chooses by ``Accept`` alone; the view's first renderer when the caller takes anything."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> Any:
        """The renderer and its media type.

        Raises:
            NotAcceptableError: the caller accepts none of them.
        """
        offered = {str(renderer.media_type): renderer for renderer in renderers}
        chosen = preferred_type(request, list(offered))
        if chosen is None:
            raise NotAcceptableError(f"Only {', '.join(offered)} can be had here.")
        return offered[chosen], chosen


def preferred_type(request: Request | HttpRequest, offered: Sequence[str]) -> str | None:
    """Which of the ``offered`` media types the caller likes best; None if they accept none.

    Ours have no parameters, so those that clients add out of habit (``charset=utf-8``) ask for nothing else.
    """
    chosen: str | None = request.get_preferred_type(list(offered))
    names = (f"{accepted.main_type}/{accepted.sub_type}" for accepted in request.accepted_types)
    return chosen or next((name for name in names if name in offered), None)
