"""One call of every operation that succeeds: who makes it, and what they send."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD
from catalog.models import Package, Product, ProductMaterial
from catalog.services import favourites
from customizations.tests.factories import SCHEMA
from fantasize.core import clock
from fantasize.tests.contract import mailed_codes, second_factors, social_calls
from fantasize.tests.contract.world import PICTURE, World, give_picture
from orders.enums import OrderStatus, RefundState
from orders.models import LineReview, Order, OrderLine, Payment, Refund
from orders.payments import signatures
from orders.tests.factories import ADDRESS, move, put_under_review

_PERSON = {"email": "new@example.com", "password": PASSWORD, "username": "new", "address": ADDRESS}
_PRODUCT = {"name": "Oak lantern", "price": "12.50"}
_LINE = {"line1": "1", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"}


def _credentials(world: World) -> dict[str, Any]:
    return {"email": world.user("customer").email, "password": PASSWORD}


def _refresh(world: World) -> dict[str, Any]:
    return {"refresh": sessions.begin(user=world.user("customer"), device=Device()).refresh}


def _basket(world: World) -> dict[str, Any]:
    lines = [{"product": world.shared["products"], "quantity": 2, "answers": {"colour": "red"}}]
    return {"lines": lines, "payment_method": "cash_on_delivery", "expected_total": "20.00"}


def _draft(world: World) -> dict[str, Any]:
    order = {"lines": _basket(world)["lines"], "email": "a@example.com", "shipping_address": ADDRESS}
    return {"order": order, "note": "Called us."}


def _package(world: World) -> dict[str, Any]:
    return {"name": "Oak box", "items": [{"product": world.shared["products"], "quantity": 2}]}


def _price_break(world: World) -> dict[str, Any]:
    return {"product": world.shared["products"], "min_quantity": 200, "percent": 50}


def _pictured(world: World) -> None:
    give_picture(world.user("customer"))


def _liking(world: World) -> None:
    user = world.user("customer")
    favourites.add(user_id=user.pk, product=Product.objects.get(pk=world.shared["products"]))
    favourites.add(user_id=user.pk, package=Package.objects.get(pk=world.shared["packages"]))


def _leaving(world: World) -> None:
    for order in world.user("customer").orders.all():
        move(order, OrderStatus.CANCELLED)


def _unused(_world: World) -> None:
    Product.objects.update(brand=None, category=None)
    Package.objects.update(category=None)
    ProductMaterial.objects.all().delete()


def _delivered(world: World) -> str:
    """The manager's own orders were delivered, and paid for."""
    for order in world.user("manager").orders.all():
        move(order, OrderStatus.DELIVERED)
    return "Broken"


def _refused(world: World) -> None:
    """Of what the manager paid, something did not go back."""
    _delivered(world)
    payment = Payment.objects.captured().filter(order=world.row("orders", "manager")).latest("captured_at")
    Refund.objects.create(payment=payment, key="a", amount=1, state=RefundState.FAILED, settled_at=clock.now())


def _bought(world: World) -> list[dict[str, Any]]:
    """One unit of each line of the manager's own order."""
    lines = OrderLine.objects.filter(order=world.row("orders", "manager"))
    return [{"line": line.pk, "quantity": 1} for line in lines]


def _to_be_paid(world: World) -> dict[str, Any]:
    """The customer's orders are paid on a page, not in cash."""
    orders = world.user("customer").orders
    orders.update(payment_method="hosted")
    return {"order": str(world.row("orders", "customer")), "method": "hosted"}


def _agreed(world: World) -> dict[str, Any]:
    return {"expected_total": str(Order.objects.get(pk=world.row("orders", "customer")).total)}


def _asking(world: World) -> dict[str, Any]:
    """The manager's own order waits for staff to look at a line."""
    order = Order.objects.get(pk=world.row("orders", "manager"))
    order.payments.all().delete()
    line = OrderLine.objects.filter(order=order).latest("pk")
    put_under_review(order)
    line.save(force_insert=True)
    LineReview.objects.create(line=line)
    return {"line": line.pk, "decision": "request_change", "reason": "In gold?", "note": "Ada called."}


def _signed(world: World) -> dict[str, Any]:
    event = {"id": "evt_1", "type": "customer.created", "data": {"object": {}}}
    signature = signatures.sign(json.dumps(event).encode(), settings.SANDBOX_WEBHOOK_SECRET)
    world.people["anonymous"].headers["Stripe-Signature"] = signature
    return event


def _taxonomy(name: str) -> list[tuple[str, tuple[str, Any]]]:
    return [
        (f"GET /{name}", ("anonymous", None)),
        (f"POST /{name}", ("manager", {"name": "Oak & co"})),
        (f"GET /{name}/{{id}}", ("anonymous", None)),
        (f"PUT /{name}/{{id}}", ("manager", {"name": "Oak & co"})),
        (f"PATCH /{name}/{{id}}", ("manager", {"position": 3})),
        (f"DELETE /{name}/{{id}}", ("manager", _unused)),
    ]


