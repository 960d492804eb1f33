"""``manage.py prepare``: what must be done once before the shop opens."""

import sys
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

# Any number; the same for everybody who prepares this database.
LOCK = 7_261_944_310


class Command(BaseCommand):
    """Migrate, gather static files where they are not found by themselves, and seed an empty shop."""

    help = "Migrate the database and, in development, fill an empty shop. Safe to run by several starters at once."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is not done yet; quick when there is nothing to do."""
        with connection.cursor() as cursor:
            # Held by the session: the migrations in between have transactions of their own, and the schema changes
            # of a starter before us must not run into this session's time limits.
            cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                self._prepare()
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

    def _prepare(self) -> None:
        executor = MigrationExecutor(connection)
        steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if steps:
            self.stdout.write(f"Migrating the database ({len(steps)} steps)")
        # Also without steps: roles and permissions follow the code after every migrate.
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.WHITENOISE_USE_FINDERS:
            call_command("collectstatic", interactive=False, verbosity=0)
        if settings.SEED_DEMO and "seed_demo" in get_commands() and self._is_empty():
            call_command("seed_demo", stdout=self.stdout, stderr=sys.stderr)

    def _is_empty(self) -> bool:
        """Whether nobody has used the shop yet."""
        models = (apps.get_model(settings.AUTH_USER_MODEL), apps.get_model("catalog", "Product"))
        return not any(model._default_manager.exists() for model in models)  # noqa: SLF001 - Django's documented name
