"""Passwords: a forgotten one is set anew with a code by mail, a known one is changed."""

from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from accounts.services import codes, passwords
from fantasize.admin import pages, sign_ins
from fantasize.admin.forms import AddressForm, NewPasswordForm, PasswordChangeForm
from fantasize.core.errors import DomainError, InvalidError

_ADDRESS = "address_of_new_password"


class ForgotPasswordPage(pages.FormPage):
    """Asks for the address; what comes after it is the same for known and unknown ones."""

    title = "Forgot your password?"
    template_name = "admin/sign_in/forgot_password.html"
    form_class = AddressForm

    def accept(self, *, email: str) -> HttpResponse:
        """Have a code sent to whoever has this address."""
        codes.request_reset(email=email)
        # Here, and not in the next page's address, which ends up in logs.
        self.request.session[_ADDRESS] = email
        return pages.go_to("new_password")


class NewPasswordPage(pages.FormPage):
    """Takes the code from the mail, and a new password."""

    title = "Check your mail"
    template_name = "admin/sign_in/new_password.html"
    form_class = NewPasswordForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, for whoever has given an address."""
        return super().dispatch(request, *args, **kwargs) if self._email else pages.go_to("forgot_password")

    def accept(self, *, code: str, password: str, again: str) -> HttpResponse:  # noqa: ARG002 - the form has compared them
        """Set the password. It signs nobody in: a second factor is still to be shown."""
        passwords.reset(email=self._email, code=code, password=password, device=sign_ins.device_of(self.request))
        del self.request.session[_ADDRESS]
        messages.success(self.request, "Your password is changed. Sign in with it.")
        return pages.go_to("login")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and where the mail went."""
        return super().get_context_data(email=self._email, **kwargs)

    @property
    def _email(self) -> str:
        return cast("str", self.request.session.get(_ADDRESS, ""))


class PasswordChangePage(pages.SignedIn, pages.FormPage):
    """A new password for whoever knows the present one."""

    title = "Change password"
    template_name = "admin/security/password.html"
    form_class = PasswordChangeForm

    def accept(self, *, current_password: str, password: str, again: str) -> HttpResponse:  # noqa: ARG002 - as above
        """Change it, and keep this sign-in, alone of all."""
        passwords.change(
            session=self.sign_in,
            current_password=current_password,
            password=password,
            device=sign_ins.device_of(self.request),
        )
        sign_ins.renew(self.request, self.sign_in)
        messages.success(self.request, "Your password is changed. You are signed out everywhere else.")
        return pages.go_to("second_factor")

    def refuse(self, form: forms.Form, error: DomainError) -> HttpResponse:
        """The page again; here it is clear what was wrong."""
        if error.status == HTTPStatus.UNAUTHORIZED:
            error = InvalidError.at("/current_password", "This is not your current password.")
        return super().refuse(form, error)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and for password managers whose it is."""
        return super().get_context_data(email=self.person.email, **kwargs)
