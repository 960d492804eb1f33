"""Forms of the user pages."""

from typing import Any

from django import forms
from django.db import transaction
from unfold import forms as unfold

from accounts.models import User
from accounts.services import passwords
from accounts.validators import LINE_RULE, is_plain_text, is_seen


class _RolesNeedStaff(forms.ModelForm):  # type: ignore[type-arg] # forms take none at run time
    """Refuses roles for somebody who cannot open the admin: they would hold rights that nobody sees."""

    def clean(self) -> dict[str, Any]:
        """The cleaned fields."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("groups") and not cleaned.get("is_staff", True):
            self.add_error("is_staff", "Somebody with a role must be staff.")
        return cleaned


class _PlainNames(forms.ModelForm):  # type: ignore[type-arg] # as above
    """Takes the names that the API takes."""

    def clean_first_name(self) -> str:
        """One line, or nothing."""
        return _plain(self.cleaned_data["first_name"])

    def clean_last_name(self) -> str:
        """One line, or nothing."""
        return _plain(self.cleaned_data["last_name"])


class UserForm(_PlainNames, _RolesNeedStaff):
    """An existing user, without anything of their password."""


class NewUserForm(unfold.UserCreationForm, _PlainNames, _RolesNeedStaff):
    """A new user with a password."""

    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, type[forms.Field]] = {}


class PasswordForm(unfold.AdminPasswordChangeForm):
    """A new password for somebody. Whoever was signed in with the old one is no longer."""

    @transaction.atomic
    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        """Set the password, through which everything that the old one opened ends."""
        user: User = super().save(commit)
        passwords.supersede(user=user)
        return user


def _plain(name: str) -> str:
    """The name; nothing for one that shows nothing.

    Raises:
        ValidationError: it is not one line, or turns what is read.
    """
    if name and not is_plain_text(name):
        raise forms.ValidationError(LINE_RULE, code="control_characters")
    return name if is_seen(name) else ""
