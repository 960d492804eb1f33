"""Forms of staff that are read like a body of the API: by the same rules, with the same refusals."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.db import OperationalError
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import BaseSerializer
from unfold.widgets import UnfoldAdminTextInputWidget

from fantasize.core.errors import DomainError
from orders.admin.moves import BUSY

_ADDRESS = {
    "full_name": "Name",
    "line1": "Street and number",
    "line2": "More of the address",
    "postal_code": "Postal code",
    "city": "City",
    "region": "Region",
    "country": "Country (two letters)",
    "phone": "Phone",
}
_MOST = {"full_name": 150, "line1": 200, "line2": 200, "country": 2, "phone": 30, "postal_code": 20}


class AddressForm(forms.Form):
    """Somewhere that a parcel goes to; what is wrong with it says the API's serializer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in _ADDRESS.items():
            self.fields[f"address_{name}"] = forms.CharField(
                label=label, required=False, max_length=_MOST.get(name, 100), widget=UnfoldAdminTextInputWidget()
            )

    @property
    def address(self) -> dict[str, str]:
        """The address of a valid form, as a body has it."""
        return {name: self.cleaned_data[f"address_{name}"] for name in _ADDRESS}

    @property
    def address_fields(self) -> list[forms.BoundField]:
        """The address's inputs."""
        return [self[f"address_{name}"] for name in _ADDRESS]


def initial_of(address: Mapping[str, Any]) -> dict[str, Any]:
    """An address as the form begins with it."""
    return {f"address_{name}": address.get(name, "") for name in _ADDRESS}


def same_address(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two addresses say the same."""
    return all((one.get(name) or "") == (other.get(name) or "") for name in _ADDRESS)


def read(serializer: BaseSerializer[Any]) -> tuple[dict[str, Any], list[str]]:
    """What a body says, or else everything that is wrong with it, a sentence for each."""
    if serializer.is_valid():
        return serializer.validated_data, []
    return {}, _sentences(serializer.errors)


def refusals_of(error: DomainError | ValidationError | OperationalError) -> list[str]:
    """Why a service does not do it: each fault with its place, else the sentence."""
    if isinstance(error, OperationalError):  # a lock was not to be had in time
        return [BUSY]
    if isinstance(error, ValidationError):
        return _sentences(error.detail)
    return [f"{_words(fault.location.strip('/').split('/'))}: {fault.detail}" for fault in error.errors] or [
        error.detail
    ]


def _sentences(errors: Any) -> list[str]:
    return [f"{_words(path)}: {message}" for path, message in _faults(errors)]


def _faults(errors: Any, path: Sequence[str] = ()) -> Iterator[tuple[Sequence[str], str]]:
    if isinstance(errors, Mapping):
        for name, inner in errors.items():
            yield from _faults(inner, [*path, str(name)])
    elif isinstance(errors, Sequence) and not isinstance(errors, str):
        for place, inner in enumerate(errors):
            yield from _faults(inner, [*path, str(place)] if isinstance(inner, Mapping) else path)
    else:
        yield path, str(errors)


def _words(path: Sequence[str]) -> str:
    """A place as staff read it: lines are counted from one."""
    words = (str(int(part) + 1) if part.isdecimal() else part.replace("_", " ") for part in path if part)
    return " ".join(words).capitalize().replace("Lines ", "Line ", 1) or "Form"
