"""What is kept of templates is stale at once when staff write, when a choice sells, when a thing is hidden."""

import pytest
from django.db import transaction

from accounts.tests.factories import make_user
from catalog.services import products, stock
from catalog.tests.factories import make_product
from customizations.models import ChoiceStock
from customizations.services import presets, templates
from customizations.tests.factories import NAME, make_schema, make_template
from fantasize.tests.client import ApiClient, Reply

pytestmark = pytest.mark.django_db(transaction=True)

ANYBODY = ApiClient()


def get(path: str) -> Reply:
    return ANYBODY.get(path)


def hold(item: int, pieces: int) -> None:
    with transaction.atomic():
        stock.hold({item: pieces})


def test_answers_are_kept_and_every_write_makes_them_stale() -> None:
    product = make_product()
    template = make_template(products=[product.pk])
    one, asked = f"/customizations/{template.pk}", f"/products/{product.pk}/customizations"
    for path in (one, asked):
        assert "public" in get(path).headers["Cache-Control"]
        assert get(path).headers["Cache-Status"] == "fantasize; hit"
    item = ChoiceStock.objects.get().stock_id
    hold(item, 2)
    assert get(one).data["stock"][0]["available"] == get(asked).data[0]["stock"][0]["available"] == 10
    hold(item, 10)
    assert get(one).data["stock"][0]["available"] == get(asked).data[0]["stock"][0]["available"] == 0
    preset = presets.add_preset(template=template, name="For Ada", answers={})
    assert len(get(one).data["presets"]) == len(get(asked).data[0]["presets"]) == len(get(f"{one}/presets").data) == 1
    presets.remove_preset(preset=preset)
    assert get(one).data["presets"] == get(f"{one}/presets").data == []
    templates.update_template(template=template, changes={"schema": make_schema(options=[NAME])}, actor="user:1")
    assert get(one).data["version"] == get(asked).data[0]["version"] == 2
    assert set(get(f"{one}/schema").data["properties"]) == {"name"}
    templates.retire(template=template, actor="user:1")
    assert (get(one).status, get(asked).data) == (404, [])


def test_what_a_hidden_product_asks_is_not_told_any_more() -> None:
    product = make_product()
    make_template(products=[product.pk])
    path = f"/products/{product.pk}/customizations"
    assert get(path).status == 200
    products.update_product(product=product, changes={"is_active": False})
    assert get(path).status == 404


def test_staff_and_shoppers_are_never_answered_for_each_other() -> None:
    path, manager = f"/customizations/{make_template().pk}", ApiClient(make_user(role="manager"))
    for _ in range(2):
        assert "products" not in get(path).data
        assert "products" in manager.get(path).data
