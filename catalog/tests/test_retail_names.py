"""Till-roll shorthand becomes names and prices that a shop can show."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.services.retail_names import MAX_NAME_LENGTH, choose_name, choose_price, shelf_name


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "White Hanging Heart T-Light Holder"),
        ("SET/3 HEART T-LIGHTS W/ LED", "Set of 3 Heart T-Lights with LED"),
        ("ROSE FOLKART HEART DECORATIONS", "Rose Folkart Heart Decorations"),
        ("BOX OF 24 COCKTAIL PARASOLS", "Box of 24 Cocktail Parasols"),
        ("60 CAKE CASES DOLLY GIRL DESIGN", "60 Cake Cases Dolly Girl Design"),
        ("FOLK ART GREETING CARD,pack/12", "Folk Art Greeting Card, Pack of 12"),
        ("POLYESTER FILLER PAD 45x45cm", "Polyester Filler Pad 45x45cm"),
        ("CHILDREN'S SPACEBOY MUG", "Children's Spaceboy Mug"),
        ("ASSTD DESIGN 3D PAPER STICKERS", "Assorted Design 3D Paper Stickers"),
        ("SPACEBOY TV DINNER TRAY", "Spaceboy TV Dinner Tray"),
        ("THE KING GIFT BAG", "The King Gift Bag"),
        ("*USB Office Mirror Ball", "USB Office Mirror Ball"),
        ("LUNCH BAG  BLACK SKULL.", "Lunch Bag Black Skull"),
        ("PINK/WHITE RIBBED MELAMINE JUG", "Pink/White Ribbed Melamine Jug"),
        ("***", "***"),
    ],
)
def test_a_name_reads_well(printed: str, shown: str) -> None:
    assert shelf_name(printed) == shown


@given(st.text(min_size=1, max_size=200))
def test_any_description_gives_a_name_that_fits(description: str) -> None:
    assert len(shelf_name(description)) <= MAX_NAME_LENGTH


def test_the_description_used_most_names_the_article() -> None:
    assert choose_name({"GLASS BELL JAR SMALL": 1, "GLASS CLOCHE SMALL": 20}) == "Glass Cloche Small"


def test_what_stock_keepers_scribble_names_nothing() -> None:
    assert choose_name({"damaged": 9, "?": 8, "sold as set on dotcom": 7, "WATERING CAN GREEN DINOSAUR": 1}) == (
        "Watering Can Green Dinosaur"
    )


def test_a_scribble_is_better_than_no_name() -> None:
    assert choose_name({"check": 2, "damages": 1}) == "Check"


def test_the_price_asked_most_is_the_list_price() -> None:
    assert choose_price({Decimal("2.55"): 3, Decimal("5.06"): 1}) == Decimal("2.55")


def test_of_two_usual_prices_the_lower_one_was_a_bargain() -> None:
    assert choose_price({Decimal("2.55"): 2, Decimal("2.95"): 2}) == Decimal("2.95")
