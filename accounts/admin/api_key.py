"""API keys: made and revoked here, shown once."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, ManyToManyField, OuterRef, QuerySet, UUIDField, Value
from django.db.models.functions import Cast, NullIf, Substr
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from unfold.decorators import display

from accounts import policies
from accounts.models import ApiKey, User
from accounts.services import api_keys
from fantasize.core import clock
from fantasize.core.admin.actors import names_of
from fantasize.core.admin.base import ShopModelAdmin

_STATES = {"Active": "success", "Expired": "warning", "Maker left": "warning", "Revoked": "danger"}


@admin.register(ApiKey)
class ApiKeyAdmin(ShopModelAdmin):
    """A key is never changed: it is revoked, and another one made."""

    change_form_template = "admin/accounts/apikey/change_form.html"
    list_display = ("name", "prefix", "state", "last_used_at", "expiry_date", "created")
    search_fields = ("name__istartswith", "prefix")
    search_help_text = "Beginning of the name, or of the key"
    ordering = ("-created",)
    sortable_by = ()
    filter_horizontal = ("scopes",)
    add_fields = ("name", "scopes", "expiry_date")
    fields = ("name", "prefix", "scopes", "expiry_date", "revoked", "created", "maker", "last_used_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiKey]:
        """Keys with whether their maker is still there: without them a key opens nothing."""
        maker = Cast(NullIf(Substr(OuterRef("created_by"), len("user:") + 1), Value("")), UUIDField())
        return super().get_queryset(request).annotate(has_maker=Exists(User.objects.active().staff().filter(pk=maker)))

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:  # noqa: ARG002 - Django's signature
        """What a new key takes, or all that is known of one."""
        return self.fields if obj else self.add_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whoever looks after keys."""
        return policies.can_manage_keys(request.user)

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:  # noqa: ARG002 - as above
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:  # noqa: ARG002 - as above
        """Nobody: what a key did stays to be told by its name."""
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Whether the list may be narrowed by ``lookup``: never by the hash, which would tell it bit by bit."""
        return not lookup.startswith("hashed_key") and bool(super().lookup_allowed(lookup, value, request))

    def formfield_for_manytomany(self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Scopes: no more than the caller has."""
        kwargs["queryset"] = api_keys.scopes_for(request.user) if request else Permission.objects.none()  # type: ignore[arg-type] # only people open the admin
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Make the key, through the service, and keep it for the answer.

        Raises:
            DomainError: whatever the service refuses.
        """
        said = form.cleaned_data
        row, form.key = api_keys.create(
            actor=request.user,  # type: ignore[arg-type] # as above
            name=said["name"],
            scopes=said["scopes"],
            expires_at=said["expiry_date"],
        )
        obj.pk, obj.prefix = row.pk, row.prefix

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - as above
        """Nothing is left to do, but to hand on the key."""
        request.new_api_key = form.key  # type: ignore[attr-defined] # for response_add, which sees no form

    def response_add(self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None) -> HttpResponse:  # noqa: ARG002 - as above
        """Show the key, once. Neither a cookie nor a log ever holds it."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "New API key",
            "row": obj,
            "key": request.new_api_key,  # type: ignore[attr-defined] # see save_related
        }
        return TemplateResponse(request, "admin/accounts/apikey/created.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The key's page, with a button to end it."""
        key = self.get_object(request, object_id) if request.method == "GET" else None
        may_revoke = key is not None and not key.revoked and policies.can_manage_keys(request.user)
        return super().change_view(request, object_id, form_url, {"may_revoke": may_revoke, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, and where a key is revoked."""
        revoke = self.admin_site.admin_view(never_cache(self.revoke_view))
        return [path("<str:key_id>/revoke/", revoke, name="accounts_apikey_revoke"), *super().get_urls()]

    def revoke_view(self, request: HttpRequest, key_id: str) -> HttpResponse:
        """End a key for good.

        Raises:
            PermissionDenied: the caller does not look after keys.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not policies.can_manage_keys(request.user):
            raise PermissionDenied
        key = self.get_object(request, key_id)
        if key is None:
            raise Http404
        api_keys.revoke(actor=request.user, key=key)  # type: ignore[arg-type] # as above
        self.log_change(request, key, "Revoked.")
        messages.success(request, f"{key.name} opens nothing any more.")
        return HttpResponseRedirect(reverse("admin:accounts_apikey_change", args=[key_id]))

    @display(description="State", label=_STATES)  # type: ignore[untyped-decorator]
    def state(self, key: ApiKey) -> str:
        """Whether it opens anything."""
        if key.revoked:
            return "Revoked"
        if key.expiry_date and key.expiry_date <= clock.now():
            return "Expired"
        return "Active" if getattr(key, "has_maker", False) else "Maker left"

    @admin.display(description="Made by")
    def maker(self, key: ApiKey) -> str:
        """Who made it."""
        return names_of([key.created_by])[key.created_by] if key.created_by else "-"
