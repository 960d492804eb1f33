"""Links to an order on its page: those there are, new ones, and an end to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache

from fantasize.core.admin.actors import actor_of, names_of
from fantasize.core.api.lookups import get_row
from fantasize.core.errors import NotFoundError
from orders import policies
from orders.admin.moves import BUSY
from orders.enums import LinkScope
from orders.models import Order, OrderLink
from orders.services import links


@dataclass(frozen=True, slots=True)
class Row:
    """A link, and who made it."""

    link: OrderLink
    by: str


@dataclass(frozen=True, slots=True)
class LinksCard:
    """What the order page shows of links.

    Attributes:
        scopes: of which this person may make new ones.
        url: where the buttons post to.
    """

    rows: Sequence[Row]
    scopes: Sequence[LinkScope]
    url: str


def links_card(user: Any, order: Order) -> LinksCard:
    """The order's links, newest first. Two queries at most."""
    found = list(order.links.order_by("-created_at", "pk"))
    names = names_of(link.created_by for link in found)
    scopes = [scope for scope in LinkScope if policies.can_share(user, order, scope)]
    url = reverse("admin:orders_order_links", args=[order.pk])
    return LinksCard([Row(link, names[link.created_by]) for link in found], scopes, url)


@never_cache
def links_view(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Where the buttons post to: takes a link back, or makes one and shows it, this once.

    Raises:
        PermissionDenied: this person may not.
        Http404: there is no such order or link.
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not policies.can_move(request.user):
        raise PermissionDenied
    order = Order.objects.filter(pk=order_id).first()
    if order is None:
        raise Http404
    if "revoke" in request.POST:
        return _revoke(request, order, request.POST["revoke"])
    return _create(request, order, request.POST.get("scope", ""))


def _revoke(request: HttpRequest, order: Order, text: str) -> HttpResponse:
    try:
        link = get_row(order.links.all(), text)
    except NotFoundError:
        raise Http404 from None
    links.revoke(link_id=link.pk, actor=actor_of(request))
    messages.success(request, "The link opens nothing any more.")
    return HttpResponseRedirect(_page_of(order))


def _create(request: HttpRequest, order: Order, scope: str) -> HttpResponse:
    if scope not in LinkScope.values or not policies.can_share(request.user, order, LinkScope(scope)):
        raise PermissionDenied
    try:
        new = links.create(order, scope=LinkScope(scope), actor=actor_of(request))
    except OperationalError:  # a lock was not to be had in time
        messages.error(request, BUSY)
        return HttpResponseRedirect(_page_of(order))
    context = admin.site.each_context(request) | {
        "title": f"New link: {order}",
        "opts": Order._meta,  # noqa: SLF001 - Django's documented interface
        "link": new.link,
        "address": links.address_of(new.token),
        "back_link": _page_of(order),
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/orders/order/new_link.html", context)


def _page_of(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])