# Who calls what with which body, so that it succeeds.
CALLS: dict[str, tuple[str, Callable[[World], Any] | dict[str, Any] | None]] = {
    "GET /admin/users": ("administrator", None),
    "GET /admin/users/{id}": ("administrator", None),
    "PATCH /admin/users/{id}": ("administrator", {"role": "manager"}),
    "POST /admin/users/{id}/end-sessions": ("administrator", None),
    "POST /auth/login": ("anonymous", _credentials),
    "POST /auth/logout": ("anonymous", _refresh),
    "POST /auth/logout-all": ("customer", None),
    **second_factors.CALLS,
    **mailed_codes.CALLS,
    **social_calls.CALLS,
    "POST /auth/refresh": ("anonymous", _refresh),
    "POST /auth/register": ("anonymous", _PERSON),
    "POST /users/login": ("anonymous", _credentials),
    "POST /users/register": ("anonymous", _PERSON),
    **{call: answer for name in ("brands", "categories", "materials", "tags") for call, answer in _taxonomy(name)},
    "GET /products": ("manager", None),
    "POST /products": ("manager", _PRODUCT),
    "GET /products/{id}": ("anonymous", None),
    "GET /products/category/{id}": ("anonymous", None),
    "PUT /products/{id}": ("manager", _PRODUCT),
    "PATCH /products/{id}": ("manager", {"price": 3}),
    "DELETE /products/{id}": ("manager", None),
    "GET /packages": ("manager", None),
    "POST /packages": ("manager", _package),
    "GET /packages/{id}": ("anonymous", None),
    "PUT /packages/{id}": ("manager", _package),
    "PATCH /packages/{id}": ("manager", {"percent_off": "12.5"}),
    "DELETE /packages/{id}": ("manager", None),
    "GET /media/{id}": ("manager", None),
    "PATCH /media/{id}": ("manager", {"alt": "A lantern at night", "position": 0}),
    "DELETE /media/{id}": ("manager", None),
    "POST /packages/{id}/media": ("manager", {"file": SimpleUploadedFile("box.png", PICTURE), "alt": "A box"}),
    "POST /products/{id}/media": ("manager", {"file": SimpleUploadedFile("lantern.png", PICTURE)}),
    "GET /packages/{id}/reviews": ("anonymous", None),
    "POST /packages/{id}/reviews": ("stranger", {"rating": 4}),
    "GET /products/{id}/reviews": ("anonymous", None),
    "POST /products/{id}/reviews": ("customer", {"rating": 5, "text": "Good."}),
    "GET /users/reviews": ("customer", None),
    "GET /users/reviews/{id}": ("customer", None),
    "PATCH /users/reviews/{id}": ("customer", {"rating": 2}),
    "DELETE /users/reviews/{id}": ("customer", None),
    "GET /home": ("customer", None),
    "GET /search": ("anonymous", None),
    "GET /search/suggestions": ("anonymous", None),
    "GET /offers": ("manager", None),
    "POST /offers": ("manager", {"name": "Spring", "percent": 5}),
    "GET /offers/{id}": ("anonymous", None),
    "PUT /offers/{id}": ("manager", {"name": "Spring", "amount": "5.00"}),
    "PATCH /offers/{id}": ("manager", {"ends_at": None}),
    "DELETE /offers/{id}": ("manager", None),
    "GET /coupons": ("manager", None),
    "POST /coupons": ("manager", {"code": "SPRING", "percent": 5}),
    "GET /coupons/{id}": ("manager", None),
    "PUT /coupons/{id}": ("manager", {"code": "SPRING", "amount": "5.00"}),
    "PATCH /coupons/{id}": ("manager", {"max_uses": 5}),
    "DELETE /coupons/{id}": ("manager", None),
    "GET /price-breaks": ("manager", None),
    "POST /price-breaks": ("manager", _price_break),
    "GET /price-breaks/{id}": ("manager", None),
    "PATCH /price-breaks/{id}": ("manager", {"percent": 6}),
    "DELETE /price-breaks/{id}": ("manager", None),
    "GET /customizations": ("manager", None),
    "POST /customizations/preview": ("customer", lambda world: {"product": world.shared["products"]}),
    "GET /customizations/previews/{id}": ("customer", None),
    "POST /customizations": ("manager", {"name": "Engraving", "schema": SCHEMA, "state": "published"}),
    "GET /customizations/{id}": ("anonymous", None),
    "PUT /customizations/{id}": ("manager", {"name": "Engraving", "schema": SCHEMA}),
    "PATCH /customizations/{id}": ("manager", {"state": "retired"}),
    "DELETE /customizations/{id}": ("manager", None),
    "POST /customizations/{id}/clone": ("manager", {}),
    "GET /customizations/{id}/presets": ("anonymous", None),
    "POST /customizations/{id}/presets": ("manager", {"name": "For Ada", "answers": {"name": "Ada"}}),
    "GET /customizations/{id}/schema": ("anonymous", None),
    "GET /customizations/presets/{id}": ("manager", None),
    "PATCH /customizations/presets/{id}": ("manager", {"answers": {"colour": "gold"}, "position": 0}),
    "DELETE /customizations/presets/{id}": ("manager", None),
    "POST /customizations/backgrounds": ("manager", {"file": SimpleUploadedFile("oak.png", PICTURE)}),
    "POST /customizations/uploads": ("anonymous", {"file": SimpleUploadedFile("me.png", PICTURE)}),
    "GET /customizations/uploads/{id}": ("customer", None),
    "GET /customizations/uploads/{id}/file": ("customer", None),
    "DELETE /customizations/uploads/{id}": ("customer", None),
    "GET /packages/{id}/customizations": ("anonymous", None),
    "GET /products/{id}/customizations": ("anonymous", None),
    "GET /cart": ("customer", None),
    "DELETE /cart": ("customer", None),
    "POST /cart/items": ("anonymous", lambda world: {"product": world.shared["products"], "quantity": 1}),
    "PATCH /cart/items/{id}": ("customer", {"quantity": 2, "acknowledge_price": True}),
    "DELETE /cart/items/{id}": ("customer", None),
    "GET /orders": ("manager", None),
    "POST /orders": ("customer", _basket),
    "POST /orders/quote": (
        "anonymous",
        lambda world: {"lines": _basket(world)["lines"], "shipping_address": {"country": "GB"}},
    ),
    "GET /orders/{id}": ("manager", None),
    "DELETE /orders/{id}": ("customer", None),
    "POST /orders/{id}/accept-quote": ("customer", _agreed),
    "POST /orders/{id}/review": ("manager", _asking),
    "POST /orders/{id}/cancel": ("customer", {"reason": "Too late."}),
    "POST /orders/{id}/checkout": ("customer", lambda world: _to_be_paid(world) and {}),
    "POST /payments": ("customer", _to_be_paid),
    "GET /payments/{id}": ("customer", None),
    "POST /payments/webhooks/{id}": ("anonymous", _signed),
    "PATCH /orders/{id}": ("customer", {"is_gift": True, "gift_message": "For you"}),
    "PUT /orders/{id}": ("manager", {"is_anonymous": True}),
    "GET /orders/drafts": ("manager", None),
    "POST /orders/drafts": ("manager", _draft),
    "GET /orders/drafts/{id}": ("manager", None),
    "PUT /orders/drafts/{id}": ("manager", _draft),
    "DELETE /orders/drafts/{id}": ("manager", None),
    "POST /orders/drafts/{id}/place": ("manager", {}),
    "GET /orders/proofs/{id}": ("customer", None),
    "GET /orders/{id}/credit-notes": ("customer", None),
    "GET /orders/{id}/documents/gift-card": ("manager", None),
    "GET /orders/{id}/documents/invoice": ("manager", None),
    "GET /orders/{id}/documents/packing-slip": ("manager", None),
    "POST /orders/{id}/refund": ("manager", lambda world: {"amount": "1.00", "reason": _delivered(world)}),
    "POST /orders/{id}/refund/retry": ("manager", _refused),
    "POST /orders/{id}/return": ("manager", lambda world: {"lines": _bought(world), "reason": _delivered(world)}),
    "GET /orders/{id}/links": ("customer", None),
    "POST /orders/{id}/links": ("customer", {"scope": "recipient"}),
    "DELETE /orders/{id}/links/{link}": ("customer", None),
    "GET /orders/{id}/reorder": ("customer", None),
    "PUT /orders/{id}/status": ("manager", {"status": "shipped", "note": "By bike.", "carrier": "Us"}),
    "GET /orders/{id}/track": ("customer", None),
    "GET /users/addresses": ("customer", None),
    "POST /users/addresses": ("customer", _LINE),
    "GET /users/addresses/{id}": ("customer", None),
    "PUT /users/addresses/{id}": ("customer", _LINE),
    "PATCH /users/addresses/{id}": ("customer", {"city": "Paris"}),
    "DELETE /users/addresses/{id}": ("customer", None),
    "GET /users/{id}/avatar": ("customer", _pictured),
    "GET /users/avatar": ("customer", _pictured),
    "PUT /users/avatar": ("customer", {"file": SimpleUploadedFile("me.png", PICTURE)}),
    "DELETE /users/avatar": ("customer", None),
    "GET /users/export": ("customer", None),
    "GET /users/favorites": ("customer", _liking),
    "POST /users/favorites": ("customer", lambda world: {"product": world.shared["products"]}),
    "DELETE /users/favorites/{id}": ("customer", _liking),
    "DELETE /users/favorites/packages/{id}": ("customer", _liking),
    "GET /users/profile": ("customer", None),
    "PUT /users/profile": ("customer", {"username": "ada"}),
    "PATCH /users/profile": ("customer", {"first_name": "Ada"}),
    "DELETE /users/profile": ("customer", _leaving),
    "GET /users/sessions": ("customer", None),
    "GET /users/sessions/{id}": ("customer", None),
    "DELETE /users/sessions/{id}": ("customer", None),
}
