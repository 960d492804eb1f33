"""Understands what a shop made to order says of shipping and taxes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orders.enums import ShippingKind
from orders.services import scenario_fields as read

_CODE, _NAME, _REGION = 40, 120, 100
_STANDARD = "standard"
_WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Way:
    """A shipping method; ``bands`` are pairs of a minimum and a price, or None where it is not sent like this."""

    pointer: str
    code: str
    name: str
    countries: list[str]
    kind: ShippingKind
    price: Decimal | None
    bands: list[tuple[Decimal, Decimal | None]]
    free_above: Decimal | None
    tax_class: str
    position: int


@dataclass(frozen=True, slots=True)
class Levy:
    """A tax rate; ``tax_class`` is a code."""

    pointer: str
    tax_class: str
    name: str
    country: str
    region: str
    percent: Decimal
    is_included: bool

    @property
    def place(self) -> str:
        """What no two rates have in common."""
        return f"{self.tax_class} {self.country} {self.region.upper()}"


def parse_way(item: Any, pointer: str) -> Way:
    """A member of the list ``shipping_methods``.

    Raises:
        InvalidError: the first fault.
    """
    more = ("name", "countries", "kind", "price", "bands", "free_above", "tax_class", "position")
    fields = read.members(item, pointer, allowed={"code", *more}, required=("code",))
    code = read.text(fields["code"], f"{pointer}/code", longest=_CODE)
    kind = fields.get("kind", ShippingKind.FLAT.value)
    read.require(kind in ShippingKind.values, f"{pointer}/kind", f"One of {', '.join(ShippingKind.values)}.")
    way = Way(
        pointer,
        code=code,
        name=read.optional_text(fields, "name", pointer, longest=_NAME) or code,
        countries=[_country(item, place) for place, item in read.items(fields, "countries", pointer)],
        kind=ShippingKind(kind),
        price=read.optional_price(fields, "price", pointer),
        bands=[_band(band, place) for place, band in read.items(fields, "bands", pointer)],
        free_above=read.optional_price(fields, "free_above", pointer),
        tax_class=read.optional_text(fields, "tax_class", pointer, longest=_CODE),
        position=read.optional_count(fields, "position", pointer) or 0,
    )
    is_flat = way.kind is ShippingKind.FLAT
    read.require(is_flat == (way.price is not None), f"{pointer}/price", "What is flat has a price, nothing else has.")
    read.require(is_flat != bool(way.bands), f"{pointer}/bands", "What is not flat has bands, nothing else has.")
    starts = {minimum for minimum, _ in way.bands}
    read.require(len(starts) == len(way.bands), f"{pointer}/bands", "Two bands begin at the same place.")
    return way


def parse_levy(item: Any, pointer: str) -> Levy:
    """A member of the list ``taxes``.

    Raises:
        InvalidError: the first fault.
    """
    more = ("tax_class", "name", "region", "is_included")
    required = ("country", "percent")
    fields = read.members(item, pointer, allowed={*required, *more}, required=required)
    is_included = fields.get("is_included", False)
    read.require(isinstance(is_included, bool), f"{pointer}/is_included", "This is true or false.")
    return Levy(
        pointer,
        tax_class=read.optional_text(fields, "tax_class", pointer, longest=_CODE) or _STANDARD,
        name=read.optional_text(fields, "name", pointer, longest=60) or "Tax",
        country=_country(fields["country"], f"{pointer}/country"),
        region=read.optional_text(fields, "region", pointer, longest=_REGION).strip(),
        percent=_percent(fields, pointer),
        is_included=is_included,
    )


def _country(value: Any, pointer: str) -> str:
    code = read.text(value, pointer, longest=2).upper()
    read.require(len(code) == 2 and code.isascii() and code.isalpha(), pointer, "A country is its two-letter code.")  # noqa: PLR2004 - two letters
    return code


def _band(value: Any, pointer: str) -> tuple[Decimal, Decimal | None]:
    is_pair = isinstance(value, list) and len(value) == 2  # noqa: PLR2004 - a pair
    read.require(is_pair, pointer, "This is a pair: from how many grams or which amount on, and the price.")
    price = None if value[1] is None else read.price(value[1], f"{pointer}/1")
    return read.price(value[0], f"{pointer}/0"), price


def _percent(fields: Mapping[str, Any], pointer: str) -> Decimal:
    percent = read.optional_percent(fields, pointer)
    is_percent = percent is not None and 0 <= percent <= _WHOLE and percent == round(percent, 3)
    read.require(is_percent, f"{pointer}/percent", "A percentage is 0 to 100, with at most three decimals.")
    return Decimal(percent or 0)
