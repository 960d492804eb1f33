"""The admin site."""

from collections.abc import Callable
from typing import Any

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import resolve
from django.utils.decorators import method_decorator
from django.views.decorators.common import no_append_slash
from unfold.sites import UnfoldAdminSite

# Its Alpine expressions are evaluated and its theme is set inline; no other page of the shop may do either.
_relaxed = csp_update({"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]})


class ShopAdminSite(UnfoldAdminSite):
    """Where staff run the shop."""

    index_title = "Dashboard"
    empty_value_display = "\N{EN DASH}"

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:  # noqa: FBT001, FBT002 - Django's signature
        """The view for staff only, with what the theme needs of the browser."""
        return _relaxed(super().admin_view(view, cacheable))

    @method_decorator(_relaxed)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The sign-in page, with what the theme needs of the browser."""
        return super().login(request, extra_context)

    @no_append_slash
    def catch_all_view(self, request: HttpRequest, url: str) -> HttpResponse:
        """Lead an address without its closing slash to its page: ``APPEND_SLASH`` is off for the sake of the API.

        Raises:
            Http404: there is no such page.
        """
        if not url.endswith("/"):
            page = resolve(f"{request.path_info}/").func
            if getattr(page, "should_append_slash", True):
                return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        raise Http404
