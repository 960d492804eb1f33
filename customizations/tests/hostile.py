"""Text that breaks renderers: made from a fixed seed, as ``evaluate`` would hand it on and worse."""

import random
import unicodedata

_MARKS = "\u0300\u0301\u0302\u0303\u0308\u030a\u0316\u0323\u0327\u0328\u0331\u0338\u0489\u20dd\u20e3"
_POOLS = (
    [*"abcXYZ ÄéßøĐğŁžẞỆ.,!?&'\"-–—…€½№™ﬃǆŉ"],
    ["❤️", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇩🇪", "🇺🇦", "👍🏽", "1️⃣", "🎂", "🐈", "🧑‍🚀", "⚽", "😀", "★", "♥", "∞"],
    [*"אבגדהשלום سلامعليكمکتابپ٠١٢۳۴ ()[]«»12,."],
    [*"aeZqgjÅ", *_MARKS, "ص\u0650\u064e\u0651\u064f", "ש\u05b8\u05c1\u0591\u05bc"],
    [
        "\u200d",
        "\u200c",
        "\u200b",
        "\ufe0f",
        "\u2060",
        "\ufeff",
        "\u00ad",
        "a",
        "س",
        "ب",
        "क",
        "👩",
        "\u00a0",
        "\u3000",
    ],
    ["漢", "한", "ก็", "क्षि", "𝔉", "\ue000", "\ufffd", "\u0378", "\U000e0041", "￼", "\u202e", "\u2066", "\x07", "\x00"],
    ["\u2028", "﷽", "𒐫", "꧅", "⸻", "\u0e33", "ꙮ", "ꙮ", "\u2800", "\u115f", "\U0001f9ff", "\U0001fae8"],
)
# The share of strings that may have what no font has.
_ODD = 0.4
_CLASSICS = (
    "﷽" * 3,
    "⸻" * 3,
    "Z" + "\u0301" * 60,
    "g" + "\u0323" * 60,
    "ش" + "\u064e" * 20,
    "fffi" * 4,
    "jjjfff",
    "\u0301",
    "\u200d\u200d",
    "\ufe0f",
    "🇩",
    "🏽",
    "a🏽",
    "👩\u200d",
    "\u200d👩",
    "W" * 400,
    "i" * 400,
    "ـ" * 40,
    "\u20dd",
    "o\u20dd",
    "))((",
    "א)ב(ג",
    "١٢٣-٤٥",
    "Wort " * 90,
    "\u00a0" * 30,
    "\n" * 7,
    "a\n\n\u0301b",
)


def strings(count: int = 500) -> list[str]:
    """So many of them, always the same."""
    chance = random.Random(11)  # noqa: S311 - no secret
    made = list(_CLASSICS)
    while len(made) < count:
        pools = chance.sample(_POOLS if chance.random() < _ODD else _POOLS[:4], chance.randrange(1, 4))
        length = chance.choice((1, 2, 5, 9, 16, 24, 40, 120))
        text = "".join(chance.choice(chance.choice(pools)) for _ in range(length))
        made.append(unicodedata.normalize("NFC", text))
    return made[:count]
