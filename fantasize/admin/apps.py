"""App configuration of the admin."""

from django.contrib.admin.apps import AdminConfig


class ShopAdminConfig(AdminConfig):
    """Django's admin on the shop's own site."""

    default_site = "fantasize.admin.site.ShopAdminSite"
