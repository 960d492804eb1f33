"""Users: who they are, whether they may sign in, what they may do."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts import policies
from accounts.admin.forms import NewUserForm, PasswordForm, UserForm
from accounts.enums import Role
from accounts.models import User
from fantasize.core.admin.base import ShopModelAdmin

_RIGHTS = ("is_staff", "is_superuser", "groups")
_NEVER_EDITED = ("password_link", "email_verified_at", "last_login", "created_at", "erased_at")


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ShopModelAdmin):  # type: ignore[type-arg, misc] # no types at run time; unfold has none
    """People are found by the beginning of their e-mail address or by username, and never deleted."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = PasswordForm

    list_display = ("email", "full_name", "role_label", "is_active", "last_login", "created_at")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("email",)
    search_help_text = "Beginning of the e-mail address, or the username"
    ordering = ("-created_at",)
    sortable_by = ("email", "created_at")
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": ("email", "username", "first_name", "last_name", "password_link")}),
        ("Access", {"fields": ("is_active", *_RIGHTS)}),
        ("Dates", {"fields": ("created_at", "email_verified_at", "last_login", "erased_at")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "username", "first_name", "last_name", "password1", "password2")}),
        ("Access", {"fields": _RIGHTS}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Users with what their role takes to tell."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[User],
        search_term: str,
    ) -> tuple[QuerySet[User], bool]:
        """Users by beginning of the e-mail address or by username; both are indexed."""
        term = search_term.strip()
        return (queryset & User.objects.found_by(term) if term else queryset), False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:  # noqa: ARG002 - Django's signature
        """Rights are given by whoever manages roles; all rights at once, by whoever has them."""
        if not policies.can_manage_roles(request.user):
            return (*_NEVER_EDITED, *_RIGHTS)
        return _NEVER_EDITED if request.user.is_superuser else (*_NEVER_EDITED, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Whether the caller may change people, or this one."""
        if obj is None:
            return policies.can_manage_users(request.user)
        return policies.can_edit_user(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Nobody: people are anonymised, so that orders still point somewhere."""
        return False

    @admin.display(description="Name")
    def full_name(self, user: User) -> str:
        """First and last name."""
        return user.get_full_name() or "-"

    @display(description="Role", label={Role.ADMINISTRATOR.label: "warning", Role.MANAGER.label: "info"})  # type: ignore[untyped-decorator]
    def role_label(self, user: User) -> str:
        """What the person is to the shop."""
        return str(user.role.label)

    @admin.display(description="Password")
    def password_link(self, user: User) -> SafeString:
        """The way to a new password; of the present one nothing is shown."""
        link = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">Set a new password</a>', link)
