"""One's own second factors: an authenticator app, passkeys, and the codes for whoever has lost them."""

import base64
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse

from accounts import policies, selectors
from accounts.models import Session
from accounts.services import devices, mfa, passkeys, reverification
from fantasize.admin import pages, sign_ins
from fantasize.admin.forms import ActivationForm, NewPasskeyForm
from fantasize.core.errors import DomainError, ForbiddenError


class SecurityPage(pages.SignedIn, pages.Page):
    """What there is, and what can be done about it."""

    title = "Sign-in and security"
    template_name = "admin/security/page.html"

    def get(self, request: HttpRequest) -> HttpResponse:  # noqa: ARG002 - Django's signature
        """The page."""
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The person's factors and sign-ins."""
        person = self.person
        return super().get_context_data(
            has_app=mfa.has_totp(person),
            passkeys=[{"id": key.pk, "name": key.data["name"], "key": key} for key in passkeys.list_of(person)],
            codes_left=mfa.recovery_codes_left(person),
            sign_ins=[(row, devices.name_of(row.user_agent)) for row in selectors.live_sessions_of(person)],
            this=self.sign_in,
            is_older=sign_ins.is_older_than_the_factor(self.sign_in),
            is_required=policies.requires_mfa(person),
            **kwargs,
        )


class Fresh(pages.SignedIn, pages.Page):
    """Only for whoever has shown a moment ago that it is them; the others are asked first."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or the way to the question."""
        session = sign_ins.current(request)
        return (session and self._detour(request, session)) or super().dispatch(request, *args, **kwargs)

    def _detour(self, request: HttpRequest, session: Session) -> HttpResponse | None:
        try:
            reverification.require_recent(session)
        except ForbiddenError:
            return pages.go_to("confirm", then=request.path if request.method == "GET" else "")
        return None

    def show_codes(self, codes: list[str], message: str = "") -> HttpResponse:
        """New recovery codes, in the answer itself: to show them on a page of their own they would have to be kept."""
        if message:
            messages.success(self.request, message)
        if not codes:
            return pages.go_to("second_factor")
        # The sign-in has seen a second factor just now; the page's menu depends on it.
        self.sign_in.refresh_from_db(fields=["mfa_at"])
        context = self.get_context_data(codes=codes, form=forms.Form()) | {"title": "Recovery codes"}
        return TemplateResponse(self.request, "admin/security/codes.html", context)

    def back(self, error: DomainError) -> HttpResponse:
        """Back to the page, which says why nothing happened."""
        pages.tell_refusal(self.request, error)
        return pages.go_to("second_factor")


class AddAppPage(Fresh, pages.FormPage):
    """An authenticator app: its secret is shown, and its first code asked for."""

    title = "Set up an authenticator app"
    template_name = "admin/security/app.html"
    form_class = ActivationForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ARG002 - Django's signature
        """A fresh secret. It is shown this once; a wrong code asks for another code only."""
        try:
            enrolment = mfa.start_totp(user=self.person)
        except DomainError as error:
            return self.back(error)
        qr_code = base64.b64encode(enrolment.svg.encode()).decode()
        context = self.get_context_data(secret=_in_groups(enrolment.secret), qr_code=qr_code)
        return self.render_to_response(context)

    def accept(self, *, code: str) -> HttpResponse:
        """Ask for codes from now on."""
        device = sign_ins.device_of(self.request)
        codes = mfa.activate_totp(user=self.person, code=code, device=device, session=self.sign_in)
        return self.show_codes(codes, "Your authenticator app is set up.")


class AddPasskeyPage(Fresh, pages.FormPage):
    """A passkey: it gets a name, and the browser makes it."""

    title = "Add a passkey"
    template_name = "admin/security/passkey.html"
    form_class = NewPasskeyForm

    def accept(self, *, credential: dict[str, Any], state: str, name: str) -> HttpResponse:
        """Keep it."""
        _, codes = passkeys.complete_registration(
            user=self.person, credential=credential, state=state, name=name, session=self.sign_in
        )
        return self.show_codes(codes, "Your passkey is kept.")


class AddPasskeyOptions(Fresh):
    """What the browser needs to make a passkey."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:  # noqa: ARG002 - Django's signature
        """The options."""
        return JsonResponse(passkeys.begin_registration(user=self.person))


class _Deed(Fresh):
    """One button of the page."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **where: Any) -> HttpResponse:  # noqa: ARG002 - Django's signature
        """Do it, and say so; or say why not."""
        try:
            return self.act(**where)
        except DomainError as error:
            return self.back(error)

    def act(self, *args: Any, **where: Any) -> HttpResponse:
        """Call the service.

        Raises:
            DomainError: it refuses.
        """
        raise NotImplementedError

    def done(self, message: str) -> HttpResponse:
        """Back to the page, which says what was done."""
        messages.success(self.request, message)
        return pages.go_to("second_factor")


class RemoveApp(_Deed):
    """Turns the authenticator app off."""

    def act(self) -> HttpResponse:
        """Forget it."""
        mfa.remove_totp(user=self.person)
        return self.done("Your authenticator app is turned off.")


class RemovePasskey(_Deed):
    """Takes a passkey away."""

    def act(self, *, passkey_id: int) -> HttpResponse:
        """Forget it."""
        passkeys.remove(user=self.person, passkey_id=passkey_id)
        return self.done("The passkey is removed.")


class RenewRecoveryCodes(_Deed):
    """Makes new recovery codes."""

    def act(self) -> HttpResponse:
        """Void the old ones, and show the new."""
        return self.show_codes(mfa.renew_recovery_codes(user=self.person))


def _in_groups(secret: str) -> str:
    """The secret as it is easily typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
