"""App configuration of the catalogue."""

from django.apps import AppConfig

from fantasize.core import grants


class CatalogConfig(AppConfig):
    """Taxonomy, products and stock."""

    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        """Declare what managers may do here, and what must always hold, and what is known about people."""
        from catalog import resources  # noqa: PLC0415 - models are not loaded when this module is imported
        from catalog.services import invariants, media_files, package_invariants, price_invariants, privacy  # noqa: PLC0415 - models are not loaded when this module is imported

        invariants.register()
        package_invariants.register()
        price_invariants.register()
        privacy.register()
        media_files.register()
        resources.register()
        models = ("product", "package", "category", "brand", "material", "tag", "synonym")
        grants.declare(
            "manager", *(f"catalog.{verb}_{model}" for model in models for verb in ("view", "add", "change", "delete"))
        )
        grants.declare("manager", "catalog.view_productmedia")
        grants.declare("manager", "catalog.view_stockitem", "catalog.change_stockitem", "catalog.view_stockmovement")
        discounts = ("offer", "pricebreak", "coupon")
        grants.declare(
            "manager", *(f"catalog.{verb}_{name}" for name in discounts for verb in ("view", "add", "change", "delete"))
        )
        grants.declare("manager", "catalog.view_couponredemption")
        grants.declare("manager", "catalog.view_review", "catalog.change_review")
