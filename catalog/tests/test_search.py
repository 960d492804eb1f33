"""Finding products and packages in PostgreSQL."""

from dataclasses import replace
from decimal import Decimal
from unittest.mock import patch

import pytest

from catalog.models import Brand, Category, Package, Product, Tag
from catalog.search import POSTGRES, postgres
from catalog.search.port import MAX_HITS, Filters, Hits, Kind
from catalog.selectors.search import load, search_products, suggest, understand
from catalog.services import packages, products, search
from catalog.services.packages import Part
from catalog.tests.factories import make_package, make_product
from catalog.tests.searching import ask, names

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("lamps")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lantern", {"Oak lantern", "Paper lanterns, set of 3"}),
        ("LANTERNS", {"Oak lantern", "Paper lanterns, set of 3"}),
        ("lant", {"Oak lantern", "Paper lanterns, set of 3"}),
        ("oak lant", {"Oak lantern"}),
        ("candles", {"Scented candle"}),
        ("cand", {"Scented candle", "Metal candlestick"}),
        ("nothing", set()),
    ],
)
def test_words_are_found_in_every_form_and_unfinished(text: str, expected: set[str]) -> None:
    assert set(names(text)) >= expected
    if not expected:
        assert names(text) == []


def test_an_unfinished_word_is_not_taken_for_another_that_is_like_it() -> None:
    for name in ("Copper lantern", "Plant pot", "Plant stand", "Candle"):
        make_product(name=name)
    search.count_words()
    assert names("lant") == ["Copper lantern"]
    assert ask("lant").corrected is None
    assert set(names("plantt")) == {"Plant pot", "Plant stand"}


@pytest.mark.usefixtures("lamps")
@pytest.mark.parametrize("text", ["lantern", "lant", "lanten", "oak lant"])
def test_how_matches_are_looked_up_changes_nothing_of_what_is_found(text: str) -> None:
    reading = postgres.read(text)
    rare, common = (
        [(found.pk, found.rank) for found in replace(reading, is_rare=is_rare).best_first(Product.objects.all())]  # type: ignore[attr-defined]  # annotated
        for is_rare in (True, False)
    )
    assert rare == common != []


@pytest.mark.usefixtures("lamps")
def test_a_word_that_many_names_had_last_night_is_taken_for_right(monkeypatch: pytest.MonkeyPatch) -> None:
    search.count_words()
    monkeypatch.setattr(postgres, "_FREQUENT", 2)
    with patch.object(postgres, "_count_a_few", return_value=0) as count:
        assert postgres.read("lantern").is_rare
        assert not count.called
        postgres.read("oak")
        assert count.called


@pytest.mark.usefixtures("lamps")
def test_a_whole_word_does_not_go_on() -> None:
    assert "Metal candlestick" not in names("candle")


def test_what_is_called_so_comes_before_what_is_described_so() -> None:
    brand = Brand.objects.create(name="Heron", slug="heron")
    lighting = Category.objects.create(name="Heron corner", slug="heron-corner")
    make_product(name="Frame", description="<p>With a <b>heron</b>.</p>")
    make_product(name="Plate", category=lighting)
    make_product(name="Spoon", brand=brand)
    make_product(name="Heron print")
    assert names("heron") == ["Heron print", "Spoon", "Plate", "Frame"]


def test_tags_of_html_are_no_words() -> None:
    make_product(name="Plain", description='<p class="heron">Nothing</p>')
    assert names("heron") == names("class") == []
    assert names("nothing") == ["Plain"]


def test_categories_above_tags_and_materials_are_found_as_well() -> None:
    top = Category.objects.create(name="Household", slug="household")
    middle = Category.objects.create(name="Kitchen", slug="kitchen", parent=top)
    tag = Tag.objects.create(name="Wedding", slug="wedding")
    make_product(name="Whisk", category=middle, tags=[tag.pk])
    assert names("household") == names("kitchen") == names("wedding") == ["Whisk"]


def test_accents_are_not_needed() -> None:
    make_product(name="Crème brûlée dish")
    assert names("creme brulee") == names("crème") == names("CRÈM") == ["Crème brûlée dish"]


def test_the_name_that_says_just_that_comes_first_then_what_sells() -> None:
    make_product(name="Lantern hook for the garden wall")
    popular = make_product(name="Blue lantern")
    make_product(name="Red lantern")
    Product.objects.filter(pk=popular.pk).update(sales_count=500)
    assert names("lantern") == ["Blue lantern", "Red lantern", "Lantern hook for the garden wall"]


def test_what_is_sold_out_comes_later() -> None:
    make_product(name="Red lantern", stock=0)
    make_product(name="Two lantern")
    assert names("lantern") == ["Two lantern", "Red lantern"]


def test_products_and_packages_are_ranked_together() -> None:
    lantern = make_product(name="Oak lantern")
    box = make_package(lantern, name="Lantern")
    hits = ask("lantern").hits
    assert [(hit.kind, hit.pk) for hit in hits] == [(Kind.PACKAGE, box.pk), (Kind.PRODUCT, lantern.pk)]
    assert [thing.name for thing in load(hits, None)] == ["Lantern", "Oak lantern"]


