"""Countries as staff write them."""

from django import forms

from accounts.validators import faults_in_address


def country_codes(text: str) -> list[str]:
    """The codes in a text such as ``GB, de``, each once, in capitals.

    Raises:
        ValidationError: naming those that are no country's.
    """
    codes = list(dict.fromkeys(text.replace(",", " ").upper().split()))
    unknown = [code for code in codes if not is_country(code)]
    if unknown:
        raise forms.ValidationError(f"There is no country {', '.join(unknown)[:40]}.")
    return codes


def is_country(code: str) -> bool:
    """Whether addresses can be in it."""
    return all(fault.location != "/country" for fault in faults_in_address({"country": code}))
