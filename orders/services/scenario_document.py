"""Understands the document that says what a shop made to order is to have in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.enums import Role
from catalog.pricing import BreakTerms
from fantasize.core.errors import InvalidError
from orders.services import scenario_fields as read
from orders.services.scenario_terms_document import Levy, Way, parse_levy, parse_way

_LISTS = (
    *("users", "products", "packages", "templates", "offers", "coupons", "price_breaks"),
    *("shipping_methods", "taxes"),
)
_KEY, _NAME, _SHORT_NAME = 64, 200, 120
_WINDOW = ("starts_at", "ends_at")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    email: str
    password: str
    role: Role
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Good:
    """Something to sell: ``stock`` pieces are on hand; ``category`` is a name, ``template`` a key, empty for none.

    Attributes:
        weight_grams, tax_class: as they were if the document does not say; the class is a code.
    """

    pointer: str
    key: str
    name: str
    price: Decimal
    stock: int
    category: str
    template: str
    weight_grams: int | None
    tax_class: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """Goods sold together: ``parts`` are keys with quantities; without a price it costs what they come to."""

    pointer: str
    key: str
    name: str
    price: Decimal | None
    parts: list[tuple[str, int]]
    template: str


@dataclass(frozen=True, slots=True)
class Form:
    """What buyers are asked: a template to publish."""

    pointer: str
    key: str
    name: str
    schema: Any


@dataclass(frozen=True, slots=True)
class Terms:
    """How much cheaper, and when; without ``starts_at`` from the moment that it is made."""

    percent: Decimal | None
    amount: Decimal | None
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reduction:
    """An offer on products and packages, by key, and on categories, by name."""

    pointer: str
    name: str
    terms: Terms
    products: list[str]
    packages: list[str]
    categories: list[str]


@dataclass(frozen=True, slots=True)
class Voucher:
    """A coupon; None for as many uses as one likes."""

    pointer: str
    code: str
    terms: Terms
    min_total: Decimal
    max_uses: int | None
    max_uses_per_customer: int | None


@dataclass(frozen=True, slots=True)
class Rung:
    """A price break; ``kind`` is ``product`` or ``package``."""

    pointer: str
    kind: str
    key: str
    terms: BreakTerms


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a document asks for."""

    people: list[Person]
    goods: list[Good]
    bundles: list[Bundle]
    forms: list[Form]
    reductions: list[Reduction]
    vouchers: list[Voucher]
    rungs: list[Rung]
    ways: list[Way]
    levies: list[Levy]


def parse_scenario(document: Any) -> Scenario:
    """Understand a document; every list in it is optional.

    Raises:
        InvalidError: the first fault, with its place as a JSON pointer.
    """
    lists = read.members(document, "", allowed=_LISTS)
    scenario = Scenario(
        people=[_person(item, pointer) for pointer, item in read.items(lists, "users")],
        goods=[_good(item, pointer) for pointer, item in read.items(lists, "products")],
        bundles=[_bundle(item, pointer) for pointer, item in read.items(lists, "packages")],
        forms=[_form(item, pointer) for pointer, item in read.items(lists, "templates")],
        reductions=[_reduction(item, pointer) for pointer, item in read.items(lists, "offers")],
        vouchers=[_voucher(item, pointer) for pointer, item in read.items(lists, "coupons")],
        rungs=[_rung(item, pointer) for pointer, item in read.items(lists, "price_breaks")],
        ways=[parse_way(item, pointer) for pointer, item in read.items(lists, "shipping_methods")],
        levies=[parse_levy(item, pointer) for pointer, item in read.items(lists, "taxes")],
    )
    _require_one_meaning(scenario)
    return scenario


def _require_one_meaning(scenario: Scenario) -> None:
    """Nothing is described twice, and what a thing's template is, is said."""
    keyed: Iterable[Iterable[Good | Bundle | Form]] = (scenario.goods, scenario.bundles, scenario.forms)
    for things in keyed:
        read.require_once(((thing.pointer, thing.key) for thing in things), "key")
    named: Iterable[Iterable[Form | Reduction]] = (scenario.forms, scenario.reductions)
    for each in named:
        read.require_once(((thing.pointer, thing.name) for thing in each), "name")
    read.require_once(((voucher.pointer, voucher.code.upper()) for voucher in scenario.vouchers), "code")
    read.require_once(((way.pointer, way.code) for way in scenario.ways), "code")
    read.require_once(((levy.pointer, levy.place) for levy in scenario.levies), "country")
    known = {"", *(form.key for form in scenario.forms)}
    askers: list[Good | Bundle] = [*scenario.goods, *scenario.bundles]
    for thing in askers:
        detail = "No template of this document has this key."
        read.require(thing.template in known, f"{thing.pointer}/template", detail, code="does_not_exist")


