"""Writes of products: with their stock, their materials and tags, their prices, their search and cached answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from catalog.caching import products as product_cache
from catalog.models import Brand, Category, Product, Review, ReviewGrant, Tag, TaxClass
from catalog.services import descriptions, materials, media, naming, packages, prices, search, stock
from catalog.services.materials import Share
from fantasize.core import clock
from fantasize.core.errors import FieldError, InvalidError, NotFoundError, PreconditionFailedError

MAX_PRICE = Decimal(10**9)


@dataclass(frozen=True, slots=True)
class NewProduct:
    """What a new product is made of; an empty sku or slug is made from the name. ``tags`` are ids."""

    name: str
    list_price: Decimal
    sku: str = ""
    slug: str = ""
    description: str = ""
    category: Category | None = None
    brand: Brand | None = None
    is_active: bool = True
    materials: Sequence[Share] = ()
    tags: Sequence[int] = ()
    weight_grams: int = 0
    tax_class: TaxClass | None = None


@transaction.atomic
def create_product(*, new: NewProduct, on_hand: int, actor: str) -> Product:
    """Make a product with its opening stock.

    Raises:
        InvalidError: the sku or slug is taken, the price is absurd, or the materials or tags cannot be.
    """
    related = {name: rows for name, rows in (("materials", new.materials), ("tags", new.tags)) if rows}
    _require_valid({"sku": new.sku, "slug": new.slug, "list_price": new.list_price, **related})
    slug = new.slug or naming.free_slug(Product, new.name)
    sku = new.sku or naming.free_sku(Product, slug)
    product = Product.objects.create(
        sku=sku,
        slug=slug,
        name=new.name,
        list_price=new.list_price,
        price=new.list_price,
        description=descriptions.clean(new.description),
        category=new.category,
        brand=new.brand,
        is_active=new.is_active,
        weight_grams=new.weight_grams,
        tax_class=new.tax_class,
        stock=stock.open_item(on_hand=on_hand, actor=actor, reference=sku),
    )
    _relate(product, related)
    if product.category_id:
        prices.save_prices([product])
    after_change([product.pk])
    return product


@transaction.atomic
def update_product(*, product: Product, changes: Mapping[str, Any], expected_version: int | None = None) -> Product:
    """Change a product's own fields, its ``materials`` (shares) and ``tags`` (ids); packages' prices follow.

    Raises:
        PreconditionFailedError: it is not at ``expected_version`` any more.
        InvalidError: the new sku or slug is taken, the price is absurd, or the materials or tags cannot be.
        NotFoundError: somebody has deleted it.
    """
    locked = _lock(product, expected_version)
    _require_valid(changes, but=locked.pk)
    list_price = locked.list_price
    for name in changes.keys() - {"materials", "tags"}:
        setattr(locked, name, descriptions.clean(changes[name]) if name == "description" else changes[name])
    prices.set_prices([locked])
    locked.version += 1
    locked.updated_at = clock.now()
    locked.save()
    _relate(locked, changes)
    after_change([locked.pk])
    if locked.list_price != list_price:
        packages.refresh_prices([locked.pk])
    return locked


@transaction.atomic
def remove_product(*, product: Product, expected_version: int | None = None) -> None:
    """Take a product out of the shop.

    What was ever in stock, reviewed or part of a package is only hidden: the ledger, orders and reviews refer to it.
    Nothing can have been sold that was not in stock. What never was any of that is deleted, with its media.

    Raises:
        PreconditionFailedError: it is not at ``expected_version`` any more.
        NotFoundError: somebody has deleted it.
    """
    locked = _lock(product, expected_version)
    if _is_referred_to(locked):
        update_product(product=locked, changes={"is_active": False})
        return
    pk, item = locked.pk, locked.stock
    media.forget([locked])
    locked.delete()
    item.delete()
    after_change([pk])


def after_change(product_ids: Iterable[int], *, is_written: bool = False) -> None:
    """Bring the search up to date and make cached answers stale, in the caller's transaction.

    With ``is_written`` the products' own search documents are so already.
    """
    search.refresh(products=product_ids, is_written=is_written)
    product_cache.invalidate_on_commit()


def _lock(product: Product, expected_version: int | None) -> Product:
    locked = Product.objects.select_for_update(no_key=True).filter(pk=product.pk).first()
    if locked is None:
        raise NotFoundError
    if expected_version is not None and locked.version != expected_version:
        raise PreconditionFailedError("The product was changed meanwhile.", extra={"current_version": locked.version})
    return locked


def _is_referred_to(product: Product) -> bool:
    mentions = (
        product.stock.movements.all(),
        product.package_items.all(),
        ReviewGrant.objects.filter(product=product),
        Review.objects.filter(product=product),
    )
    return any(rows.exists() for rows in mentions)


def _relate(product: Product, changes: Mapping[str, Any]) -> None:
    """Store the shares and tags that are among the changes."""
    if "materials" in changes:
        materials.replace(product, changes["materials"])
    if "tags" in changes:
        product.tags.set(changes["tags"])


def _require_valid(values: Mapping[str, Any], *, but: int | None = None) -> None:
    """Refuse what no product can have, or only another one has, naming every fault."""
    shares = values.get("materials", ())
    errors = naming.taken(Product, sku=values.get("sku", ""), slug=values.get("slug", ""), but=but)
    errors += [*_absurd(values), *materials.faults(shares), *materials.unknown(shares)]
    errors += _unknown_tags(values.get("tags", ()))
    if errors:
        raise InvalidError("The product cannot be like this.", errors=errors)


def _absurd(values: Mapping[str, Any]) -> list[FieldError]:
    if 0 <= values.get("list_price", 0) < MAX_PRICE:
        return []
    return [FieldError("/price", "out_of_range", f"A price is 0 or more, and less than {MAX_PRICE:,}.")]


def _unknown_tags(ids: Sequence[int]) -> list[FieldError]:
    known = set(Tag.objects.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    return [
        FieldError(f"/tags/{place}", "does_not_exist", "There is no such tag.")
        for place, tag in enumerate(ids)
        if tag not in known
    ]
