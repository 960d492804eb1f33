"""Writes of price breaks. Whoever takes more never pays more a piece."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.forms import model_to_dict

from catalog.caching import products as product_cache
from catalog.models import Package, PriceBreak, Product
from catalog.pricing import BreakTerms, cliffs
from catalog.services import discounts
from fantasize.core.errors import FieldError, InvalidError, NotFoundError, PreconditionFailedError

Target = Product | Package
MAX_QUANTITY = 1_000_000
_TERMS = ("min_quantity", "percent", "unit_price")


@transaction.atomic
def set_breaks(*, target: Target, breaks: Sequence[BreakTerms]) -> None:
    """Put these price breaks in place of all that a product or a package has. Locks its row.

    Raises:
        InvalidError: naming every fault: ``duplicate`` for the same quantity, ``price_cliff`` where more pieces would
            cost more each.
        NotFoundError: somebody has deleted the product or the package.
    """
    locked = _lock(target)
    errors = [
        FieldError(f"/{place}{fault.location}", fault.code, fault.detail)
        for place, fault in faults(locked.list_price, breaks)
    ]
    _refuse(errors)
    locked.price_breaks.all().delete()
    PriceBreak.objects.bulk_create(PriceBreak(**_naming(locked), **asdict(terms)) for terms in breaks)
    product_cache.invalidate_on_commit()


@transaction.atomic
def add_break(*, target: Target, terms: BreakTerms) -> PriceBreak:
    """Add a price break to a product or a package. Locks its row.

    Raises:
        InvalidError: as for ``set_breaks``.
        NotFoundError: somebody has deleted the product or the package.
    """
    locked = _lock(target)
    _require_valid(locked, terms, [_terms_of(each) for each in locked.price_breaks.all()])
    product_cache.invalidate_on_commit()
    return PriceBreak.objects.create(**_naming(locked), **asdict(terms))


@transaction.atomic
def update_break(
    *, price_break: PriceBreak, changes: Mapping[str, Any], expected_version: int | None = None
) -> PriceBreak:
    """Change a price break's terms. Locks the row of what it is for.

    Raises:
        InvalidError: as for ``set_breaks``.
        NotFoundError: somebody has deleted it.
        PreconditionFailedError: it is not at ``expected_version`` any more.
    """
    target, changed = _lock_break(price_break, expected_version)
    terms = BreakTerms(**{**model_to_dict(changed, _TERMS), **changes})
    others = target.price_breaks.exclude(pk=changed.pk)
    _require_valid(target, terms, [_terms_of(each) for each in others])
    for name, value in changes.items():
        setattr(changed, name, value)
    changed.version += 1
    changed.save()
    product_cache.invalidate_on_commit()
    return changed


@transaction.atomic
def remove_break(*, price_break: PriceBreak, expected_version: int | None = None) -> None:
    """Delete a price break: no ladder breaks for a rung that is taken out. Locks the row of what it is for.

    Raises:
        NotFoundError: somebody has deleted it already.
        PreconditionFailedError: it is not at ``expected_version`` any more.
    """
    _, locked = _lock_break(price_break, expected_version)
    locked.delete()
    product_cache.invalidate_on_commit()


def faults(list_price: Decimal, breaks: Sequence[BreakTerms]) -> Iterator[tuple[int, FieldError]]:
    """What is wrong with the price breaks of a thing, each with the place of the break that it is about."""
    times = Counter(terms.min_quantity for terms in breaks)
    sound = []
    for place, terms in enumerate(breaks):
        found = list(_own_faults(terms))
        if times[terms.min_quantity] > 1:
            found.append(FieldError("/min_quantity", "duplicate", "There is another one for this quantity."))
        yield from ((place, fault) for fault in found)
        if not found:
            sound.append(terms)
    for terms in cliffs(list_price, sound, currency=settings.SHOP_CURRENCY):
        yield breaks.index(terms), _cliff(terms)


def _own_faults(terms: BreakTerms) -> Iterator[FieldError]:
    yield from discounts.exactly_one(asdict(terms), "percent", "unit_price")
    yield from discounts.percent_faults(terms.percent)
    price = terms.unit_price
    if price is not None and not (0 <= price < discounts.MAX_AMOUNT and discounts.is_whole(price)):
        yield FieldError("/unit_price", "out_of_range", "A price is 0 or more, and in whole minor units.")
    if not 1 < terms.min_quantity <= MAX_QUANTITY:
        yield FieldError("/min_quantity", "out_of_range", f"From 2 to {MAX_QUANTITY:,} pieces.")


def _cliff(terms: BreakTerms) -> FieldError:
    name = "percent" if terms.unit_price is None else "unit_price"
    return FieldError(f"/{name}", "price_cliff", "A piece would cost more than for those who take fewer.")


def _require_valid(target: Target, terms: BreakTerms, others: Sequence[BreakTerms]) -> None:
    """Refuse terms that cannot be, or that make a cliff where there was none among ``others``."""
    errors = [fault for place, fault in faults(target.list_price, [terms, *others]) if place == 0]
    if not errors:
        before, after = (
            cliffs(target.list_price, ladder, currency=settings.SHOP_CURRENCY) for ladder in (others, [terms, *others])
        )
        errors = [_cliff(terms)] if set(after) - set(before) else []
    _refuse(errors)


def _refuse(errors: Sequence[FieldError]) -> None:
    if errors:
        raise InvalidError("The price breaks cannot be like this.", errors=errors)


def _lock(target: Target | None) -> Target:
    """The row that the price breaks hang on, so that two writers see each other's."""
    assert target is not None  # noqa: S101 - a constraint says that it is a product or a package
    locked = type(target)._default_manager.select_for_update(no_key=True).filter(pk=target.pk).first()  # noqa: SLF001 - Django's documented interface
    if locked is None:
        raise NotFoundError
    return locked


def _lock_break(price_break: PriceBreak, expected_version: int | None) -> tuple[Target, PriceBreak]:
    """What it is for, locked, and the price break as it is now."""
    target = _lock(price_break.product or price_break.package)
    row = target.price_breaks.filter(pk=price_break.pk).first()
    if row is None:
        raise NotFoundError
    if expected_version is not None and row.version != expected_version:
        raise PreconditionFailedError("The price break was changed meanwhile.", extra={"current_version": row.version})
    return target, row


def _naming(target: Target) -> dict[str, Target]:
    return {"product" if isinstance(target, Product) else "package": target}


def _terms_of(row: PriceBreak) -> BreakTerms:
    return BreakTerms(row.min_quantity, row.percent, row.unit_price)
