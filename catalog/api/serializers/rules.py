"""Input whose fields depend on each other."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework.exceptions import ValidationError

from fantasize.core.api.exceptions import field_errors
from fantasize.core.api.serializers import StrictSerializer
from fantasize.core.errors import FieldError, InvalidError


class RuledSerializer(StrictSerializer):
    """Tells what is wrong among fields together with what is wrong in single ones.

    The rules are the services': where every field is right by itself, it is them who refuse.
    """

    def broken_rules(self, sound: Mapping[str, Any]) -> Iterable[FieldError]:
        """What is wrong among ``sound``: the fields that are there and right by themselves, as the input calls them."""
        raise NotImplementedError

    def to_internal_value(self, data: Any) -> Any:
        """The validated input.

        Raises:
            InvalidError: naming every fault of the fields, and those among the others.
            ValidationError: it has no fields at all.
        """
        try:
            return super().to_internal_value(data)
        except ValidationError as error:
            if not isinstance(data, Mapping):
                raise
            wrong = error.detail
        sound = {
            name: field.run_validation(data[name])
            for name, field in self.fields.items()
            if name in data and name not in wrong
        }
        raise InvalidError("The input is not valid.", errors=[*field_errors(wrong), *self.broken_rules(sound)])
