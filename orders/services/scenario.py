"""A shop made to order: exactly the people and products that a document names, for tests, demonstrations and training.

Repeatable: people are known by their e-mail address and products by their key, which is their SKU; they keep their ids
and become what the document says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from accounts.enums import Role
from accounts.models import User
from accounts.services import roles
from catalog.enums import MovementReason
from catalog.models import Category, Product
from catalog.services import products, stock
from catalog.services.products import NewProduct
from fantasize.core import clock, money
from fantasize.core.errors import InvalidError

ACTOR = "scenario"
NOT_YET_SUPPORTED = frozenset(
    {"packages", "templates", "offers", "coupons", "price_breaks", "shipping_methods", "taxes"},
)
_MAX_STOCK = 1_000_000_000
_MAX_PRICE = Decimal(100_000_000)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    email: str
    password: str
    role: Role
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Good:
    """Something to sell: ``stock`` pieces are on hand; ``category`` is a name, empty for none."""

    key: str
    name: str
    price: Decimal
    stock: int
    category: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a document asks for."""

    people: list[Person] = field(default_factory=list)
    goods: list[Good] = field(default_factory=list)


def parse_scenario(document: Any) -> Scenario:
    """Understand a document; every list in it is optional.

    Raises:
        InvalidError: the first fault, with its place as a JSON pointer.
    """
    lists = _fields(document, "", allowed={"users", "products", *NOT_YET_SUPPORTED})
    for name in sorted(NOT_YET_SUPPORTED & lists.keys()):
        if lists[name]:
            raise InvalidError.at(f"/{name}", f"The list {name!r} is not supported yet.", code="not_supported")
    return Scenario(
        people=[_parse_person(item, pointer) for pointer, item in _items(lists, "users")],
        goods=[_parse_good(item, pointer) for pointer, item in _items(lists, "products")],
    )


@transaction.atomic
def apply_scenario(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """Make what the scenario says, all of it or nothing; returns the ids by e-mail address and by key."""
    roles.sync_roles()
    return {
        "users": {person.email: str(_ensure_user(person).pk) for person in scenario.people},
        "products": {good.key: _ensure_product(good).pk for good in scenario.goods},
        "packages": {},
        "templates": {},
    }


def _ensure_user(person: Person) -> User:
    user = User.objects.filter(email=person.email).first() or User(email=person.email)
    if not user.password or not user.check_password(person.password):
        user.set_password(person.password)
    user.is_active = True
    user.email_verified_at = (user.email_verified_at or clock.now()) if person.is_verified else None
    user.save()
    roles.assign_role(user=user, role=person.role)
    return user


def _ensure_product(good: Good) -> Product:
    category = _ensure_category(good.category) if good.category else None
    found = Product.objects.select_related("stock").filter(sku=good.key).first()
    if found is None:
        new = NewProduct(name=good.name, list_price=good.price, sku=good.key, category=category)
        return products.create_product(new=new, on_hand=good.stock, actor=ACTOR)
    wanted = {"name": good.name, "list_price": good.price, "category": category, "is_active": True}
    changes = {name: value for name, value in wanted.items() if getattr(found, name) != value}
    if changes:
        products.update_product(product=found, changes=changes)
    stock.correct(
        found.stock_id,
        delta=good.stock - found.stock.on_hand,
        reason=MovementReason.CORRECTION,
        reference=ACTOR,
        actor=ACTOR,
    )
    return found


def _ensure_category(name: str) -> Category:
    found = Category.objects.filter(name=name).order_by("pk").first()
    if found:
        return found
    base = slugify(name)[:120] or "category"
    taken = Category.objects.filter(slug__startswith=base).count()
    return Category.objects.create(name=name, slug=f"{base}-{taken + 1}" if taken else base)


def _parse_person(item: Any, pointer: str) -> Person:
    fields = _fields(item, pointer, allowed={"email", "password", "role", "verified"}, required=("email", "password"))
    email = _text(fields, "email", pointer, longest=254)
    try:
        validate_email(email)
    except ValidationError:
        raise InvalidError.at(f"{pointer}/email", "This is no e-mail address.") from None
    role = fields.get("role", Role.CUSTOMER.value)
    _require(role in Role.values, f"{pointer}/role", f"A role is one of {', '.join(Role.values)}.")
    is_verified = fields.get("verified", True)
    _require(isinstance(is_verified, bool), f"{pointer}/verified", "This is true or false.")
    return Person(email, _text(fields, "password", pointer, longest=128), Role(role), is_verified)


def _parse_good(item: Any, pointer: str) -> Good:
    names = ("key", "name", "price", "stock")
    fields = _fields(item, pointer, allowed={*names, "category", "template"}, required=names)
    _require(fields.get("template") is None, f"{pointer}/template", "Templates are not supported yet.")
    pieces = fields["stock"]
    is_count = isinstance(pieces, int) and not isinstance(pieces, bool) and 0 <= pieces <= _MAX_STOCK
    _require(is_count, f"{pointer}/stock", "This is a whole number of pieces, 0 or more.")
    return Good(
        key=_text(fields, "key", pointer, longest=64),
        name=_text(fields, "name", pointer, longest=200),
        price=_price(fields["price"], f"{pointer}/price"),
        stock=pieces,
        category=_text(fields, "category", pointer, longest=120) if fields.get("category") is not None else "",
    )


def _price(value: Any, pointer: str) -> Decimal:
    try:
        price = (
            Decimal(value) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else Decimal("NaN")
        )
    except InvalidOperation:
        price = Decimal("NaN")
    is_price = price.is_finite() and 0 <= price <= _MAX_PRICE
    is_price = is_price and money.quantize(price, settings.SHOP_CURRENCY) == price
    _require(is_price, pointer, f"This is an amount of {settings.SHOP_CURRENCY}, 0 or more, in whole minor units.")
    return money.quantize(price, settings.SHOP_CURRENCY)


def _text(fields: Mapping[str, Any], name: str, pointer: str, *, longest: int) -> str:
    value = fields[name]
    is_text = isinstance(value, str) and bool(value.strip()) and len(value) <= longest and value.isprintable()
    _require(is_text, f"{pointer}/{name}", f"This is a text of 1 to {longest} printable characters.")
    return str(value)


def _items(lists: Mapping[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    items = lists.get(name) or []
    _require(isinstance(items, list), f"/{name}", "This is a list.")
    return ((f"/{name}/{index}", item) for index, item in enumerate(items))


def _fields(item: Any, pointer: str, *, allowed: set[str], required: Iterable[str] = ()) -> dict[str, Any]:
    _require(isinstance(item, dict), pointer, "This is an object.")
    for name in item.keys() - allowed:
        raise InvalidError.at(f"{pointer}/{name}", "Nothing has this name.", code="unknown_field")
    for name in required:
        _require(name in item, f"{pointer}/{name}", "This is missing.")
    return dict(item)


def _require(condition: bool, pointer: str, detail: str) -> None:  # noqa: FBT001 - the condition is the point
    if not condition:
        raise InvalidError.at(pointer, detail)
