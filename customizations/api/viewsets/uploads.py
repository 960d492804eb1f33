"""Pictures over HTTP: shoppers' own, for themselves and staff; and what staff have put behind everything."""

from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from customizations import policies
from customizations.api.serializers.uploads import AssetSerializer, FileInput, NewUploadSerializer, UploadSerializer
from customizations.models import Asset, Upload
from customizations.services import assets, uploads
from fantasize.core import guests, images
from fantasize.core.api.files import JPEGRenderer, PNGRenderer, UploadParser, WebPRenderer, private_file
from fantasize.core.api.permissions import AllowAny, policy
from fantasize.core.api.public_files import CONTENT_TYPES
from fantasize.core.api.requests import CART_TOKEN_HEADER
from fantasize.core.api.viewsets import ShopViewSet
from fantasize.core.images import Picture

GUEST = OpenApiParameter(
    CART_TOKEN_HEADER,
    {"type": "string", "pattern": guests.TOKEN_PATTERN},
    OpenApiParameter.HEADER,
    description="Who a guest is; their first upload brings it.",
)


class _PictureViewSet(ShopViewSet):
    """Takes pictures in."""

    parser_classes = (UploadParser,)

    def _content(self) -> bytes:
        """What was sent; one byte more than may be tells that there are more."""
        content: bytes = self.read_input(FileInput)["file"].read(images.MAX_BYTES + 1)
        return content


@extend_schema(parameters=[GUEST])
class UploadViewSet(_PictureViewSet):
    """Pictures of shoppers' own. To whom one is none of theirs, there is none."""

    serializer_class = UploadSerializer
    queryset = Upload.objects.none()
    permission_classes = (AllowAny,)
    action_permissions = {"create": (policy(policies.can_upload),)}
    action_rate_limits = {"create": "uploads"}
    prepared = ("create",)

    picture: Picture
    owner: str
    token: str | None

    def prepare(self) -> None:
        """Read the picture, before anything is locked; and make a guest known who is not yet."""
        self.token = None if self.request.owner else guests.new_token()
        self.owner = self.request.owner or guests.principal_of(str(self.token))
        self.picture = uploads.read(content=self._content(), owner=self.owner)

    def get_renderers(self) -> list[BaseRenderer]:
        """The picture itself to whoever asks for it."""
        if self.action == "file":
            return [JPEGRenderer(), PNGRenderer(), WebPRenderer()]
        return super().get_renderers()

    def get_queryset(self) -> QuerySet[Upload]:
        """Those that the caller may look at, or take away: which are their own."""
        if self.action == "destroy":
            return policies.uploads_of(self.request.owner)
        return policies.uploads_for(self.request.user, self.request.owner)

    @extend_schema(request=FileInput, responses={201: NewUploadSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send a picture to have it made into something.

        It is decoded and encoded anew: upright, nothing but its pixels. A guest without a token gets one. What nobody
        has ordered with after some days is forgotten.
        """
        upload = uploads.add(picture=self.picture, owner=self.owner)
        response = self.answer(upload, serializer_class=NewUploadSerializer, status=HTTPStatus.CREATED)
        if self.token:
            response.data["token"] = self.token
        return response

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What is known of a picture."""
        return self.answer(self.get_object())

    @extend_schema(responses=OpenApiTypes.BINARY)
    @action(detail=True, methods=["get"])
    def file(self, request: Request, pk: str) -> HttpResponseBase:
        """The picture, whole or in ranges; never to be run, nor kept by anybody else."""
        name = str(self.get_object().file)
        return private_file(request, name, content_type=CONTENT_TYPES[PurePosixPath(name).suffix[1:]])

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take one's picture away; 409 ``upload_in_use`` once an order was placed with it."""
        uploads.remove(upload=self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)


class BackgroundViewSet(_PictureViewSet):
    """Pictures that templates have behind everything, for staff."""

    serializer_class = AssetSerializer
    queryset = Asset.objects.none()
    permission_classes = (policy(policies.may("add", "asset")),)

    @extend_schema(request=FileInput, responses={201: AssetSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Bring a picture; the same one is stored once, and stays for good."""
        return self.answer(assets.store(content=self._content()), status=HTTPStatus.CREATED)
