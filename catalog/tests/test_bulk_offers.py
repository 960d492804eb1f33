"""Very many offers at once: as if each had been made, changed or removed by itself, in a fixed number of queries."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.models import Category, Offer, Package, Product
from catalog.services import bulk_offers, offers, price_invariants, prices
from catalog.services.bulk_offers import OfferRow
from catalog.services.offers import TARGETS, TERMS, NewOffer
from catalog.tests.factories import make_offer, make_package, make_product
from catalog.tests.transfers import apply, check, confirm, counts, faults, sheet, take_back
from fantasize.core import clock

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
Said = Mapping[str, Any]


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with clock.frozen_at(NOON):
        yield


@pytest.fixture
def ids() -> dict[str, list[int]]:
    """Three products, one of them below a category, and a package there, too."""
    top = Category.objects.create(name="Top", slug="top")
    below = Category.objects.create(name="Below", slug="below", parent=top)
    things = [make_product(price="10.00"), make_product(price="7.77"), make_product(price="20.00", category=below)]
    box = make_package(things[0], own_price=Decimal("30.00"), category=below)
    return {"products": [each.pk for each in things], "packages": [box.pk], "categories": [top.pk, below.pk]}


def said(ids: Mapping[str, list[int]]) -> list[dict[str, Any]]:
    """Offers before, in and after their time, off, on one thing, on many and on nothing."""
    first, second, third = ids["products"]
    return [
        {"name": "One", "percent": Decimal("12.50"), "starts_at": NOON, "products": [first]},
        {"name": "Two", "amount": Decimal("3.00"), "starts_at": NOON - HOUR, "ends_at": NOON + 2 * HOUR}
        | {"products": [second, first], "packages": ids["packages"]},
        {"name": "Over", "percent": Decimal(50), "starts_at": NOON - 2 * HOUR, "ends_at": NOON, "products": [third]},
        {"name": "Coming", "percent": Decimal(60), "starts_at": NOON + HOUR, "products": [second]},
        {"name": "Off", "percent": Decimal(90), "starts_at": NOON, "products": [first], "is_active": False},
        {"name": "All", "percent": Decimal("33.33"), "starts_at": NOON, "categories": ids["categories"][:1]},
        {"name": "Nothing", "percent": Decimal(5), "starts_at": NOON - HOUR},
    ]


def row(values: Said, offer: Offer | None = None) -> OfferRow:
    terms = {name: value for name, value in values.items() if name in TERMS}
    return OfferRow(offer or Offer(), terms, {name: values[name] for name in TARGETS if name in values})


def state() -> Any:
    """The shop's offers, what they are on, what things cost, and until when."""
    return (
        list(Offer.objects.order_by("name").values(*TERMS, "version", "created_at")),
        [sorted(Offer.objects.exclude(**{name: None}).values_list("name", name)) for name in TARGETS],
        [list(model.objects.order_by("pk").values_list("price", "price_changes_at")) for model in (Product, Package)],
    )


def waiting() -> dict[str, datetime | None]:
    """When the worker begins with what it is to do, by task."""
    jobs = ProcrastinateJob.objects.filter(task_name__startswith="catalog.tasks.prices").order_by("-scheduled_at")
    return dict(jobs.values_list("task_name", "scheduled_at"))


def start_over() -> None:
    bulk_offers.remove(list(Offer.objects.all()))
    prices.refresh_all_prices()
    ProcrastinateJob.objects.all().delete()


def both(one_by_one: Callable[[], object], at_a_time: Callable[[], object], prepare: Callable[[], object]) -> list[Any]:
    """What the shop is like after each of the two, begun with the same."""
    found = []
    for work in (one_by_one, at_a_time):
        start_over()
        prepare()
        work()
        jobs = waiting()
        if prices.REFRESH_ALL_TASK in jobs:
            prices.refresh_all_prices()
        found.append((*state(), jobs))
        ProcrastinateJob.objects.all().delete()
        assert price_invariants.count_stale() == 0
    return found


def make_all(ids: Mapping[str, list[int]]) -> None:
    for each in said(ids):
        offers.create_offer(new=NewOffer(**each))


@pytest.mark.parametrize("most", [1000, 1])
def test_made_together_they_are_as_if_made_singly(
    ids: dict[str, list[int]], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "MOST_AT_ONCE", most)
    together = [row(each) for each in said(ids)]
    one, other = both(lambda: make_all(ids), lambda: bulk_offers.create(together), lambda: None)
    assert one == other
    assert one[-1] == {prices.REFRESH_DUE_TASK: NOON + HOUR} | ({prices.REFRESH_ALL_TASK: None} if most == 1 else {})


def test_changed_together_they_are_as_if_changed_singly(ids: dict[str, list[int]]) -> None:
    changes: dict[str, Said] = {
        "One": {"percent": None, "amount": Decimal("1.50"), "ends_at": NOON + HOUR / 2},
        "Two": {"products": [ids["products"][2]], "packages": []},
        "Over": {"ends_at": None, "categories": ids["categories"]},
        "Off": {"is_active": True},
        "All": {"categories": []},
        "Nothing": {"name": "Something", "products": ids["products"]},
    }

    def found() -> dict[str, Offer]:
        return {offer.name: offer for offer in Offer.objects.filter(name__in=changes)}

    def singly() -> None:
        for name, offer in found().items():
            offers.update_offer(offer=offer, changes=changes[name])

    def together() -> None:
        bulk_offers.update([row(changes[name], offer) for name, offer in found().items()])

    one, other = both(singly, together, lambda: make_all(ids))
    assert one == other
    assert Offer.objects.get(name="Something").version == 2


