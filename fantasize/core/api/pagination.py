"""Pages of lists."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from rest_framework import pagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fantasize.core.caching import CachePolicy
from fantasize.core.errors import FieldError, InvalidError, NotFoundError

PAGE_SIZE = 20
MAX_PAGE_SIZE = 100
MAX_PAGE = 1_000_000
# From here on rows are skipped by their keys alone: those before the page are not joined with what belongs to them.
DEEP = 200


class _ShopPaginator(Paginator[Any]):
    """Counts a list once for all of its pages and orders, and skips rows cheaply."""

    def __init__(self, rows: "QuerySet[Any] | Sequence[Any]", size: int, policy: CachePolicy | None) -> None:
        super().__init__(rows, size)
        self._policy = policy

    @cached_property
    def count(self) -> int:
        """How many rows there are; kept as the answers of the endpoint are, which it is a part of."""
        rows = self.object_list
        if self._policy is None or not isinstance(rows, QuerySet):
            return self._count()
        try:
            statement = rows.order_by().query.sql_with_params()
        except EmptyResultSet:
            return 0
        return self._policy.get_or_compute(("count", statement), self._count)

    def _count(self) -> int:
        rows = self.object_list
        return rows.order_by().count() if isinstance(rows, QuerySet) else len(rows)

    def page(self, number: int | str) -> Page[Any]:
        """The page, with its rows read."""
        wanted = super().page(number)
        rows, slice_ = self.object_list, wanted.object_list
        if isinstance(rows, QuerySet) and isinstance(slice_, QuerySet) and slice_.query.low_mark >= DEEP:
            wanted.object_list = rows.filter(pk__in=slice_.values("pk"))
        return wanted


class PageNumberPagination(pagination.PageNumberPagination):
    """``page`` and ``page_size``; a number out of range is refused, a page past the end is not found."""

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_query_param = "page"
    page_size_query_param = "page_size"

    def paginate_queryset(
        self,
        queryset: QuerySet[Any] | Sequence[Any],
        request: Request,
        view: APIView | None = None,
    ) -> list[Any]:
        """The rows of the page that was asked for.

        Raises:
            InvalidError: page or page size is not a number in range.
            NotFoundError: the list ends before that page.
        """
        self.request = request
        number, size = _read_page(request.query_params, self.page_size)
        try:
            self.page: Page[Any] = _ShopPaginator(queryset, size, getattr(view, "cache_policy", None)).page(number)
        except InvalidPage:
            raise NotFoundError("The list has no such page.") from None
        return list(self.page)

    def get_paginated_response(self, data: Any) -> Response:
        """The rows; the renderer puts the pagination where the call's version has it."""
        response = Response(data)
        response.pagination = {  # type: ignore[attr-defined]
            "page": self.page.number,
            "page_size": self.page.paginator.per_page,
            "total_items": self.page.paginator.count,
            "total_pages": self.page.paginator.num_pages,
            "next": self.get_next_link(),
            "previous": self.get_previous_link(),
        }
        return response

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The rows' schema: what stands around them is documented with the envelope."""
        return schema

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """The two query parameters."""
        return [
            _parameter("page", "Which page, from 1.", maximum=MAX_PAGE, default=1),
            _parameter("page_size", "Rows per page.", maximum=MAX_PAGE_SIZE, default=self.page_size),
        ]


def _parameter(name: str, description: str, *, maximum: int, default: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "maximum": maximum, "default": default}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _read_page(parameters: Mapping[str, str], usual_size: int) -> tuple[int, int]:
    """Page number and size.

    Raises:
        InvalidError: with both faults, if both are wrong.
    """
    number = _in_range(parameters.get("page", "1"), MAX_PAGE)
    size = _in_range(parameters.get("page_size", str(usual_size)), MAX_PAGE_SIZE)
    errors = [
        FieldError(name, "out_of_range", f"A whole number from 1 to {maximum}.", "parameter")
        for name, value, maximum in (("page", number, MAX_PAGE), ("page_size", size, MAX_PAGE_SIZE))
        if value is None
    ]
    if number is None or size is None:
        raise InvalidError("The page is out of range.", errors=errors)
    return number, size


def _in_range(text: str, maximum: int) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(maximum))
    return int(text) if is_number and 1 <= int(text) <= maximum else None
