"""Proving one's e-mail address, in a shop that asks for it before anybody signs in."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from accounts.services import verification
from fantasize.admin import pages, sign_ins
from fantasize.admin.forms import MailedCodeForm

_ADDRESS = "address_to_prove"


def ask_for_code(request: HttpRequest, email: str) -> HttpResponse:
    """The way to the page that asks for the code, which is on its way to ``email``."""
    request.session[_ADDRESS] = email
    return pages.go_to("confirm_address")


class ConfirmAddressPage(pages.FormPage):
    """Takes the code from the mail."""

    title = "Confirm your address"
    template_name = "admin/sign_in/confirm_address.html"
    form_class = MailedCodeForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, for whoever has shown the password of an unproven account."""
        return super().dispatch(request, *args, **kwargs) if self._email else pages.go_to("login")

    def accept(self, *, code: str) -> HttpResponse:
        """Prove the address. It signs nobody in: that is for the sign-in page."""
        verification.confirm(email=self._email, code=code, device=sign_ins.device_of(self.request))
        del self.request.session[_ADDRESS]
        messages.success(self.request, "Your address is confirmed. Sign in.")
        return pages.go_to("login")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and where the mail went."""
        return super().get_context_data(email=self._email, **kwargs)

    @property
    def _email(self) -> str:
        return cast("str", self.request.session.get(_ADDRESS, ""))
