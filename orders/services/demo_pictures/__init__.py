"""Pictures of the demonstration shop's gifts, drawn by us: the same gift always looks the same."""

from collections.abc import Callable, Sequence
from functools import partial
from zlib import crc32

from orders.services.demo_pictures import framed, kitchen_and_home, nursery_and_garden, worn_and_written
from orders.services.demo_pictures.canvas import FINE, Canvas

home, worn, young = kitchen_and_home, worn_and_written, nursery_and_garden

_BACKDROPS = (
    ("#f6eee3", "#e2d2bd"),
    ("#f1ecf2", "#d9cde0"),
    ("#eaf0f3", "#cddbe3"),
    ("#f8ebe5", "#e6cdc1"),
    ("#ecf4ef", "#cfe2d8"),
    ("#f6f2e2", "#e0d6b8"),
)
_OAK, _BLACK, _WHITE = ("#c08a55", "#7d5330"), ("#3d3f44", "#1d1f22"), ("#ffffff", "#d8d4cc")


def _print(frame: tuple[str, str], paper: str, motif: Callable[[Canvas], None]) -> Callable[[Canvas], None]:
    return partial(framed.framed, frame=frame, paper=paper, motif=motif)


_PICTURES: dict[str, Callable[[Canvas], None]] = {
    "Engraved Stoneware Mug": partial(home.mug, glaze=("#f2ebe0", "#b59c80"), words="Clara"),
    "Two-Cup Morning Set": home.two_mugs,
    "Family Recipe Board": partial(home.board, words="Apple cake\n3 apples\n2 eggs\nlove"),
    "Initial Bread Board": partial(home.board, words="K", wood=("#ecd0a2", "#c59c64")),
    "Monogram Linen Apron": home.apron,
    "Named Enamel Camping Mug": partial(home.mug, glaze=("#7fb2c4", "#3f7488"), words="Jack"),
    "Kitchen Herb Markers": home.markers,
    "Engraved Olive Wood Spoons": home.spoons,
    "Anniversary Cheese Slate": home.slate,
    "Initial Disc Necklace": partial(worn.necklace, metal=worn.GOLD, words="A"),
    "Birthstone Name Bracelet": worn.bracelet,
    "Coordinates Bangle": partial(worn.bangle, metal=worn.COPPER, words="53.9590 N  1.0815 W"),
    "Handwriting Pendant": partial(worn.necklace, metal=worn.SILVER, words="love\nyou"),
    "Engraved Signet Ring": worn.ring,
    "Secret Message Locket": worn.locket,
    "Constellation Earrings": worn.earrings,
    "Ring Dish with Date": worn.dish,
    "Night Sky Print": _print(_BLACK, "#f6f4ef", framed.stars),
    "Song Lyrics Print": _print(_OAK, "#fbf3ea", framed.lyrics),
    "Family Tree Illustration": _print(_OAK, "#f7f5ea", framed.tree),
    "Pet Portrait in Ink": _print(_BLACK, "#faf7f1", framed.pet),
    "House Portrait": _print(_WHITE, "#f5f3ee", framed.house),
    "Names in Print Type": _print(_OAK, "#f6eddd", framed.types),
    "Engraved Oak Photo Frame": _print(_OAK, "#f4efe6", framed.photo),
    "Birth Details Print": _print(_WHITE, "#f3f6f3", framed.birth),
    "Adventure Map Frame": _print(_BLACK, "#eadfc6", framed.map_),
    "Embroidered Name Cushion": home.cushion,
    "Wool Throw with Initials": partial(home.folded, wool=("#e9e1d4", "#bfb09b"), words="E R"),
    "Our House Doormat": home.doormat,
    "Soy Candle with a Letter": home.candle,
    "Engraved Copper Lantern": home.lantern,
    "House Number Tile": home.tile,
    "Memory Patchwork Quilt": home.quilt,
    "Keepsake Box with Plaque": partial(home.box, words="Always"),
    "Knitted Name Blanket": partial(home.folded, wool=("#cfe0e2", "#93b0b5"), words="Arthur"),
    "Wooden Name Puzzle": young.puzzle,
    "My First Storybook": partial(worn.book, cover=("#6fa0b5", "#3f6c82"), words="Mia and\nthe Moon", foil="#fff4d6"),
    "Personalised Growth Chart": young.ruler,
    "Engraved Silver Rattle": young.rattle,
    "Birthday Train": young.train,
    "Bedtime Bunny": young.bunny,
    "Pirate Treasure Chest": partial(home.box, words="Capt. Jo", wood=("#a8713f", "#6b4222")),
    "Alphabet Bunting": young.bunting,
    "Monogrammed Notebook": partial(worn.book, cover=("#3f5d5a", "#25403d"), words="EH"),
    "Leather Travel Journal": partial(worn.book, cover=("#a5673d", "#70401f"), words="Theo's\ntravels", foil="#f1d3ac"),
    "Letterpress Writing Set": worn.envelopes,
    "Engraved Fountain Pen": worn.pen,
    "Wax Seal with Initial": worn.seal,
    "Named Pencils, Box of Twelve": worn.pencils,
    "Wedding Guest Book": partial(worn.book, cover=("#efe6da", "#cdbfae"), words="Ana & Luis", foil="#a9803a"),
    "Photo Calendar": worn.calendar,
    "Initial Leather Wallet": partial(worn.wallet, words="D"),
    "Canvas Weekender with Name": worn.weekender,
    "Stamped Key Fob": worn.fob,
    "Embroidered Tote Bag": worn.tote,
    "Passport Cover": partial(worn.wallet, words="P L", leather=("#5f7f8a", "#36525c")),
    "Wash Bag with Monogram": partial(worn.wallet, words="S B", leather=("#6f7d5c", "#465238")),
    "Engraved Hip Flask": worn.flask,
    "Named Dog Collar": young.collar,
    "Ceramic Pet Bowl": young.bowl,
    "Engraved Bird House": young.bird_house,
    "Plant Pot with a Name": young.pot,
    "Garden Sundial": young.sundial,
    "Engraved Trowel and Fork": young.tools,
    "Memorial Stone": young.stone,
}


def names() -> list[str]:
    """The gifts that there are pictures of."""
    return list(_PICTURES)


def draw(name: str, *, scale: float = FINE) -> bytes:
    """A picture of a gift, as a JPEG of 1,000 by 1,000 pixels."""
    return _drawn(name, scale).jpeg()


def draw_together(title: str, parts: Sequence[str], *, scale: float = FINE) -> bytes:
    """A picture of up to four gifts as one package."""
    canvas = _canvas(title, scale)
    places = ((60, 60), (510, 60), (60, 510), (510, 510)) if len(parts) > 2 else ((60, 285), (510, 285))  # noqa: PLR2004
    for (left, top), part in zip(places, parts, strict=False):
        canvas.place(_drawn(part, scale), (left, top, left + 430, top + 430))
    return canvas.jpeg()


def _drawn(name: str, scale: float) -> Canvas:
    canvas = _canvas(name, scale)
    _PICTURES[name](canvas)
    return canvas


def _canvas(name: str, scale: float) -> Canvas:
    return Canvas(*_BACKDROPS[crc32(name.encode()) % len(_BACKDROPS)], scale)
