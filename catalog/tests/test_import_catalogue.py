"""Retail lines become products with stock and returns, once."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from catalog.models import Category, Product, StockMovement
from catalog.selectors.products import list_products
from catalog.selectors.search import search_products
from catalog.services import import_catalogue
from catalog.services.import_catalogue import CatalogueResult, Survey, shelf_stock, survey_lines
from catalog.services.products import update_product
from catalog.services.retail_file import read_lines
from catalog.tests.factories import make_product
from catalog.tests.retail import LINES, write_export
from fantasize.core.errors import ConflictError

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def survey(tmp_path: Path, lines: Iterable[str] = LINES) -> Survey:
    path = write_export(tmp_path / "month.csv", lines)
    return survey_lines(read_lines(path, currency="USD", latest=NOW, refuse=lambda _: None))


def test_a_file_is_summed_up(tmp_path: Path) -> None:
    found = survey(tmp_path)
    assert set(found.articles) == {"85123A", "71053", "22728"}
    assert found.sale_lines == {"536365": 3, "536370": 1, "536381": 2}
    assert found.return_lines == 2
    assert {key: returned.pieces for key, returned in found.returns.items()} == {("C536383", "71053"): 3}
    clock = found.articles["22728"]
    assert (clock.pieces_sold, clock.sale_prices) == (30, {Decimal("3.75"): 2, Decimal("4.25"): 1})
    assert clock.first_at == datetime(2010, 12, 1, 8, 45, tzinfo=UTC)


@pytest.mark.parametrize(("sold", "shelf"), [(0, 10), (40, 10), (400, 100), (1_000_000, 1000)])
def test_the_shelf_holds_about_a_week_of_sales(sold: int, shelf: int) -> None:
    assert shelf_stock(sold) == shelf


@pytest.mark.django_db
def test_every_article_becomes_a_product(tmp_path: Path) -> None:
    result = import_catalogue.import_catalogue(survey(tmp_path))
    assert result == CatalogueResult(categories_new=2, products_new=3, products_known=0, returns_new=1, returns_known=0)
    holder = Product.objects.select_related("category", "stock").get(sku="85123A")
    assert (holder.name, holder.slug) == ("White Hanging Heart T-Light Holder", "white-hanging-heart-t-light-holder")
    assert (holder.list_price, str(holder.category), holder.stock.on_hand) == (
        Decimal("2.55"),
        "Lighting & candles",
        10,
    )


@pytest.mark.django_db
def test_what_came_back_is_on_the_shelf_and_in_the_ledger(tmp_path: Path) -> None:
    import_catalogue.import_catalogue(survey(tmp_path))
    lantern = Product.objects.select_related("stock").get(sku="71053")
    entries = StockMovement.objects.filter(stock_item=lantern.stock).order_by("pk")
    assert list(entries.values_list("delta", "reason", "reference")) == [
        (10, "opening", "import"),
        (3, "return", "C536383"),
    ]
    assert lantern.stock.on_hand == 13
    assert entries.first().at <= entries.last().at  # type: ignore[union-attr] # both are there


@pytest.mark.django_db
def test_an_article_that_only_came_back_is_sold_at_the_price_it_was_credited(tmp_path: Path) -> None:
    import_catalogue.import_catalogue(survey(tmp_path, [line for line in LINES if line.startswith("C")]))
    assert Product.objects.get(sku="71053").list_price == Decimal("3.39")


@pytest.mark.django_db
def test_imported_products_are_found_by_their_words(tmp_path: Path) -> None:
    import_catalogue.import_catalogue(survey(tmp_path))
    assert [product.sku for product in search_products(list_products(), "hanging hea")] == ["85123A"]


@pytest.mark.django_db
def test_a_second_run_changes_nothing_that_staff_have_changed(tmp_path: Path) -> None:
    import_catalogue.import_catalogue(survey(tmp_path))
    clock = Product.objects.get(sku="22728")
    update_product(product=clock, changes={"name": "Pink Clock", "list_price": Decimal(9)})
    before = list(Product.objects.order_by("pk").values())
    result = import_catalogue.import_catalogue(survey(tmp_path))
    assert result == CatalogueResult(categories_new=0, products_new=0, products_known=3, returns_new=0, returns_known=1)
    assert list(Product.objects.order_by("pk").values()) == before
    assert StockMovement.objects.count() == 4


@pytest.mark.django_db
def test_names_that_are_taken_get_the_code_behind_them(tmp_path: Path) -> None:
    make_product(name="White Metal Lantern")
    Category.objects.create(name="Candles and light", slug="lighting-candles")
    lines = [LINES[1], LINES[1].replace("71053", "71053B"), LINES[1].replace("71053", "71053/B")]
    result = import_catalogue.import_catalogue(survey(tmp_path, lines))
    assert result.categories_new == 0
    slugs = Product.objects.filter(sku__startswith="71053").order_by("pk").values_list("slug", flat=True)
    assert list(slugs) == ["white-metal-lantern-71053", "white-metal-lantern-71053b", "white-metal-lantern-71053b-2"]


@pytest.mark.django_db
def test_only_one_import_runs_at_a_time() -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [import_catalogue._LOCK_KEY])
        with pytest.raises(ConflictError, match="Another import"), import_catalogue.exclusively():
            pytest.fail("two imports at once")
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")
        with import_catalogue.exclusively():
            pass
    finally:
        other.close()
