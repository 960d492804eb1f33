"""Writes of categories, brands, materials and tags: what hangs on them, the search and the prices, follows.

A row is locked before it is deleted, so that nothing comes to hang on it meanwhile.

Locks for a change of a category are taken in one order: the tree, the category, the products and then the packages in
it, each by primary key, and last its slug, which whoever puts a product into it waits for when they commit.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, QuerySet

from catalog.caching import products as product_cache
from catalog.models import Brand, Category, Material, Offer, Package, PackageItem, Product, Tag
from catalog.selectors.taxonomy import branch_ids, category_forest, walk
from catalog.services import media, naming, prices, products, search
from fantasize.core.errors import ConflictError, FieldError, InvalidError, NotFoundError, PreconditionFailedError

Label = Brand | Material | Tag
R = TypeVar("R", bound=Brand | Category | Material | Tag)
L = TypeVar("L", bound=Brand | Material | Tag)

_CIRCLES = {"category_tree_without_circle", "category_not_its_own_parent"}
_LONGEST_SLUG = 120
# As the trigger on the table takes it for a moved category; here it comes before all rows, so that no two wait for
# each other, and whoever names a category anew knows what is below it.
_TREE_LOCK = 7253811003
_PRODUCTS = ("product", "products")
# Beyond so many the worker brings the price column up to date; what shoppers are shown and charged is exact meanwhile.
_MOST_AT_ONCE = 1000


@transaction.atomic
def create_category(*, values: Mapping[str, Any]) -> Category:
    """Make a category; without a slug it gets one made from its name, without a position it comes last."""
    category = Category(**with_defaults(Category, values))
    _save(category)
    product_cache.invalidate_on_commit()
    return category


@transaction.atomic
def update_category(*, category: Category, changes: Mapping[str, Any], expected_version: int | None = None) -> Category:
    """Change a category, or move it with everything below it; search and prices of what is in it follow.

    Two moves at once that would bend the tree into a circle together wait for each other: the second is refused.

    Raises:
        InvalidError: ``category_cycle``: it would come below itself.
        NotFoundError: somebody has deleted it.
        PreconditionFailedError: it is not at ``expected_version`` any more.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])
    locked = _lock(category, expected_version)
    name, parent = locked.name, locked.parent_id
    for field, value in changes.items():
        setattr(locked, field, value)
    locked.version += 1
    has_moved = locked.parent_id != parent
    within = _lock_within(locked) if has_moved or locked.name != name else None
    _save(locked)
    if within:
        _follow(*within, is_priced_anew=has_moved)
    product_cache.invalidate_on_commit()
    return locked


@transaction.atomic
def remove_category(*, category: Category, expected_version: int | None = None) -> None:
    """Delete a category that nothing is in, with its image.

    Raises:
        ConflictError: ``in_use``: naming how many products, packages and categories are in it.
        NotFoundError: somebody has deleted it already.
        PreconditionFailedError: it is not at ``expected_version`` any more.
    """
    locked = _lock(category, expected_version, to_delete=True)
    _require_unused(
        {
            _PRODUCTS: Product.objects.filter(category=locked).count(),
            ("package", "packages"): Package.objects.filter(category=locked).count(),
            ("category below it", "categories below it"): Category.objects.filter(parent=locked).count(),
        }
    )
    media.forget([locked])
    locked.delete()
    product_cache.invalidate_on_commit()


@transaction.atomic
def create_label(*, model: type[L], values: Mapping[str, Any]) -> L:
    """Make a brand, material or tag; what is not said of slug and position is as for a category."""
    label = model(**with_defaults(model, values))
    label.save()
    product_cache.invalidate_on_commit()
    return label


@transaction.atomic
def update_label(*, label: L, changes: Mapping[str, Any], expected_version: int | None = None) -> L:
    """Change a brand, material or tag; the search knows the new name at once.

    Raises:
        NotFoundError: somebody has deleted it.
        PreconditionFailedError: it is not at ``expected_version`` any more.
    """
    locked = _lock(label, expected_version)
    for field, value in changes.items():
        setattr(locked, field, value)
    locked.version += 1
    locked.save()
    products.after_change(_products_of(locked))
    return locked


@transaction.atomic
def remove_label(*, label: Label, expected_version: int | None = None) -> None:
    """Delete a brand or material that no product has, or a tag, which products lose.

    Raises:
        ConflictError: ``in_use``: naming how many products have it.
        NotFoundError: somebody has deleted it already.
        PreconditionFailedError: it is not at ``expected_version`` any more.
    """
    locked = _lock(label, expected_version, to_delete=True)
    tagged = _products_of(locked)
    if not isinstance(locked, Tag):
        _require_unused({_PRODUCTS: len(tagged)})
    locked.delete()
    products.after_change(tagged)


