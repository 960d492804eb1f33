"""What lists of templates can be narrowed by."""

import django_filters
from django_filters import CharFilter, NumberFilter
from drf_spectacular.utils import extend_schema_field

from customizations.enums import TemplateState
from customizations.models import CustomizationTemplate
from customizations.models.template import TemplateQuerySet
from fantasize.core.api import fields

_MAX_ID = fields.MAX_BIG_INTEGER
_MAX_TEXT = 100
_ID = extend_schema_field({"type": "integer", "minimum": 1, "maximum": _MAX_ID})


class TemplateFilter(django_filters.FilterSet):
    """Filters of ``GET /customizations``; those into schemas ask their index."""

    q = CharFilter(field_name="name", lookup_expr="icontains", max_length=_MAX_TEXT, label="Part of the name.")
    state = django_filters.ChoiceFilter(choices=TemplateState.choices, label="Shoppers see published ones only.")
    font = CharFilter(method="filter_font", max_length=_MAX_TEXT, label="Those that write something in this font.")
    option = CharFilter(method="filter_option", max_length=_MAX_TEXT, label="Those with an option of this key.")
    choice = CharFilter(method="filter_choice", max_length=_MAX_TEXT, label="Those with a choice of this value.")
    product = _ID(
        NumberFilter(field_name="links__product", min_value=1, max_value=_MAX_ID, decimal_places=0, label="Its id.")
    )
    package = _ID(
        NumberFilter(field_name="links__package", min_value=1, max_value=_MAX_ID, decimal_places=0, label="Its id.")
    )

    class Meta:
        model = CustomizationTemplate
        fields: tuple[str, ...] = ()

    def filter_font(self, queryset: TemplateQuerySet, _name: str, value: str) -> TemplateQuerySet:
        """Those that write something in a font."""
        return queryset.with_font(value)

    def filter_option(self, queryset: TemplateQuerySet, _name: str, value: str) -> TemplateQuerySet:
        """Those with an option."""
        return queryset.with_option(value)

    def filter_choice(self, queryset: TemplateQuerySet, _name: str, value: str) -> TemplateQuerySet:
        """Those with a choice."""
        return queryset.with_choice(value)
