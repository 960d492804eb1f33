"""Signing in with Google, Facebook or Firebase, and linking them."""

from http import HTTPStatus

from allauth.socialaccount.models import SocialAccount
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api.serializers.sign_in import SignInSerializer
from accounts.api.serializers.social import (
    AccessTokenInput,
    IdTokenInput,
    LinkInput,
    SocialAccountSerializer,
    credential_in,
)
from accounts.api.viewsets.callers import IsPerson, device_of, person_of, session_of
from accounts.enums import SignInMethod
from accounts.services import social
from fantasize.core.api.permissions import AllowAny
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.viewsets import ReadOnlyShopViewSet, ShopViewSet


class SocialSignInViewSet(ShopViewSet):
    """Signing in with somebody who vouches for one."""

    idempotency_exempt = True
    permission_classes = [AllowAny]
    # An expired access token in the header must not keep anybody from getting a new one.
    authentication_classes = []
    serializer_class = SignInSerializer

    @extend_schema(request=IdTokenInput, responses=SignInSerializer)
    @action(detail=False, methods=["post"])
    def google(self, request: ShopRequest) -> Response:
        """Sign in with Google. Somebody new gets an account."""
        return self._sign_in(request, SignInMethod.GOOGLE, IdTokenInput)

    @extend_schema(request=AccessTokenInput, responses=SignInSerializer)
    @action(detail=False, methods=["post"])
    def facebook(self, request: ShopRequest) -> Response:
        """Sign in with Facebook. Somebody new confirms their address first, and links it then."""
        return self._sign_in(request, SignInMethod.FACEBOOK, AccessTokenInput)

    @extend_schema(request=IdTokenInput, responses=SignInSerializer)
    @action(detail=False, methods=["post"])
    def firebase(self, request: ShopRequest) -> Response:
        """Sign in with Firebase. Somebody new gets an account."""
        return self._sign_in(request, SignInMethod.FIREBASE, IdTokenInput)

    def _sign_in(
        self, request: ShopRequest, provider: SignInMethod, input_class: type[IdTokenInput | AccessTokenInput]
    ) -> Response:
        values = self.read_input(input_class)
        device = device_of(request, values.get("device_token", ""))
        return self.answer(social.sign_in(credential=credential_in(provider, values), device=device))


class SocialAccountViewSet(ReadOnlyShopViewSet):
    """The identities of other services that one may sign in with."""

    idempotency_exempt = True
    permission_classes = [IsPerson]
    serializer_class = SocialAccountSerializer
    queryset = SocialAccount.objects.none()  # names the model for the OpenAPI document

    def get_queryset(self) -> QuerySet[SocialAccount]:
        """The caller's, oldest first."""
        return social.links_of(person_of(self.request))

    @extend_schema(request=LinkInput, responses={201: SocialAccountSerializer})
    def create(self, request: ShopRequest) -> Response:
        """Link an identity. The session must have shown a password or a code within ten minutes."""
        values = self.read_input(LinkInput)
        credential = credential_in(SignInMethod(values["provider"]), values)
        account = social.link(session=session_of(request), credential=credential, device=device_of(request))
        return self.answer(account, status=HTTPStatus.CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: ShopRequest, pk: str) -> Response:
        """Unlink an identity, unless it is the only way in. The session must be as fresh as for linking."""
        social.unlink(session=session_of(request), account=self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)
