"""What products and packages have in common."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.db.models.functions import Round

from catalog.models.tax import TaxClass
from catalog.models.taxonomy import Category
from fantasize.core import clock
from fantasize.core.fields import MoneyField

if TYPE_CHECKING:
    from catalog.pricing import CurrentPrice

_AVERAGE = Case(
    When(rating_count__gt=0, then=Round(F("rating_sum") * Value(Decimal("1.0")) / F("rating_count"), precision=2)),
    default=Value(Decimal(0)),
)
_NAMES = Func(F("search"), function="ts_filter", template="%(function)s(%(expressions)s, '{a,b,c}')")
# What only the search reads: as long as all the other columns together.
SEARCH_COLUMNS = ("search", "names")


class Sellable(models.Model):
    """Something with a price of its own that can be put into a cart.

    Attributes:
        list_price: what one costs without any offer.
        price: what one costs now; kept by ``catalog.services.prices`` for filters and orderings. What somebody is
            shown or charged is computed from the offers themselves, to the second.
        price_changes_at: when an offer begins or ends next, so that ``price`` is due again.
        tax_class: None is the default one.
        rating_sum, rating_count: of the published reviews; kept by a database trigger on them.
        search: the words under which it is found, by weight.
        names: those that are not in the description alone: what it is called, by whom it is and where it stands. A
            column with statistics of its own, for words that many descriptions have.
        current_price: the price with its offer and price breaks, once ``selectors.prices.attach`` has been asked.
    """

    sku = models.CharField("SKU", max_length=64, unique=True)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, unique=True)
    description = models.TextField(blank=True)
    list_price = MoneyField()
    price = MoneyField(editable=False)
    price_changes_at = models.DateTimeField(null=True, editable=False)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    tax_class = models.ForeignKey(TaxClass, on_delete=models.PROTECT, null=True, blank=True, related_name="%(class)ss")
    is_active = models.BooleanField("active", default=True)
    has_options = models.BooleanField(default=False, editable=False)
    rating_sum = models.PositiveIntegerField(default=0, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)
    rating_average = models.GeneratedField(
        expression=_AVERAGE, output_field=models.DecimalField(max_digits=3, decimal_places=2), db_persist=True
    )
    sales_count = models.PositiveIntegerField(default=0, editable=False)
    search = SearchVectorField(null=True, editable=False)
    names = models.GeneratedField(expression=_NAMES, output_field=SearchVectorField(null=True), db_persist=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    current_price: "CurrentPrice"

    class Meta:
        abstract = True
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(list_price__gte=0), name="%(class)s_price_not_negative"),
            models.CheckConstraint(
                condition=Q(price__gte=0, price__lte=F("list_price")), name="%(class)s_price_within_list_price"
            ),
            models.CheckConstraint(
                condition=Q(rating_sum__gte=F("rating_count"), rating_sum__lte=F("rating_count") * 5),
                name="%(class)s_rating_from_1_to_5",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            GinIndex(fields=["search"], name="%(class)s_search"),
            GinIndex(fields=["names"], name="%(class)s_names"),
            models.Index(fields=["-created_at", "-id"], name="%(class)s_newest", condition=Q(is_active=True)),
            models.Index(fields=["price", "id"], name="%(class)s_by_price", condition=Q(is_active=True)),
            models.Index(fields=["name", "id"], name="%(class)s_by_name", condition=Q(is_active=True)),
            models.Index(
                fields=["-rating_average", "-rating_count", "-id"],
                name="%(class)s_best_rated",
                condition=Q(is_active=True),
            ),
            models.Index(fields=["-sales_count", "-id"], name="%(class)s_best_selling", condition=Q(is_active=True)),
            models.Index(
                fields=["-sales_count", "-id"],
                name="%(class)s_on_offer",
                condition=Q(is_active=True, price__lt=F("list_price")),
            ),
            models.Index(
                fields=["price_changes_at"], name="%(class)s_price_due", condition=Q(price_changes_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name
