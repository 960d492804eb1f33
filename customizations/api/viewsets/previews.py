"""What answers look like, come to and cost, while they are given."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from customizations import policies
from customizations.api.serializers.previews import PreviewInput, PreviewSerializer
from customizations.api.viewsets.uploads import GUEST
from customizations.errors import NoPictureError
from customizations.models import CustomizationTemplate
from customizations.services import previews
from customizations.services.drawing import Format
from customizations.services.previews import Preview
from fantasize.core.api.files import PNGRenderer, WebPRenderer, lock_down
from fantasize.core.api.permissions import AllowAny, policy
from fantasize.core.api.viewsets import ShopViewSet
from fantasize.core.errors import FieldError, InvalidError

_FORMS: dict[str, Format] = {"image/webp": "webp", "image/png": "png"}
# RFC 9211.
_HIT, _MISS = "fantasize; hit", "fantasize; fwd=miss"


@extend_schema(parameters=[GUEST])
class PreviewViewSet(ShopViewSet):
    """Judges, prices and draws answers. Changes nothing, so that there is nothing to repeat safely."""

    queryset = CustomizationTemplate.objects.none()
    serializer_class = PreviewSerializer
    permission_classes = (policy(policies.can_upload),)
    rate_limit = "previews"
    idempotency_exempt = True
    query_parameters = {"create": ()}

    def get_renderers(self) -> list[BaseRenderer]:
        """What answers come to, or what they look like."""
        return [*super().get_renderers(), WebPRenderer(), PNGRenderer()]

    @extend_schema(
        # What comes back, ``Accept`` says.
        parameters=[OpenApiParameter("format", exclude=True)],
        request=PreviewInput,
        responses={
            200: PreviewSerializer,
            (200, "image/webp"): OpenApiResponse(OpenApiTypes.BINARY, description="At most 1,000 pixels a side."),
            (200, "image/png"): OpenApiResponse(OpenApiTypes.BINARY, description="At most 1,000 pixels a side."),
        },
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Preview answers: as JSON what they come to, legal or not; as a picture (``Accept: image/webp``) legal ones.

        The picture is the print file scaled down. 503 ``busy`` when many are being drawn: ask again in a moment.
        """
        form = _FORMS.get(str(request.accepted_media_type))
        wish = self.read_input(PreviewInput)
        preview = previews.render_preview(**wish, principal=self.request.owner, form=form or "webp")
        response = _picture_of(preview) if form else Response(previews.describe(preview))
        response["Cache-Status"] = _HIT if preview.is_hit else _MISS
        return response


@extend_schema(parameters=[GUEST])
class PictureViewSet(ShopViewSet):
    """Previews that were drawn a moment ago."""

    queryset = CustomizationTemplate.objects.none()
    permission_classes = (AllowAny,)
    rate_limit = "catalogue"

    def get_renderers(self) -> list[BaseRenderer]:
        """The picture itself to whoever asks for it."""
        return [WebPRenderer()] if self.action == "retrieve" else super().get_renderers()

    @extend_schema(responses={(200, "image/webp"): OpenApiTypes.BINARY})
    def retrieve(self, request: Request, pk: str) -> HttpResponse:
        """A preview, by the address that ``preview_url`` said; one with photos is for whoever sent them alone."""
        return _file(previews.find_picture(pk, self.request.owner), "webp")


def _picture_of(preview: Preview) -> HttpResponse:
    """The first picture of legal answers."""
    if not preview.is_valid:
        errors = [FieldError(fault.pointer, fault.code, fault.detail) for fault in preview.errors]
        raise InvalidError("These answers are not legal.", errors=errors)
    picture = preview.picture
    if picture is None or picture.content is None:
        raise NoPictureError("There is nothing to be drawn on.")
    return _file(picture.content, picture.form)


def _file(content: bytes, form: str) -> HttpResponse:
    response = HttpResponse(content, content_type=f"image/{form}")
    return lock_down(response, name=f"preview.{form}", is_inline=True)
