"""App configuration of the catalogue."""

from django.apps import AppConfig

from fantasize.core import grants


class CatalogConfig(AppConfig):
    """Taxonomy, products and stock."""

    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        """Declare what managers may do here, and what must always hold, and what is known about people."""
        from catalog.services import favourites, invariants  # noqa: PLC0415 - models are not loaded when this module is imported

        invariants.register()
        favourites.register()
        models = ("product", "category", "brand")
        grants.declare(
            "manager", *(f"catalog.{verb}_{model}" for model in models for verb in ("view", "add", "change", "delete"))
        )
        grants.declare("manager", "catalog.view_stockitem", "catalog.change_stockitem", "catalog.view_stockmovement")
