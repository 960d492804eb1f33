"""Templates over HTTP: everybody reads what is published, staff write."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from customizations import caching, json_schema, policies
from customizations.api.filters import TemplateFilter
from customizations.api.serializers.templates import (
    CloneInput,
    PresetInput,
    PresetSerializer,
    StaffPresetSerializer,
    TemplateInput,
    TemplateSerializer,
)
from customizations.enums import TemplateState
from customizations.models import CustomizationTemplate
from customizations.selectors.templates import as_published, attach_targets, parsed, with_relations
from customizations.services import presets, templates
from fantasize.core.api.conditional import require_version
from fantasize.core.api.fields import MAX_INTEGER
from fantasize.core.api.permissions import AllowAny, policy
from fantasize.core.api.viewsets import ReadOnlyShopViewSet
from fantasize.core.errors import FieldError, InvalidError

# What is left of a choice changes under the shopper's eyes: a browser asks again after a minute, mostly for a 304.
MAX_AGE = 60
_NUMBER = "template_version"
_VERSION = OpenApiParameter(
    _NUMBER,
    {"type": "integer", "minimum": 1, "maximum": MAX_INTEGER},
    description="As it was published at this version; unless told, as it is now.",
)
_WRITES = {
    "create": "add",
    "clone": "add",
    "update": "change",
    "partial_update": "change",
    "destroy": "delete",
}


class TemplateViewSet(ReadOnlyShopViewSet):
    """What shoppers can be asked about things."""

    queryset = CustomizationTemplate.objects.none()
    serializer_class = TemplateSerializer
    filterset_class = TemplateFilter
    query_parameters = {"retrieve": (_NUMBER,), "rules": (_NUMBER,), "presets": ()}
    rate_limit = "catalogue"
    public_max_age = MAX_AGE
    cache_policy = caching.TEMPLATES
    etag_covers_data = True
    if_match = {"update": False, "partial_update": False, "destroy": False}
    permission_classes = (AllowAny,)
    action_permissions = {
        **{name: (policy(policies.may(verb, "customizationtemplate")),) for name, verb in _WRITES.items()},
        "add_preset": (policy(policies.may("add", "preset")),),
    }

    def get_queryset(self) -> QuerySet[CustomizationTemplate]:
        """What the caller may see, by name: staff see drafts and retired ones too."""
        found = with_relations(policies.templates_for(self.request.user))
        return found.order_by("name", "pk")

    def complete(self, rows: Sequence[Any]) -> None:
        """What they are for, for staff."""
        if policies.sees_all_templates(self.request.user):
            attach_targets(rows)

    @extend_schema(parameters=[_VERSION])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A template as it is now, or as it was published once."""
        return self.answer(self._named())

    @extend_schema(request=TemplateInput, responses={201: TemplateSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a template: a draft, unless it is to be published at once."""
        created = templates.create_template(**self._read(partial=False), actor=self.request.actor)
        return self.answer(self._read_back(created), status=HTTPStatus.CREATED)

    @extend_schema(request=TemplateInput)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace a template, but what is not said of its state and what it is for.

        One that is published publishes its next version by it; orders keep the one that they were placed with.
        """
        return self._change(partial=False)

    @extend_schema(request=TemplateInput(partial=True))
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some of a template; ``products`` and ``packages`` replace all that it was for."""
        return self._change(partial=True)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Delete a template that never was published; any other is retired, for orders may name it."""
        template = self.get_object()
        version = require_version(self.request, template)
        templates.remove_template(template=template, expected_version=version, actor=self.request.actor)
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(request=CloneInput, responses={201: TemplateSerializer})
    @action(detail=True, methods=["post"])
    def clone(self, request: Request, pk: str) -> Response:
        """Make a draft with the same schema and presets, for nothing yet."""
        template, name = self.get_object(), self.read_input(CloneInput)["name"]
        copy = templates.clone(template=template, name=name, actor=self.request.actor)
        return self.answer(self._read_back(copy), status=HTTPStatus.CREATED)

    @extend_schema(operation_id="customizations_schema_retrieve", parameters=[_VERSION], responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"], url_path="schema")
    def rules(self, request: Request, pk: str) -> Response:
        """What the answers may be, as JSON Schema (draft 2020-12): any client can check them before it sends them."""
        template = self._named()
        address = f"{settings.PUBLIC_BASE_URL}/api/v2/customizations/{template.pk}/schema?{_NUMBER}={template.version}"
        return Response(json_schema.build(parsed(template), schema_id=address))

    @extend_schema(responses=PresetSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filterset_class=None)
    def presets(self, request: Request, pk: str) -> Response:
        """Answers that a shopper can begin with, in their order."""
        return Response(PresetSerializer(self.get_object().offered_presets, many=True).data)

    @extend_schema(request=PresetInput, responses={201: StaffPresetSerializer})
    @presets.mapping.post
    def add_preset(self, request: Request, pk: str) -> Response:
        """Offer answers to begin with, behind the other presets."""
        template, new = self.get_object(), self.read_input(PresetInput)
        preset = presets.add_preset(template=template, **new)
        return Response(StaffPresetSerializer(preset).data, status=HTTPStatus.CREATED)

    def _named(self) -> CustomizationTemplate:
        """The template that the path names, at the version that the query does."""
        template, text = self.get_object(), self.request.query_params.get(_NUMBER)
        return template if text is None else as_published(template, _number_in(text))

    def _read(self, *, partial: bool) -> dict[str, Any]:
        said = self.read_input(TemplateInput, partial=partial)
        return said | ({"state": TemplateState(said["state"])} if "state" in said else {})

    def _change(self, *, partial: bool) -> Response:
        template = self.get_object()
        version = require_version(self.request, template)
        changed = templates.update_template(
            template=template, changes=self._read(partial=partial), expected_version=version, actor=self.request.actor
        )
        return self.answer(self._read_back(changed))

    def _read_back(self, template: CustomizationTemplate) -> CustomizationTemplate:
        """The template with everything that its representation shows."""
        return with_relations(CustomizationTemplate.objects.all()).get(pk=template.pk)


def _number_in(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MAX_INTEGER))
    if not is_number or not 1 <= int(text) <= MAX_INTEGER:
        fault = FieldError(_NUMBER, "out_of_range", "A version is a whole number from 1.", "parameter")
        raise InvalidError("The query is not valid.", errors=[fault])
    return int(text)
