"""Forms of the pages around signing in. What they ask for is judged by the services; they only see that it is there."""

import json
from typing import Any

from django import forms
from unfold.widgets import BASE_INPUT_CLASSES

_MAX_SECRET = 4096
_MAX_CREDENTIAL = 64 * 1024
_SHOWN = " ".join(BASE_INPUT_CLASSES)


def _text(label: str, *, autocomplete: str, max_length: int = 254, **attrs: str) -> forms.CharField:
    attributes = {"class": _SHOWN, "autocomplete": autocomplete, "autocapitalize": "none", **attrs}
    return forms.CharField(label=label, max_length=max_length, widget=forms.TextInput(attributes))


def _password(label: str, *, autocomplete: str, help_text: str = "") -> forms.CharField:
    widget = forms.PasswordInput({"class": _SHOWN, "autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=_MAX_SECRET, strip=False, widget=widget, help_text=help_text)


def _code(label: str, **attrs: str) -> forms.CharField:
    digits = {"class": f"{_SHOWN} fz-code", "spellcheck": "false"}
    return _text(label, autocomplete="one-time-code", max_length=64, **{**digits, **attrs})


class SignInForm(forms.Form):
    """Who, and their password."""

    username = _text("E-mail address or username", autocomplete="username", autofocus="", spellcheck="false")
    password = _password("Password", autocomplete="current-password")


class CodeForm(forms.Form):
    """A code of an authenticator app, or a recovery code."""

    code = _code("Code", autofocus="")


class MailedCodeForm(forms.Form):
    """A code that was sent by mail."""

    code = _code("Code from the mail", inputmode="numeric", autofocus="")


class ActivationForm(forms.Form):
    """The first code of an authenticator app."""

    code = _code("Code from the app", inputmode="numeric")


class PasskeyForm(forms.Form):
    """What a browser's passkey has answered."""

    credential = forms.CharField(max_length=_MAX_CREDENTIAL, widget=forms.HiddenInput, required=False)
    state = forms.CharField(max_length=_MAX_SECRET, widget=forms.HiddenInput, required=False)

    def clean_credential(self) -> dict[str, Any]:
        """The credential as the object that the browser made of it.

        Raises:
            ValidationError: it is none.
        """
        try:
            credential = json.loads(self.cleaned_data["credential"])
        except (ValueError, RecursionError):
            credential = None
        if not isinstance(credential, dict):
            raise forms.ValidationError("This browser did not answer with a passkey.")
        return credential


class NewPasskeyForm(PasskeyForm):
    """A passkey to keep, and what its owner calls it."""

    name = _text("Name", autocomplete="off", max_length=100, placeholder="Work laptop")


class AddressForm(forms.Form):
    """Whose password is to be set anew."""

    email = forms.EmailField(
        label="E-mail address", widget=forms.EmailInput({"class": _SHOWN, "autocomplete": "username", "autofocus": ""})
    )


class _Twice(forms.Form):
    """A new password, typed twice."""

    def clean(self) -> dict[str, Any]:
        """The cleaned fields."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("again") and cleaned.get("password") != cleaned["again"]:
            self.add_error("again", "The two passwords differ.")
        return cleaned


_RULE = "At least 8 characters, and nothing that is easily guessed."


class NewPasswordForm(_Twice):
    """The code from the mail, and a new password."""

    code = _code("Code from the mail", inputmode="numeric", autofocus="")
    password = _password("New password", autocomplete="new-password", help_text=_RULE)
    again = _password("New password again", autocomplete="new-password")


class PasswordChangeForm(_Twice):
    """The present password, and a new one."""

    current_password = _password("Current password", autocomplete="current-password")
    password = _password("New password", autocomplete="new-password", help_text=_RULE)
    again = _password("New password again", autocomplete="new-password")


class ErasureForm(forms.Form):
    """The e-mail address of the account that is to be forgotten: nobody types that by mistake."""

    email = _text("The account's e-mail address", autocomplete="off", spellcheck="false")


class ConfirmForm(forms.Form):
    """The password, asked for once more."""

    password = _password("Password", autocomplete="current-password")
