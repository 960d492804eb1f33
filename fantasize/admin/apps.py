"""App configuration of the admin."""

from django.contrib import admin
from django.contrib.admin import sites
from django.contrib.admin.apps import AdminConfig


class ShopAdminConfig(AdminConfig):
    """Django's admin on the shop's own site."""

    def ready(self) -> None:
        """Put the shop's site where the theme has put its own, then find every app's pages."""
        from fantasize.admin.site import ShopAdminSite  # noqa: PLC0415 - models are not loaded when this module is

        admin.site = sites.site = ShopAdminSite()
        super().ready()