def test_a_package_is_found_by_its_parts_and_sinks_when_one_is_missing() -> None:
    spoon = make_product(name="Spoon", stock=0)
    make_package(spoon, name="Heron box")
    make_package(make_product(name="Fork"), name="Heron box")
    assert [str(thing.status) for thing in load(ask("heron box").hits, None)] == ["in_stock", "out_of_stock"]
    assert names("spoon") == ["Spoon", "Heron box"]


def test_a_renamed_part_is_found_in_its_package() -> None:
    spoon = make_product(name="Spoon", sku="K1")
    make_package(spoon, name="Box")
    products.update_product(product=spoon, changes={"name": "Ladle"})
    assert names("ladle") == ["Ladle", "Box"]
    assert names("spoon") == []


def test_hidden_things_are_not_found() -> None:
    product = make_product(name="Oak lantern")
    package = make_package(product, name="Lantern box")
    products.update_product(product=product, changes={"is_active": False})
    packages.update_package(package=package, changes={"is_active": False})
    assert ask("lantern") == Hits([])


def test_filters_narrow_what_is_found() -> None:
    lighting = Category.objects.create(name="Lighting", slug="lighting")
    make_product(name="Cheap lantern", price="5.00", category=lighting)
    dear = make_product(name="Dear lantern", price="50.00", stock=0)
    make_package(dear, name="Lantern box")
    assert names("lantern", category_ids={lighting.pk}) == ["Cheap lantern"]
    assert names("lantern", max_price=Decimal(10)) == ["Cheap lantern"]
    assert set(names("lantern", min_price=Decimal(10))) == {"Dear lantern", "Lantern box"}
    assert names("lantern", in_stock=True) == ["Cheap lantern"]
    assert set(names("lantern", in_stock=False)) == {"Dear lantern", "Lantern box"}
    assert names("lantern", category_ids=set()) == []


def test_less_is_found_when_not_everything_is() -> None:
    make_product(name="Oak lantern")
    make_product(name="Oak frame")
    make_product(name="Mug")
    search.count_words()
    assert set(names("oak lantern frame")) == {"Oak frame", "Oak lantern"}
    assert set(names("lantern birthday grandma mug")) == {"Oak lantern", "Mug"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "?!",
        "'",
        '"unclosed',
        "a & | ! b",
        "oak:*",
        "oak <-> lantern",
        "'; DROP TABLE catalog_product; --",
        "100%_\\",
        ".*(a+)+$",
        "word " * 10_000,
        "🎁🎁",
        "\u202eهدية خاصة",
        "٣٤",
        "ﷺ",
        "x" * 5000,
        "e\u0301" * 200,
        "1e400 0x1 -1",
        "http://example.com/a?b=c a@b.c",
        "the of and",
    ],
)
def test_whatever_is_typed_is_data(text: str) -> None:
    make_product(name="Oak lantern")
    search.count_words()
    assert isinstance(names(text), list)
    assert search_products(Product.objects.all(), text).count() <= 1
    assert isinstance(suggest(text), list)


def test_pages_are_cut_out_of_the_whole_ranking() -> None:
    for number in range(5):
        make_product(name=f"Lantern {number}")
    whole = ask("lantern")
    page = POSTGRES.search("lantern", filters=Filters(), limit=2, offset=2)
    assert page.hits == whole.hits[2:4]
    assert page.total == whole.total == 5
    assert MAX_HITS == 1000


def test_a_filtered_list_is_ranked_from_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_CANDIDATES", 1)
    cheap = make_product(name="Lantern for little", price="1.00")
    popular = make_product(name="Lantern", price="9.00")
    Product.objects.filter(pk=popular.pk).update(sales_count=9)
    lanterns = understand("lantern")
    assert list(lanterns.best_first(Product.objects.all())) == [popular]
    assert list(lanterns.best_first(Product.objects.filter(price__lt=5))) == [cheap]


def test_words_in_names_are_ranked_before_the_bestsellers_with_them_in_the_description(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres, "_CANDIDATES", 2)
    for _ in range(3):
        make_product(name="Mug", description="A present")
    Product.objects.update(sales_count=100)
    make_product(name="Present")
    assert names("present")[0] == "Present"


def test_a_deleted_package_leaves_nothing_behind() -> None:
    package = make_package(make_product(name="Spoon"), name="Lantern box")
    pk = package.pk
    packages.remove_package(package=package)
    search.refresh(packages=[pk])
    assert not Package.objects.filter(pk=pk, is_active=True).exists()
    assert names("lantern") == []


def test_parts_of_another_package_are_not_mixed_in() -> None:
    spoon, fork = make_product(name="Spoon"), make_product(name="Fork")
    packages.create_package(
        new=packages.NewPackage(name="Both"), items=[Part(spoon.pk, 1), Part(fork.pk, 2)], actor="system"
    )
    make_package(fork, name="One")
    assert set(names("spoon")) == {"Spoon", "Both"}
