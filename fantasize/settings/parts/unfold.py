"""The admin's look and navigation (django-unfold)."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import lazy

# Every page compares each link of the navigation with many others: where a page is, is found once.
_link = lazy(cache(reverse), str)


def _may(permission: str) -> Callable[[HttpRequest], bool]:
    """Shows an entry only to staff who may open it."""
    return lambda request: request.user.has_perm(permission)


def _item(title: str, icon: str, model: str) -> dict[str, Any]:
    """A link to a model's list (``app.model``)."""
    app, name = model.split(".")
    link = _link(f"admin:{app}_{name}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": _may(f"{app}.view_{name}")}


def _tab(title: str, query: str) -> dict[str, Any]:
    """A ready-made filter above the list of orders."""
    return {
        "title": title,
        "link": lambda _request: f"{_link('admin:orders_order_changelist')}?{query}",
        "active": lambda request: query in request.GET.urlencode() if query else not request.GET.get("status__exact"),
    }


UNFOLD = {
    "SITE_TITLE": "Fantasize",
    "SITE_HEADER": "Fantasize",
    "SITE_SUBHEADER": "Personalised gifts",
    "SITE_SYMBOL": "redeem",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("admin/favicon.svg")}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda _request: static("admin/fantasize.css")],
    "SCRIPTS": [lambda _request: static("admin/once.js")],
    "LOGIN": {"image": lambda _request: static("admin/login.svg")},
    "ACCOUNT": {"navigation": [{"title": "Sign-in and security", "link": _link("admin:second_factor")}]},
    "DASHBOARD_CALLBACK": "fantasize.admin.dashboard.dashboard_context",
    "BORDER_RADIUS": "8px",
    "COLORS": {
        "primary": {
            "50": "253 242 248",
            "100": "252 231 243",
            "200": "251 207 232",
            "300": "249 168 212",
            "400": "244 114 182",
            "500": "219 39 119",
            "600": "190 24 93",
            "700": "157 23 77",
            "800": "131 24 67",
            "900": "112 26 61",
            "950": "80 7 36",
        },
    },
    "SIDEBAR": {
        "navigation": [
            {
                "title": "Shop",
                "items": [
                    {"title": "Dashboard", "icon": "dashboard", "link": _link("admin:index")},
                    _item("Orders", "shopping_bag", "orders.order"),
                    _item("Special requests", "rate_review", "orders.linereview"),
                    _item("Drafts", "edit_note", "orders.draftorder"),
                    _item("Carts", "shopping_cart", "orders.cart"),
                    _item("Payments", "payments", "orders.payment"),
                    _item("Provider messages", "webhook", "orders.webhookevent"),
                    _item("Shipping", "local_shipping", "orders.shippingmethod"),
                    _item("Taxes", "account_balance", "catalog.taxclass"),
                ],
            },
            {
                "title": "Catalogue",
                "items": [
                    _item("Products", "featured_seasonal_and_gifts", "catalog.product"),
                    _item("Packages", "package_2", "catalog.package"),
                    _item("Categories", "account_tree", "catalog.category"),
                    _item("Media", "perm_media", "catalog.productmedia"),
                    _item("Brands", "sell", "catalog.brand"),
                    _item("Materials", "texture", "catalog.material"),
                    _item("Tags", "label", "catalog.tag"),
                    _item("Synonyms", "manage_search", "catalog.synonym"),
                    _item("Offers", "percent_discount", "catalog.offer"),
                    _item("Coupons", "confirmation_number", "catalog.coupon"),
                    _item("Reviews", "reviews", "catalog.review"),
                    _item("Stock", "inventory_2", "catalog.stockitem"),
                    _item("Stock movements", "swap_vert", "catalog.stockmovement"),
                    _item("Imports and exports", "import_export", "core.transfer"),
                ],
            },
            {
                "title": "Customizations",
                "items": [
                    _item("Templates", "design_services", "customizations.customizationtemplate"),
                    _item("Stock of choices", "palette", "customizations.choicestock"),
                    _item("Uploads", "add_photo_alternate", "customizations.upload"),
                    _item("Blocked words", "block", "customizations.blockedword"),
                ],
            },
            {
                "title": "People",
                "items": [
                    _item("Users", "person", "accounts.user"),
                    _item("Roles", "shield_person", "auth.group"),
                    _item("API keys", "key", "accounts.apikey"),
                ],
            },
        ],
    },
    "TABS": [
        {
            "models": ["orders.order"],
            "items": [
                _tab("All", ""),
                _tab("To review", "status__exact=under_review"),
                _tab("Pending", "status__exact=pending"),
                _tab("Processing", "status__exact=processing"),
                _tab("Processed", "status__exact=processed"),
                _tab("Shipped", "status__exact=shipped"),
                _tab("Delivered", "status__exact=delivered"),
            ],
        },
    ],
}
