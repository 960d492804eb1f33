"""Filters of the list of orders that ask the index of what was answered."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from customizations import rendering
from orders.models import OrderLine
from orders.selectors import with_lines_of

_LONGEST = 500


class AnswerFilter(TextFilter):
    """Orders in which something was answered so: ``colour:gold``."""

    title = "answer (option:value)"
    parameter_name = "answer"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - Django's signature
        """Those orders; what is no answer does not filter."""
        option, _, value = (self.value() or "")[:_LONGEST].partition(":")
        option, value = option.strip(), value.strip()
        if not (option and value):
            return queryset
        return with_lines_of(queryset, OrderLine.objects.answered(option, value))


class FontFilter(DropdownFilter):
    """Orders with words in a font."""

    title = "font"
    parameter_name = "font"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - as above
        """Those there are, and those that things were sold with once."""
        return [(name, face.title) for name, face in {**rendering.FONTS, **rendering.RETIRED}.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - as above
        """The orders that have it."""
        font = self.value()
        return with_lines_of(queryset, OrderLine.objects.written_in(font)) if font in self.lookup_values else queryset

    @property
    def lookup_values(self) -> set[str]:
        """What can be asked for."""
        return {name for name, _ in self.lookup_choices}
