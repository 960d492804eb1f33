"""Getting in: password, then the second factor if there is one; or a passkey, which is both. And getting out."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from accounts import policies
from accounts.enums import RevokeReason, SessionKind, SignInMethod
from accounts.models import User
from accounts.services import login, mfa, passkeys, sessions, sign_in
from fantasize.admin import addresses, pages, pending, sign_ins
from fantasize.admin.forms import CodeForm, PasskeyForm, SignInForm
from fantasize.core.errors import DomainError, UnauthenticatedError


class LoginPage(pages.FormPage):
    """The sign-in page."""

    title = "Sign in"
    template_name = "admin/login.html"
    form_class = SignInForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form; whoever is signed in already is led on."""
        session = sign_ins.current(request)
        if session is not None:
            lacks = mfa.is_missing(session)
            return pages.go_to("second_factor") if lacks else pages.go_on(pages.wanted_page(request))
        if request.user.is_authenticated:
            # The row has ended, somewhere else.
            sign_ins.end(request)
        return super().get(request, *args, **kwargs)

    def accept(self, *, username: str, password: str) -> HttpResponse:
        """Let in whoever has shown everything; ask the others for the second factor."""
        device = sign_ins.device_of(self.request)
        user = _staff(login.check_password(identifier=username, password=password, device=device))
        then = pages.wanted_page(self.request)
        if mfa.is_enabled(user):
            pending.begin(self.request, user, method=SignInMethod.PASSWORD, then=then)
            return pages.go_to("second_step")
        return _let_in(self.request, user, method=SignInMethod.PASSWORD, has_mfa=False, then=then)

    def refuse(self, form: forms.Form, error: DomainError) -> HttpResponse:
        """The page again; or the one where an unproven address is proven."""
        if error.code != "email_unverified":
            return super().refuse(form, error)
        user = User.objects.known_as(form.cleaned_data["username"]).get()
        return addresses.ask_for_code(self.request, user.email)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and where it leads."""
        return super().get_context_data(then=pages.wanted_page(self.request), **kwargs)


class PasskeyOptions(pages.Page):
    """What the browser needs to use any passkey of the shop."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:  # noqa: ARG002 - Django's signature
        """The options."""
        return JsonResponse(passkeys.begin_sign_in())


class PasskeyLogin(pages.FormPage):
    """A passkey instead of address and password."""

    form_class = PasskeyForm
    http_method_names = ["post"]
    back = "login"

    def accept(self, *, credential: dict[str, Any], state: str) -> HttpResponse:
        """Let in whoever holds the passkey; it has verified its owner, which makes it two factors."""
        user = _staff(passkeys.identify(credential=credential, state=state))
        then = pages.wanted_page(self.request)
        return _let_in(self.request, user, method=SignInMethod.PASSKEY, has_mfa=True, then=then)

    def form_invalid(self, form: forms.Form) -> HttpResponse:  # noqa: ARG002 - Django's signature
        """Back to the page with the button."""
        messages.error(self.request, "This browser did not answer with a passkey.")
        return pages.go_to(self.back)

    def refuse(self, form: forms.Form, error: DomainError) -> HttpResponse:  # noqa: ARG002 - the page's signature
        """Back to the page with the button, which says why."""
        pages.tell_refusal(self.request, error)
        return pages.go_to(self.back, then=pages.wanted_page(self.request))


class SecondStep(pages.Page):
    """Only for whoever has just shown a first factor."""

    step: pending.Step

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, for as long as the first step counts."""
        step = pending.find(request)
        if step is None:
            return pages.go_to("login")
        self.step = step
        return super().dispatch(request, *args, **kwargs)

    def finish(self) -> HttpResponse:
        """Let them in."""
        return _let_in(self.request, self.step.user, method=self.step.method, has_mfa=True, then=self.step.then)


class SecondStepPage(SecondStep, pages.FormPage):
    """Asks for a code of the authenticator app, or a recovery code; or leads to a passkey."""

    title = "One more step"
    template_name = "admin/sign_in/second_step.html"
    form_class = CodeForm

    def accept(self, *, code: str) -> HttpResponse:
        """Let in whoever knows the code."""
        mfa.prove(user=self.step.user, code=code, device=sign_ins.device_of(self.request))
        return self.finish()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and what else the person could show."""
        methods = mfa.methods_of(self.step.user)
        return super().get_context_data(methods=methods, email=self.step.user.email, **kwargs)


class SecondStepOptions(SecondStep):
    """What the browser needs to use a passkey of this person."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> JsonResponse:  # noqa: ARG002 - Django's signature
        """The options."""
        return JsonResponse(passkeys.begin_sign_in(user=self.step.user))


class SecondStepPasskey(SecondStep, PasskeyLogin):
    """A passkey as the second factor."""

    back = "second_step"

    def accept(self, *, credential: dict[str, Any], state: str) -> HttpResponse:
        """Let in whoever holds the passkey."""
        passkeys.prove(user=self.step.user, credential=credential, state=state)
        return self.finish()


class LogoutPage(pages.Page):
    """Signs out of this browser."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """End the sign-in, and say so."""
        session = sign_ins.current(request)
        if session is not None:
            sessions.end(session_id=session.pk, reason=RevokeReason.LOGOUT)
        sign_ins.end(request)
        messages.success(request, "You are signed out.")
        return pages.go_to("login")


def _let_in(request: HttpRequest, user: User, *, method: SignInMethod, has_mfa: bool, then: str) -> HttpResponse:
    """Sign the browser in, and go where its owner was going."""
    device = sign_ins.device_of(request)
    entry = sign_in.enter(user=user, device=device, method=method, has_mfa=has_mfa, kind=SessionKind.ADMIN)
    sign_ins.begin(request, entry.session)
    response = pages.go_on(then)
    sign_ins.remember_device(response, entry.device_token)
    return response


def _staff(user: User) -> User:
    """The user, if they are staff.

    Raises:
        UnauthenticatedError: they are not; it says no more than a wrong password does.
    """
    if not policies.is_staff_actor(user):
        raise UnauthenticatedError("E-mail address, username or password is wrong.", code="invalid_credentials")
    return user
