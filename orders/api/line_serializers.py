"""The lines of orders: as they are asked for, and as they were sold."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from customizations.api.serializers.previews import PreviewInput, SurchargeSerializer
from fantasize.core.api import fields
from fantasize.core.api.serializers import RowSerializer
from orders.api.review_serializers import LineReviewSerializer, review_of
from orders.models import OrderLine
from orders.models.cart import MAX_QUANTITY
from orders.services.baskets import LineRequest


class OrderLineInputSerializer(PreviewInput):
    """One position that is asked for: a product or a package, and the answers about it."""

    quantity = fields.IntegerField(min_value=1, max_value=MAX_QUANTITY)

    def _refused(self, data: Mapping[str, Any]) -> Iterator[tuple[str, list[ErrorDetail]]]:
        """With the other faults: that it is one thing."""
        yield from super()._refused(data)
        if data.keys().isdisjoint(("product", "package")):
            yield "product", [ErrorDetail("Name a product or a package.", "required")]


def requested_lines(data: Mapping[str, Any]) -> list[LineRequest]:
    """The lines of a validated body."""
    return [
        LineRequest(line.get("product"), line["quantity"], line.get("package"), line["answers"], line["parts"])
        for line in data["lines"]
    ]


class AnsweredSerializer(RowSerializer):
    """An answer as it was read when it was sold."""

    getter = itemgetter

    key = serializers.CharField(help_text="Of the option.")
    label = serializers.CharField()  # type: ignore[assignment] # shadows what only fields have
    type = serializers.CharField()
    value = serializers.CharField(help_text="What was answered.")
    text = serializers.CharField(help_text="What that said to people; empty for a picture.")


class OrderedPartSerializer(RowSerializer):
    """A part of a package as it was sold."""

    getter = itemgetter

    product = serializers.IntegerField()
    name = serializers.CharField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField(help_text="In one package.")
    answers = serializers.DictField(child=serializers.CharField())
    answered = AnsweredSerializer(many=True)
    proof_url = serializers.URLField(allow_null=True)


class OrderLineSerializer(RowSerializer):
    """A position as it was sold. Whatever becomes of the thing, it stays like this."""

    # Rows are what ``line_row`` makes of lines.
    getter = itemgetter

    id = serializers.IntegerField()
    product = serializers.IntegerField(source="product_id", allow_null=True)
    package = serializers.IntegerField(source="package_id", allow_null=True)
    name = serializers.CharField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = fields.MoneyField()
    stages = serializers.ListField(child=serializers.DictField(), help_text="How the unit price came about.")
    surcharges = SurchargeSerializer(many=True)
    once = fields.MoneyField(help_text="What the answers cost once, however many units there are.")
    extra_charge = fields.MoneyField(help_text="What staff ask more for, for the whole line.")
    line_total = fields.MoneyField()
    discount = fields.MoneyField(help_text="Its share of what the coupon took off.")
    tax = fields.MoneyField(help_text="Its share of the tax that came on top.")
    tax_included = fields.MoneyField(help_text="Its share of the tax that prices contained.")
    answers = serializers.DictField(child=serializers.CharField(), help_text="By option, to be sent again.")
    answered = AnsweredSerializer(many=True, help_text="The same, with the labels of then.")
    proof_url = serializers.URLField(
        allow_null=True, help_text="The print file, for the owner and staff; null: there is none."
    )
    parts = OrderedPartSerializer(many=True, help_text="What a package was made of.")
    review = LineReviewSerializer(allow_null=True, help_text="Of what needs approval; null: it needs none.")
    erased_at = serializers.DateTimeField(allow_null=True, help_text="When answers and proofs were forgotten.")


_OF_LINES = (
    *("id", "product_id", "package_id", "name", "sku", "quantity", "unit_price", "stages", "surcharges", "once"),
    *("extra_charge", "line_total", "discount", "tax", "tax_included", "erased_at"),
)


def line_row(line: OrderLine, *, is_staff: bool) -> dict[str, Any]:
    """A line with what was answered, for the thing and for each part."""
    things = {thing["part"]: thing for thing in line.customizations}
    parts = [{**part, **_answers(things.get(part["product"]))} for part in line.parts]
    shown = {**{field: getattr(line, field) for field in _OF_LINES}, **_answers(things.get(None))}
    return shown | {"parts": parts, "review": review_of(line, is_staff=is_staff)}


def _answers(thing: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was answered about one thing of a line."""
    proof = thing and thing["proof"]
    return {
        "answers": thing["answers"] if thing else {},
        "answered": thing["shown"] if thing else [],
        "proof_url": f"{settings.PUBLIC_BASE_URL}/api/v2/orders/proofs/{proof}" if proof else None,
    }
