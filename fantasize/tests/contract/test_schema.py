"""The OpenAPI document: well-formed, complete, and true of what every operation answers."""

import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.validation import validate_schema
from pytest_django import Settings

from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD
from catalog.models import Package, Product, ProductMaterial
from catalog.services import favourites
from customizations.tests.factories import SCHEMA
from fantasize.tests.contract import mailed_codes, second_factors, social_calls
from fantasize.tests.contract.documented import DOCUMENT, METHODS, OPERATIONS, PREFIX, faults, nodes
from fantasize.tests.contract.world import PICTURE, World, give_picture
from orders.enums import OrderStatus
from orders.payments import signatures
from orders.tests.factories import ADDRESS, move

pytestmark = pytest.mark.django_db

# The document does not document itself.
UNDOCUMENTED = {f"{PREFIX}/schema"}

_PERSON = {"email": "new@example.com", "password": PASSWORD, "username": "new", "address": ADDRESS}
_PRODUCT = {"name": "Oak lantern", "price": "12.50"}
_LINE = {"line1": "1", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"}
KEY = {"Idempotency-Key": "once", "If-Match": "*"}


def _credentials(world: World) -> dict[str, Any]:
    return {"email": world.user("customer").email, "password": PASSWORD}


def _refresh(world: World) -> dict[str, Any]:
    return {"refresh": sessions.begin(user=world.user("customer"), device=Device()).refresh}


def _basket(world: World) -> dict[str, Any]:
    lines = [{"product": world.shared["products"], "quantity": 2, "answers": {"colour": "red"}}]
    return {"lines": lines, "payment_method": "cash_on_delivery", "expected_total": "20.00"}


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


def _to_be_paid(world: World) -> dict[str, Any]:
    """The customer's orders are paid on a page, not in cash."""
    orders = world.user("customer").orders
    orders.update(payment_method="hosted")
    return {"order": str(world.row("orders", "customer")), "method": "hosted"}


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
    "POST /orders/{id}/cancel": ("customer", {"reason": "Too late."}),
    "POST /orders/{id}/checkout": ("customer", lambda world: _to_be_paid(world) and {}),
    "POST /payments": ("customer", _to_be_paid),
    "GET /payments/{id}": ("customer", None),
    "POST /payments/webhooks/{id}": ("anonymous", _signed),
    "GET /orders/proofs/{id}": ("customer", None),
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


def test_the_document_is_valid_openapi_31() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    validate_schema(DOCUMENT)  # type: ignore[no-untyped-call]
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid({**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"}), name


def test_the_document_speaks_no_older_dialect() -> None:
    """JSON Schema 2020-12 ignores ``nullable``, and an exclusive limit is a number."""
    for node in nodes(DOCUMENT):
        assert "nullable" not in node
        assert not isinstance(node.get("exclusiveMinimum", node.get("exclusiveMaximum")), bool)


def routes(resolver: URLResolver, prefix: str = "/") -> dict[str, set[str]]:
    """The paths of the URLconf below the API's prefix, as the document writes them, and their methods."""
    found: dict[str, set[str]] = {}
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(entry, URLResolver):
            found |= routes(entry, path)
        elif isinstance(entry, URLPattern) and path.startswith(f"{PREFIX}/"):
            found[path.replace("(?P<pk>[^/]+)", "{id}")] = {*getattr(entry.callback, "actions", ["get"])} & {*METHODS}
    return found


def test_every_route_is_documented_with_every_method() -> None:
    served = {path: methods for path, methods in routes(get_resolver()).items() if path not in UNDOCUMENTED}
    documented = {path: set(item) & set(METHODS) for path, item in DOCUMENT["paths"].items()}
    assert served == documented
    assert len(served) > 20


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


def test_every_operation_is_called_here() -> None:
    assert set(CALLS) == set(OPERATIONS)


@pytest.mark.parametrize("name", CALLS)
def test_what_is_answered_is_what_is_documented_no_more_and_no_less(
    name: str, world: World, settings: Settings
) -> None:
    role, body = CALLS[name]
    method, path = name.split(" ")
    with social_calls.provider_for(name, world, settings):
        sent = body(world) if callable(body) else body
        headers = {**KEY, **world.people[role].headers}
        url = world.path(PREFIX + path, role)
        answer = Client().generic(method, url, *encoded(sent), headers=headers)
    status, documented = next(iter(OPERATIONS[name]["responses"].items()))
    assert str(answer.status_code) == status, answer.content
    if "content" not in documented:
        assert (status, answer.content) == ("204", b"")
        return
    media_type = answer["Content-Type"]
    content = documented["content"][media_type]
    if media_type == "application/json":
        assert faults(content["schema"], answer.json()) == []
    else:
        assert content["schema"] == {"type": "string", "format": "binary"}
        assert answer.getvalue()


def encoded(body: Any) -> tuple[bytes, str]:
    """The body and its media type: JSON, unless it brings a file."""
    if isinstance(body, dict) and any(isinstance(value, SimpleUploadedFile) for value in body.values()):
        return encode_multipart(BOUNDARY, body), MULTIPART_CONTENT
    return b"" if body is None else json.dumps(body).encode(), "application/json"


def test_what_is_not_documented_is_noticed() -> None:
    schema = {"$ref": "#/components/schemas/Brand"}
    brand = {"id": 1, "slug": "us", "name": "Us", "position": 0}
    assert faults(schema, brand) == []
    assert len(faults(schema, {**brand, "password": "x"})) == 1
    assert len(faults(schema, {"id": "1", "slug": "us", "position": 0})) == 2
