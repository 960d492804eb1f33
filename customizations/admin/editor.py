"""The page on which a template is written: what it begins with, and what its script posts."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse

from customizations import policies
from customizations.admin import versions
from customizations.admin.answers import answer, read
from customizations.admin.presets import presets_of
from customizations.api.serializers.templates import TemplateInput
from customizations.engine.text import CLASSES
from customizations.enums import TemplateState
from customizations.models import CustomizationTemplate
from customizations.services import templates
from fantasize.core import money
from fantasize.core.admin.actors import actor_of
from fantasize.core.api import fields

_CANVAS = {"width": 800, "height": 600, "background": "#ffffff"}
_NOBODY = "0" * 64


class SaveInput(TemplateInput):
    """A template as the editor posts it, and the version that it was opened at."""

    # The service says what is wrong with it, together with everything else.
    name = fields.CharField(max_length=templates.MAX_NAME, allow_blank=True)
    version = fields.IntegerField(required=False, allow_null=True)


class Editor:
    """The page for a template, or for a new one.

    Attributes:
        page: the admin of templates.
    """

    def __init__(self, page: Any) -> None:
        self.page = page

    def serve(self, request: HttpRequest, template: CustomizationTemplate | None) -> HttpResponse:
        """The page, or what became of what was posted.

        Raises:
            PermissionDenied: this person may not.
        """
        if request.method == "POST":
            if not self._may_write(request, template):
                raise PermissionDenied
            return answer(self._save, request, template)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        if not (self._may_write(request, template) or (template and self.page.has_view_permission(request, template))):
            raise PermissionDenied
        context = self.page.admin_site.each_context(request) | self._context(request, template)
        request.current_app = self.page.admin_site.name
        return TemplateResponse(request, "admin/customizations/template/editor.html", context)

    def _may_write(self, request: HttpRequest, template: CustomizationTemplate | None) -> bool:
        if template is None:
            return bool(self.page.has_add_permission(request))
        return bool(self.page.has_change_permission(request, template))

    def _save(self, request: HttpRequest, template: CustomizationTemplate | None) -> dict[str, Any]:
        """Store what was posted; publishing is storing with the state ``published``.

        Raises:
            DomainError: whatever the service refuses; 412 if somebody else has saved meanwhile.
        """
        said = read(request, SaveInput, partial=template is not None)
        version = said.pop("version", None)
        if "state" in said:
            said["state"] = TemplateState(said["state"])
        if template is None:
            template = templates.create_template(**said, actor=actor_of(request))
            self.page.log_addition(request, template, [{"added": {}}])
        else:
            said |= {"expected_version": version} if version is not None else {}
            template = self._update(request, template, said)
        self.page.tell_saved(request, template)
        return {"address": reverse("admin:customizations_customizationtemplate_change", args=[template.pk])}

    def _update(
        self, request: HttpRequest, template: CustomizationTemplate, said: dict[str, Any]
    ) -> CustomizationTemplate:
        expected = said.pop("expected_version", None)
        changed = templates.update_template(
            template=template, changes=said, expected_version=expected, actor=actor_of(request)
        )
        self.page.log_change(request, changed, [{"changed": {"fields": sorted(said)}}])
        return changed

    def _context(self, request: HttpRequest, template: CustomizationTemplate | None) -> dict[str, Any]:
        may_write = self._may_write(request, template)
        return {
            "title": template.name if template else "New template",
            "opts": self.page.opts,
            "original": template,
            "template": template,
            "may_write": may_write,
            "may_delete": template is not None and self.page.has_delete_permission(request, template),
            "may_add": self.page.has_add_permission(request),
            "versions": versions.newest(template) if template else [],
            "editor": self._data(request, template, may_write=may_write),
        }

    def _data(self, request: HttpRequest, template: CustomizationTemplate | None, *, may_write: bool) -> dict[str, Any]:
        """What the script begins with."""
        user = request.user
        return {
            "id": template.pk if template else None,
            "name": template.name if template else "",
            "version": template.version if template else None,
            "state": template.state if template else TemplateState.DRAFT,
            "schema": template.schema if template else {"options": [], "canvas": _CANVAS},
            "may_write": may_write,
            "may_keep_presets": template is not None and policies.may("add", "preset")(user),
            "may_remove_presets": policies.may("delete", "preset")(user),
            "presets": presets_of(template) if template else [],
            **(_targets(template) if template else {"products": [], "packages": []}),
            "fonts": _fonts(),
            "classes": list(CLASSES),
            "currency": settings.SHOP_CURRENCY,
            "decimals": money.exponent(settings.SHOP_CURRENCY),
            "addresses": _addresses(template),
        }


def _targets(template: CustomizationTemplate) -> dict[str, list[dict[str, Any]]]:
    """What the template is for, by name. One query."""
    links = template.links.select_related("product", "package").order_by("pk")
    found: dict[str, list[dict[str, Any]]] = {"products": [], "packages": []}
    for link in links:
        thing: Any = link.product or link.package
        found["products" if link.product else "packages"].append({"id": thing.pk, "text": thing.name})
    return found


def _fonts() -> list[dict[str, str]]:
    from customizations import rendering  # noqa: PLC0415 - draws with a big library, which few pages need

    return [{"value": name, "label": face.title} for name, face in rendering.FONTS.items()]


def _addresses(template: CustomizationTemplate | None) -> dict[str, str]:
    """Where the script asks and posts."""
    name = "admin:customizations_customizationtemplate_{}".format
    found = {
        "save": reverse(name("change"), args=[template.pk]) if template else reverse(name("add")),
        "preview": reverse(name("preview")),
        "background": reverse(name("background")),
        "picture": reverse(name("picture"), args=[_NOBODY]),
        "find": reverse("admin:autocomplete"),
        "preset": reverse(name("preset"), args=[0]),
        "remove_preset": reverse(name("remove_preset"), args=[0]),
    }
    return found | ({"presets": reverse(name("presets"), args=[template.pk])} if template else {})


def find(page: Any, request: HttpRequest, object_id: str) -> CustomizationTemplate:
    """The template that the address names.

    Raises:
        PermissionDenied: this person sees no templates.
        Http404: there is none.
    """
    if not page.has_view_or_change_permission(request):
        raise PermissionDenied
    template: CustomizationTemplate | None = page.get_object(request, object_id)
    if template is None:
        raise Http404
    return template
