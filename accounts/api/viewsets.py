"""Accounts over HTTP: signing in and out, one's own profile, addresses and sessions."""

from datetime import timedelta
from http import HTTPStatus
from typing import cast

from django.conf import settings
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policies, selectors
from accounts.api.authentication import session_id_of
from accounts.api.serializers import (
    AddressInput,
    AddressSerializer,
    LegacyRegisterInput,
    LegacySignInSerializer,
    LoginInput,
    LogoutInput,
    LogoutSerializer,
    ProfileInput,
    RefreshInput,
    RegisterInput,
    RegistrationSerializer,
    SessionSerializer,
    SignInSerializer,
    TokenPairSerializer,
    UserSerializer,
)
from accounts.enums import RevokeReason
from accounts.models import Address, Session, User
from accounts.services import addresses, erasure, login, profile, registration, sessions, verification
from accounts.services.sessions import Device
from fantasize.core.api.client_address import site_of
from fantasize.core.api.permissions import AllowAny, policy
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.viewsets import ReadOnlyShopViewSet, ShopViewSet

IsPerson = policy(policies.is_person)


class SignUpViewSet(ShopViewSet):
    """Opening an account and signing in: under ``/auth``, and where the earlier system had them."""

    idempotency_exempt = True
    permission_classes = [AllowAny]
    # An expired access token in the header must not keep anybody from getting a new one.
    authentication_classes = []
    serializer_class = UserSerializer

    @extend_schema(request=RegisterInput, responses={201: RegistrationSerializer})
    @action(detail=False, methods=["post"])
    def register(self, request: ShopRequest) -> Response:
        """Open an account. A known address gets the same answer, and its owner a mail."""
        is_legacy = request.legacy_path == "/register"
        user = registration.register(**self.read_input(LegacyRegisterInput if is_legacy else RegisterInput))
        if is_legacy:
            return self.answer(user, status=HTTPStatus.CREATED)
        answer = {"user": user, "email_verification": verification.state_after_registration()}
        return self.answer(answer, serializer_class=RegistrationSerializer, status=HTTPStatus.CREATED)

    @extend_schema(request=LoginInput, responses=SignInSerializer)
    @action(detail=False, methods=["post"])
    def login(self, request: ShopRequest) -> Response:
        """Sign in with e-mail address or username, and password."""
        is_legacy = bool(request.legacy_path)
        lifetime = timedelta(minutes=settings.LEGACY_ACCESS_TOKEN_MINUTES) if is_legacy else None
        sign_in = login.login(**self.read_input(LoginInput), device=device_of(request), access_lifetime=lifetime)
        return self.answer(sign_in, serializer_class=LegacySignInSerializer if is_legacy else SignInSerializer)


class AuthViewSet(SignUpViewSet):
    """Everything under ``/auth``."""

    @extend_schema(request=RefreshInput, responses=TokenPairSerializer)
    @action(detail=False, methods=["post"])
    def refresh(self, request: ShopRequest) -> Response:
        """Exchange a refresh token for its successor and an access token. It works once."""
        return self.answer(login.refresh(**self.read_input(RefreshInput)), serializer_class=TokenPairSerializer)

    @extend_schema(request=LogoutInput, responses=LogoutSerializer)
    @action(detail=False, methods=["post"], authentication_classes=ShopViewSet.authentication_classes)
    def logout(self, request: ShopRequest) -> Response:
        """Sign out: of the session whose refresh token is given, else of the one that calls."""
        token = self.read_input(LogoutInput).get("refresh")
        if token is not None:
            return self._ended(login.logout_by_refresh_token(refresh=token))
        return self._ended(login.logout(session_id=session_id_of(request)))

    @extend_schema(request=None, responses=LogoutSerializer)
    @action(
        detail=False,
        methods=["post"],
        url_path="logout-all",
        authentication_classes=ShopViewSet.authentication_classes,
        permission_classes=[IsPerson],
    )
    def logout_all(self, request: ShopRequest) -> Response:
        """Sign out everywhere."""
        return self._ended(login.logout_all(user=person_of(request)))

    def _ended(self, count: int) -> Response:
        return self.answer({"sessions_ended": count}, serializer_class=LogoutSerializer)


class ProfileViewSet(ShopViewSet):
    """One's own account."""

    permission_classes = [IsPerson]
    serializer_class = UserSerializer

    @action(detail=False, methods=["get"])
    def profile(self, request: ShopRequest) -> Response:
        """The account."""
        return self.answer(person_of(request))

    @extend_schema(request=ProfileInput, responses=UserSerializer)
    @profile.mapping.put
    def replace_profile(self, request: ShopRequest) -> Response:
        """Change names and username; what is left out stays."""
        return self.answer(profile.update(user=person_of(request), **self.read_input(ProfileInput)))

    @extend_schema(request=ProfileInput, responses=UserSerializer)
    @profile.mapping.patch
    def update_profile(self, request: ShopRequest) -> Response:
        """Change names and username; what is left out stays."""
        return self.answer(profile.update(user=person_of(request), **self.read_input(ProfileInput)))

    @extend_schema(responses={204: None})
    @profile.mapping.delete
    def erase_profile(self, request: ShopRequest) -> Response:
        """Erase the account: personal data go for good, orders keep their totals."""
        erasure.erase(user=person_of(request))
        return Response(status=HTTPStatus.NO_CONTENT)


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
        return self.answer(addresses.change(address=self.get_object(), **self.read_input(AddressInput, partial=True)))

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


def person_of(request: Request) -> User:
    """The person who calls, where ``IsPerson`` has made sure that it is one."""
    return cast("User", request.user)


def device_of(request: ShopRequest) -> Device:
    """What the call tells of the caller's device."""
    address = request.client_address
    return Device(
        user_agent=request.headers.get("User-Agent", "").replace("\0", ""),
        ip_address=None if address == "local" else address,
        site=site_of(address),
    )
