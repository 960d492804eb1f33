"""From till-roll shorthand to a shop's shelf: an article's name as people read it, and its price. Pure."""

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

MAX_NAME_LENGTH = 200

_LOWER_CASE = frozenset(
    {"a", "an", "and", "at", "by", "de", "du", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)
_UPPER_CASE = frozenset(
    {"3D", "A4", "A5", "A6", "A7", "BBQ", "CD", "DIY", "DVD", "LED", "TV", "UK", "USA", "USB", "VIP", "WC"}
)
_SHORTHAND = {
    "ass": "assorted",
    "asst": "assorted",
    "asstd": "assorted",
    "b'fly": "butterfly",
    "blk": "black",
    "c/cover": "cushion cover",
    "candlepot": "candle pot",
    "choc": "chocolate",
    "col": "colour",
    "dec": "decoration",
    "des": "designs",
    "med": "medium",
    "p'weight": "paperweight",
    "pc": "piece",
    "rnd": "round",
    "turq": "turquoise",
    "w": "with",
}
_SET_OF = re.compile(r"\b(?:s/|set/|set of ?|set)(\d+)\b")
_PACK_OF = re.compile(r"\bpack/(\d+)\b")
_MEASURE = re.compile(r"\d+(\.\d+)?(cm|mm|m|ml|l|g|kg|w)?(x\d+)?(cm|mm|m|ml|l|g|kg|w)")
_INITIAL = re.compile(r"(^|[-/&+(\".])([a-z])")
# What stock keepers scribble into the description when they correct something by hand.
_SCRIBBLE = re.compile(
    r"\?|\b(adjust\w*|amazon|check|damage[sd]?|dotcom|faulty|found|lost|missing|mouldy|smashed|sold as|thrown|wet)\b"
)


def choose_name(descriptions: Mapping[str, int]) -> str:
    """The description used most often among those that name an article, in shelf form; the earlier of two equals."""
    sensible = Counter({text: count for text, count in descriptions.items() if not _SCRIBBLE.search(text.lower())})
    (best, _), *_ = (sensible or Counter(descriptions)).most_common(1)
    return shelf_name(best)


def shelf_name(description: str) -> str:
    """``SET/3 HEART T-LIGHTS W/ LED`` as ``Set of 3 Heart T-Lights with LED``, cut at ``MAX_NAME_LENGTH``."""
    text = " ".join(description.lower().replace("*", " ").replace(",", ", ").split()).strip(" .,")
    text = _PACK_OF.sub(r"pack of \1", _SET_OF.sub(r"set of \1", text)).replace("w/", "with ")
    words = " ".join(_SHORTHAND.get(word, word) for word in text.split()).split()
    shown = " ".join(_capitalise(word, is_first=index == 0) for index, word in enumerate(words))
    return (shown or description.strip())[:MAX_NAME_LENGTH].rstrip()


def choose_price(prices: Mapping[Decimal, int]) -> Decimal:
    """The unit price asked most often; the higher of two equals, because the lower one was a bargain."""
    return max(prices, key=lambda price: (prices[price], price))


def _capitalise(word: str, *, is_first: bool) -> str:
    if word.upper() in _UPPER_CASE:
        return word.upper()
    if _MEASURE.fullmatch(word) or (word in _LOWER_CASE and not is_first):
        return word
    return _INITIAL.sub(lambda match: match[1] + match[2].upper(), word)