def _person(item: Any, pointer: str) -> Person:
    required = ("email", "password")
    fields = read.members(item, pointer, allowed={*required, "role", "verified"}, required=required)
    email = read.text(fields["email"], f"{pointer}/email", longest=254)
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidError.at(f"{pointer}/email", "This is no e-mail address.") from None
    role = fields.get("role", Role.CUSTOMER.value)
    read.require(role in Role.values, f"{pointer}/role", f"A role is one of {', '.join(Role.values)}.")
    is_verified = fields.get("verified", True)
    read.require(isinstance(is_verified, bool), f"{pointer}/verified", "This is true or false.")
    return Person(email, read.text(fields["password"], f"{pointer}/password", longest=128), Role(role), is_verified)


def _good(item: Any, pointer: str) -> Good:
    required = ("key", "name", "price", "stock")
    more = ("category", "template", "weight_grams", "tax_class")
    fields = read.members(item, pointer, allowed={*required, *more}, required=required)
    return Good(
        pointer,
        key=read.text(fields["key"], f"{pointer}/key", longest=_KEY),
        name=read.text(fields["name"], f"{pointer}/name", longest=_NAME),
        price=read.price(fields["price"], f"{pointer}/price"),
        stock=read.count(fields["stock"], f"{pointer}/stock"),
        category=read.optional_text(fields, "category", pointer, longest=_SHORT_NAME),
        template=read.optional_text(fields, "template", pointer, longest=_KEY),
        weight_grams=read.optional_count(fields, "weight_grams", pointer),
        tax_class=read.optional_text(fields, "tax_class", pointer, longest=40),
    )


def _bundle(item: Any, pointer: str) -> Bundle:
    required = ("key", "name", "items")
    fields = read.members(item, pointer, allowed={*required, "price", "template"}, required=required)
    return Bundle(
        pointer,
        key=read.text(fields["key"], f"{pointer}/key", longest=_KEY),
        name=read.text(fields["name"], f"{pointer}/name", longest=_NAME),
        price=read.optional_price(fields, "price", pointer),
        parts=[_part(part, place) for place, part in read.items(fields, "items", pointer)],
        template=read.optional_text(fields, "template", pointer, longest=_KEY),
    )


def _part(item: Any, pointer: str) -> tuple[str, int]:
    is_pair = isinstance(item, list) and len(item) == 2  # noqa: PLR2004 - a pair
    read.require(is_pair, pointer, "This is a pair of a product's key and a quantity.")
    return read.text(item[0], f"{pointer}/0", longest=_KEY), read.count(item[1], f"{pointer}/1")


def _form(item: Any, pointer: str) -> Form:
    required = ("key", "name", "schema")
    fields = read.members(item, pointer, allowed=required, required=required)
    return Form(
        pointer,
        key=read.text(fields["key"], f"{pointer}/key", longest=_KEY),
        name=read.text(fields["name"], f"{pointer}/name", longest=_NAME),
        schema=read.document(fields["schema"], f"{pointer}/schema"),
    )


def _terms(fields: Mapping[str, Any], pointer: str) -> Terms:
    return Terms(
        percent=read.optional_percent(fields, pointer),
        amount=read.optional_price(fields, "amount", pointer),
        starts_at=read.optional_moment(fields, "starts_at", pointer),
        ends_at=read.optional_moment(fields, "ends_at", pointer),
    )


def _reduction(item: Any, pointer: str) -> Reduction:
    targets = ("products", "packages", "categories")
    allowed = {"name", "percent", "amount", *targets, *_WINDOW}
    fields = read.members(item, pointer, allowed=allowed, required=("name",))
    return Reduction(
        pointer,
        name=read.text(fields["name"], f"{pointer}/name", longest=_SHORT_NAME),
        terms=_terms(fields, pointer),
        products=read.texts(fields, "products", pointer, longest=_KEY),
        packages=read.texts(fields, "packages", pointer, longest=_KEY),
        categories=read.texts(fields, "categories", pointer, longest=_SHORT_NAME),
    )


def _voucher(item: Any, pointer: str) -> Voucher:
    allowed = {"code", "percent", "amount", "min_total", "max_uses", "max_uses_per_customer", *_WINDOW}
    fields = read.members(item, pointer, allowed=allowed, required=("code",))
    return Voucher(
        pointer,
        code=read.text(fields["code"], f"{pointer}/code", longest=40),
        terms=_terms(fields, pointer),
        min_total=read.optional_price(fields, "min_total", pointer) or Decimal(0),
        max_uses=read.optional_count(fields, "max_uses", pointer),
        max_uses_per_customer=read.optional_count(fields, "max_uses_per_customer", pointer),
    )


def _rung(item: Any, pointer: str) -> Rung:
    allowed = {"product", "package", "min_quantity", "percent", "unit_price"}
    fields = read.members(item, pointer, allowed=allowed, required=("min_quantity",))
    kinds = [kind for kind in ("product", "package") if kind in fields]
    read.require(len(kinds) == 1, pointer, "Say one of product and package.")
    terms = BreakTerms(
        min_quantity=read.count(fields["min_quantity"], f"{pointer}/min_quantity"),
        percent=read.optional_percent(fields, pointer),
        unit_price=read.optional_price(fields, "unit_price", pointer),
    )
    return Rung(pointer, kinds[0], read.text(fields[kinds[0]], f"{pointer}/{kinds[0]}", longest=_KEY), terms)
