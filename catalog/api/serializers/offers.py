"""Offers, in and out."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers

from catalog.api.serializers.rules import RuledSerializer
from catalog.api.serializers.taxonomy import LabelRefSerializer
from catalog.enums import DiscountState
from catalog.models import Offer
from catalog.models.offer import Discount
from catalog.selectors.offers import MAX_SHOWN, state_of
from catalog.services import discounts
from fantasize.core import clock
from fantasize.core.api import fields
from fantasize.core.api.serializers import exactly_one, replaced
from fantasize.core.errors import FieldError

AMOUNT_DIGITS = 12
_KINDS = ("percent", "amount")
_SOME = f"At most {MAX_SHOWN}."


class DiscountSerializer(serializers.Serializer[Any]):
    """What offers and coupons have in common."""

    id = serializers.IntegerField()
    percent = serializers.DecimalField(5, 2, allow_null=True, help_text="Per cent off, or null.")
    amount = fields.MoneyField(allow_null=True, help_text="So much off, or null.")
    currency = serializers.SerializerMethodField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True, help_text="From this moment on it is over; null is never.")
    state = serializers.SerializerMethodField()
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()

    def get_currency(self, discount: Discount) -> str:
        """ISO 4217 code of all amounts."""
        return str(settings.SHOP_CURRENCY)

    def get_state(self, discount: Discount) -> DiscountState:
        """Where it is in its time."""
        return state_of(discount, at=clock.now())


class OfferSerializer(DiscountSerializer):
    """An offer, and what it is on: these things, and everything in these categories and below them."""

    name = serializers.CharField()
    products = LabelRefSerializer(source="shown_products", many=True, help_text=_SOME)
    packages = LabelRefSerializer(source="shown_packages", many=True, help_text=_SOME)
    categories = LabelRefSerializer(source="shown_categories", many=True, help_text=_SOME)


class DiscountInputSerializer(RuledSerializer):
    """What staff write of offers and coupons: either ``percent`` or ``amount``; in a change, one replaces the other."""

    percent = fields.SomePercentField(required=False, allow_null=True)
    amount = fields.MoneyField(max_digits=AMOUNT_DIGITS, is_positive=True, required=False, allow_null=True)
    starts_at = serializers.DateTimeField(required=False, help_text="Now unless told.")
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    is_active = fields.BooleanField(required=False)
    schema_rules: ClassVar = exactly_one(*_KINDS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The terms, with one kind of discount for the other."""
        return replaced(attrs, *_KINDS) if self.partial else attrs

    def broken_rules(self, sound: Mapping[str, Any]) -> Iterable[FieldError]:
        """Two kinds of discount, or a window that ends before it starts."""
        if all(sound.get(kind) is not None for kind in _KINDS):
            yield from discounts.exactly_one(sound, *_KINDS)
        if sound.get("starts_at") and sound.get("ends_at"):
            yield from discounts.window_faults(sound["starts_at"], sound["ends_at"])


class OfferInputSerializer(DiscountInputSerializer):
    """What staff write of an offer. For more things than fit here, name their category."""

    name = fields.CharField(max_length=Offer._meta.get_field("name").max_length)  # noqa: SLF001 - Django's documented interface
    products = serializers.ListField(
        child=fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER), required=False, max_length=MAX_SHOWN
    )
    packages = serializers.ListField(
        child=fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER), required=False, max_length=MAX_SHOWN
    )
    categories = serializers.ListField(
        child=fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER), required=False, max_length=MAX_SHOWN
    )
