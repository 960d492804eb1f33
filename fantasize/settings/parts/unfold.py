"""The admin's look and navigation (django-unfold)."""

from django.urls import reverse_lazy

UNFOLD = {
    "SITE_TITLE": "Fantasize",
    "SITE_HEADER": "Fantasize",
    "SITE_SUBHEADER": "Personalised gifts",
    "SITE_SYMBOL": "redeem",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "fantasize.admin.dashboard.dashboard_context",
    "COLORS": {
        "primary": {
            "50": "253 242 248", "100": "252 231 243", "200": "251 207 232", "300": "249 168 212", "400": "244 114 182",
            "500": "219 39 119", "600": "190 24 93", "700": "157 23 77", "800": "131 24 67", "900": "112 26 61", "950": "80 7 36",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "navigation": [
            {
                "title": "Shop",
                "items": [
                    {"title": "Dashboard", "icon": "dashboard", "link": reverse_lazy("admin:index")},
                    {"title": "Orders", "icon": "shopping_bag", "link": reverse_lazy("admin:orders_order_changelist")},
                    {"title": "Products", "icon": "featured_seasonal_and_gifts", "link": reverse_lazy("admin:catalog_product_changelist")},
                    {"title": "Categories", "icon": "category", "link": reverse_lazy("admin:catalog_category_changelist")},
                    {"title": "Brands", "icon": "sell", "link": reverse_lazy("admin:catalog_brand_changelist")},
                ],
            },
            {
                "title": "People",
                "items": [
                    {"title": "Users", "icon": "person", "link": reverse_lazy("admin:accounts_user_changelist")},
                    {"title": "Roles", "icon": "shield_person", "link": reverse_lazy("admin:auth_group_changelist")},
                ],
            },
        ],
    },
}
