"""Column types of accounts."""

from typing import Any

from django.db import models


class CanonicalEmailField(models.EmailField):  # type: ignore[type-arg] # fields take none at run time
    """An e-mail address kept in lower case, so that looking one up ignores case whoever asks."""

    def to_python(self, value: Any) -> Any:
        """The value as forms see it: without surrounding blanks, in lower case."""
        return _canonical(super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        """The value as the database sees it, in writes and in lookups."""
        return _canonical(super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django's signature
        """Leave the saved form on the instance, so that memory and database agree."""
        value = _canonical(super().pre_save(model_instance, add))
        setattr(model_instance, self.attname, value)
        return value


def _canonical(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value
