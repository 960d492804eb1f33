"""Writes of very many products: the rules of ``catalog.services.products``, a fixed number of queries a batch.

Everything runs in the caller's transaction, which holds the locks of the products that are there, by primary key.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain, count
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils.text import slugify

from catalog.enums import MovementReason
from catalog.models import (
    Material,
    PackageItem,
    Product,
    ProductMaterial,
    Review,
    ReviewGrant,
    StockItem,
    StockMovement,
    Tag,
)
from catalog.services import media, naming, packages, prices, products, search, stock, stock_history
from catalog.services.materials import Share
from catalog.services.stock import Correction
from catalog.services.stock_history import Opening
from fantasize.core import clock
from fantasize.core.bulk import copy_rows, insert_staged, staged, stored_fields, take_keys, update_rows, update_staged

_LONGEST_SLUG = 150
_LONGEST_REFERENCE = 80
OWN = (
    *("sku", "name", "slug", "description", "list_price", "category", "brand", "is_active"),
    *("weight_grams", "tax_class"),
)
_UNSEARCHED = {"list_price", "slug", "weight_grams", "tax_class"}
_SEARCH = "search"
_KEPT = (*OWN, "price", "price_changes_at", "version", "updated_at")


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One product that is to be stored.

    Attributes:
        product: the locked row, or a new one.
        values: its own fields that are said, of those in ``OWN``; the description is clean already.
        on_hand: the opening stock of a new one.
        materials: what it is made of, in per cent; None if that is not said.
        tags: None if they are not said.
    """

    product: Product
    values: Mapping[str, Any]
    on_hand: int = 0
    materials: Mapping[Material, Decimal] | None = None
    tags: Sequence[Tag] | None = None


def shares_of(amounts: Mapping[Material, Decimal]) -> list[Share]:
    """What a product is made of, as ``services.materials`` has it."""
    return [Share(material.pk, percent) for material, percent in amounts.items()]


def create(rows: Sequence[ProductRow], *, actor: str, reference: str) -> None:
    """Make products, each with its stock; a slug that is not said is made from the name."""
    if not rows:
        return
    for row in rows:
        _set(row)
    _give_slugs([row.product for row in rows])
    now = clock.now()
    items = stock_history.open_items([Opening(row.on_hand, now, reference) for row in rows], actor=actor)
    for row, item, key in zip(rows, items, take_keys(Product, len(rows)), strict=True):
        row.product.pk, row.product.stock = key, item
    prices.set_prices([row.product for row in rows])
    _store(rows, is_new=True)


def update(rows: Sequence[ProductRow]) -> None:
    """Store what is said of products; packages' prices follow."""
    if not rows:
        return
    before = {row.product.pk: row.product.list_price for row in rows}
    for row in rows:
        _set(row)
    _give_slugs([row.product for row in rows])
    changed = [row.product for row in rows]
    prices.set_prices(changed)
    if any(_is_found_otherwise(row) for row in rows):
        _store(rows, is_new=False)
    else:
        update_rows(changed, _KEPT)
        products.after_change([])
    if repriced := [product.pk for product in changed if product.list_price != before[product.pk]]:
        packages.refresh_prices(repriced)


def _store(rows: Sequence[ProductRow], *, is_new: bool) -> None:
    """Store products with their materials and tags, and the words that they are found under: each row once."""
    _relate(rows)
    keys = [row.product.pk for row in rows]
    fields = [name for name in stored_fields(Product) if name != _SEARCH] if is_new else ["id", *_KEPT]
    with staged([row.product for row in rows], fields, computed=[_SEARCH]) as table:
        search.write_staged(Product, table, keys)
        if is_new:
            insert_staged(Product, table, [*fields, _SEARCH])
        else:
            update_staged(Product, table, [*_KEPT, _SEARCH])
    products.after_change(keys, is_written=True)


def _is_found_otherwise(row: ProductRow) -> bool:
    """Whether the search has to look at it again: what it costs it does not know."""
    return bool(row.values.keys() - _UNSEARCHED) or row.materials is not None or row.tags is not None


