"""Roles: Django's groups. The built-in ones may be edited, and neither renamed nor deleted."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from accounts.enums import Role
from fantasize.core.admin.base import ShopModelAdmin

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(GroupAdmin, ShopModelAdmin):  # type: ignore[misc] # unfold has no types
    """What each role may do."""

    list_display = ("name", "people", "permission_count")
    search_fields = ("name__istartswith",)
    sortable_by = ("name",)
    fields = ("name", "permissions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Roles with their counts."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                user_total=Count("user", distinct=True),
                permission_total=Count("permissions", distinct=True),
            )
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:  # noqa: ARG002 - Django's signature
        """The name of a built-in role is what the code knows it by."""
        return ("name",) if _is_built_in(obj) else ()

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Whether the role may be deleted; built-in ones never."""
        return not _is_built_in(obj) and bool(super().has_delete_permission(request, obj))

    @admin.display(description="People", ordering="user_total")
    def people(self, role: Group) -> int:
        """How many have it."""
        return int(getattr(role, "user_total", 0))

    @admin.display(description="Permissions", ordering="permission_total")
    def permission_count(self, role: Group) -> int:
        """How many it holds."""
        return int(getattr(role, "permission_total", 0))


def _is_built_in(role: Group | None) -> bool:
    return role is not None and role.name in {Role.MANAGER, Role.ADMINISTRATOR}
