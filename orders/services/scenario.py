"""A shop made to order: exactly what a document names, for tests, demonstrations and training.

Repeatable: people are known by their e-mail address, products and packages by their key, which is their SKU, templates
and offers by their name, coupons by their code; they keep their ids and become what the document says.
"""

from typing import Any

from django.db import transaction
from django.utils.text import slugify

from accounts.models import User
from accounts.services import roles
from catalog.enums import MovementReason
from catalog.models import Category, Package, Product
from catalog.services import packages, products, stock
from catalog.services.packages import NewPackage, Part
from catalog.services.products import NewProduct
from fantasize.core import clock
from fantasize.core.errors import FieldError, InvalidError
from orders.services import scenario_discounts, scenario_templates, scenario_terms
from orders.services.scenario_document import Bundle, Good, Person, Scenario
from orders.services.scenario_fields import placed
from orders.services.scenario_lookup import ids_of

ACTOR = "scenario"


@transaction.atomic
def apply_scenario(scenario: Scenario) -> dict[str, dict[str, Any]]:
    """Make what the scenario says, all of it or nothing; returns the ids by e-mail address and by key.

    Raises:
        InvalidError: it cannot be; the faults are where the document has them, as JSON pointers.
        StockBelowHeldError: orders have reserved more of a product than there is to be.
    """
    roles.sync_roles()
    people = {person.email: str(_ensure_user(person).pk) for person in scenario.people}
    scenario_terms.ensure_terms(scenario)
    goods = {good.key: _ensure_product(good).pk for good in scenario.goods}
    bundles = {bundle.key: _ensure_package(bundle).pk for bundle in scenario.bundles}
    forms = scenario_templates.ensure_templates(scenario, goods, bundles, actor=ACTOR)
    scenario_discounts.ensure_discounts(scenario)
    return {"users": people, "products": goods, "packages": bundles, "templates": forms}


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
    facts = scenario_terms.facts_of(good)
    found = Product.objects.select_related("stock").filter(sku=good.key).first()
    if found is None:
        new = NewProduct(name=good.name, list_price=good.price, sku=good.key, category=category, **facts)
        with placed(good.pointer):
            return products.create_product(new=new, on_hand=good.stock, actor=ACTOR)
    wanted = {"name": good.name, "list_price": good.price, "category": category, "is_active": True, **facts}
    changes = {name: value for name, value in wanted.items() if getattr(found, name) != value}
    if changes:
        with placed(good.pointer):
            products.update_product(product=found, changes=changes)
    stock.correct(
        found.stock_id,
        delta=good.stock - found.stock.on_hand,
        reason=MovementReason.CORRECTION,
        reference=ACTOR,
        actor=ACTOR,
    )
    return found


def _ensure_package(bundle: Bundle) -> Package:
    parts = _parts_of(bundle)
    price = {"own_price": bundle.price, "percent_off": 0 if bundle.price is None else None}
    found = Package.objects.filter(sku=bundle.key).first()
    if found is None:
        new = NewPackage(name=bundle.name, sku=bundle.key, own_price=bundle.price)
        with placed(bundle.pointer):
            return packages.create_package(new=new, items=parts, actor=ACTOR)
    wanted = {"name": bundle.name, "is_active": True, **price}
    changes = {name: value for name, value in wanted.items() if getattr(found, name) != value}
    if price.keys() & changes.keys():
        changes |= price
    has_parts = list(found.items.order_by("position").values_list("product_id", "quantity"))
    items = parts if has_parts != [(part.product, part.quantity) for part in parts] else None
    if changes or items is not None:
        with placed(bundle.pointer):
            packages.update_package(package=found, changes=changes, items=items, actor=ACTOR)
    return found


def _parts_of(bundle: Bundle) -> list[Part]:
    """What it is made of; the document's pairs have no names, so faults are told here as far as they are theirs."""
    places = [f"{bundle.pointer}/items/{index}" for index in range(len(bundle.parts))]
    keys = [key for key, _ in bundle.parts]
    ids = ids_of(Product, keys, [f"{place}/0" for place in places])
    faults = [
        FieldError(f"{place}/0", "duplicate", "This product is a part already.")
        for index, place in enumerate(places)
        if keys[index] in keys[:index]
    ]
    faults += [
        FieldError(f"{place}/1", "out_of_range", f"From 1 to {packages.MAX_PIECES} pieces.")
        for place, (_, quantity) in zip(places, bundle.parts, strict=True)
        if not 1 <= quantity <= packages.MAX_PIECES
    ]
    if faults:
        raise InvalidError("The package is not valid.", errors=faults)
    return [Part(pk, quantity) for pk, (_, quantity) in zip(ids, bundle.parts, strict=True)]


def _ensure_category(name: str) -> Category:
    found = Category.objects.filter(name=name).order_by("pk").first()
    if found:
        return found
    base = slugify(name)[:120] or "category"
    taken = Category.objects.filter(slug__startswith=base).count()
    return Category.objects.create(name=name, slug=f"{base}-{taken + 1}" if taken else base)
