"""One's own account, addresses and sessions."""

from http import HTTPStatus

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response

from accounts import selectors
from accounts.api.serializers.people import (
    AddressInput,
    AddressSerializer,
    ProfileInput,
    SessionSerializer,
    UserSerializer,
)
from accounts.api.viewsets.callers import IsPerson, fresh_session_of, person_of
from accounts.enums import RevokeReason
from accounts.models import Address, Session
from accounts.services import addresses, erasure, export, profile, sessions
from fantasize.core.api import throttling
from fantasize.core.api.files import ZipRenderer, lock_down, stream
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.viewsets import ReadOnlyShopViewSet, ShopViewSet


class ProfileViewSet(ShopViewSet):
    """One's own account."""

    permission_classes = [IsPerson]
    serializer_class = UserSerializer

    def get_renderers(self) -> list[BaseRenderer]:
        """The archive itself to whoever asks for it."""
        return [ZipRenderer()] if self.action == "export" else super().get_renderers()

    @action(detail=False, methods=["get"])
    def profile(self, request: ShopRequest) -> Response:
        """The account."""
        return self.answer(person_of(request))

    @extend_schema(request=ProfileInput, responses=UserSerializer)
    @profile.mapping.put
    def replace_profile(self, request: ShopRequest) -> Response:
        """Change names, username and preferences; what is left out stays."""
        return self.answer(profile.update(user=person_of(request), **self.read_input(ProfileInput)))

    @extend_schema(request=ProfileInput, responses=UserSerializer)
    @profile.mapping.patch
    def update_profile(self, request: ShopRequest) -> Response:
        """Change names, username and preferences; what is left out stays."""
        return self.answer(profile.update(user=person_of(request), **self.read_input(ProfileInput)))

    @extend_schema(responses={204: None})
    @profile.mapping.delete
    def erase_profile(self, request: ShopRequest) -> Response:
        """Erase the account: personal data go for good, orders keep their totals. Asks for a recent sign-in."""
        erasure.erase(user=fresh_session_of(request).user)
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(responses=OpenApiTypes.BINARY)
    @action(detail=False, methods=["get"])
    def export(self, request: ShopRequest) -> StreamingHttpResponse:
        """Everything the shop knows about oneself, as a ZIP archive. Asks for a recent sign-in."""
        session = fresh_session_of(request)
        if not session.user.is_staff:
            # Only now: who was just asked to show who they are got nothing.
            throttling.count(request, "exports")
        archive = export.export(user=session.user)
        return lock_down(stream(archive, content_type=ZipRenderer.media_type), name="fantasize-export.zip")


class AddressViewSet(ReadOnlyShopViewSet):
    """One's own addresses."""

    permission_classes = [IsPerson]
    serializer_class = AddressSerializer
    queryset = Address.objects.none()  # names the model for the OpenAPI document

    def get_queryset(self) -> QuerySet[Address]:
        """The caller's addresses, oldest first."""
        return person_of(self.request).addresses.order_by("pk")

    @extend_schema(request=AddressInput, responses={201: AddressSerializer})
    def create(self, request: ShopRequest) -> Response:
        """Add an address; the first becomes the default."""
        address = addresses.add(user=person_of(request), **self.read_input(AddressInput))
        return self.answer(address, status=HTTPStatus.CREATED)

    @extend_schema(request=AddressInput, responses=AddressSerializer)
    def update(self, request: ShopRequest, pk: str) -> Response:
        """Replace an address."""
        return self.answer(addresses.change(address=self.get_object(), **self.read_input(AddressInput)))

    @extend_schema(request=AddressInput, responses=AddressSerializer)
    def partial_update(self, request: ShopRequest, pk: str) -> Response:
        """Change some of an address."""
        address = self.get_object()
        changes = self.read_input(AddressInput, instance=address, partial=True)
        return self.answer(addresses.change(address=address, **changes))

    @extend_schema(responses={204: None})
    def destroy(self, request: ShopRequest, pk: str) -> Response:
        """Delete an address."""
        addresses.remove(address=self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)


class SessionViewSet(ReadOnlyShopViewSet):
    """Where one is signed in."""

    permission_classes = [IsPerson]
    serializer_class = SessionSerializer
    queryset = Session.objects.none()  # as above

    def get_queryset(self) -> QuerySet[Session]:
        """The caller's live sessions, last used first."""
        return selectors.live_sessions_of(person_of(self.request))

    @extend_schema(responses={204: None})
    def destroy(self, request: ShopRequest, pk: str) -> Response:
        """Sign out of one session."""
        sessions.end(session_id=self.get_object().pk, reason=RevokeReason.REVOKED)
        return Response(status=HTTPStatus.NO_CONTENT)
