"""Every page of the admin, and a row of every model for it."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.urls import URLPattern, URLResolver
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import ApiKey, Session, User
from accounts.services import api_keys
from catalog.models import (
    Brand,
    Category,
    Coupon,
    CouponRedemption,
    Material,
    Offer,
    Package,
    Product,
    ProductMedia,
    Review,
    StockItem,
    StockMovement,
    Synonym,
    Tag,
    TaxClass,
)
from customizations.models import BlockedWord, ChoiceStock, CustomizationTemplate, Upload
from fantasize.core.models import Transfer
from fantasize.tests.contract.world import World
from orders.enums import PaymentMethod
from orders.models import Cart, DraftOrder, LineReview, Order, OrderLine, Payment, ShippingMethod, WebhookEvent


def rows_of(world: World) -> dict[type[Model], Any]:
    """The key of a row of each model: the customer's, where somebody has it."""
    customer = world.user("customer")
    order = Order.objects.get(pk=world.row("orders", "customer"))
    payment = Payment.objects.create(
        order=order, method=PaymentMethod.CASH_ON_DELIVERY, amount=Decimal(1), currency="USD"
    )
    key, _ = api_keys.create(actor=world.user("administrator"), name="factory", scopes=[])
    keys: dict[type[Model], Any] = {model: model.objects.values_list("pk", flat=True).first() for model in _ANY}
    keys |= {Order: order.pk, Payment: payment.pk, ApiKey: key.pk, User: customer.pk}
    keys[LineReview] = LineReview.objects.create(line=OrderLine.objects.filter(order=order).latest("pk")).pk
    keys[DraftOrder] = world.row("orders/drafts", "manager")
    keys[BlockedWord] = BlockedWord.objects.create(word="mist").pk
    keys[Synonym] = Synonym.objects.create(words="mug, cup").pk
    keys[ShippingMethod] = ShippingMethod.objects.create(code="post", name="Post", price=Decimal(5)).pk
    keys[TaxClass] = TaxClass.objects.create(code="standard", name="Standard").pk
    transfer = Transfer.objects.create(kind="import", resource="product", format="csv", actor=str(customer.actor))
    keys[WebhookEvent] = WebhookEvent.objects.create(gateway="sandbox", event_id="1", kind="x", is_live=False).pk
    return keys | {
        Transfer: transfer.pk,
        Session: world.row("users/sessions", "customer"),
        Group: Group.objects.get(name="manager").pk,
    }


_ANY = (
    Brand,
    Cart,
    Category,
    ChoiceStock,
    Coupon,
    CouponRedemption,
    CustomizationTemplate,
    Material,
    Offer,
    Package,
    ProcrastinateJob,
    Product,
    ProductMedia,
    Review,
    StockItem,
    StockMovement,
    Tag,
    Upload,
)


_ARGUMENT = re.compile(r"<[^>]+>")
# Arguments of pages that are about no model of the admin.
_OTHERS = {
    "catalog/productmedia/of/<str:kind>/<int:target_id>/": "catalog/productmedia/of/product/0/",
    "catalog/productmedia/of/<str:kind>/<int:target_id>/order/": "catalog/productmedia/of/product/0/order/",
    "customizations/customizationtemplate/backgrounds/<slug:sha256>/": (
        "customizations/customizationtemplate/backgrounds/0/"
    ),
    "customizations/customizationtemplate/<int:template_id>/v/<int:number>/": (
        "customizations/customizationtemplate/0/v/0/"
    ),
    "customizations/customizationtemplate/presets/<int:preset_id>/": "customizations/customizationtemplate/presets/0/",
    "customizations/customizationtemplate/presets/<int:preset_id>/remove/": (
        "customizations/customizationtemplate/presets/0/remove/"
    ),
    "r/<path:content_type_id>/<path:object_id>/": "r/0/0/",
    "<app_label>/": "catalog/",
    "<url>": "nothing/",
    "second-factor/passkeys/<int:passkey_id>/remove/": "second-factor/passkeys/0/remove/",
    "second-factor/sign-ins/<uuid:session_id>/end/": f"second-factor/sign-ins/{UUID(int=0)}/end/",
}


def routes(patterns: Iterable[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    """Every route below the admin's, as the URLconf writes it."""
    for entry in patterns:
        route = prefix + _plain(entry)
        if isinstance(entry, URLResolver):
            yield from routes(entry.url_patterns, route)
        else:
            yield route


def pages(rows: dict[type[Model], Any]) -> dict[str, str]:
    """The address of a page of every route below ``/admin``, by the route."""
    keys = {f"{model._meta.app_label}/{model._meta.model_name}/": str(key) for model, key in rows.items()}
    return {f"/{route}": f"/admin/{_address(route, keys)}" for route in routes(admin.site.get_urls())}


def _address(route: str, keys: dict[str, str]) -> str:
    if route in _OTHERS:
        return _OTHERS[route]
    key = next((key for prefix, key in keys.items() if route.startswith(prefix)), "no row")
    return _ARGUMENT.sub(key, route)


def _plain(entry: URLPattern | URLResolver) -> str:
    """The route without the signs of a regular expression."""
    return re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", str(entry.pattern)).strip("^$")
