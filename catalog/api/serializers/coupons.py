"""Coupons, in and out; for staff only."""

from django.core.validators import RegexValidator
from rest_framework import serializers

from catalog.api.serializers.offers import AMOUNT_DIGITS, DiscountInputSerializer, DiscountSerializer
from catalog.services.coupons import CODE
from fantasize.core.api import fields


class CouponSerializer(DiscountSerializer):
    """A coupon, and how often it is used."""

    code = serializers.CharField()
    min_total = fields.MoneyField()
    max_uses = serializers.IntegerField(allow_null=True, help_text="Null for as many as one likes.")
    max_uses_per_customer = serializers.IntegerField(allow_null=True, help_text="Null for as many as one likes.")
    uses = serializers.IntegerField(help_text="By how many orders it is used now.")


class CouponInputSerializer(DiscountInputSerializer):
    """What staff write of a coupon."""

    code = fields.CharField(
        max_length=40,
        validators=[
            RegexValidator(rf"^{CODE.pattern}\Z", "A code has 3 to 40 letters, digits, hyphens and underscores.")
        ],
        help_text="Case does not count.",
    )
    min_total = fields.MoneyField(max_digits=AMOUNT_DIGITS, required=False)
    max_uses = fields.IntegerField(required=False, allow_null=True, min_value=1)
    max_uses_per_customer = fields.IntegerField(required=False, allow_null=True, min_value=1)
