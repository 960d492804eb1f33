"""Names lead to the category where a shopper would look."""

import pytest

from catalog.services.retail_categories import CATEGORIES, FALLBACK_CATEGORY, guess_category


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("White Hanging Heart T-Light Holder", "Lighting & candles"),
        ("3 Wick Christmas Briar Candle", "Christmas"),
        ("Red Retrospot Mug", "Tableware & mugs"),
        ("Jumbo Bag Pink Polkadot", "Bags & purses"),
        ("Hot Water Bottle Babushka", "Bathroom & wellbeing"),
        ("60 Cake Cases Dolly Girl Design", "Toys & games"),
        ("Pack of 60 Mushroom Cake Cases", "Kitchen & baking"),
        ("Blue Drop Earrings", "Jewellery & accessories"),
        ("Home Sweet Home Metal Sign", "Signs & wall art"),
        ("Small Yellow Babushka Notebook", "Stationery & cards"),
        ("Party Bunting", "Gift wrap & party"),
        ("Doormat Fairy Cake", "Cushions & textiles"),
        ("Alarm Clock Bakelike Pink", "Frames, clocks & mirrors"),
        ("Blue Spot Ceramic Drawer Knob", "Storage & hooks"),
        ("Enamel Watering Can Cream", "Garden & outdoors"),
        ("Swallow Wooden Ornament", "Home décor"),
        ("Inflatable Political Globe", FALLBACK_CATEGORY),
    ],
)
def test_an_article_lands_where_it_is_looked_for(name: str, category: str) -> None:
    assert guess_category(name) == category


@pytest.mark.parametrize("name", ["String of 7 Clips", "Petit Four Plaque Holder", ""])
def test_a_word_inside_another_means_nothing(name: str) -> None:
    assert guess_category(name) not in {"Jewellery & accessories", "Garden & outdoors"}


def test_there_are_enough_categories_and_each_once() -> None:
    assert 15 <= len(CATEGORIES) == len(set(CATEGORIES))
