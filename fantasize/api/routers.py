"""Every app's routes, in one router. They exist once; core.api's middleware maps all spellings of a path to them."""

from importlib import import_module

from rest_framework.routers import SimpleRouter

# Modules with ``register(router)``. An app's API goes online with its line here.
APPS = ("accounts.api.urls", "catalog.api.urls", "customizations.api.urls", "orders.api.urls")


def build_router() -> SimpleRouter:
    """A router that knows every app's viewsets."""
    router = SimpleRouter(trailing_slash=False)
    for module in APPS:
        import_module(module).register(router)
    return router
