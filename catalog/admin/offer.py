"""Offers: what is cheaper, by how much, from when to when, and what that does."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from catalog.admin.discount import TERMS, DiscountAdmin, DiscountForm
from catalog.models import Offer
from catalog.selectors.offers import effects_of
from catalog.services import offers
from fantasize.core import clock
from fantasize.core.admin.transfer_lists import TransferLists

_TARGETS = ("products", "packages", "categories")
_ONE = {"products": "product", "packages": "package", "categories": "category"}


class OfferForm(DiscountForm):
    """An offer's own fields and what it is on."""

    class Meta:
        model = Offer
        fields = ("name", *TERMS, *_TARGETS)
        labels = {"is_active": "Switched on"}
        help_texts = {
            "percent": "Or an amount, not both.",
            "ends_at": "Empty: until somebody ends it.",
            "categories": "With everything below them.",
        }


@admin.register(Offer)
class OfferAdmin(TransferLists, DiscountAdmin):
    """The prices of everything that an offer names follow it by themselves, when it begins and when it ends."""

    transfer = "offer"
    form = OfferForm
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name", "is_active"),
                    ("percent", "amount"),
                    ("starts_at", "ends_at"),
                    "expected_version",
                )
            },
        ),
        ("What is cheaper", {"fields": _TARGETS}),
        ("What it does", {"fields": ("effect",)}),
    )
    autocomplete_fields = _TARGETS
    readonly_fields = ("effect",)
    list_display = ("name", "terms", "on", "window", "state")
    search_fields = ("name",)
    search_help_text = "Name"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        """Offers with how many things of each kind they name."""
        counts = {f"{name}_total": Subquery(_count(name)) for name in _TARGETS}
        return super().get_queryset(request).annotate(**counts)

    def get_fieldsets(self, request: HttpRequest, obj: Offer | None = None) -> Any:
        """A new offer does nothing yet."""
        return super().get_fieldsets(request, obj) if obj else self.fieldsets[:-1]

    def store(self, values: dict[str, Any], obj: Any, expected_version: int | None) -> Offer:
        """Make an offer, or change it."""
        if obj.pk is None:
            return offers.create_offer(new=offers.NewOffer(**values))
        return offers.update_offer(offer=obj, changes=values, expected_version=expected_version)

    def remove(self, obj: Offer) -> None:
        """End it at once; what was sold keeps its price."""
        offers.remove_offer(offer=obj)

    @admin.display(description="On")
    def on(self, offer: Offer) -> str:
        """How many things of each kind it names."""
        counts = {name: getattr(offer, f"{name}_total", None) or 0 for name in _TARGETS}
        named = [f"{count} {name if count > 1 else _ONE[name]}" for name, count in counts.items() if count]
        return ", ".join(named) or "Nothing"

    @admin.display(description="Examples")
    def effect(self, offer: Offer) -> SafeString:
        """What some of the things cost with it, and what they cost now."""
        return render_to_string(
            "admin/catalog/offer/effect.html",
            {"effects": effects_of(offer, at=clock.now()), "currency": settings.SHOP_CURRENCY},
        )


def _count(name: str) -> QuerySet[Any]:
    through = getattr(Offer, name).through.objects.filter(offer=OuterRef("pk")).order_by()
    counted: QuerySet[Any] = through.values("offer").annotate(total=Count("*")).values("total")
    return counted
