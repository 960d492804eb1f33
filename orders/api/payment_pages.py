"""Pages for people who pay: the sandbox's own, and the one that every provider leads back to. Neither needs a login.

Who has a page's address, which nobody can guess, may use it. What was paid is never learnt here, but from the provider.
"""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from fantasize.core.errors import NotFoundError
from fantasize.core.money import quantize
from orders.enums import OrderStatus, PaymentState, PaymentStatus
from orders.models import PaymentSession, SandboxSession
from orders.payments.sandbox import ACTIONS
from orders.services import sandbox_page, settling

_BAD_REQUEST = 400


# The address is what lets somebody in, not a cookie: there is nothing to forge.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sandbox_view(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The page to pay on with play money, and its buttons.

    Raises:
        Http404: there is no such page.
    """
    try:
        page = sandbox_page.get_page(provider_id)
        if request.method != "POST":
            return _sandbox_page(request, page)
        action = request.POST.get("action", "")
        if action not in ACTIONS:
            return _sandbox_page(request, page, is_unclear=True)
        return HttpResponseRedirect(sandbox_page.press(provider_id, action))
    except NotFoundError:
        raise Http404 from None


@never_cache
@require_safe
def return_view(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Where shoppers come back to: what the shop knows so far.

    Raises:
        Http404: there is no such payment.
    """
    session = PaymentSession.objects.select_related("payment", "order").filter(pk=session_id).first()
    if session is None:
        raise Http404
    return _closed_to_others(render(request, "payments/return.html", {"session": session, **_news(session)}))


def _sandbox_page(request: HttpRequest, page: SandboxSession, *, is_unclear: bool = False) -> HttpResponse:
    amount = f"{quantize(page.amount, page.currency):,}"
    context = {"page": page, "amount": amount, "is_unclear": is_unclear}
    response = render(request, "payments/sandbox.html", context, status=_BAD_REQUEST if is_unclear else None)
    # Browsers want to know where a form leads in the end, also when that is another site.
    allow_forms_to: Any = csp_update({"form-action": sorted({_origin(page.success_url), _origin(page.cancel_url)})})
    return _closed_to_others(allow_forms_to(lambda: response)())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _news(session: PaymentSession) -> dict[str, Any]:
    """What is known; ``is_waiting`` while something more is to be expected in a moment."""
    payment, order = session.payment, session.order
    outcome = _OUTCOMES.get(PaymentState(payment.state), "waiting")
    if outcome in ("left", "failed") and order.payment_status == PaymentStatus.PAID:
        # An old tab: the order was paid on another page since.
        outcome = "paid"
    if order.status == OrderStatus.CANCELLED and outcome == "paid":
        # Nothing is made for this money: it is owed back, if it is not on its way yet.
        outcome = "refunded"
    elif order.status == OrderStatus.CANCELLED and outcome != "refunded":
        outcome = "cancelled" if settling.waits_for_money(order) else "called_off"
    is_open = session.closed_at is None
    return {"outcome": outcome, "is_waiting": outcome == "waiting" and is_open, "order": order, "payment": payment}


_OUTCOMES = {
    PaymentState.PAID: "paid",
    PaymentState.FAILED: "failed",
    PaymentState.EXPIRED: "left",
    PaymentState.PARTIALLY_REFUNDED: "paid",
    PaymentState.REFUNDED: "refunded",
}


def _closed_to_others(response: HttpResponse) -> HttpResponse:
    """Keep the address, which is a key, from other sites and from search engines."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


urlpatterns = [
    path("sandbox/<slug:provider_id>", sandbox_view, name="sandbox-page"),
    path("return/<uuid:session_id>", return_view, name="payment-return"),
]
