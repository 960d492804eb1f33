"""Imports taken back: everything is as before, and nobody's later work is lost."""

import pytest

from catalog.models import Brand, Product
from catalog.services import packages, products, stock
from catalog.tests.factories import make_package, make_product
from catalog.tests.transfers import ACTOR, apply, counts, export, faults, new_products, take_back
from fantasize.core.errors import ConflictError
from fantasize.core.invariants import violations
from fantasize.core.transfers import undo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


class TestUndoing:
    """Everything is as before, and nobody's later work is lost."""

    def test_the_export_is_the_same_to_the_byte(self) -> None:
        make_product(sku="A", name="One", price="3.00", description="<p>x</p>", stock=2)
        make_product(sku="B", name="Two", stock=0)
        before = export("product")
        content = b"sku,name,list_price,description,is_active,on_hand\nA,Uno,4,,0,9\nB,Due,10,y,1,\nC,Tre,1,,1,5\n"
        transfer = apply("product", content)
        assert counts(transfer) == (1, 2, 0, 0)
        assert take_back(transfer).message == "2 restored, 1 removed."
        assert export("product") == before
        assert not any(violations().values())

    def test_what_somebody_changed_since_is_left_alone_and_listed(self) -> None:
        product = make_product(sku="A", name="One", price="3.00")
        transfer = apply("product", b"sku,name,list_price\nA,Uno,4\nB,Due,4\nC,Tre,4\n")
        products.update_product(product=product, changes={"name": "Eins"})
        products.update_product(product=Product.objects.get(sku="B"), changes={"name": "Zwei"})
        undoing = take_back(transfer)
        assert undoing.message == "1 removed, 2 left alone."
        assert faults(undoing) == {key: {"": "Somebody has changed it since."} for key in (2, 3)}
        assert set(Product.objects.values_list("name", flat=True)) == {"Eins", "Zwei"}

    def test_other_fields_that_somebody_changed_stay(self) -> None:
        product = make_product(sku="A", name="One")
        transfer = apply("product", b"sku,name\nA,Uno\n")
        products.update_product(product=product, changes={"description": "<p>new</p>"})
        take_back(transfer)
        product.refresh_from_db()
        assert (product.name, product.description) == ("One", "<p>new</p>")

    def test_a_product_that_was_sold_or_is_used_is_hidden(self) -> None:
        transfer = apply("product", new_products(4, first=3))
        sold, held, part, _ = Product.objects.order_by("pk")
        stock.hold({sold.stock_id: 1, held.stock_id: 1})
        stock.consume({sold.stock_id: 1}, reference="1", actor="system")
        packages.create_package(new=packages.NewPackage(name="Set"), items=[packages.Part(part.pk)], actor="system")
        assert take_back(transfer).message == "1 removed, 3 hidden."
        assert set(Product.objects.values_list("pk", "is_active")) == {(each.pk, False) for each in (sold, held, part)}

    def test_what_is_gone_already_is_no_fault_if_the_import_made_it(self) -> None:
        make_product(sku="A", stock=0, name="One")
        transfer = apply("product", b"sku,name,list_price\nA,Uno,10\nB,Due,4\n")
        for product in Product.objects.all():
            products.remove_product(product=product)
        undoing = take_back(transfer)
        assert (undoing.message, list(faults(undoing))) == ("1 as before already, 1 left alone.", [2])

    def test_what_referred_to_something_that_is_gone_is_left_alone(self) -> None:
        brand = Brand.objects.create(name="B", slug="b")
        make_product(sku="A", brand=brand)
        transfer = apply("product", b"sku,brand\nA,\n")
        brand.delete()
        assert list(faults(take_back(transfer))[2].values()) == ["There is no brand with the slug “b”."]

    @pytest.mark.parametrize("table", ["product", "package"])
    def test_a_slug_that_something_else_has_by_now_stays_there(self, table: str) -> None:
        make = make_product if table == "product" else make_package
        one, two = make(sku="A", slug="a"), make(sku="B", slug="b")
        transfer = apply(table, b"sku,slug\nA,other\nB,another\n")
        make(sku="C", slug="a")
        undoing = take_back(transfer)
        assert (undoing.message, faults(undoing)) == (
            "1 restored, 1 left alone.",
            {2: {"": "\N{LEFT DOUBLE QUOTATION MARK}a\N{RIGHT DOUBLE QUOTATION MARK} belongs to sku C."}},
        )
        for row in (one, two):
            row.refresh_from_db()
        assert (one.slug, two.slug) == ("other", "b")

    def test_a_slug_that_the_import_gave_to_something_new_goes_back(self) -> None:
        make_product(sku="A", slug="lamp")
        transfer = apply("product", b"sku,name,slug,list_price\nB,Lamp,,5\nA,A,old-lamp,10\n")
        assert set(Product.objects.values_list("sku", "slug")) == {("A", "old-lamp"), ("B", "lamp")}
        assert take_back(transfer).message == "1 restored, 1 removed."
        assert Product.objects.values_list("sku", "slug").get() == ("A", "lamp")

    def test_doing_it_twice_takes_nothing_more_back(self) -> None:
        transfer = apply("product", new_products(2))
        assert [take_back(transfer).message for _ in range(2)] == ["2 removed.", "There was nothing to take back."]

    def test_only_one_at_a_time_and_only_of_imports(self) -> None:
        transfer = apply("product", new_products(2))
        undoing = undo.start(transfer.pk, actor=ACTOR)
        for pk in (transfer.pk, undoing.pk):
            with pytest.raises(ConflictError):
                undo.start(pk, actor=ACTOR)
