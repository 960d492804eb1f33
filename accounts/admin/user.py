"""Users: who they are, whether they may sign in, what they may do."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import ManyToManyField, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts import policies
from accounts.admin.forms import NewUserForm, PasswordForm, UserForm
from accounts.enums import Role
from accounts.models import User
from accounts.services import users
from accounts.services.access import Access
from fantasize.core import clock, mail
from fantasize.core.admin.base import ShopModelAdmin

_PERSONAL = ("email", "username", "first_name", "last_name")
_FLAGS = ("is_active", "is_staff", "is_superuser")
_RIGHTS = ("is_staff", "is_superuser", "groups")
_NEVER_EDITED = ("password_link", "email_verified_at", "last_login", "created_at", "erased_at")


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ShopModelAdmin):  # type: ignore[type-arg, misc] # no types at run time; unfold has none
    """People are found by the beginning of their e-mail address or by username, and never deleted."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = PasswordForm
    change_form_template = "admin/accounts/user/change_form.html"

    list_display = ("email", "full_name", "role_label", "is_active", "last_login", "created_at")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("email",)
    search_help_text = "Beginning of the e-mail address, or the username"
    ordering = ("-created_at",)
    sortable_by = ("email", "created_at")
    filter_horizontal = ("groups",)
    fieldsets = (
        (None, {"fields": (*_PERSONAL, "password_link")}),
        ("Access", {"fields": ("is_active", *_RIGHTS)}),
        ("Dates", {"fields": ("created_at", "email_verified_at", "last_login", "erased_at")}),
    )
    add_fieldsets = (
        (None, {"fields": (*_PERSONAL, "password1", "password2")}),
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

    def formfield_for_manytomany(self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Groups: but for the customers', which everybody has who is no staff."""
        kwargs["queryset"] = Group.objects.exclude(name=Role.CUSTOMER)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Store who the person is; what they may do is the service's, in ``save_related``."""
        if not change:
            # Whoever opens an account for somebody vouches for the address.
            obj.email_verified_at = clock.now()
            obj.is_staff = obj.is_superuser = False
            obj.save()
            return
        if "email" in form.changed_data:
            # Nobody has shown that they read mail to the new address; whoever reads the old one ought to know.
            obj.email_verified_at = None
            what = "Somebody who works for the shop gave it another e-mail address."
            mail.send_later("accounts/sign_in_changed", to=form.initial["email"], context={"what": what})
        obj.save(update_fields=[*_PERSONAL, "email_verified_at"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - as above
        """Change what the person may do, through the service.

        Raises:
            DomainError: whatever the service refuses.
        """
        said = form.cleaned_data

        def edit(access: Access) -> Access:
            flags = {name: said[name] for name in _FLAGS if name in said}
            return replace(access, **flags, roles=frozenset(said["groups"]) if "groups" in said else access.roles)

        users.change_access(actor=request.user, user=form.instance, edit=edit)  # type: ignore[arg-type] # only people open the admin

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The person's page, with a button that signs them out, and the way to forgetting them."""
        user = self.get_object(request, object_id) if request.method == "GET" else None
        allowed = {
            "may_end_sessions": user is not None and policies.can_edit_user(request.user, user),
            "may_erase": user is not None and policies.can_erase_user(request.user, user),
        }
        return super().change_view(request, object_id, form_url, {**allowed, **(extra_context or {})})

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's signature
        """A new password for somebody else; one's own is changed where the present one is asked for."""
        if self.get_object(request, unquote(id)) == request.user:
            return HttpResponseRedirect(reverse("admin:password_change"))
        response: HttpResponse = super().user_change_password(request, id, form_url)
        return response

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, and where somebody is signed out everywhere."""
        end = self.admin_site.admin_view(self.end_sessions_view)
        return [path("<uuid:user_id>/end-sessions/", end, name="accounts_user_end_sessions"), *super().get_urls()]

    def end_sessions_view(self, request: HttpRequest, user_id: UUID) -> HttpResponse:
        """Sign somebody out everywhere.

        Raises:
            PermissionDenied: the caller may not change this account.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not policies.can_manage_users(request.user):
            raise PermissionDenied
        user = self.get_object(request, str(user_id))
        if user is None:
            raise Http404
        if not policies.can_edit_user(request.user, user):
            raise PermissionDenied
        count = users.end_sessions(actor=request.user, user=user)  # type: ignore[arg-type] # as above
        self.log_change(request, user, "Ended all sessions.")
        messages.success(request, f"{user} was signed out of {count} place{'' if count == 1 else 's'}.")
        return HttpResponseRedirect(reverse("admin:accounts_user_change", args=[user_id]))

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
