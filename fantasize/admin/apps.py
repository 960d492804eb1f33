"""App configuration of the admin."""

from django.contrib import admin
from django.contrib.admin import sites
from django.contrib.admin.apps import AdminConfig

from fantasize.admin.site import ShopAdminSite


class ShopAdminConfig(AdminConfig):
    """Django's admin on the shop's own site."""

    def ready(self) -> None:
        """Put the shop's site where the theme has put its own, then find every app's pages."""
        admin.site = sites.site = ShopAdminSite()
        super().ready()
