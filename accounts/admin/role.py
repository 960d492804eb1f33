"""Roles: Django's groups. The built-in ones may be edited, and neither renamed nor deleted."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, ManyToManyField, QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldBooleanSwitchWidget

from accounts import policies
from accounts.enums import Role
from accounts.models import RolePolicy
from accounts.services import roles
from fantasize.core.admin.base import ShopModelAdmin

admin.site.unregister(Group)


class RoleForm(forms.ModelForm):  # type: ignore[type-arg] # forms take none at run time
    """A role with what it gives, and what it asks."""

    requires_mfa = forms.BooleanField(
        label="Requires a second factor",
        required=False,
        help_text=RolePolicy._meta.get_field("requires_mfa").help_text,  # noqa: SLF001 - Django's documented interface
        widget=UnfoldBooleanSwitchWidget(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.name == Role.CUSTOMER:
            del self.fields["requires_mfa"]
        elif policy := RolePolicy.objects.filter(role=self.instance.pk).first():
            self.fields["requires_mfa"].initial = policy.requires_mfa


@admin.register(Group)
class RoleAdmin(GroupAdmin, ShopModelAdmin):  # type: ignore[misc] # unfold has no types
    """What each role may do."""

    form = RoleForm
    list_display = ("name", "people", "permission_count", "second_factor")
    list_select_related = ("policy",)
    search_fields = ("name__istartswith",)
    sortable_by = ("name",)

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:  # noqa: ARG002 - Django's signature
        """Customers open no admin page: there is nothing to ask a second factor for."""
        fields = ("name", "permissions")
        return fields if obj and obj.name == Role.CUSTOMER else (*fields, "requires_mfa")

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

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether the caller may make roles: saying what they give is part of it."""
        return bool(super().has_add_permission(request)) and policies.can_manage_roles(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Whether the caller may change roles, or this one."""
        if obj is None:
            return policies.can_manage_roles(request.user)
        return policies.can_edit_role(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Whether the role may be deleted; built-in ones never."""
        may_delete = bool(super().has_delete_permission(request, obj)) and not _is_built_in(obj)
        return may_delete and (obj is None or policies.can_edit_role(request.user, obj))

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> Any:
        """Permissions: no others than the caller has."""
        if request is not None:
            kwargs["queryset"] = policies.permissions_held_by(request.user)  # type: ignore[arg-type] # only people open the admin
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - as above
        """Say what the role gives and asks, through the service.

        Raises:
            ForbiddenError: more than the caller has.
        """
        said = form.cleaned_data
        roles.edit(
            actor=request.user,  # type: ignore[arg-type] # as above
            role=form.instance,
            permissions=said["permissions"],
            requires_mfa=said.get("requires_mfa", False),
        )

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        """Delete one, through the service."""
        roles.delete(actor=request.user, role=obj)  # type: ignore[arg-type] # as above

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Group]) -> None:
        """Delete several, through the service."""
        for role in queryset:
            self.delete_model(request, role)

    @admin.display(description="People", ordering="user_total")
    def people(self, role: Group) -> str:
        """How many have it."""
        return "everybody" if role.name == Role.CUSTOMER else str(getattr(role, "user_total", 0))

    @admin.display(description="Permissions", ordering="permission_total")
    def permission_count(self, role: Group) -> int:
        """How many it holds."""
        return int(getattr(role, "permission_total", 0))

    @admin.display(description="Second factor", boolean=True)
    def second_factor(self, role: Group) -> bool:
        """Whether it asks for one."""
        policy: RolePolicy | None = getattr(role, "policy", None)
        return bool(policy and policy.requires_mfa)


def _is_built_in(role: Group | None) -> bool:
    return role is not None and role.name in Role.values
