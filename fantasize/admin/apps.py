"""App configuration of the admin."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class ShopAdminConfig(SimpleAdminConfig):
    """Django's admin on the shop's own site. Its pages are loaded with the routes, so by what serves HTTP alone."""

    default_site = "fantasize.admin.site.ShopAdminSite"

    def ready(self) -> None:
        """Have the pages checked, wherever that is asked for."""
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(check_pages, checks.Tags.admin)


def check_pages(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[checks.CheckMessage]:
    """Django's own checks of every app's pages, which are loaded for it."""
    admin.autodiscover()
    return list(check_admin_app(app_configs, **options))