@transaction.atomic
def arrange(model: type[R], ids: Sequence[int]) -> None:
    """Bring these rows into this order, in the places that they have among all; the others stay where they are.

    Ids of rows that are gone are passed over. Locks all rows, by primary key.
    """
    manager: Any = model._default_manager  # noqa: SLF001 - Django's documented interface
    rows = {row.pk: row for row in manager.order_by("pk").select_for_update(no_key=True)}
    order = [row.pk for row in _in_order(model) if row.pk in rows]
    moved = list(filter(set(order).__contains__, dict.fromkeys(ids)))
    places = [place for place, pk in enumerate(order) if pk in set(moved)]
    for place, pk in zip(places, moved, strict=True):
        order[place] = pk
    for position, pk in enumerate(order):
        rows[pk].version += rows[pk].position != position
        rows[pk].position = position
    manager.bulk_update(rows.values(), ["position", "version"], batch_size=1000)
    product_cache.invalidate_on_commit()


def with_defaults(model: type[R], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a new row: a slug that is free, and the last place, unless others are said."""
    slug = values.get("slug") or _free_slug(model, values["name"])
    return {"position": last_place(model), **values, "slug": slug}


def last_place(model: type[R]) -> int:
    """The position behind all rows; 0 while nobody has arranged them, so that a new one stands among them by name."""
    last: int = model._default_manager.aggregate(last=Max("position"))["last"] or 0  # noqa: SLF001 - as above
    return last + 1 if last else 0


def _in_order(model: type[R]) -> Iterable[Any]:
    """All rows in the order in which staff see them: categories as a tree."""
    if model is Category:
        return list(walk(category_forest(including_hidden=True)))
    rows: Any = model._default_manager  # noqa: SLF001 - as above
    return list(rows.order_by("position", "name", "pk"))


def _lock_within(category: Category) -> tuple[list[int], list[int]]:
    """The products and packages in the category and below it, locked with the packages that hold those products."""
    below = branch_ids(category)
    goods = _lock_all(Product.objects.filter(category_id__in=below))
    held = PackageItem.objects.filter(product__in=goods).values_list("package_id", flat=True)
    packs = list(Package.objects.filter(category_id__in=below).values_list("pk", flat=True))
    _lock_all(Package.objects.filter(pk__in={*packs, *held}))
    return goods, packs


def _lock_all(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def _follow(goods: Collection[int], packs: Collection[int], *, is_priced_anew: bool) -> None:
    """Have search and prices of what is in a category and below it say what it is now."""
    search.refresh(products=goods, packages=packs)
    if not is_priced_anew or not Offer.categories.through.objects.exists():
        return
    if len(goods) + len(packs) > _MOST_AT_ONCE:
        prices.refresh_all_later()
    else:
        prices.refresh_prices(products=goods, packages=packs)


def _save(category: Category) -> None:
    """Store it, and say what the database's rules about the tree say as a fault of ``parent``."""
    try:
        with transaction.atomic():
            category.save()
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) not in _CIRCLES:
            raise
        detail = "A category cannot be below itself."
        fault = FieldError("/parent", "category_cycle", detail)
        raise InvalidError(detail, code="category_cycle", title="Circle of categories", errors=[fault]) from None


def _lock(row: R, expected_version: int | None, *, to_delete: bool = False) -> R:
    """Lock it as it was seen; unless it is to be deleted, others may go on to refer to it."""
    rows: Any = type(row)._default_manager.select_for_update(no_key=not to_delete)  # noqa: SLF001 - as above
    locked: R | None = rows.filter(pk=row.pk).first()
    if locked is None:
        raise NotFoundError
    if expected_version is not None and locked.version != expected_version:
        raise PreconditionFailedError("It was changed meanwhile.", extra={"current_version": locked.version})
    return locked


def _products_of(label: Label) -> list[int]:
    return list(label.products.values_list("pk", flat=True))


def _require_unused(uses: Mapping[tuple[str, str], int]) -> None:
    """Refuse to delete what something hangs on; ``uses`` is keyed by what one and what several are called."""
    said = [f"{count:,} {names[count > 1]}" for names, count in uses.items() if count]
    if said:
        raise ConflictError(f"It is still used: {', '.join(said)}.", code="in_use", title="In use")


def _free_slug(model: type[R], name: str) -> str:
    base = naming.slug_of(model, name, longest=_LONGEST_SLUG)
    naming.take_turns(model, base)
    used = set(model._default_manager.filter(slug__startswith=base).values_list("slug", flat=True))  # noqa: SLF001 - as above
    candidates = (base, *(f"{base}-{number}" for number in range(2, len(used) + 3)))
    return next(candidate for candidate in candidates if candidate not in used)
