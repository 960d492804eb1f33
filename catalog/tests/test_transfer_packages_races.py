"""Files of packages while others are at work: nobody's change is lost, and no price is wrong."""

import itertools
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from catalog.models import Package, PackageItem, Product
from catalog.services import packages, products
from catalog.services.packages import Part
from catalog.tests.factories import make_package, make_product
from catalog.tests.packages import broken
from catalog.tests.races import at_once
from catalog.tests.transfers import check, confirm, faults
from fantasize.core.models import DomainEvent
from fantasize.core.transfers import registry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_files")]
PACKAGES = 40


def lines(columns: str, line: str) -> bytes:
    return "\n".join([columns, *(line.format(number) for number in range(PACKAGES))]).encode()


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> list[Product]:
    """Three products, in packages that are stored a few at a time."""
    monkeypatch.setattr(registry.get("package").resource, "batch_size", 5)
    made = [make_product(sku=sku, price="4.00") for sku in "ABC"]
    for number in range(PACKAGES):
        make_package(*made[:2], sku=f"S{number}", name=f"Set {number}")
    return made


def test_two_files_prices_and_a_live_change_at_once(parts: list[Product]) -> None:
    """Two imports of the same packages: what one has changed the other leaves alone; prices follow all the while."""
    texts = check("package", lines("sku,name", "S{0},Named {0}"))
    pieces = check("package", lines("sku,parts,percent_off", "S{0},C:2|A:1,50"))
    last = Package.objects.get(sku=f"S{PACKAGES - 1}")

    def dearer() -> None:
        for number in range(12):
            price = {"list_price": Decimal(number + 5)}
            products.update_product(product=parts[number % 3], changes=price)

    live: Callable[[], Any] = partial(packages.update_package, package=last, changes={}, items=[Part(parts[2].pk, 9)])
    apply = partial(confirm, skip_refused=True)
    outcomes = at_once(partial(apply, texts), partial(apply, pieces), dearer, live)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert broken() == {}
    assert Package.objects.filter(name__startswith="Named").count() == PACKAGES
    both = Package.objects.exclude(pk=last.pk).filter(version=3, percent_off=50, name__startswith="Named")
    assert both.count() == PACKAGES - 1
    told, row = faults(pieces), PACKAGES + 1
    parts_now = list(PackageItem.objects.filter(package=last).order_by("position").values_list("product", "quantity"))
    if told:  # the live change came first
        assert (told, parts_now) == ({row: {"": "Somebody has changed it since."}}, [(parts[2].pk, 9)])
    else:
        assert parts_now == [(parts[2].pk, 9)], "it came last"
    trail = DomainEvent.objects.filter(aggregate="package", aggregate_id=str(last.pk)).order_by("seq")
    assert list(trail.values_list("seq", flat=True)) == list(range(1, len(trail) + 1))


def test_without_the_locks_a_price_is_wrong(parts: list[Product], monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a part that grows dearer while a file is stored is added up at its old price."""
    transfer = check("package", b"sku,parts\nS0,C:2\n")
    prices = itertools.count(9)

    def look_only(ids: Any) -> dict[int, Decimal]:
        found = dict(Product.objects.filter(pk__in=set(ids)).values_list("pk", "list_price"))
        change = partial(products.update_product, product=parts[2], changes={"list_price": Decimal(next(prices))})
        assert isinstance(at_once(change)[0], Product)
        return found

    monkeypatch.setattr(packages, "lock_products", look_only)
    confirm(transfer)
    assert broken() == {"packages.price_follows_from_parts": 1}
