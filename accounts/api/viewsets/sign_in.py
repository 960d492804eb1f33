"""Opening an account, signing in, staying signed in and signing out."""

from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api.authentication import session_id_of
from accounts.api.serializers.people import UserSerializer
from accounts.api.serializers.sign_in import (
    LegacyRegisterInput,
    LegacySignInSerializer,
    LoginInput,
    LogoutInput,
    LogoutSerializer,
    RefreshInput,
    RegisterInput,
    RegistrationSerializer,
    SignInSerializer,
    TokenPairSerializer,
)
from accounts.api.viewsets.callers import IsPerson, device_of, person_of
from accounts.auth.beat import on_the_beat
from accounts.services import login, registration
from fantasize.core.api.permissions import AllowAny
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.viewsets import ShopViewSet


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
        given = self.read_input(LegacyRegisterInput if is_legacy else RegisterInput)
        with on_the_beat():
            user = registration.register(**given)
        if is_legacy:
            return self.answer(user, status=HTTPStatus.CREATED)
        answer = {"user": user, "email_verification": registration.MAIL_STATE}
        return self.answer(answer, serializer_class=RegistrationSerializer, status=HTTPStatus.CREATED)

    @extend_schema(request=LoginInput, responses=SignInSerializer)
    @action(detail=False, methods=["post"])
    def login(self, request: ShopRequest) -> Response:
        """Sign in with e-mail address or username, and password."""
        is_legacy = bool(request.legacy_path)
        lifetime = timedelta(minutes=settings.LEGACY_ACCESS_TOKEN_MINUTES) if is_legacy else None
        given = self.read_input(LoginInput)
        device = device_of(request, given.pop("device_token"))
        sign_in = login.login(**given, device=device, access_lifetime=lifetime)
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