def test_removed_together_they_are_as_if_removed_singly(ids: dict[str, list[int]]) -> None:
    def gone() -> Any:
        return Offer.objects.exclude(name__in=("Coming", "All"))

    def singly() -> None:
        for offer in gone():
            offers.remove_offer(offer=offer)

    one, other = both(singly, lambda: bulk_offers.remove(list(gone())), lambda: make_all(ids))
    assert one == other
    assert Offer.objects.count() == 2


def test_what_cannot_be_is_told_and_the_others_are_stored(ids: dict[str, list[int]]) -> None:
    good = said(ids)[0]
    bad: Sequence[Said] = [
        {**good, "name": " "},
        {**good, "amount": Decimal(1)},
        {**good, "products": [ids["products"][0], 10**9, 2**70]},
        {**good, "categories": [-1]},
    ]
    rows = [row(good), *(row(each) for each in bad)]
    bulk_offers.create(rows)
    nowhere = "There is no such thing."
    assert [each.fault for each in rows] == [
        "",
        "Give it a name.",
        "Say only one of percent and amount. Say only one of percent and amount.",
        f"{nowhere} {nowhere}",
        nowhere,
    ]
    [offer] = Offer.objects.all()
    before = state()
    bulk_offers.update([row(each, Offer.objects.get()) for each in bad])
    bulk_offers.create([])
    assert state() == before
    assert (offer.name, Product.objects.get(pk=ids["products"][0]).price) == ("One", Decimal("8.75"))


def test_a_batch_takes_as_many_queries_as_a_row() -> None:
    for number in range(3):
        make_product(sku=f"P{number}")

    def queries(work: Callable[[], Any]) -> tuple[int, Any]:
        with CaptureQueriesContext(connection) as captured:
            done = work()
        assert done.state == "done"
        return len(captured), done

    def taken(size: int) -> list[int]:
        new = [
            {"name": f"O{n}", "percent": "5", "starts_at": "2026-01-01", "products": f"P{n % 3}"} for n in range(size)
        ]
        making, made = queries(lambda: apply("offer", sheet(*new)))
        dearer = [{"id": pk, "percent": "6"} for pk in Offer.objects.values_list("pk", flat=True)]
        changing, changed = queries(lambda: apply("offer", sheet(*dearer)))
        assert (counts(made), counts(changed)) == ((size, 0, 0, 0), (0, size, 0, 0))
        restoring, _ = queries(lambda: take_back(changed))
        removing, _ = queries(lambda: take_back(made))
        return [making, changing, restoring, removing]

    one, many = taken(1), taken(250)
    assert one == many
    assert not Offer.objects.exists()
    assert set(Product.objects.values_list("price", flat=True)) == {Decimal(10)}


def test_a_file_of_new_and_changed_offers_locks_what_they_name_once_and_in_order() -> None:
    high = [make_product(sku=sku) for sku in ("LOW", "HIGH")][1]
    box = make_package(high)
    old = make_offer(percent="10", products=[high.pk], packages=[box.pk])
    rows = [(old.pk, "Old", "20", "2026-01-01", "LOW|HIGH"), ("", "New", "30", "2026-01-01", "LOW|HIGH")]
    columns = ("id", "name", "percent", "starts_at", "products")
    mixed = check("offer", sheet(*(dict(zip(columns, row, strict=True)) for row in rows)))
    before, prices_now = state()[2], []
    for work in (confirm, take_back):
        with CaptureQueriesContext(connection) as captured:
            assert work(mixed).state == "done"
        locks = [query["sql"] for query in captured if "FOR NO KEY UPDATE" in query["sql"]]
        named = [table for sql in locks for table in ("product", "package") if f'FROM "catalog_{table}"' in sql]
        assert named == ["product", "package"]
        prices_now.append(state()[2])
    assert prices_now == [[[(Decimal(7), None)] * 2, [(Decimal(8), None)]], before]


def test_what_has_changed_or_gone_since_the_check_is_refused_alone(ids: dict[str, list[int]]) -> None:
    first, second = (make_offer(percent="10", products=[pk]) for pk in ids["products"][:2])
    gone, kept = (Category.objects.create(name=name, slug=name) for name in ("gone", "kept"))
    product = make_product(price="10.00", category=kept)
    changed = check("offer", sheet({"id": first.pk, "percent": "20"}, {"id": second.pk, "percent": "20"}))
    new = [{"name": slug, "percent": "50", "starts_at": "2026-01-01", "categories": slug} for slug in ("gone", "kept")]
    made = check("offer", sheet(*new))
    offers.update_offer(offer=first, changes={"percent": Decimal(40)})
    gone.delete()
    assert faults(confirm(changed, skip_refused=True)) == {2: {"": "Somebody has changed it since."}}
    assert faults(confirm(made, skip_refused=True)) == {2: {"": "There is no category with the slug “gone”."}}
    stored = [(str(offer.percent), offer.version) for offer in Offer.objects.order_by("pk")]
    assert stored == [("40.00", 2), ("20.00", 2), ("50.00", 1)]
    product.refresh_from_db()
    assert (product.price, price_invariants.count_stale()) == (Decimal(5), 0)
