"""What is said of the demonstration shop's gifts: made-up packages, materials, themes and opinions."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Bundle:
    """One package: its parts with their quantities, and its own price or what it is cheaper by, in percent."""

    name: str
    category: str
    description: str
    parts: Mapping[str, int]
    price: Decimal | None = None
    percent_off: Decimal | None = None


PACKAGES = (
    Bundle(
        "Cosy Evening",
        "Home & cushions",
        "A throw, a candle and two mugs: everything but the rain on the window.",
        {"Wool Throw with Initials": 1, "Soy Candle with a Letter": 1, "Engraved Stoneware Mug": 2},
        percent_off=Decimal(12),
    ),
    Bundle(
        "New Baby Welcome",
        "Baby & children",
        "A blanket, a rabbit and a print of the great day, all with the same new name.",
        {"Knitted Name Blanket": 1, "Bedtime Bunny": 1, "Birth Details Print": 1},
        percent_off=Decimal(10),
    ),
    Bundle(
        "Wedding Keepsakes",
        "Jewellery",
        "A dish for the rings, a book for the guests, a slate for the first cheese of married life.",
        {"Ring Dish with Date": 1, "Wedding Guest Book": 1, "Anniversary Cheese Slate": 1},
        price=Decimal("105.00"),
    ),
    Bundle(
        "The Letter Writer",
        "Stationery",
        "Paper, pen and seal for people who still mean it.",
        {"Letterpress Writing Set": 1, "Engraved Fountain Pen": 1, "Wax Seal with Initial": 1},
        percent_off=Decimal(15),
    ),
    Bundle(
        "Kitchen Table",
        "Mugs & kitchen",
        "A board, three spoons and an apron for somebody who cooks with both hands.",
        {"Initial Bread Board": 1, "Engraved Olive Wood Spoons": 1, "Monogram Linen Apron": 1},
        price=Decimal("98.00"),
    ),
    Bundle(
        "Gardener's Delight",
        "Pets & garden",
        "Tools that come back, pots with names, and markers for the herbs.",
        {"Engraved Trowel and Fork": 1, "Plant Pot with a Name": 2, "Kitchen Herb Markers": 1},
        percent_off=Decimal(10),
    ),
    Bundle(
        "Good Dog",
        "Pets & garden",
        "A collar, a bowl and a portrait of the best dog there is.",
        {"Named Dog Collar": 1, "Ceramic Pet Bowl": 1, "Pet Portrait in Ink": 1},
        percent_off=Decimal(12),
    ),
    Bundle(
        "Away We Go",
        "Bags & leather",
        "A weekender with everything that belongs into it.",
        {
            "Canvas Weekender with Name": 1,
            "Passport Cover": 1,
            "Wash Bag with Monogram": 1,
            "Leather Travel Journal": 1,
        },
        price=Decimal("219.00"),
    ),
    Bundle(
        "Little Birthday",
        "Baby & children",
        "A train for the candles, flags for the door, and a puzzle for the day after.",
        {"Birthday Train": 1, "Alphabet Bunting": 1, "Wooden Name Puzzle": 1},
        percent_off=Decimal(10),
    ),
    Bundle(
        "First Home",
        "Home & cushions",
        "A mat, a number and a portrait for the first door of one's own.",
        {"Our House Doormat": 1, "House Number Tile": 1, "House Portrait": 1},
        percent_off=Decimal(8),
    ),
)

# Maker -> material -> percent.
MATERIALS: dict[str, dict[str, int]] = {
    "Hearth & Hand": {"Leather": 80, "Brass": 20},
    "Little Fern Press": {"Cotton paper": 100},
    "Copper Lane": {"Copper": 65, "Silver": 35},
    "North Kiln": {"Stoneware": 100},
    "Willow & Wool": {"Wool": 60, "Linen": 40},
    "Bright Acorn": {"Birch": 90, "Cotton": 10},
    "Oak & Ember": {"Oak": 100},
}

TAGS: dict[str, tuple[str, ...]] = {
    "Wedding": ("Ring Dish with Date", "Wedding Guest Book", "Anniversary Cheese Slate", "Song Lyrics Print"),
    "New baby": ("Knitted Name Blanket", "Birth Details Print", "Engraved Silver Rattle", "Bedtime Bunny"),
    "For gardeners": ("Engraved Trowel and Fork", "Plant Pot with a Name", "Garden Sundial", "Engraved Bird House"),
    "For travellers": ("Canvas Weekender with Name", "Passport Cover", "Leather Travel Journal", "Adventure Map Frame"),
    "Anniversary": ("Night Sky Print", "Coordinates Bangle", "Handwriting Pendant", "Secret Message Locket"),
    "Small presents": ("Stamped Key Fob", "Named Pencils, Box of Twelve", "Monogrammed Notebook", "Alphabet Bunting"),
}

# From how many pieces on, how many percent less.
PRICE_BREAKS: dict[str, tuple[tuple[int, int], ...]] = {
    "Engraved Stoneware Mug": ((6, 10), (12, 15)),
    "Named Pencils, Box of Twelve": ((10, 12), (25, 20)),
    "Stamped Key Fob": ((20, 20),),
    "Soy Candle with a Letter": ((4, 8), (10, 15)),
}

REVIEWS: tuple[tuple[int, str], ...] = (
    (5, "The engraving is crisp and the box alone made her cry. Thank you."),
    (5, "Even nicer than the preview, and it came two days early."),
    (5, "We have given it three times now. Nobody has exchanged it yet."),
    (5, "My father pretends not to be moved. He has shown it to all his neighbours."),
    (5, "Beautifully made, and the name is spelled the way we spell it. That never happens."),
    (4, "Lovely work. The letters could be a touch larger."),
    (4, "Just as pictured. The parcel was a little crushed, the present was not."),
    (4, "Very good quality for the price; I would choose the darker wood next time."),
    (4, "A warm and personal present. Delivery took a week."),
    (3, "Nice, though I had imagined it a size bigger. My mistake: it says so on the page."),
    (5, "The handwriting is my grandmother's to the last loop."),
    (5, "The children fight over who may use it. High praise."),
    (2, "The colour is paler than on my screen. Staff were kind about it."),
)
