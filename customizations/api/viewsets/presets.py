"""Single presets over HTTP."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from customizations import policies
from customizations.api.serializers.templates import PresetChanges, StaffPresetSerializer
from customizations.models import Preset
from customizations.services import presets
from fantasize.core.api.permissions import policy
from fantasize.core.api.viewsets import ShopViewSet


class PresetViewSet(ShopViewSet):
    """Answers that shoppers can begin with, one by one, for staff; shoppers see them with their template."""

    queryset = Preset.objects.none()
    serializer_class = StaffPresetSerializer
    permission_classes = (policy(policies.may("view", "preset")),)
    action_permissions = {
        "partial_update": (policy(policies.may("change", "preset")),),
        "destroy": (policy(policies.may("delete", "preset")),),
    }

    def get_queryset(self) -> QuerySet[Preset]:
        """All there are."""
        return Preset.objects.all()

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A preset, and whether it is offered."""
        return self.answer(self.get_object())

    @extend_schema(request=PresetChanges(partial=True))
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a preset's name, answers or place."""
        preset, changes = self.get_object(), self.read_input(PresetChanges, partial=True)
        return self.answer(presets.change_preset(preset=preset, changes=changes))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Offer it no more."""
        presets.remove_preset(preset=self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)
