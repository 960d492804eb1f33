"""Writes of products: with their stock, their search vector and their cached answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import nh3
from django.contrib.postgres.search import SearchVector
from django.db import transaction
from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.text import slugify

from catalog.caching import products as product_cache
from catalog.models import Brand, Category, Product
from catalog.services import prices, stock
from fantasize.core import clock
from fantasize.core.errors import FieldError, InvalidError, PreconditionFailedError

SEARCH_LANGUAGE = "english"


@dataclass(frozen=True, slots=True)
class NewProduct:
    """What a new product is made of; an empty sku or slug is made from the name."""

    name: str
    list_price: Decimal
    sku: str = ""
    slug: str = ""
    description: str = ""
    category: Category | None = None
    brand: Brand | None = None
    is_active: bool = True


@transaction.atomic
def create_product(*, new: NewProduct, on_hand: int, actor: str) -> Product:
    """Make a product with its opening stock.

    Raises:
        InvalidError: the sku or slug is taken.
    """
    slug = new.slug or free_slug(new.name)
    sku = new.sku or slug.upper()[:64]
    _require_free(sku=sku, slug=slug)
    product = Product.objects.create(
        sku=sku,
        slug=slug,
        name=new.name,
        list_price=new.list_price,
        price=new.list_price,
        description=nh3.clean(new.description),
        category=new.category,
        brand=new.brand,
        is_active=new.is_active,
        stock=stock.open_item(on_hand=on_hand, actor=actor, reference=sku),
    )
    if product.category_id:
        prices.save_prices([product])
    after_change([product.pk])
    return product


@transaction.atomic
def update_product(*, product: Product, changes: dict[str, Any], expected_version: int | None = None) -> Product:
    """Change a product's own fields.

    Raises:
        PreconditionFailedError: it is not at ``expected_version`` any more.
        InvalidError: the new sku or slug is taken.
    """
    locked = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    if expected_version is not None and locked.version != expected_version:
        raise PreconditionFailedError("The product was changed meanwhile.", extra={"current_version": locked.version})
    _require_free(sku=changes.get("sku", ""), slug=changes.get("slug", ""), but=locked.pk)
    if "description" in changes:
        changes = {**changes, "description": nh3.clean(changes["description"])}
    for name, value in changes.items():
        setattr(locked, name, value)
    prices.set_prices([locked])
    locked.version += 1
    locked.updated_at = clock.now()
    locked.save()
    after_change([locked.pk])
    return locked


@transaction.atomic
def remove_product(*, product: Product) -> None:
    """Take a product out of the shop. Its rows stay: orders and the stock ledger refer to them."""
    update_product(product=product, changes={"is_active": False})


def after_change(product_ids: Iterable[int]) -> None:
    """Bring search vectors up to date and make cached answers stale, in the caller's transaction."""
    refresh_search(product_ids)
    product_cache.invalidate_on_commit()


def refresh_search(product_ids: Iterable[int]) -> None:
    """Recompute the search vectors: name weighs most, then brand, category, description."""
    brand = Brand.objects.filter(pk=OuterRef("brand_id")).values("name")
    category = Category.objects.filter(pk=OuterRef("category_id")).values("name")
    Product.objects.filter(pk__in=list(product_ids)).update(
        search=SearchVector(F("name"), F("sku"), weight="A", config=SEARCH_LANGUAGE)
        + SearchVector(Coalesce(Subquery(brand), Value("")), weight="B", config=SEARCH_LANGUAGE)
        + SearchVector(Coalesce(Subquery(category), Value("")), weight="C", config=SEARCH_LANGUAGE)
        + SearchVector(F("description"), weight="D", config=SEARCH_LANGUAGE),
    )


def free_slug(name: str) -> str:
    """A slug for ``name`` that no product has yet."""
    base = slugify(name)[:200] or "product"
    taken = set(Product.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    candidates = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
    return next(candidate for candidate in candidates if candidate not in taken)


def _require_free(*, sku: str, slug: str, but: int | None = None) -> None:
    others = Product.objects.exclude(pk=but) if but else Product.objects.all()
    errors = [
        FieldError(f"/{field}", "duplicate", f"Another product has this {field}.")
        for field, value in (("sku", sku), ("slug", slug))
        if value and others.filter(**{field: value}).exists()
    ]
    if errors:
        raise InvalidError("Another product has the same name in the shop.", errors=errors)
