"""What lists of products and packages can be narrowed by and ordered by."""

from collections.abc import Collection
from functools import cached_property
from typing import Any, TypeVar

import django_filters
from django.core.validators import EMPTY_VALUES
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django_filters import NumberFilter
from drf_spectacular.utils import extend_schema_field

from catalog.models import Package, Product, ProductMaterial
from catalog.search.port import Understood
from catalog.selectors.search import understand
from catalog.selectors.taxonomy import in_category
from fantasize.core.api.fields import MAX_BIG_INTEGER
from fantasize.core.api.filters import BooleanFilter

S = TypeVar("S", Product, Package)

ORDERINGS = {
    "price": ("price", "id"),
    "-price": ("-price", "-id"),
    "name": ("name", "id"),
    "-created": ("-created_at", "-id"),
    "-rating": ("-rating_average", "-rating_count", "-id"),
    "-sales": ("-sales_count", "-id"),
    "relevance": (),
}
NEWEST_FIRST = ("-created_at", "-id")
MAX_AMOUNT = 10**9
MAX_WORDS = 200
_AMOUNT = extend_schema_field({"type": "number", "minimum": 0, "maximum": MAX_AMOUNT})
_STARS = extend_schema_field({"type": "number", "minimum": 1, "maximum": 5})
# What shapes the answer and narrows nothing.
_SHAPES = frozenset({"ordering", "facets"})


class SellableFilter(django_filters.FilterSet):
    """Filters of lists of things with a price. Prices are those of now; unless told, the newest come first."""

    q = django_filters.CharFilter(
        method="filter_search", max_length=MAX_WORDS, label="Words to look for; the last one may be unfinished."
    )
    category = django_filters.CharFilter(method="filter_category", label="Id or slug of a category; with its children.")
    min_price = _AMOUNT(NumberFilter(field_name="price", lookup_expr="gte", min_value=0, max_value=MAX_AMOUNT))
    max_price = _AMOUNT(NumberFilter(field_name="price", lookup_expr="lte", min_value=0, max_value=MAX_AMOUNT))
    in_stock = BooleanFilter(method="filter_in_stock", label="Those that can be sold now, or those that cannot.")
    on_offer = BooleanFilter(method="filter_on_offer", label="Those that cost less than their list price, or do not.")
    customizable = BooleanFilter(field_name="has_options", label="Those that shoppers can have made their own.")
    rating_min = _STARS(
        NumberFilter(
            field_name="rating_average", lookup_expr="gte", min_value=1, max_value=5, label="At least so many stars."
        )
    )
    ordering = django_filters.ChoiceFilter(
        choices=[(name, name) for name in ORDERINGS],
        method="filter_ordering",
        label="Newest first unless told; with q, the best match first.",
    )
    facets = django_filters.ChoiceFilter(
        choices=[("0", "0"), ("1", "1")],
        method="pass_on",
        label="1: count what is found by what it can be narrowed by, each as if it were not narrowed by itself.",
    )

    def filter_search(self, queryset: QuerySet[S], _name: str, _value: str) -> QuerySet[S]:
        """Full-text search."""
        return self.words.match(queryset)

    def filter_category(self, queryset: QuerySet[S], _name: str, value: str) -> QuerySet[S]:
        """A category and everything below it."""
        return in_category(queryset, value)

    def filter_in_stock(self, queryset: QuerySet[S], _name: str, value: bool) -> QuerySet[S]:  # noqa: FBT001 - django-filter's signature
        """Only those that can be sold now, or only those that cannot."""
        shown: Any = queryset
        found: QuerySet[S] = shown.in_stock() if value else shown.out_of_stock()
        return found

    def filter_on_offer(self, queryset: QuerySet[S], _name: str, value: bool) -> QuerySet[S]:  # noqa: FBT001 - as above
        """Only those that are cheaper than usual, or only those that are not."""
        return queryset.filter(price__lt=F("list_price")) if value else queryset.filter(price=F("list_price"))

    def filter_ordering(self, queryset: QuerySet[S], _name: str, value: str) -> QuerySet[S]:
        """One of the orders there are."""
        return queryset.order_by(*ORDERINGS[value]) if ORDERINGS[value] else queryset

    def pass_on(self, queryset: QuerySet[S], _name: str, _value: str) -> QuerySet[S]:
        """What is asked for beside the rows leaves them as they are."""
        return queryset

    def filter_queryset(self, queryset: QuerySet[S]) -> QuerySet[S]:
        """What was asked for, always in some order: pages of an unordered list would repeat rows."""
        asked = self.form.cleaned_data
        if asked["q"] and not ORDERINGS.get(asked["ordering"]):
            return self.words.best_first(self.narrowed(queryset, but=("q",)))
        found: QuerySet[S] = super().filter_queryset(queryset)
        return found if found.query.order_by else found.order_by(*NEWEST_FIRST)

    @cached_property
    def words(self) -> Understood:
        """What ``q`` looks for."""
        return understand(self.form.cleaned_data["q"])

    @property
    def asked_for(self) -> dict[str, Any]:
        """What narrows the rows, by filter; of a valid query."""
        said = self.form.cleaned_data.items()
        return {name: value for name, value in said if value not in EMPTY_VALUES and name not in _SHAPES}

    def narrowed(self, queryset: QuerySet[S], but: Collection[str] = ()) -> QuerySet[S]:
        """``queryset`` by everything that was asked for but the filters of these names; in no order."""
        for name, value in self.asked_for.items():
            if name not in but:
                queryset = self.filters[name].filter(queryset, value)
        return queryset.order_by()


class ProductFilter(SellableFilter):
    """Filters of ``GET /products``."""

    brand = django_filters.CharFilter(method="filter_brand", label="Id or slug of a brand.")
    material = django_filters.CharFilter(method="filter_material", label="Id or slug of a material that is in it.")
    tag = django_filters.CharFilter(method="filter_tag", label="Id or slug of a tag.")

    class Meta:
        model = Product
        fields: tuple[str, ...] = ()

    def filter_brand(self, queryset: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """Those of a brand."""
        return queryset.filter(_is_named("brand", value))

    def filter_material(self, queryset: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """Those with some of a material."""
        shares = ProductMaterial.objects.filter(_is_named("material", value), product=OuterRef("pk"))
        return queryset.filter(Exists(shares))

    def filter_tag(self, queryset: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """Those with a tag."""
        tagged = Product.tags.through.objects.filter(_is_named("tag", value), product=OuterRef("pk"))
        return queryset.filter(Exists(tagged))


class PackageFilter(SellableFilter):
    """Filters of ``GET /packages``."""

    class Meta:
        model = Package
        fields: tuple[str, ...] = ()


class SearchFilter(SellableFilter):
    """What ``GET /search`` is asked."""

    q = django_filters.CharFilter(
        method="pass_on",
        max_length=MAX_WORDS,
        label="Words to look for; the last one may be unfinished. None: no hits.",
    )
    on_offer = customizable = rating_min = ordering = facets = None  # type: ignore[assignment] # django-filter's way to do without

    class Meta:
        model = Product
        fields: tuple[str, ...] = ()

    def filter_queryset(self, queryset: QuerySet[S]) -> QuerySet[S]:
        """What the search is to find, it finds itself."""
        return queryset


def _is_named(relation: str, text: str) -> Q:
    """That ``relation`` is the row with this id or slug; a slug may be all digits."""
    is_slug = Q(**{f"{relation}__slug": text})
    # Python refuses to read numbers of some thousand digits, and none of them is an id.
    is_id = text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_BIG_INTEGER))
    return is_slug | Q(**{relation: int(text)}) if is_id else is_slug
