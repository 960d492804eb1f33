"""The HTTP API: DRF, its schema, versions and limits."""

from fantasize.settings.env import ENVIRONMENT, Environment, env

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerAuthentication",
        "accounts.api.authentication.ApiKeyAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["fantasize.core.api.permissions.DenyAll"],
    "DEFAULT_PARSER_CLASSES": ["fantasize.core.api.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["fantasize.core.api.renderers.EnvelopeJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "fantasize.core.api.negotiation.JSONNegotiation",
    "DEFAULT_PAGINATION_CLASS": "fantasize.core.api.pagination.PageNumberPagination",
    "DEFAULT_VERSIONING_CLASS": "fantasize.core.api.versioning.VersionNegotiation",
    "DEFAULT_THROTTLE_CLASSES": ["fantasize.core.api.throttling.ShopThrottle"],
    "DEFAULT_SCHEMA_CLASS": "fantasize.core.api.schema.EnvelopeAutoSchema",
    "EXCEPTION_HANDLER": "fantasize.core.api.exceptions.problem_response",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Fantasize",
    "DESCRIPTION": "The shop system for personalised gifts: catalogue, orders and live tracking.",
    "VERSION": "2.0.0",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "PaymentMethodEnum": "orders.enums.PaymentMethod.choices",
        "MediaKindEnum": "catalog.enums.MediaKind.choices",
        "MediaStateEnum": "catalog.enums.MediaState.choices",
        "DiscountStateEnum": "catalog.enums.DiscountState.choices",
        "TemplateStateEnum": "customizations.enums.TemplateState.choices",
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums"],
}

# The check knows DRF's own versioning classes only; our document is built per version.
SILENCED_SYSTEM_CHECKS = ["drf_spectacular.W001"]

API_RETIRED_VERSIONS = frozenset(env.list("API_RETIRED_VERSIONS", default=[]))
API_KEYS = env.list("API_KEYS", default=[])
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])

# The earlier system's pair of names counts as the general limit.
_LEGACY_MAX = env.int("RATE_LIMIT_MAX_REQUESTS", default=0)
_LEGACY_WINDOW = f"{env.int('RATE_LIMIT_WINDOW_MS', default=900_000) // 1000}s"
_OFF_IN_TESTS = "off" if ENVIRONMENT is Environment.TEST else ""


def _rate(name: str, default: str) -> str:
    rate: str = env.str(f"RATE_LIMIT_{name}", default=_OFF_IN_TESTS or default)
    return rate


RATE_LIMITS = {
    "general": _rate("GENERAL", f"{_LEGACY_MAX}/{_LEGACY_WINDOW}" if _LEGACY_MAX else "100/15m"),
    "catalogue": _rate("CATALOGUE", "1200/15m"),
    "signed_in": _rate("SIGNED_IN", "1000/15m"),
    "auth": _rate("AUTH", "5/15m"),
    "auth_address": _rate("AUTH_ADDRESS", "30/15m"),
    # Mails that strangers can have sent to one address, and the pause between two of a kind.
    "codes": _rate("CODES", "5/1h"),
    "codes_pause": _rate("CODES_PAUSE", "1/1m"),
    "uploads": _rate("UPLOADS", "10/1h"),
    # Each takes a moment of a processor; whoever types asks for some every second.
    "previews": _rate("PREVIEWS", "600/5m"),
    "exports": _rate("EXPORTS", "3/1d"),
    # Codes that nobody can use, tried by one customer.
    "coupons": _rate("COUPONS", "10/1h"),
    # The same from one address, whoever they say they are.
    "coupons_address": _rate("COUPONS_ADDRESS", "30/1h"),
    "reviews": _rate("REVIEWS", "10/1h"),
    "orders": _rate("ORDERS", "10/1h"),
    # Signed messages of payment providers, which come in bursts.
    "webhooks": _rate("WEBHOOKS", "6000/1m"),
    "staff_writes": _rate("STAFF", "50/5m"),
    "staff_reads": _rate("STAFF_READS", "600/5m"),
}
