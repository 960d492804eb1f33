"""Categories, brands, materials and tags as the service writes them: moves, names, order, and what cannot go."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction

from catalog.models import Brand, Category, Material, Package, Product, Tag
from catalog.selectors.products import list_products
from catalog.selectors.search import search_products
from catalog.selectors.taxonomy import category_forest, category_ids_below, walk
from catalog.services import taxonomy
from catalog.services.materials import Share
from catalog.tests.factories import make_offer, make_package, make_product
from fantasize.core.errors import ConflictError, DomainError, InvalidError, NotFoundError

pytestmark = pytest.mark.django_db


def make(name: str, parent: Category | None = None, **values: Any) -> Category:
    return taxonomy.create_category(values={"name": name, "parent": parent, **values})


def move(category: Category, parent: Category | None) -> None:
    taxonomy.update_category(category=category, changes={"parent": parent})


def names() -> list[str]:
    return [category.name for category in walk(category_forest(including_hidden=True))]


class TestMoves:
    """A tree stays a tree, and what is in it knows where it is."""

    @pytest.mark.parametrize("below", ["Home", "Candles", "Scented"])
    def test_a_category_cannot_come_below_itself(self, below: str) -> None:
        home = make("Home")
        scented = make("Scented", make("Candles", home))
        with pytest.raises(InvalidError) as refused:
            move(home, Category.objects.get(name=below))
        assert (refused.value.code, refused.value.errors[0].location) == ("category_cycle", "/parent")
        assert Category.objects.get(pk=home.pk).parent is None
        move(scented, home)
        assert Category.objects.get(pk=scented.pk).parent == home

    def test_a_move_takes_everything_below_along(self) -> None:
        home, garden = make("Home"), make("Garden")
        candles = make("Candles", home)
        make("Scented", candles)
        move(candles, garden)
        assert names() == ["Garden", "Candles", "Scented", "Home"]
        move(candles, None)
        assert names() == ["Candles", "Scented", "Garden", "Home"]

    def test_other_faults_of_the_database_are_not_taken_for_a_circle(self) -> None:
        make("Home", slug="home")
        with pytest.raises(Exception, match="slug"), transaction.atomic():
            taxonomy.update_category(category=make("Garden"), changes={"slug": "home"})

    def test_an_offer_on_the_new_place_reaches_the_prices_below(self) -> None:
        sale, home = make("Sale"), make("Home")
        candles = make("Candles", home)
        scented = make("Scented", candles)
        product, other = make_product(category=scented, price="10.00"), make_product(category=home, price="10.00")
        package = make_package(product, category=scented)
        make_offer(percent="20", categories=[sale.pk])
        move(candles, sale)
        assert {row.pk: row.price for row in Product.objects.all()} == {product.pk: Decimal(8), other.pk: Decimal(10)}
        assert Package.objects.get(pk=package.pk).price == Decimal(8)
        move(candles, home)
        assert set(Product.objects.values_list("price", flat=True)) == {Decimal(10)}

    def test_very_many_prices_are_left_to_the_worker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(taxonomy, "_MOST_AT_ONCE", 1)
        sale, home = make("Sale"), make("Home")
        for _ in range(2):
            make_product(category=home)
        make_offer(percent="20", categories=[sale.pk])
        before = jobs()
        move(home, sale)
        assert jobs() - before == {"catalog.tasks.prices.refresh_all_prices"}

    def test_what_is_gone_cannot_be_moved(self) -> None:
        gone = make("Gone")
        Category.objects.filter(pk=gone.pk).delete()
        with pytest.raises(NotFoundError):
            move(gone, None)


def jobs() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs")
        return {name for (name,) in cursor.fetchall()}


def test_a_new_name_is_searched_at_once() -> None:
    home = make("Home")
    product = make_product(category=make("Candles", home))
    package = make_package(product, category=home)
    taxonomy.update_category(category=home, changes={"name": "Lanterns"})
    assert list(search_products(Package.objects.all(), "lanterns")) == [package]
    brand = taxonomy.create_label(model=Brand, values={"name": "Lumen"})
    branded = make_product(brand=brand)
    taxonomy.update_label(label=brand, changes={"name": "Solaris"})
    assert list(search_products(list_products(), "solaris")) == [branded]
    assert list(search_products(list_products(), "lumen")) == []


class TestDeleting:
    """What something hangs on stays, and says what hangs on it."""

    def test_a_category_in_use_says_by_what(self) -> None:
        home = make("Home")
        make("Candles", home)
        make_package(make_product(category=home), make_product(category=home), category=home)
        with pytest.raises(ConflictError) as refused:
            taxonomy.remove_category(category=home)
        assert (refused.value.code, refused.value.status) == ("in_use", 409)
        assert refused.value.detail == "It is still used: 2 products, 1 package, 1 category below it."
        assert Category.objects.filter(pk=home.pk).exists()

    def test_an_empty_category_goes(self) -> None:
        home = make("Home")
        taxonomy.remove_category(category=home)
        assert not Category.objects.exists()
        with pytest.raises(NotFoundError):
            taxonomy.remove_category(category=home)

    def test_brands_and_materials_in_use_stay(self) -> None:
        brand = Brand.objects.create(name="Lumen", slug="lumen")
        oak = Material.objects.create(name="Oak", slug="oak")
        make_product(brand=brand, materials=[Share(oak.pk, Decimal(100))])
        for label in (brand, oak):
            with pytest.raises(ConflictError, match="1 product"):
                taxonomy.remove_label(label=label)
        assert (Brand.objects.count(), Material.objects.count()) == (1, 1)
        spare = Brand.objects.create(name="Spare", slug="spare")
        taxonomy.remove_label(label=spare)
        assert list(Brand.objects.all()) == [brand]

    def test_a_tag_is_taken_off_its_products(self) -> None:
        tag = Tag.objects.create(name="Wedding", slug="wedding")
        product = make_product(name="Oak Board", tags=[tag.pk])
        taxonomy.remove_label(label=tag)
        assert list(product.tags.all()) == []
        assert list(search_products(list_products(), "oak")) == [product]


class TestOrder:
    """Rows change places among themselves; the others keep theirs."""

    def test_some_rows_change_places(self) -> None:
        brands = [Brand.objects.create(name=name, slug=name) for name in "abcdef"]
        b, d, f = brands[1], brands[3], brands[5]
        taxonomy.arrange(Brand, [f.pk, b.pk, d.pk])
        assert "".join(Brand.objects.order_by("position").values_list("name", flat=True)) == "afcbed"

    def test_what_is_gone_or_named_twice_is_passed_over(self) -> None:
        a, b = (Brand.objects.create(name=name, slug=name) for name in "ab")
        taxonomy.arrange(Brand, [10**9, b.pk, a.pk, b.pk])
        assert list(Brand.objects.order_by("position")) == [b, a]

    def test_categories_change_places_among_siblings(self) -> None:
        one, two = make("1"), make("2")
        a, b, c = make("1a", one), make("1b", one), make("2c", two)
        assert names() == ["1", "1a", "1b", "2", "2c"]
        taxonomy.arrange(Category, [two.pk, b.pk, c.pk, one.pk, a.pk])
        assert names() == ["2", "2c", "1", "1b", "1a"]

    def test_a_new_row_stands_by_its_name_until_somebody_has_arranged_them(self) -> None:
        make("C")
        make("A")
        assert names() == ["A", "C"]
        taxonomy.arrange(Category, list(Category.objects.order_by("-name").values_list("pk", flat=True)))
        make("B")
        assert names() == ["C", "A", "B"]

    def test_a_slug_is_made_of_the_name(self) -> None:
        assert [make(name).slug for name in ("Für dich!", "Für dich", "*")] == ["fur-dich", "fur-dich-2", "category"]


def test_hidden_categories_hide_what_is_below_them() -> None:
    home = make("Home", is_active=False)
    make("Candles", home)
    make("Garden")
    assert [category.name for category in walk(category_forest())] == ["Garden"]
    assert names() == ["Garden", "Home", "Candles"]


def test_a_walk_downwards_ends_also_in_a_circle() -> None:
    home = make("Home")
    candles = make("Candles", home)
    with without_the_rule():
        Category.objects.filter(pk=home.pk).update(parent=candles)
    assert category_ids_below("home") == {home.pk, candles.pk}


@contextmanager
def without_the_rule() -> Iterator[None]:
    """The database lets trees bend."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_category DISABLE TRIGGER category_tree_without_circle")
    try:
        yield
    finally:
        connection.check_constraints()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE catalog_category ENABLE TRIGGER category_tree_without_circle")


