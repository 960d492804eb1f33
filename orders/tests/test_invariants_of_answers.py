"""The invariants of answered lines notice when they are broken."""

from decimal import Decimal

import pytest

from accounts.tests.factories import make_user
from customizations.models import Upload
from customizations.tests.factories import WRAPPING
from fantasize.core import invariants
from fantasize.core.tests.planting import plant
from orders.services.baskets import LineRequest
from orders.tests.customized import PHOTO, make_customizable, make_customizable_package, place, send_picture

pytestmark = pytest.mark.django_db

PRICE = "orders.lines_follow_their_price"
TOTAL = "orders.total_is_sum_of_lines"
COSTS = "orders.surcharges_follow_answers"
AGAIN = "orders.sample_is_made_again"


def sell() -> None:
    """An order of two mugs with a photo, wrapped; and one of a package of two such mugs each, with a card."""
    user, mug = make_user(), make_customizable(PHOTO, WRAPPING, price="10.00", stock=20)
    package = make_customizable_package((mug, 2), own_price=Decimal(15))
    own = {"colour": "gold", "photo": str(send_picture(user).pk), "wrapping": "paper"}
    place(user, LineRequest(mug.pk, 2, answers=own))
    place(user, LineRequest(package_id=package.pk, answers={"card": "Hi"}, parts={mug.pk: {"colour": "red"}}))
    assert broken() == {}


def broken() -> dict[str, int]:
    return {name: found for name, found in invariants.violations().items() if found}


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ("once = 4, line_total = line_total + 1", {PRICE: 1, TOTAL: 1, AGAIN: 1}),
        ("line_total = line_total - once", {PRICE: 1, TOTAL: 1, AGAIN: 1}),
        ("""surcharges = jsonb_set(surcharges, '{0,amount}', '"4.51"')""", {PRICE: 1, COSTS: 1}),
        ("surcharges = '[]'", {PRICE: 1, COSTS: 1}),
        ("stages = stages - 1", {PRICE: 1}),
        ("""customizations = jsonb_set(customizations, '{0,pieces}', '3')""", {COSTS: 1, AGAIN: 1}),
        (
            f"""customizations = jsonb_set(customizations, '{{0,proof}}', '"{"0" * 64}"')""",
            {"orders.lines_have_their_proofs": 1, AGAIN: 1},
        ),
        (
            """customizations = jsonb_set(customizations, '{0,schema_sha256}', '"0"')""",
            {"orders.lines_have_their_versions": 1},
        ),
        (
            """customizations = jsonb_set(customizations, '{0,uploads,0,sha256}', '"0"')""",
            {"orders.lines_have_their_pictures": 1},
        ),
        ("""customizations = jsonb_set(customizations, '{0,answers,colour}', '"red"')""", {AGAIN: 1}),
    ],
)
def test_a_planted_fault_is_noticed(change: str, names: dict[str, int]) -> None:
    sell()
    statement = f"UPDATE orders_orderline SET {change} WHERE package_id IS NULL"  # noqa: S608 - of this file
    plant("orders_orderline", statement)
    assert broken() == names


def test_a_picture_that_could_be_removed_is_noticed() -> None:
    sell()
    Upload.objects.update(kept_at=None)
    assert broken() == {"orders.lines_have_their_pictures": 1}


def test_what_parts_cost_counts_their_pieces() -> None:
    sell()
    plant(
        "orders_orderline",
        """UPDATE orders_orderline SET surcharges = surcharges || jsonb_build_array(surcharges -> 0)
            WHERE package_id IS NOT NULL""",
    )
    assert broken() == {PRICE: 1, COSTS: 1}


def test_what_is_forgotten_is_not_looked_for() -> None:
    sell()
    plant("orders_orderline", "UPDATE orders_orderline SET erased_at = now()")
    plant("customizations_proof", "DELETE FROM customizations_proof")
    assert "orders.lines_have_their_proofs" not in broken()
    assert AGAIN not in broken()
