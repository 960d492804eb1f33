"""Pictures and videos of products and packages over HTTP: staff bring them, everybody sees them with the thing."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import policies
from catalog.api.serializers.media import MediaChanges, MediaUpload, StaffMediaSerializer
from catalog.models import Package, Product, ProductMedia
from catalog.services import media
from fantasize.core.api.files import LargeUploadParser
from fantasize.core.api.permissions import object_policy, policy
from fantasize.core.api.viewsets import ShopViewSet


class _UploadViewSet(ShopViewSet):
    """Adds media to things of one kind."""

    serializer_class = StaffMediaSerializer
    lookup_fields = ("pk", "slug")
    parser_classes = (LargeUploadParser,)
    action_rate_limits = {"add_media": "uploads"}

    @extend_schema(request=MediaUpload, responses={201: StaffMediaSerializer})
    @action(detail=True, methods=["post"], url_path="media")
    def add_media(self, request: Request, pk: str) -> Response:
        """Add an image or a video behind the others; an image can be seen once its smaller copies are made.

        What the file is, its own bytes say. An image is decoded and encoded anew; nothing but its pixels is kept.
        """
        target, data = self.get_object(), self.read_input(MediaUpload)
        added = media.add_file(target=target, file=data["file"], alt=data["alt"], actor=self.request.actor)
        return self.answer(added, status=HTTPStatus.CREATED)


class ProductMediaViewSet(_UploadViewSet):
    """Adds pictures and videos to products."""

    queryset = Product.objects.all()
    permission_classes = (policy(policies.can_change_products),)


class PackageMediaViewSet(_UploadViewSet):
    """Adds pictures and videos to packages."""

    queryset = Package.objects.all()
    permission_classes = (policy(policies.can_change_packages),)


class MediaViewSet(ShopViewSet):
    """Single pictures and videos, for staff."""

    serializer_class = StaffMediaSerializer
    queryset = ProductMedia.objects.select_related("product", "package", "category")
    permission_classes = (policy(policies.can_change_some_media), object_policy(policies.can_change_media))

    def get_queryset(self) -> QuerySet[ProductMedia]:
        """All there are."""
        return self.queryset.all()

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A picture or a video, and whether it can be shown yet."""
        return self.answer(self.get_object())

    @extend_schema(request=MediaChanges(partial=True))
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Say what is to be seen, or put it at another place among the thing's media."""
        row, changes = self.get_object(), self.read_input(MediaChanges, partial=True)
        media.change(media=row, **changes)
        return self.answer(row)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a picture or a video away, file and all."""
        media.remove(media=self.get_object(), actor=self.request.actor)
        return Response(status=HTTPStatus.NO_CONTENT)
