"""Templates: the list, the editor, and what can be done with one."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from customizations.admin import backgrounds, presets, sample, versions
from customizations.admin.answers import posted
from customizations.admin.editor import Editor, find
from customizations.admin.filters import ChoiceFilter, FontFilter, OptionFilter
from customizations.enums import TemplateState
from customizations.models import CustomizationTemplate, TemplateLink
from customizations.services import templates
from fantasize.core.admin.actors import actor_of
from fantasize.core.admin.base import ShopModelAdmin
from fantasize.core.admin.display import badge, moment
from fantasize.core.errors import DomainError

_LABELS = 4
# More digits no version has.
_LONGEST_NUMBER = 18


@admin.register(CustomizationTemplate)
class TemplateAdmin(ShopModelAdmin):
    """What shoppers are asked. Everything is written by ``customizations.services.templates``."""

    list_display = ("template", "asks", "used_for", "state_badge", "changed")
    list_display_links = ("template",)
    list_filter: ClassVar = [("state", ChoicesDropdownFilter), FontFilter, OptionFilter, ChoiceFilter]
    search_fields = ("name",)  # shows the box; what it finds says get_search_results
    search_help_text = "Name"
    ordering = ("-updated_at", "-pk")
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[CustomizationTemplate]:
        """Templates with how many things each is for."""
        counts = {f"{name}s_total": Subquery(_count(name)) for name in ("product", "package")}
        return super().get_queryset(request).annotate(**counts)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[CustomizationTemplate],
        search_term: str,
    ) -> tuple[QuerySet[CustomizationTemplate], bool]:
        """By the beginnings of words, which an index knows."""
        rows: Any = queryset
        return (rows.named(search_term) if search_term.strip() else rows), False

    def has_delete_permission(self, request: HttpRequest, obj: CustomizationTemplate | None = None) -> bool:
        """What was published once is retired, not deleted: orders may name it."""
        is_draft = obj is None or obj.state == TemplateState.DRAFT
        return is_draft and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:  # noqa: ARG002 - Django's signature
        """Nothing is done with many templates at once."""
        return {}

    @admin.display(description="Template", ordering="name")
    def template(self, template: CustomizationTemplate) -> SafeString:
        """Its name, and how often it was changed."""
        said = '<span class="fz-two"><span>{}</span><small>Version {}</small></span>'
        return format_html(said, template.name, template.version)

    @admin.display(description="Asks for")
    def asks(self, template: CustomizationTemplate) -> str:
        """The first options."""
        labels = [option["label"] for option in template.schema["options"]]
        more = f" and {len(labels) - _LABELS} more" if len(labels) > _LABELS else ""
        return ", ".join(labels[:_LABELS]) + more

    @admin.display(description="Used for")
    def used_for(self, template: CustomizationTemplate) -> str:
        """How many things of each kind."""
        counts = {name: getattr(template, f"{name}s_total", None) or 0 for name in ("product", "package")}
        named = [f"{count} {name}{'s' if count > 1 else ''}" for name, count in counts.items() if count]
        return ", ".join(named) or "Nothing yet"

    @admin.display(description="State")
    def state_badge(self, template: CustomizationTemplate) -> SafeString:
        """Whether shoppers are offered it."""
        return badge("template", template.state, template.get_state_display())

    @admin.display(description="Changed")
    def changed(self, template: CustomizationTemplate) -> str:
        """When it was saved last."""
        return moment(template.updated_at)

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, and what the editor asks and posts."""
        own: list[tuple[str, Callable[..., Any], str]] = [
            ("preview/", posted(self.preview), "preview"),
            ("backgrounds/", posted(backgrounds.add), "background"),
            ("backgrounds/<slug:sha256>/", backgrounds.show, "picture"),
            ("presets/<int:preset_id>/", posted(presets.change), "preset"),
            ("presets/<int:preset_id>/remove/", posted(presets.remove), "remove_preset"),
            ("<int:template_id>/presets/", posted(presets.add), "presets"),
            ("<int:template_id>/v/<int:number>/", self.version_view, "version"),
            ("<int:template_id>/clone/", self.clone_view, "clone"),
            ("<int:template_id>/retire/", self.retire_view, "retire"),
        ]
        guard: Any = self.admin_site.admin_view
        prefix = "customizations_customizationtemplate"
        return [*(path(route, guard(view), name=f"{prefix}_{name}") for route, view, name in own), *super().get_urls()]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - as above
    ) -> HttpResponse:
        """The editor, empty."""
        return Editor(self).serve(request, None)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002 - as above
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - as above
    ) -> HttpResponse:
        """The editor."""
        return Editor(self).serve(request, find(self, request, object_id))

    def delete_model(self, request: HttpRequest, obj: CustomizationTemplate) -> None:
        """Delete a draft through the service."""
        templates.remove_template(template=obj, actor=actor_of(request))

    def preview(self, request: HttpRequest) -> dict[str, Any]:
        """What the posted document would look like.

        Raises:
            PermissionDenied: this person sees no templates.
        """
        if not (self.has_view_or_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        return sample.preview(request)

    def version_view(self, request: HttpRequest, template_id: int, number: int) -> HttpResponse:
        """A version as it was published, and what it changed."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        template = find(self, request, str(template_id))
        context = self.admin_site.each_context(request) | versions.version_page(template, number)
        context |= {"title": f"{template.name}: version {number}", "opts": self.opts, "original": template}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/customizations/template/version.html", context)

    def clone_view(self, request: HttpRequest, template_id: int) -> HttpResponse:
        """Make a copy and lead to it.

        Raises:
            PermissionDenied: this person may not make templates.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request):
            raise PermissionDenied
        source = find(self, request, str(template_id))
        try:
            copy = templates.clone(template=source, actor=actor_of(request))
        except DomainError as error:
            messages.error(request, _said(error))
            return _page_of(template_id)
        self.log_addition(request, copy, f"Copied from {source.name}.")
        messages.success(request, "This is a copy, and a draft.")
        return _page_of(copy.pk)

    def retire_view(self, request: HttpRequest, template_id: int) -> HttpResponse:
        """Offer it no more, unless it was changed since the page was opened.

        Raises:
            PermissionDenied: this person may not change templates.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        template = find(self, request, str(template_id))
        version = request.POST.get("version", "")
        try:
            expected = int(version[:_LONGEST_NUMBER]) if version.isdecimal() else template.version
            templates.retire(template=template, expected_version=expected, actor=actor_of(request))
        except DomainError as error:
            messages.error(request, _said(error))
        else:
            self.log_change(request, template, "Retired.")
            messages.success(request, "Shoppers are not offered it any more.")
        return _page_of(template_id)

    def tell_saved(self, request: HttpRequest, template: CustomizationTemplate) -> None:
        """Have the next page say what was saved."""
        if template.state == TemplateState.PUBLISHED:
            messages.success(request, f"Version {template.version} is published.")
        else:
            messages.success(request, "Saved. Shoppers do not see it.")


def _said(error: DomainError) -> str:
    """The refusal, with its first fault."""
    return " ".join([error.detail, *(fault.detail for fault in error.errors[:1])])


def _page_of(template_id: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:customizations_customizationtemplate_change", args=[template_id]))


def _count(name: str) -> QuerySet[Any]:
    links = TemplateLink.objects.filter(template=OuterRef("pk"), **{f"{name}__isnull": False}).order_by()
    counted: QuerySet[Any] = links.values("template").annotate(total=Count("*")).values("total")
    return counted
