"""One's own passkeys."""

from http import HTTPStatus
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api.serializers.passkeys import (
    CeremonySerializer,
    NewPasskeySerializer,
    PasskeySerializer,
    RegisterPasskeyInput,
)
from accounts.api.viewsets.callers import IsPerson, fresh_session_of, person_of
from accounts.services import passkeys
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.viewsets import ShopViewSet


class PasskeyViewSet(mixins.ListModelMixin, ShopViewSet):
    """One's own passkeys. Whoever changes them has shown a password or code within ten minutes."""

    idempotency_exempt = True
    permission_classes = [IsPerson]
    serializer_class = PasskeySerializer
    queryset = Authenticator.objects.none()  # names the model for the OpenAPI document

    def get_queryset(self) -> QuerySet[Any]:
        """The caller's passkeys, oldest first."""
        return passkeys.list_of(person_of(self.request))

    @extend_schema(request=None, responses=CeremonySerializer)
    @action(detail=False, methods=["post"], url_path="register/begin")
    def begin_registration(self, request: ShopRequest) -> Response:
        """Ask the browser for a new passkey."""
        fresh_session_of(request)
        asked = passkeys.begin_registration(user=person_of(request))
        return self.answer(asked, serializer_class=CeremonySerializer)

    @extend_schema(request=RegisterPasskeyInput, responses={201: NewPasskeySerializer})
    @action(detail=False, methods=["post"], url_path="register/complete")
    def complete_registration(self, request: ShopRequest) -> Response:
        """Keep the passkey that the browser has made; the first factor comes with recovery codes."""
        given, session = self.read_input(RegisterPasskeyInput), fresh_session_of(request)
        passkey, codes = passkeys.complete_registration(user=person_of(request), **given, session=session)
        answer = {"passkey": passkey, "recovery_codes": codes}
        return self.answer(answer, serializer_class=NewPasskeySerializer, status=HTTPStatus.CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: ShopRequest, pk: str) -> Response:
        """Forget a passkey."""
        fresh_session_of(request)
        passkeys.remove(user=person_of(request), passkey_id=self.get_object().pk)
        return Response(status=HTTPStatus.NO_CONTENT)
