"""What the pages around signing in have in common."""

from http import HTTPStatus
from math import ceil
from typing import Any, ClassVar

import structlog
from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from django.views.generic.base import ContextMixin, TemplateResponseMixin
from redis.exceptions import RedisError

from accounts.models import Session, User
from fantasize.admin import sign_ins
from fantasize.core.errors import DomainError, UnavailableError

log = structlog.get_logger(__name__)

_NEXT = "next"
# The theme's Alpine expressions are evaluated and its colours are set inline; no other page of the shop may do either.
relaxed = csp_update({"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]})
_MINUTE = 60


@method_decorator([sensitive_post_parameters(), csrf_protect, never_cache, relaxed], name="dispatch")
class Page(TemplateResponseMixin, ContextMixin, View):
    """A page of the admin that is no model's: never stored by anybody, its posts never in an error report."""

    title: ClassVar[str] = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page; one that says so while what it needs is down."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except RedisError:
            log.warning("admin.redis_unreachable")
            context = self.get_context_data() | {"title": "Not just now"}
            page = TemplateResponse(request, "admin/sign_in/unavailable.html", context)
            return refused(page, UnavailableError())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the theme's frame shows, and the page's own."""
        context = admin.site.each_context(self.request)
        # Whoever may open no page is shown no menu either.
        context["is_nav_sidebar_enabled"] = context["has_permission"]
        return context | {"title": self.title, **super().get_context_data(**kwargs)}


class FormPage(Page, FormView[forms.Form]):
    """A page with one form, which one service judges; what it refuses is said on the page."""

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Whatever comes after the form, or the form again with what was wrong."""
        try:
            return self.accept(**form.cleaned_data)
        except DomainError as error:
            return self.refuse(form, error)

    def accept(self, *args: Any, **values: Any) -> HttpResponse:
        """Hand the form to the service.

        Raises:
            DomainError: the service refuses it.
        """
        raise NotImplementedError

    def refuse(self, form: forms.Form, error: DomainError) -> HttpResponse:
        """The page again: each fault at its field, the rest above them."""
        for fault in error.errors:
            name = fault.location.removeprefix("/")
            form.add_error(name if name in form.fields else None, fault.detail)
        if not error.errors:
            form.add_error(None, said(error))
        return refused(self.render_to_response(self.get_context_data(form=form)), error)


class SignedIn(View):
    """Somebody of the staff is signed in, be it without the second factor that their role asks for."""

    sign_in: Session

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or the way to the sign-in page."""
        session = sign_ins.current(request)
        if session is None:
            return HttpResponseRedirect(reverse("admin:login"))
        self.sign_in = session
        return super().dispatch(request, *args, **kwargs)

    @property
    def person(self) -> User:
        """Who is signed in."""
        return self.sign_in.user


def said(error: DomainError) -> str:
    """A refusal in the words of these pages."""
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        minutes = ceil(error.extra.get("retry_after", _MINUTE) / _MINUTE)
        return f"Too many attempts. Try again in {minutes} minute{'' if minutes == 1 else 's'}."
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        return "Signing in is not possible just now. Try again in a moment."
    return error.detail


def refused(response: HttpResponse, error: DomainError) -> HttpResponse:
    """The page of a refusal; programs are told, too, when coming back later is the thing to do."""
    if error.status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        response.status_code = error.status
        response["Retry-After"] = str(error.extra.get("retry_after", _MINUTE))
    return response


def tell_refusal(request: HttpRequest, error: DomainError) -> None:
    """Have the next page say why nothing happened."""
    messages.error(request, said(error))


def wanted_page(request: HttpRequest) -> str:
    """Where somebody was going, if it is a page of this site; else nothing."""
    address = request.POST.get(_NEXT) or request.GET.get(_NEXT, "")
    is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if is_ours else ""


def go_on(address: str, *, otherwise: str = "index") -> HttpResponseRedirect:
    """The way to ``address``, else to an admin page."""
    return HttpResponseRedirect(address or reverse(f"admin:{otherwise}"))


def go_to(name: str, *, then: str = "") -> HttpResponseRedirect:
    """The way to an admin page, which leads on to ``then``."""
    address = reverse(f"admin:{name}")
    return HttpResponseRedirect(f"{address}?{urlencode({_NEXT: then})}" if then else address)
