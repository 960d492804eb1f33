"""Carts, in and out."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.serializers.media import MediaSerializer
from catalog.enums import MediaKind
from catalog.models import Product
from customizations.api.serializers.previews import PartsField, SurchargeSerializer
from customizations.api.serializers.templates import AnswersField
from customizations.services import snapshots
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer
from orders.api.line_serializers import AnsweredSerializer
from orders.models.cart import MAX_QUANTITY
from orders.services import baskets, quote_documents
from orders.services.cart_reading import LineReading


class LineChangesSerializer(StrictSerializer):
    """What can be changed of a line; what is left out stays."""

    quantity = fields.IntegerField(min_value=1, max_value=MAX_QUANTITY, required=False)
    answers = AnswersField(required=False, help_text="In place of all that were given.")
    parts = PartsField(required=False, help_text="In place of all that were given, by the part's product.")
    acknowledge_price = fields.BooleanField(required=False, help_text="Whether to tell of the new price no more.")


class CartNoticeSerializer(serializers.Serializer[Any]):
    """What a shopper should know of a line."""

    code = serializers.CharField(
        help_text=(
            "`not_sold`, `out_of_stock`, `only_n_left`, `options_changed`, `price_changed`, "
            "or what is wrong with an answer."
        )
    )
    pointer = serializers.CharField(help_text="What of the line, as a JSON pointer.")
    detail = serializers.CharField()
    blocks = serializers.BooleanField(help_text="Whether the line cannot be ordered as it is.")
    was = fields.MoneyField(allow_null=True, help_text="The amount that was agreed to.")
    now = fields.MoneyField(allow_null=True)
    available = serializers.IntegerField(allow_null=True, help_text="How many there are for this line.")


class CartThingSerializer(serializers.Serializer[Any]):
    """The product or the package that a line is of."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    slug = serializers.CharField()
    image = serializers.SerializerMethodField()

    @extend_schema_field(MediaSerializer(allow_null=True))
    def get_image(self, thing: Any) -> dict[str, Any] | None:
        """The first picture."""
        picture = next((each for each in thing.ready_media if each.kind == MediaKind.IMAGE), None)
        return MediaSerializer(picture).data if picture else None


class CartPartSerializer(serializers.Serializer[Any]):
    """A part of a package."""

    product = serializers.IntegerField()
    name = serializers.CharField()
    quantity = serializers.IntegerField(help_text="In one package.")
    answers = serializers.DictField(child=serializers.CharField())
    answered = AnsweredSerializer(many=True)
    preview_url = serializers.URLField(allow_null=True)


class CartLineSerializer(serializers.Serializer[LineReading]):
    """So many of one thing with the same answers, as it would be sold now."""

    id = serializers.IntegerField()
    product = CartThingSerializer(allow_null=True)
    package = CartThingSerializer(allow_null=True)
    name = serializers.CharField(help_text="Of the thing; stays when that is sold no more.")
    quantity = serializers.IntegerField()
    answers = serializers.DictField(child=serializers.CharField(), help_text="By option, to be sent again.")
    answered = AnsweredSerializer(many=True, help_text="Those that are legal, with their labels.")
    parts = CartPartSerializer(many=True, help_text="What a package is made of.")
    stages = serializers.ListField(child=serializers.DictField(), help_text="How the unit price comes about.")
    unit_price = fields.MoneyField(allow_null=True, help_text="Null: it is not sold.")
    surcharges = SurchargeSerializer(many=True)
    once = fields.MoneyField(allow_null=True, help_text="What the answers cost once, however many units there are.")
    line_total = fields.MoneyField(allow_null=True)
    needs_approval = serializers.BooleanField(help_text="Whether staff look at it before it is made.")
    preview_url = serializers.URLField(allow_null=True, help_text="A picture, if one was drawn a moment ago.")
    is_orderable = serializers.BooleanField(help_text="Whether it can be ordered as it is.")
    notices = CartNoticeSerializer(many=True)

    def to_representation(self, reading: LineReading) -> dict[str, Any]:
        """The line with what was found out about it."""
        line, priced, things = reading.line, reading.priced, _answered(reading)
        kind = "product" if isinstance(reading.thing, Product) else "package"
        shown = {
            "id": line.pk,
            "product": None,
            "package": None,
            kind: reading.thing,
            "name": reading.thing.name if reading.thing else line.name,
            "quantity": line.quantity,
            "answers": line.answers,
            "answered": things.get(None, []),
            "parts": _parts(reading, things),
            "stages": quote_documents.stages(priced.stages) if priced else [],
            "unit_price": priced.unit_price if priced else None,
            "surcharges": quote_documents.surcharges(reading.evaluated) if reading.evaluated else [],
            "once": priced.once if priced else None,
            "line_total": priced.total if priced else None,
            "needs_approval": reading.evaluated is not None and reading.evaluated.needs_approval,
            "preview_url": next(iter(reading.previews.values()), None),
            "is_orderable": reading.is_orderable,
            "notices": reading.notices,
        }
        return super().to_representation(shown)  # type: ignore[arg-type]  # DRF reads mappings too


class CartQuoteSerializer(serializers.Serializer[Any]):
    """What the lines that can be ordered come to, before coupon, shipping and what tax comes on top."""

    items = fields.MoneyField()
    total = fields.MoneyField(help_text="The same: where it goes, and with which coupon, `/orders/quote` is told.")
    currency = serializers.CharField()


class CartSerializer(serializers.Serializer[Any]):
    """A cart as its owner sees it."""

    version = serializers.IntegerField(help_text="Counts changes; the ETag begins with it.")
    lines = CartLineSerializer(many=True)
    quote = CartQuoteSerializer()
    is_orderable = serializers.BooleanField(help_text="Whether all of it can be ordered as it is.")


class NewCartSerializer(CartSerializer):
    """A cart as whoever puts something there is told of it."""

    token = serializers.CharField(
        required=False, help_text="For a guest who had none: what X-Cart-Token says from now on. It is not told again."
    )


def _answered(reading: LineReading) -> dict[int | None, list[dict[str, str]]]:
    """Answers with their labels: by part, None for the thing itself."""
    things = reading.evaluated.things if reading.evaluated else ()
    return {thing.product: snapshots.answered(thing) for thing in things}


def _parts(reading: LineReading, things: Mapping[int | None, Any]) -> list[dict[str, Any]]:
    parts = baskets.parts_of(reading.thing) if reading.thing else []
    return [
        {
            "product": part.product_id,
            "name": part.product.name,
            "quantity": part.quantity,
            "answers": reading.line.parts.get(str(part.product_id), {}),
            "answered": things.get(part.product_id, []),
            "preview_url": reading.previews.get(part.product_id),
        }
        for part in parts
    ]
