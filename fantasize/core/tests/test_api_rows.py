"""Rows of long lists are shown as DRF shows them, with less ado."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from operator import itemgetter
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework import serializers

from fantasize.core.api import fields
from fantasize.core.api.serializers import RowSerializer


@dataclass
class Lamp:
    name: str = "Lamp"
    price: Decimal = Decimal(5)
    parts: tuple[dict[str, int], ...] = ({"id": 1}, {"id": 2})
    maker: "Lamp | None" = None
    share: Decimal = Decimal("12.5")
    made_at: datetime = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    is_tall: bool = True


class PartSerializer(RowSerializer):
    getter = itemgetter

    id = serializers.IntegerField()


class MakerSerializer(RowSerializer):
    name = serializers.CharField()


class LampSerializer(RowSerializer):
    name = serializers.CharField()
    price = fields.MoneyField()
    parts = PartSerializer(many=True)
    maker = MakerSerializer(allow_null=True)
    twice = serializers.SerializerMethodField()
    itself = MakerSerializer(source="*")
    share = serializers.DecimalField(5, 2)
    made_at = serializers.DateTimeField()
    is_tall = serializers.BooleanField()
    is_lit = serializers.BooleanField(required=False)
    kind = serializers.CharField(default="lamp")

    def get_twice(self, lamp: Lamp) -> str:
        return lamp.name * 2


def as_drf_shows(lamp: Lamp) -> Any:
    return serializers.Serializer.to_representation(LampSerializer(), lamp)


def lit() -> Lamp:
    lamp = Lamp(maker=Lamp("Lumen"))
    lamp.is_lit = True  # type: ignore[attr-defined] # not all have it
    return lamp


def made_elsewhere() -> Lamp:
    made_at = datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    return Lamp(share=Decimal("0.125"), made_at=made_at, is_tall=False)


@pytest.mark.parametrize("lamp", [Lamp(), lit(), Lamp(name="", parts=()), made_elsewhere()])
def test_a_row_is_shown_as_drf_shows_it(lamp: Lamp) -> None:
    shown = LampSerializer(lamp).data
    assert shown == as_drf_shows(lamp)
    assert list(shown) == list(as_drf_shows(lamp))
    assert shown["kind"] == "lamp"
    assert ("is_lit" in shown) is hasattr(lamp, "is_lit")


def test_amounts_follow_the_currency(settings: Settings) -> None:
    assert LampSerializer(Lamp()).data["price"] == "5.00"
    settings.SHOP_CURRENCY = "JPY"
    assert LampSerializer(Lamp()).data["price"] == "5"


def test_what_a_row_must_have_and_has_not_is_a_fault() -> None:
    with pytest.raises(AttributeError):
        LampSerializer().to_representation(object())
