"""Placing an order over HTTP: by whoever has signed in, and by guests."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.selectors import find_default_shipping_address
from customizations.services.snapshots import Drawings
from fantasize.core import guests
from fantasize.core.api.client_address import site_of
from fantasize.core.api.idempotency import Unprepared
from fantasize.core.api.requests import CART_TOKEN_HEADER
from fantasize.core.api.viewsets import ShopViewSet
from fantasize.core.errors import InvalidError
from orders.api.cart_viewsets import owner_of_cart
from orders.api.line_serializers import requested_lines
from orders.api.placing_serializers import OrderInputSerializer, PlacedOrderSerializer, gift_in
from orders.enums import PaymentMethod
from orders.models import Order
from orders.services import checkout, customers
from orders.services.baskets import LineRequest
from orders.services.checkout import UndrawnError
from orders.services.customers import Customer
from orders.services.quoting import Wishes

ADDRESS_FIELDS = ("full_name", "line1", "line2", "city", "region", "postal_code", "country", "phone")
_GUEST = OpenApiParameter(
    CART_TOKEN_HEADER,
    {"type": "string", "pattern": guests.TOKEN_PATTERN},
    OpenApiParameter.HEADER,
    description="Who a guest is: whose cart it is, and whose pictures may be among the answers.",
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be ordered, and what was drawn for it, if it has been prepared."""

    data: Mapping[str, Any]
    customer: Customer
    lines: list[LineRequest]
    drawings: Drawings | None = None


class PlacingMixin(ShopViewSet):
    """Orders that can be placed."""

    wanted: _Wanted | None = None

    def get_serializer_context(self) -> dict[str, Any]:
        """With whether a guest calls."""
        return {**super().get_serializer_context(), "is_guest": not self.request.user.is_authenticated}

    def prepare(self) -> None:
        """Draw what is to be ordered: before the transaction."""
        if self.action != "create":
            super().prepare()
            return
        wanted = self._read()
        drawings = checkout.draw_proofs(customer=wanted.customer, lines=wanted.lines)
        self.wanted = replace(wanted, drawings=drawings)

    @extend_schema(parameters=[_GUEST], request=OrderInputSerializer, responses={201: PlacedOrderSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Place an order and reserve its stock.

        Answers to options are judged like a preview's. What an option, a choice or a picture looks like is drawn for
        good; an order that staff look at first begins `under_review`. Of an order that is sent in parts, the answer is
        what need not wait, and `siblings` names the other.
        """
        wanted = self.wanted or self._read()
        try:
            order = self._place(wanted)
        except UndrawnError as error:
            raise Unprepared from error
        return self.answer(order, serializer_class=PlacedOrderSerializer, status=HTTPStatus.CREATED)

    def _place(self, wanted: _Wanted) -> Order:
        return checkout.place_order(
            customer=wanted.customer,
            lines=wanted.lines,
            from_cart="lines" not in wanted.data,
            payment_method=PaymentMethod(wanted.data["payment_method"]),
            shipping_address=address_for(wanted.customer, wanted.data.get("shipping_address")),
            expected_total=wanted.data.get("expected_total"),
            drawings=wanted.drawings,
            wishes=self._wishes(wanted.data),
            gift=gift_in(wanted.data),
            is_at_once=True,
        )

    def _read(self) -> _Wanted:
        data = self.read_input(OrderInputSerializer)
        customer = self._customer(data)
        lines = requested_lines(data) if "lines" in data else _lines_in_cart(customer)
        return _Wanted(data, customer, lines)

    def _customer(self, data: Mapping[str, Any]) -> Customer:
        """Who orders: the account, or a guest."""
        owner = owner_of_cart(self.request)
        user = self.request.user
        return (
            customers.of(user)
            if isinstance(user, User)
            else customers.guest(email=data["email"], principal=owner or "")
        )

    def _wishes(self, data: Mapping[str, Any]) -> Wishes:
        place = site_of(self.request.client_address)
        return Wishes(data.get("coupon", ""), data.get("shipping_method"), place, data["ship_in_parts"])


def _lines_in_cart(customer: Customer) -> list[LineRequest]:
    # Whoever erases an account locks it before its cart; so do we.
    checkout.require_customer(customer)
    return checkout.lines_in_cart(customer.principal)


def address_for(customer: Customer, given: Mapping[str, str] | None) -> dict[str, str]:
    """The address given, else the account's, as the order keeps it."""
    name = customer.user.get_full_name() if customer.user else ""
    if given is None:
        return _default_address(customer.user)
    if customer.user is None and "full_name" not in given:
        raise InvalidError.at("/shipping_address/full_name", "A guest has to say this.", code="required")
    return {"full_name": name, **given}


def _default_address(user: User | None) -> dict[str, str]:
    address = find_default_shipping_address(user) if user else None
    # Lines of text from the earlier system: neither a parcel nor a tax knows where that is.
    if address is None or not address.country:
        has = "no address" if address is None else "an address without a country"
        raise InvalidError.at("/shipping_address", f"The account has {has}: where should it go?", code="required")
    return {name: getattr(address, name) for name in ADDRESS_FIELDS}
