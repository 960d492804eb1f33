"""What the editor posts about presets; each is saved at once."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from customizations import policies
from customizations.admin.answers import read
from customizations.api.serializers.templates import PresetChanges, PresetInput
from customizations.models import CustomizationTemplate, Preset
from customizations.services import presets


def presets_of(template: CustomizationTemplate) -> list[dict[str, Any]]:
    """A template's presets in their order, those too that it does not take any more. One query."""
    rows: Any = template.presets.order_by("position", "pk")
    return list(rows.values("id", "name", "answers", "position", "is_offered"))


def add(request: HttpRequest, template_id: int) -> dict[str, Any]:
    """Offer answers under a name.

    Raises:
        PermissionDenied: this person may not.
        Http404: there is no such template.
        DomainError: what the service refuses.
    """
    _require(request, "add")
    template = get_object_or_404(CustomizationTemplate, pk=template_id)
    presets.add_preset(template=template, **read(request, PresetInput))
    return {"presets": presets_of(template)}


def change(request: HttpRequest, preset_id: int) -> dict[str, Any]:
    """Change its name, its answers or its place; raises as ``add``."""
    _require(request, "change")
    preset = get_object_or_404(Preset.objects.select_related("template"), pk=preset_id)
    presets.change_preset(preset=preset, changes=read(request, PresetChanges, partial=True))
    return {"presets": presets_of(preset.template)}


def remove(request: HttpRequest, preset_id: int) -> dict[str, Any]:
    """Offer it no more; raises as ``add``."""
    _require(request, "delete")
    preset = get_object_or_404(Preset.objects.select_related("template"), pk=preset_id)
    presets.remove_preset(preset=preset)
    return {"presets": presets_of(preset.template)}


def _require(request: HttpRequest, verb: str) -> None:
    if not policies.may(verb, "preset")(request.user):
        raise PermissionDenied
