"""The admin site."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import resolve
from django.views.decorators.common import no_append_slash
from unfold.sites import UnfoldAdminSite


class ShopAdminSite(UnfoldAdminSite):
    """Where staff run the shop."""

    index_title = "Dashboard"
    empty_value_display = "\N{EN DASH}"

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
