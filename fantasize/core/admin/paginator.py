"""Pages of big tables."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator


class BoundedPaginator(Paginator):  # type: ignore[type-arg] # generic only in its stubs
    """Counts no further than ``COUNT_LIMIT`` rows, so that a list of millions opens as fast as one of hundreds.

    What lies beyond is found by search and filters.
    """

    COUNT_LIMIT = 10_000

    @cached_property
    def count(self) -> int:
        """How many rows can be paged through: at most ``COUNT_LIMIT``."""
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: self.COUNT_LIMIT].count())
