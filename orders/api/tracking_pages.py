"""The page that a link to an order leads to. It works without JavaScript, and looks again by itself with it.

Who has the page's address, which nobody can guess, may use it.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from fantasize.core import limits
from fantasize.core.api.client_address import client_address, site_of
from fantasize.core.errors import DomainError, GoneError, NotFoundError, RateLimitedError
from orders import selectors
from orders.api import tracking_change
from orders.api.payment_serializers import page_of
from orders.api.tracking_change import ChangeRefusedError, Wish
from orders.api.tracking_story import bill, tell
from orders.enums import OrderStatus, Role
from orders.models import Payment
from orders.policies import LinkHolder
from orders.services import checkout_sessions, links, reviews, transitions


@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def tracking_view(request: HttpRequest, token: str) -> HttpResponse:
    """Where an order is, as whoever has the link may see it; its owner also answers, agrees, pays and cancels here."""
    try:
        holder = _find_holder(request, token)
        return _act(request, holder) if request.method == "POST" else _page(request, holder)
    except (NotFoundError, GoneError, RateLimitedError) as error:
        response = render(request, "tracking/closed.html", {"is_revoked": error.status == HTTPStatus.GONE})
        response.status_code = error.status
        return _closed_to_others(response)


def _find_holder(request: HttpRequest, token: str) -> LinkHolder:
    """Who has the link; guesses are counted by where they come from."""
    holder = links.find_holder(token)
    if holder is None:
        verdict = limits.hit("general", f"address:{site_of(client_address(request))}")
        if verdict:
            verdict.require()
        raise NotFoundError
    return holder


def _act(request: HttpRequest, holder: LinkHolder) -> HttpResponse:
    """What the owner wants done, then the page again, or the one to pay on.

    Raises:
        NotFoundError: they are not the owner, or want nothing that there is.
    """
    act = _ACTIONS.get(request.POST.get("action", ""))
    if act is None or not holder.is_owner:
        raise NotFoundError
    try:
        address = act(holder, request)
    except DomainError as error:
        wish = error.wish if isinstance(error, ChangeRefusedError) else None
        response = _page(request, holder, problem=error.detail, wish=wish)
        response.status_code = error.status
        return response
    return HttpResponse(status=HTTPStatus.SEE_OTHER, headers={"Location": address or request.path})


def _pay(holder: LinkHolder, request: HttpRequest) -> str | None:  # noqa: ARG001 - every action has one signature
    opened = checkout_sessions.open_page(order_id=holder.order_id)
    return page_of(Payment.objects.select_related("session").get(pk=opened.pk))


def _accept(holder: LinkHolder, request: HttpRequest) -> None:
    reviews.accept_quote(order_id=holder.order_id, expected_total=tracking_change.total_in(request), actor=holder.actor)


def _cancel(holder: LinkHolder, request: HttpRequest) -> None:  # noqa: ARG001 - as above
    move = transitions.Move(target=OrderStatus.CANCELLED, actor=holder.actor, role=Role.OWNER)
    transitions.move_order(order_id=holder.order_id, move=move)


_ACTIONS: dict[str, Callable[[LinkHolder, HttpRequest], str | None]] = {
    "pay": _pay,
    "accept": _accept,
    "cancel": _cancel,
    "change": tracking_change.change,
}


def _page(request: HttpRequest, holder: LinkHolder, *, problem: str = "", wish: Wish | None = None) -> HttpResponse:
    # Its number before the order: what happens in between is told again.
    seq = selectors.last_seq(holder.order_id)
    order = selectors.get_trackable(holder, str(holder.order_id))
    lines = list(order.lines.select_related("review").order_by("position"))
    context = {"story": tell(order, lines, seq=seq), "bill": bill(holder, order, lines, wish), "problem": problem}
    response = _closed_to_others(render(request, "tracking/order.html", context))
    # Browsers want to know where a form leads in the end: to a payment provider, which is another site.
    shop = urlsplit(settings.PUBLIC_BASE_URL)
    allow: Any = csp_update({"form-action": [f"{shop.scheme}://{shop.netloc}", "https:"]})
    answer: HttpResponse = allow(lambda: response)()
    return answer


def _closed_to_others(response: HttpResponse) -> HttpResponse:
    """Keep the address, which is a key, from other sites and from search engines; our own forms need to say theirs."""
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


urlpatterns = [path("<str:token>", tracking_view, name="track")]
