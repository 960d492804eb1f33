"""Rules for single values. Pure."""

import re

# ASCII, so that nobody can look like somebody else; no "@", so that no username is taken for an e-mail address.
USERNAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._+-]*\Z"
USERNAME_RULE = "A username has letters a-z, digits and . _ + - only, and begins with a letter or digit."
COUNTRY_PATTERN = r"^[A-Z]{2}\Z"
COUNTRY_RULE = "A country is its two-letter ISO 3166-1 code, such as DE."
# No control characters; no embeddings, overrides and isolates of the bidirectional algorithm (Unicode UAX 9).
LINE_PATTERN = r"^[^\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+\Z"
LINE_RULE = "One line without control characters, please."


def is_plain_text(value: str) -> bool:
    """Whether ``value`` is one line that reads as it is stored: no control characters, no turned text."""
    return re.match(LINE_PATTERN, value) is not None
