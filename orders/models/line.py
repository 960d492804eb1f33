"""What was bought, frozen as it was sold."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from catalog.models import Package, Product
from fantasize.core.fields import MoneyField
from orders.models.order import Order


class OrderLineQuerySet(models.QuerySet["OrderLine"]):
    """Adjectives for lines."""

    def answered(self, option: str, value: str) -> "OrderLineQuerySet":
        """Those of which something was answered so, be it the thing itself or a part of it."""
        return self.filter(customizations__contains=[{"answers": {option: value}}])

    def written_in(self, font: str) -> "OrderLineQuerySet":
        """Those with words in a font."""
        return self.filter(customizations__contains=[{"fonts": [font]}])

    def with_proof(self, sha256: str) -> "OrderLineQuerySet":
        """Those that a proof is of."""
        return self.filter(customizations__contains=[{"proof": sha256}])


class OrderLine(models.Model):
    """One position of an order; later changes of the catalogue do not reach it.

    Attributes:
        stages: how the unit price came about.
        surcharges: what the answers cost, for one unit (a part's pieces counted) or once for the line.
        once: what they cost once, however many units there are.
        extra_charge: what staff ask more for, for the whole line, when they approve a special request.
        discount: its share of what the coupon took off.
        tax, tax_included: its share of the tax that came on top, and of the one that prices contained.
        tax_class: code of the class that it was taxed by; empty if no rate was on it.
        parts: what a package was made of: product, name, sku, how many of it are in one, and its list price then.
        customizations: the answers, with everything that it takes to price and draw them again, for the thing and for
            each part that has options; see ``customizations.services.snapshots``.
        erased_at: when the answers, pictures and proofs were forgotten; the rest belongs to the books.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, related_name="+")
    package = models.ForeignKey(Package, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200)
    sku = models.CharField("SKU", max_length=64)
    quantity = models.PositiveIntegerField()
    unit_price = MoneyField()
    stages = models.JSONField(default=list, help_text="How the unit price came about, stage by stage.")
    surcharges = models.JSONField(default=list)
    once = MoneyField(default=0)
    extra_charge = MoneyField(default=0, db_default=0)
    line_total = MoneyField()
    discount = MoneyField(default=0, db_default=0)
    tax = MoneyField(default=0, db_default=0)
    tax_included = MoneyField(default=0, db_default=0)
    tax_class = models.CharField(max_length=40, blank=True, default="", db_default="")
    parts = models.JSONField(default=list)
    customizations = models.JSONField(default=list)
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_quantity_positive"),
            models.CheckConstraint(condition=Q(product=None) | Q(package=None), name="order_line_one_thing"),
            models.CheckConstraint(condition=Q(extra_charge__gte=0), name="order_line_extra_not_negative"),
        ]
        indexes: ClassVar = [
            # Staff ask which orders have an answer, a font or a proof; lines without answers cost nothing here.
            GinIndex(fields=["customizations"], opclasses=["jsonb_path_ops"], name="order_line_customizations"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"


def lines_in_order() -> models.Prefetch[str]:
    """Orders' lines in their sequence, with what became of those that need approval; one query."""
    lines = OrderLine.objects.select_related("review").order_by("position")
    return models.Prefetch("lines", lines)


_DOCUMENTS = ("stages", "surcharges", "parts", "customizations")


def remember_lines(order: Order, lines: Sequence[OrderLine]) -> None:
    """Have an order that was just stored know its lines, and those their reviews, as ``lines_in_order`` reads them."""
    for line in lines:
        for name in _DOCUMENTS:
            setattr(line, name, _as_stored(getattr(line, name)))
        line._state.fields_cache.setdefault("review", None)  # noqa: SLF001 - where Django keeps what a relation leads to
    known: Any = order.lines.all()
    known._result_cache, known._prefetch_done = [*lines], True  # noqa: SLF001 - as its own prefetching does
    vars(order)["_prefetched_objects_cache"] = {"lines": known}


def _as_stored(value: Any) -> Any:
    """JSON as its column gives it back: of the keys, the shorter ones first."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return {key: _as_stored(value[key]) for key in keys}
    return [_as_stored(each) for each in value] if isinstance(value, list) else value