def at_once(*tasks: Callable[[], None]) -> list[str]:
    """Run these in threads that start together; says how each one ended."""
    barrier, ends = threading.Barrier(len(tasks)), [""] * len(tasks)

    def run(place: int) -> None:
        barrier.wait()
        try:
            tasks[place]()
            ends[place] = "done"
        except DomainError as error:
            ends[place] = error.code
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def opposite_moves() -> list[str]:
    """Each of two categories is moved below the other one, at the same time and before either is committed."""
    one, two = make("One"), make("Two")
    meet = threading.Barrier(2)

    def into(category: Category, parent: Category) -> Callable[[], None]:
        def run() -> None:
            with transaction.atomic():
                Category.objects.select_for_update(no_key=True).get(pk=category.pk)
                meet.wait()
                move(category, parent)

        return run

    return at_once(into(one, two), into(two, one))


@pytest.mark.django_db(transaction=True)
class TestTogether:
    """Real threads on the real database."""

    def test_of_two_moves_that_would_bend_the_tree_together_one_loses(self) -> None:
        ends = opposite_moves()
        assert sorted(ends) == ["category_cycle", "done"]
        assert names() in (["One", "Two"], ["Two", "One"])
        assert Category.objects.filter(parent=None).count() == 1

    def test_without_the_rule_both_win_and_the_tree_is_gone(self) -> None:
        """Negative control: it is the database's rule that keeps the tree."""
        with without_the_rule():
            ends = opposite_moves()
        assert ends == ["done", "done"]
        assert names() == []

    def test_of_two_who_delete_it_one_is_told_that_it_is_gone(self) -> None:
        home = make("Home")
        ends = at_once(*[lambda: taxonomy.remove_category(category=home)] * 2)
        assert sorted(ends) == ["done", "not_found"]

    def test_orders_given_at_the_same_time_end_as_one_of_them(self) -> None:
        ids = [Brand.objects.create(name=name, slug=name).pk for name in "abcdef"]
        orders = [ids[::-1], [*ids[3:], *ids[:3]]]
        ends = at_once(*(partial(taxonomy.arrange, Brand, order) for order in orders))
        assert ends == ["done", "done"]
        assert list(Brand.objects.order_by("position").values_list("pk", flat=True)) in orders
        assert sorted(Brand.objects.values_list("position", flat=True)) == list(range(6))
