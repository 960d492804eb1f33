"""Every invariant of stock notices when it is broken."""

import pytest

from catalog.models import Product
from catalog.services import stock
from catalog.tests.factories import make_product
from fantasize.core import invariants
from fantasize.core.tests.planting import plant

pytestmark = pytest.mark.django_db


@pytest.fixture
def product() -> Product:
    product = make_product(stock=10)
    make_product(stock=0)
    stock_names = {name: found for name, found in invariants.violations().items() if name.startswith("stock.")}
    assert len(stock_names) == 3
    assert not any(stock_names.values())
    return product


def broken() -> dict[str, int]:
    return {name: found for name, found in invariants.violations().items() if found}


def test_a_level_that_the_ledger_does_not_explain_is_noticed(product: Product) -> None:
    plant("catalog_stockitem", "UPDATE catalog_stockitem SET on_hand = on_hand + 1 WHERE id = %s", [product.stock_id])
    assert broken() == {"stock.on_hand_is_sum_of_movements": 1}


def test_an_entry_that_is_missing_is_noticed(product: Product) -> None:
    plant("catalog_stockmovement", "DELETE FROM catalog_stockmovement WHERE stock_item_id = %s", [product.stock_id])
    assert broken() == {"stock.on_hand_is_sum_of_movements": 1}


def test_more_reserved_than_there_is_is_noticed(product: Product) -> None:
    plant(
        "catalog_stockitem",
        "UPDATE catalog_stockitem SET held = 11 WHERE id = %s",
        [product.stock_id],
        without="stock_held_within_on_hand",
    )
    assert broken() == {"stock.held_within_on_hand": 1, "stock.held_is_sum_of_open_holds": 1}


def test_pieces_reserved_for_nobody_are_noticed(product: Product) -> None:
    stock.hold({product.stock_id: 2})
    assert broken() == {"stock.held_is_sum_of_open_holds": 1}
