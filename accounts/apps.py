"""App configuration of accounts."""

from django.apps import AppConfig
from django.conf import settings
from django.db.models.signals import post_migrate

from fantasize.core import grants, privacy


class AccountsConfig(AppConfig):
    """People: who they are, how they sign in, what they may do, where they live."""

    name = "accounts"
    verbose_name = "People"

    def ready(self) -> None:
        """Declare who may manage users, have roles follow the grants after every migrate, and read the API keys."""
        from accounts import auth  # noqa: PLC0415 - models are not loaded when this module is imported
        from accounts.services import erasure, export, roles  # noqa: PLC0415 - as above

        # An ill-formed key stops the start, not the first machine that calls.
        auth.machines(tuple(settings.API_KEYS))
        grants.declare(
            "administrator",
            "accounts.view_user",
            "accounts.add_user",
            "accounts.change_user",
            "accounts.view_session",
            "accounts.view_apikey",
            "accounts.add_apikey",
            "auth.view_group",
            "auth.add_group",
            "auth.change_group",
            "auth.delete_group",
        )
        privacy.register("accounts", export=export.parts_of, erase=erasure.forget)
        post_migrate.connect(roles.sync_after_migrate, dispatch_uid="accounts.sync_roles")
