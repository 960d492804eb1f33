"""Fields of accounts' input."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework.fields import empty

from accounts.validators import (
    COUNTRY_PATTERN,
    COUNTRY_RULE,
    LANGUAGE_PATTERN,
    LANGUAGE_RULE,
    LINE_PATTERN,
    LINE_RULE,
    PHONE_PATTERN,
    PHONE_RULE,
    SEEN_PATTERN,
    USERNAME_PATTERN,
    USERNAME_RULE,
    is_plain_text,
    is_seen,
)
from fantasize.core.api import fields

# As many as the slowest hasher should ever be fed.
MAX_PASSWORD = 256


class LineField(fields.CharField):
    """One line of text in any script; what shows nothing is blank."""

    seen = SEEN_PATTERN

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(RegexValidator(LINE_PATTERN, LINE_RULE, code="control_characters"))

    def run_validation(self, data: Any = empty) -> Any:
        """The line; nothing, where it may be blank, for one that shows nothing."""
        is_blank = isinstance(data, str) and is_plain_text(data) and not is_seen(data)
        return super().run_validation("" if is_blank else data)


class PasswordField(fields.CharField):
    """A password, exactly as typed; never written."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **kwargs, trim_whitespace=False, write_only=True, max_length=MAX_PASSWORD, may_look_like_card=True
        )


class UsernameField(fields.CharField):
    """A username."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, max_length=150)
        self.validators.append(RegexValidator(USERNAME_PATTERN, USERNAME_RULE))


class CountryField(fields.CharField):
    """An ISO 3166-1 alpha-2 code, in either case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(RegexValidator(COUNTRY_PATTERN, COUNTRY_RULE))

    def to_internal_value(self, data: Any) -> str:
        """The code in capitals; what is none stays as it is: the capitals of a sharp s are those of South Sudan."""
        code = super().to_internal_value(data)
        return code.upper() if code.isascii() else code


class PostalCodeField(LineField):
    """A postal code, in either case."""

    def to_internal_value(self, data: Any) -> str:
        """The code in capitals."""
        return super().to_internal_value(data).upper()


class PhoneField(fields.CharField):
    """A telephone number as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, max_length=30)
        self.validators.append(RegexValidator(PHONE_PATTERN, PHONE_RULE))


class LanguageField(fields.CharField):
    """A language's code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, max_length=10)
        self.validators.append(RegexValidator(LANGUAGE_PATTERN, LANGUAGE_RULE))
