"""Which media types are read and written."""

from collections.abc import Iterable
from typing import Any

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
        chosen = request.get_preferred_type(list(offered))
        if chosen is None:
            raise NotAcceptableError(f"Only {', '.join(offered)} can be had here.")
        return offered[chosen], chosen