def remove(found: Sequence[Product], *, actor: str, reference: str) -> Collection[int]:
    """Take products out of the shop that were made by mistake; returns the ids of those that are gone.

    Gone is what nothing refers to and whose stock has done nothing but open: what is on the shelf is booked out, and
    the ledger, which forgets nothing, keeps both entries and says what they were about. The others are hidden.
    """
    pks = [product.pk for product in found]
    unused = {product.pk: product for product in _unused(pks).select_related("stock")}
    opened = {product.stock_id: product for product in unused.values() if product.stock.on_hand}
    booked = stock.correct_all(
        {
            item: Correction(
                -product.stock.on_hand, MovementReason.CORRECTION, f"{reference} {product.sku}"[:_LONGEST_REFERENCE]
            )
            for item, product in opened.items()
        },
        actor=actor,
    )
    # Somebody has reserved some of it since we looked: it is sold.
    unused = {pk: product for pk, product in unused.items() if product.stock_id in booked or not product.stock.on_hand}
    _hide([product for product in found if product.pk not in unused])
    media.forget(unused.values())
    Product.objects.filter(pk__in=unused).delete()
    StockItem.objects.filter(pk__in=[product.stock_id for product in unused.values()], movements=None).delete()
    products.after_change(pks)
    return unused.keys()


def _set(row: ProductRow) -> None:
    for name, value in row.values.items():
        setattr(row.product, name, value)
    if row.product.pk:
        row.product.version += 1
        row.product.updated_at = clock.now()


def _unused(pks: Sequence[int]) -> Any:
    moved = StockMovement.objects.filter(~Q(reason=MovementReason.OPENING), stock_item=OuterRef("stock"))
    mentions = (model.objects.filter(product=OuterRef("pk")) for model in (PackageItem, Review, ReviewGrant))
    rows = Product.objects.filter(pk__in=pks, sales_count=0, stock__held=0)
    return rows.filter(~Exists(moved), *(~Exists(mention) for mention in mentions))


def _hide(rows: Sequence[Product]) -> None:
    keys = [row.pk for row in rows]
    Product.objects.filter(pk__in=keys).update(is_active=False, version=F("version") + 1, updated_at=clock.now())


def _give_slugs(rows: Sequence[Product]) -> None:
    """Those without a slug get their name's, with the SKU behind it where another product has that."""
    bare = [row for row in rows if not row.slug]
    wanted = {slug for row in bare for slug in (_slug(row), _coded(row))}
    taken = set(Product.objects.filter(slug__in=wanted).values_list("slug", flat=True))
    taken |= {row.slug for row in rows if row.slug}
    for row in bare:
        candidates = chain((_slug(row), _coded(row)), (f"{_coded(row)}-{number}" for number in count(2)))
        row.slug = next(slug for slug in candidates if slug not in taken and (slug in wanted or _is_free(slug)))
        taken.add(row.slug)


def _slug(product: Product) -> str:
    return naming.slug_of(Product, product.name, longest=_LONGEST_SLUG)


def _coded(product: Product) -> str:
    return f"{_slug(product)}-{slugify(product.sku)}"


def _is_free(slug: str) -> bool:
    return not Product.objects.filter(slug=slug).exists()


def _relate(rows: Sequence[ProductRow]) -> None:
    """Store materials and tags where they are said."""
    made = {row.product.pk: row.materials for row in rows if row.materials is not None}
    ProductMaterial.objects.filter(product__in=made).delete()
    copy_rows(
        ProductMaterial,
        ("product_id", "material_id", "percent"),
        ((pk, material.pk, percent) for pk, amounts in made.items() for material, percent in amounts.items()),
    )
    tagged = {row.product.pk: row.tags for row in rows if row.tags is not None}
    through = Product.tags.through
    through._default_manager.filter(product__in=tagged).delete()  # noqa: SLF001 - Django's documented interface
    copy_rows(through, ("product_id", "tag_id"), ((pk, tag.pk) for pk, tags in tagged.items() for tag in tags))
