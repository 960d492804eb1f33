"""Showing once more that it is you, and where you are signed in."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse

from accounts import selectors
from accounts.enums import RevokeReason
from accounts.services import mfa, reverification, sessions
from fantasize.admin import pages, sign_ins
from fantasize.admin.forms import CodeForm, ConfirmForm
from fantasize.core.errors import DomainError, InvalidError


class ConfirmPage(pages.SignedIn, pages.FormPage):
    """Asks for the password before anything changes of how somebody gets in; or for a code.

    Whoever has signed in before the second factor was set up has to show that: the password would not do.
    """

    title = "Is it you?"
    template_name = "admin/security/confirm.html"

    def get_form_class(self) -> type[forms.Form]:
        """What is asked for."""
        asks_for_code = "code" in self.request.GET or "code" in self.request.POST
        return CodeForm if asks_for_code or sign_ins.is_older_than_the_factor(self.sign_in) else ConfirmForm

    def accept(self, **proof: str) -> HttpResponse:
        """Note that it is them, and go on."""
        reverification.reverify(session=self.sign_in, device=sign_ins.device_of(self.request), **proof)
        return pages.go_on(pages.wanted_page(self.request), otherwise="second_factor")

    def refuse(self, form: forms.Form, error: DomainError) -> HttpResponse:
        """The page again; here it is clear what was wrong."""
        if error.code == "invalid_credentials":
            error = InvalidError.at("/password", "This is not your password.")
        return super().refuse(form, error)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, where it leads, and what could be shown instead."""
        is_older = sign_ins.is_older_than_the_factor(self.sign_in)
        return super().get_context_data(
            then=pages.wanted_page(self.request),
            is_older=is_older,
            may_show_code=not is_older and mfa.is_enabled(self.person),
            **kwargs,
        )


class EndSignIn(pages.SignedIn, pages.Page):
    """Ends one of the person's other sign-ins."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        """End it.

        Raises:
            Http404: there is none, or it is somebody else's.
        """
        session = selectors.live_sessions_of(self.person).filter(pk=session_id).first()
        if session is None:
            raise Http404
        sessions.end(session_id=session.pk, reason=RevokeReason.REVOKED)
        messages.success(request, "That sign-in has ended.")
        return pages.go_to("second_factor")


class EndOtherSignIns(pages.SignedIn, pages.Page):
    """Ends all of the person's sign-ins but this one."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """End them."""
        sessions.end_others(session=self.sign_in, reason=RevokeReason.LOGOUT_ALL)
        messages.success(request, "You are signed out everywhere else.")
        return pages.go_to("second_factor")
