"""What a product is made of, and how much of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.models import Material, Product, ProductMaterial
from fantasize.core.errors import FieldError

WHOLE = Decimal(100)
_STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Share:
    """So many per cent of a material, by its id."""

    material: int
    percent: Decimal


def faults(shares: Sequence[Share]) -> list[FieldError]:
    """Everything that keeps these from being what one product is made of. Pure.

    Each share is more than 0 and at most 100 with two decimals, each material is named once, and unless there are none
    they come to 100 together.
    """
    found = [fault for place in range(len(shares)) for fault in _faults_of(place, shares)]
    total = sum((share.percent for share in shares), Decimal(0))
    if shares and total != WHOLE:
        found.append(
            FieldError("/materials", "percent_sum", f"Together they are 100 per cent, not {total.normalize():f}.")
        )
    return found


def _faults_of(place: int, shares: Sequence[Share]) -> Iterator[FieldError]:
    share = shares[place]
    if not 0 < share.percent <= WHOLE or share.percent % _STEP:
        yield FieldError(f"/materials/{place}/percent", "out_of_range", "More than 0, at most 100, with two decimals.")
    if any(share.material == other.material for other in shares[:place]):
        yield FieldError(f"/materials/{place}/material", "duplicate", "This material is named already.")


def unknown(shares: Sequence[Share]) -> list[FieldError]:
    """The shares whose material there is not. At most one query."""
    if not shares:
        return []
    known = set(Material.objects.filter(pk__in={share.material for share in shares}).values_list("pk", flat=True))
    return [
        FieldError(f"/materials/{place}/material", "does_not_exist", "There is no such material.")
        for place, share in enumerate(shares)
        if share.material not in known
    ]


def replace(product: Product, shares: Sequence[Share]) -> None:
    """Have the product made of just these, which have no faults. In the caller's transaction, the product locked."""
    product.material_shares.all().delete()
    ProductMaterial.objects.bulk_create(
        ProductMaterial(product=product, material_id=share.material, percent=share.percent) for share in shares
    )
