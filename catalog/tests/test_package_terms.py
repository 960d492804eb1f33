"""How packages are taxed: written over HTTP and by files, and seen by staff only."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.models import Package, TaxClass
from catalog.tests.factories import make_package, make_product
from catalog.tests.packages import manager
from catalog.tests.transfers import apply, check, counts, export, faults, read, take_back
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def books() -> TaxClass:
    return TaxClass.objects.create(code="books", name="Books")


def kept(package: int | str) -> str | None:
    return Package.objects.values_list("tax_class__code", flat=True).get(pk=package)


class TestOverHttp:
    """The staff API."""

    def test_it_is_made_changed_and_replaced_with_it(self) -> None:
        client, body = manager(), {"name": "Set", "items": [{"product": make_product().pk, "quantity": 1}]}
        made = client.post("/packages", body | {"tax_class": "books"}).data
        path = f"/packages/{made['id']}"
        assert (made["tax_class"], kept(made["id"])) == ("books", "books")
        assert client.call("PATCH", path, {"name": "Pair"}).data["tax_class"] == "books"
        client.call("PUT", path, body)
        assert kept(made["id"]) == "books", "whoever does not know of it takes nothing away"
        assert client.call("PATCH", path, {"tax_class": None}).data["tax_class"] is None
        assert kept(made["id"]) is None

    def test_shoppers_are_not_told(self, books: TaxClass) -> None:
        path = f"/packages/{make_package(tax_class=books).pk}"
        for staff in (manager().get(path).data, manager().get("/packages").data[0]):
            assert staff["tax_class"] == "books"
        for shopper in (ApiClient(), ApiClient(make_user())):
            for seen in (shopper.get(path).data, shopper.get("/packages").data[0]):
                assert "tax_class" not in seen

    @pytest.mark.parametrize(("said", "code"), [("food", "does_not_exist"), ("", "does_not_exist"), (1, "invalid")])
    def test_what_cannot_be_is_refused(self, said: Any, code: str, books: TaxClass) -> None:
        package = make_package(tax_class=books)
        reply = manager().call("PATCH", f"/packages/{package.pk}", {"tax_class": said})
        assert (reply.status, reply.faults, kept(package.pk)) == (422, {"/tax_class": code}, "books")


def test_files_have_it(books: TaxClass) -> None:
    make_product(sku="MUG")
    old = make_package(sku="OLD", tax_class=books, own_price=Decimal(1))
    done = apply("package", b"sku,name,own_price,parts,tax_class\nNEW,New,2,MUG:1,books\nOLD,Old,1,MUG:1,\n")
    assert (counts(done), kept(old.pk)) == ((1, 1, 0, 0), None)
    assert {row["sku"]: row["tax_class"] for row in read(export("package"))} == {"NEW": "books", "OLD": ""}
    assert counts(check("package", export("package"))) == (0, 0, 2, 0)
    take_back(done)
    assert kept(old.pk) == "books"
    refused = check("package", b"sku,tax_class\nOLD,food\n")
    assert faults(refused) == {2: {"tax_class": "There is no tax class with the code “food”."}}
