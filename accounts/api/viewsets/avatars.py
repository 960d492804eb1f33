"""People's pictures of themselves."""

from http import HTTPStatus

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from accounts import selectors
from accounts.api.serializers.people import AvatarInput, UserSerializer
from accounts.api.viewsets.callers import IsPerson, person_of
from accounts.models import User
from accounts.services import avatars
from fantasize.core.api.files import UploadParser, WebPRenderer, lock_down
from fantasize.core.api.lookups import get_row
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.viewsets import ShopViewSet
from fantasize.core.errors import NotFoundError


class AvatarViewSet(ShopViewSet):
    """Pictures: one's own to set, and to look at for oneself and those who look after people."""

    permission_classes = [IsPerson]
    serializer_class = UserSerializer
    parser_classes = [UploadParser]
    action_rate_limits = {"replace_avatar": "uploads"}
    queryset = User.objects.none()  # names the model for the OpenAPI document

    def get_renderers(self) -> list[BaseRenderer]:
        """The picture itself to whoever reads."""
        return [WebPRenderer()] if self.action in ("avatar", "picture") else super().get_renderers()

    @extend_schema(responses=OpenApiTypes.BINARY)
    @action(detail=False, methods=["get"])
    def avatar(self, request: ShopRequest) -> HttpResponse:
        """One's own picture."""
        return _answer(person_of(request))

    @extend_schema(request=AvatarInput, responses=UserSerializer)
    @avatar.mapping.put
    def replace_avatar(self, request: ShopRequest) -> Response:
        """Make a JPEG, PNG or WebP file of at most 10 MiB one's picture; it is cut to a square and encoded anew."""
        user, file = person_of(request), self.read_input(AvatarInput)["file"]
        avatars.set_avatar(user=user, content=file.read())
        return self.answer(user)

    @extend_schema(responses={204: None})
    @avatar.mapping.delete
    def remove_avatar(self, request: ShopRequest) -> Response:
        """Take one's picture away, if there is one."""
        avatars.remove_avatar(user=person_of(request))
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(operation_id="users_picture_retrieve", responses=OpenApiTypes.BINARY)
    @action(detail=True, methods=["get"], url_path="avatar")
    def picture(self, request: ShopRequest, pk: str) -> HttpResponse:
        """Somebody's picture: one's own, or anybody's for staff who look after people."""
        return _answer(get_row(selectors.users_visible_to(person_of(request)), pk))


def _answer(user: User) -> HttpResponse:
    if not user.avatar:
        raise NotFoundError
    with user.avatar.open() as file:
        response = HttpResponse(file.read(), content_type=WebPRenderer.media_type)
    return lock_down(response, name="avatar.webp", is_inline=True)
