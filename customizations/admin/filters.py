"""Filters of the list of templates; those into documents ask their index."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter, TextFilter

from customizations.models.template import TemplateQuerySet

_LONGEST = 100


class FontFilter(DropdownFilter):
    """Templates that write something in a font."""

    title = "font"
    parameter_name = "font"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        """Those there are, and those that only older templates have."""
        from customizations import rendering  # noqa: PLC0415 - draws with a big library, which few pages need

        return [(name, face.title) for name, face in {**rendering.FONTS, **rendering.RETIRED}.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - as above
        """The templates that have it."""
        return _templates(queryset).with_font(self.value() or "") if self.value() else queryset


class OptionFilter(TextFilter):
    """Templates that ask for something of this short name."""

    title = "option"
    parameter_name = "option"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - as above
        """The templates that do."""
        wanted = (self.value() or "").strip()[:_LONGEST]
        return _templates(queryset).with_option(wanted) if wanted else queryset


class ChoiceFilter(TextFilter):
    """Templates that offer a choice of this short name."""

    title = "choice"
    parameter_name = "choice"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002 - as above
        """The templates that do."""
        wanted = (self.value() or "").strip()[:_LONGEST]
        return _templates(queryset).with_choice(wanted) if wanted else queryset


def _templates(queryset: Any) -> TemplateQuerySet:
    return queryset
