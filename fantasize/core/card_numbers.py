"""Numbers of payment cards in what people write: the shop takes none, so that it never holds one.

Only what is written as cards are is taken for one: a network's prefix and length, in one run or in the groups that are
embossed, with the check digit of ISO/IEC 7812-1. Telephone numbers, EANs and GTINs have other lengths, and of other
numbers that look so, nine in ten fail the check.
"""

import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError

MESSAGE = "This looks like the number of a payment card. Cards are only asked for on the payment page."
_BY_LENGTH = "[0-9]{15,19}"
_BY_GROUPS = (r"[0-9]{4}([ -])[0-9]{4}\2[0-9]{4}\2[0-9]{4}", r"[0-9]{4}([ -])[0-9]{4}\2[0-9]{4}\2[0-9]{4}\2[0-9]{3}")
_AMEX_GROUPS = r"[0-9]{4}([ -])[0-9]{6}\2[0-9]{5}"
# Looked at from every digit that begins a number: one in groups may follow another number.
_WRITTEN = [re.compile(rf"(?<![0-9])(?=({form})(?![0-9]))") for form in (_BY_LENGTH, *_BY_GROUPS, _AMEX_GROUPS)]
# Ids are made of groups as well, and some of digits only.
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
# First digits, and how many there are in all: Visa, Mastercard, American Express, JCB, Discover, UnionPay.
_NETWORKS = re.compile(
    r"4[0-9]{15}(?:[0-9]{3})?"
    r"|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    r"|3[47][0-9]{13}"
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12,15}"
    r"|(?:6011|64[4-9][0-9]|65[0-9]{2})[0-9]{12,15}"
    r"|62[0-9]{14,17}"
)


def has_one(text: str) -> bool:
    """Whether somebody has written the number of a card in ``text``."""
    return any(_NETWORKS.fullmatch(digits) and _is_checked(digits) for digits in _candidates(text))


def refuse(text: str) -> None:
    """Let no card number in; a validator of fields, in forms too.

    Raises:
        ValidationError: ``card_number``.
    """
    if has_one(text):
        raise ValidationError(MESSAGE, code="card_number")


def _candidates(text: str) -> Iterator[str]:
    plain = _UUID.sub("", _in_ascii(text))
    for form in _WRITTEN:
        for match in form.finditer(plain):
            yield match[1].replace(" ", "").replace("-", "")


def _in_ascii(text: str) -> str:
    """With digits of every script, and every kind of blank and hyphen, as the plain ones."""
    if text.isascii():
        return text
    digits = re.sub(r"\d", lambda digit: str(int(digit[0])), text)
    return re.sub("[\u2010-\u2015\u2212]", "-", re.sub(r"[^\S\n]", " ", digits))


def _is_checked(digits: str) -> bool:
    """Luhn's sum: every second digit from the right counts double, by the sum of its own digits."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0
