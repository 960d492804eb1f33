"""What the demonstration shop sells: made-up makers, made-up gifts."""

from dataclasses import dataclass
from decimal import Decimal

BRANDS = {
    "HH": "Hearth & Hand",
    "LF": "Little Fern Press",
    "CL": "Copper Lane",
    "NK": "North Kiln",
    "WW": "Willow & Wool",
    "BA": "Bright Acorn",
    "OE": "Oak & Ember",
}


@dataclass(frozen=True, slots=True)
class Gift:
    """One article: its name, maker, price in the shop's currency, pieces on the shelf, and what is said about it."""

    name: str
    brand: str
    price: Decimal
    on_hand: int
    description: str


# Category -> gifts of two lines each: "name | maker | price | pieces", and what is said about it.
_SHELVES = {
    "Mugs & kitchen": """
        Engraved Stoneware Mug | NK | 24.00 | 140
        A hand-thrown mug with a name pressed into the clay before firing. Holds 350 ml and keeps its warmth.
        Two-Cup Morning Set | NK | 42.00 | 60
        Two mugs from the same turn of the wheel, each with its own initial. Boxed as a pair.
        Family Recipe Board | OE | 58.00 | 35
        Your grandmother's recipe in her own handwriting, engraved into solid oak. Send a photo of the page.
        Initial Bread Board | OE | 39.00 | 48
        Thick beech with a juice groove and one bold letter burnt into the corner.
        Monogram Linen Apron | WW | 46.00 | 52
        Washed linen, deep pockets, and up to three letters embroidered on the bib.
        Named Enamel Camping Mug | BA | 18.50 | 120
        Light, chip-proof and cheerful. The name goes round the rim in your choice of colour.
        Kitchen Herb Markers | NK | 22.00 | 75
        Six ceramic markers with the herbs you grow. They stay legible through every winter.
        Engraved Olive Wood Spoons | OE | 27.00 | 64
        A set of three spoons with a short wish along each handle.
        Anniversary Cheese Slate | OE | 33.00 | 4
        Natural slate with two names and a date, chalk included.
    """,
    "Jewellery": """
        Initial Disc Necklace | CL | 54.00 | 90
        A small hammered disc on a fine chain, stamped by hand with one letter. Sterling silver or gold vermeil.
        Birthstone Name Bracelet | CL | 62.00 | 44
        A name in tiny silver letters, ended by the stone of the month.
        Coordinates Bangle | CL | 68.00 | 30
        The place where it happened, to four decimals, inside a solid copper bangle.
        Handwriting Pendant | CL | 95.00 | 22
        Two words in the handwriting of somebody you love, cut from a single piece of silver.
        Engraved Signet Ring | CL | 120.00 | 18
        A classic signet with a crest, an initial or a very small joke.
        Secret Message Locket | CL | 79.00 | 27
        Room for one photograph and twelve words that only the wearer knows.
        Constellation Earrings | CL | 48.00 | 40
        The stars above the night you choose, set as two small studs.
        Ring Dish with Date | NK | 26.00 | 66
        A porcelain dish for the bedside, with a wedding date in gold.
    """,
    "Prints & frames": """
        Night Sky Print | LF | 45.00 | 200
        The stars exactly as they stood over any place on any night, printed on heavy cotton paper.
        Song Lyrics Print | LF | 38.00 | 150
        Your first dance, set by hand and letterpressed in the colour of your choice.
        Family Tree Illustration | LF | 85.00 | 40
        Four generations drawn as a real tree, from a cherry to an old oak.
        Pet Portrait in Ink | LF | 74.00 | 35
        Drawn from your photograph in loose ink lines. Whiskers guaranteed.
        House Portrait | LF | 110.00 | 25
        Your first home in watercolour, with the number on the door.
        Names in Print Type | LF | 36.00 | 90
        Names set in old wooden type, with every scratch of its hundred years.
        Engraved Oak Photo Frame | OE | 42.00 | 58
        A deep oak frame with a line of your words below the picture.
        Birth Details Print | LF | 34.00 | 130
        Name, weight, minute of birth, and a small animal to keep watch over all of it.
        Adventure Map Frame | OE | 64.00 | 3
        A map of anywhere with a red thread along the road you took.
    """,
    "Home & cushions": """
        Embroidered Name Cushion | WW | 39.00 | 85
        Soft brushed cotton, a name in satin stitch, and a filling that can be washed.
        Wool Throw with Initials | WW | 98.00 | 28
        Woven in a small mill from undyed wool; the initials are tucked into one corner.
        Our House Doormat | HH | 35.00 | 70
        Coir that takes muddy boots, with the family name in block letters.
        Soy Candle with a Letter | HH | 24.00 | 160
        A candle that smells of fig and cut grass, with your letter printed on the label.
        Engraved Copper Lantern | CL | 72.00 | 24
        A garden lantern whose light falls through a pierced name.
        House Number Tile | NK | 29.00 | 95
        Two figures, one glaze, fired twice so that frost leaves it alone.
        Memory Patchwork Quilt | WW | 240.00 | 8
        Made from the clothes you send: a school shirt, a first blanket, a favourite dress.
        Keepsake Box with Plaque | OE | 56.00 | 36
        Walnut, lined with felt, with a brass plaque for up to forty characters.
    """,
    "Baby & children": """
        Knitted Name Blanket | WW | 68.00 | 46
        Merino so soft that it is argued over. The name is knitted in, not sewn on.
        Wooden Name Puzzle | BA | 32.00 | 110
        Chunky letters in a tray of birch, painted with colours that are safe to chew.
        My First Storybook | LF | 29.00 | 140
        A story in which the child is the hero, the dog has the right name and everybody is home for supper.
        Personalised Growth Chart | BA | 38.00 | 55
        A ruler of pale oak for the nursery wall; heights are written on in pencil.
        Engraved Silver Rattle | CL | 64.00 | 20
        Light enough for small hands and lovely enough to keep. Name and date on the ring.
        Birthday Train | BA | 44.00 | 62
        One wagon for every letter, one candle holder for every year.
        Bedtime Bunny | WW | 36.00 | 78
        A linen rabbit with long ears; one of them carries a name.
        Pirate Treasure Chest | BA | 52.00 | 5
        For shells, coins and other riches. The captain's name is burnt into the lid.
        Alphabet Bunting | BA | 26.00 | 88
        Bright cotton flags, one letter on each, long enough for Maximilian.
    """,
    "Stationery": """
        Monogrammed Notebook | LF | 22.00 | 180
        Thread-bound, opens flat, with up to three letters blocked in gold foil.
        Leather Travel Journal | HH | 54.00 | 42
        Full-grain leather that grows more beautiful with every journey. A name inside the cover.
        Letterpress Writing Set | LF | 36.00 | 75
        Forty sheets and envelopes with a return address you will be proud of.
        Engraved Fountain Pen | CL | 78.00 | 33
        A brass pen that is heavy in the right way, with a name along the barrel.
        Wax Seal with Initial | HH | 28.00 | 96
        A turned handle, two sticks of wax and the letter that closes your letters.
        Named Pencils, Box of Twelve | BA | 14.00 | 220
        Cedar pencils stamped with a name, so that they come home from school.
        Wedding Guest Book | LF | 59.00 | 26
        A hundred pages of thick paper between linen boards, with two names and a date.
        Photo Calendar | LF | 27.00 | 0
        Twelve of your pictures, with every birthday already written in.
    """,
    "Bags & leather": """
        Initial Leather Wallet | HH | 64.00 | 57
        Six cards, some notes, one letter. Stitched by hand with waxed thread.
        Canvas Weekender with Name | HH | 118.00 | 21
        Waxed canvas, leather handles and a name on the luggage label that will not wash off.
        Stamped Key Fob | HH | 19.00 | 170
        Bridle leather and solid brass. Room for a name, a place or a warning.
        Embroidered Tote Bag | WW | 24.00 | 130
        Heavy cotton, long handles, and a word of your choice.
        Passport Cover | HH | 34.00 | 68
        Soft leather with initials in the corner and a pocket for the boarding pass.
        Wash Bag with Monogram | HH | 44.00 | 39
        Waterproof lining, sturdy zip, two letters on the flap.
        Engraved Hip Flask | CL | 49.00 | 45
        Copper outside, steel inside, and a toast engraved on the back.
    """,
    "Pets & garden": """
        Named Dog Collar | HH | 32.00 | 92
        Bridle leather with a brass plate that says who he is and whom to call.
        Ceramic Pet Bowl | NK | 36.00 | 54
        Too heavy to push round the kitchen. The name is glazed in, so it stays.
        Engraved Bird House | OE | 48.00 | 31
        Cedar, with the family name above the door and the right hole for blue tits.
        Plant Pot with a Name | NK | 25.00 | 84
        For people whose plants have names. Terracotta, with a saucer.
        Garden Sundial | CL | 135.00 | 9
        Cast in brass for your latitude, with a motto round the edge.
        Engraved Trowel and Fork | OE | 46.00 | 37
        Ash handles, forged steel, and a name that comes back when it is borrowed.
        Memorial Stone | NK | 58.00 | 23
        A river stone with a name and one line, for the place under the apple tree.
    """,
}


def gifts_by_category() -> dict[str, list[Gift]]:
    """Every gift of the demonstration shop, by the name of its category."""
    return {category: _read_shelf(shelf.strip().splitlines()) for category, shelf in _SHELVES.items()}


def _read_shelf(lines: list[str]) -> list[Gift]:
    return [_gift(facts, description.strip()) for facts, description in zip(lines[::2], lines[1::2], strict=True)]


def _gift(facts: str, description: str) -> Gift:
    name, brand, price, on_hand = (cell.strip() for cell in facts.split(" | "))
    return Gift(name, BRANDS[brand], Decimal(price), int(on_hand), description)
