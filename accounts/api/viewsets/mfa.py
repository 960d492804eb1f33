"""The second step of signing in, and one's own authenticator app and recovery codes."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts import policies
from accounts.api.serializers.mfa import (
    CodeInput,
    EnrolmentSerializer,
    RecoveryCodesLeftSerializer,
    RecoveryCodesSerializer,
    SecondFactorsSerializer,
    SecondStepInput,
    TotpSerializer,
    VerifyInput,
)
from accounts.api.serializers.passkeys import AnswerInput, CeremonySerializer, SecondStepAnswerInput
from accounts.api.serializers.sign_in import SignInSerializer
from accounts.api.viewsets.callers import IsPerson, device_of, fresh_session_of, person_of
from accounts.services import mfa, passkeys, second_step
from fantasize.core.api.permissions import AllowAny
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.viewsets import ShopViewSet


class SecondStepViewSet(ShopViewSet):
    """Signing in with a second factor, or with a passkey alone."""

    idempotency_exempt = True
    permission_classes = [AllowAny]
    # An expired access token in the header must not keep anybody from getting a new one.
    authentication_classes = []
    serializer_class = SignInSerializer

    @extend_schema(request=VerifyInput, responses=SignInSerializer)
    @action(detail=False, methods=["post"], url_path="mfa/verify")
    def verify(self, request: ShopRequest) -> Response:
        """Finish signing in with a one-time password or a recovery code."""
        given = self.read_input(VerifyInput)
        device = device_of(request, given.pop("device_token", ""))
        return self.answer(second_step.verify(**given, device=device))

    @extend_schema(request=SecondStepInput, responses=CeremonySerializer)
    @action(detail=False, methods=["post"], url_path="mfa/passkeys/begin")
    def begin_second_step(self, request: ShopRequest) -> Response:
        """Ask for a passkey as the second factor."""
        asked = second_step.begin_passkey(**self.read_input(SecondStepInput))
        return self.answer(asked, serializer_class=CeremonySerializer)

    @extend_schema(request=SecondStepAnswerInput, responses=SignInSerializer)
    @action(detail=False, methods=["post"], url_path="mfa/passkeys/complete")
    def complete_second_step(self, request: ShopRequest) -> Response:
        """Finish signing in with a passkey."""
        given = self.read_input(SecondStepAnswerInput)
        device = device_of(request, given.pop("device_token", ""))
        return self.answer(second_step.complete_passkey(**given, device=device))

    @extend_schema(request=None, responses=CeremonySerializer)
    @action(detail=False, methods=["post"], url_path="passkeys/begin")
    def begin_sign_in(self, request: ShopRequest) -> Response:
        """Ask for a passkey instead of a password; it says whose it is."""
        return self.answer(passkeys.begin_sign_in(), serializer_class=CeremonySerializer)

    @extend_schema(request=AnswerInput, responses=SignInSerializer)
    @action(detail=False, methods=["post"], url_path="passkeys/complete")
    def complete_sign_in(self, request: ShopRequest) -> Response:
        """Sign in with a passkey that has verified its owner."""
        given = self.read_input(AnswerInput)
        device = device_of(request, given.pop("device_token", ""))
        return self.answer(passkeys.complete_sign_in(**given, device=device))


class SecondFactorViewSet(ShopViewSet):
    """One's own second factors. Whoever changes them has shown a password or code within ten minutes."""

    idempotency_exempt = True
    permission_classes = [IsPerson]
    serializer_class = SecondFactorsSerializer

    @extend_schema(responses=SecondFactorsSerializer)
    @action(detail=False, methods=["get"])
    def mfa(self, request: ShopRequest) -> Response:
        """What there is."""
        person = person_of(request)
        methods = mfa.methods_of(person)
        left = mfa.recovery_codes_left(person)
        answer = {"enabled": bool(methods), "methods": methods, "recovery_codes_left": left}
        return self.answer({**answer, "required_by_role": policies.requires_mfa(person)})

    @extend_schema(responses=TotpSerializer)
    @action(detail=False, methods=["get"], url_path="mfa/totp")
    def totp(self, request: ShopRequest) -> Response:
        """Whether one-time passwords are asked for."""
        return self.answer({"enabled": mfa.has_totp(person_of(request))}, serializer_class=TotpSerializer)

    @extend_schema(request=None, responses=EnrolmentSerializer)
    @totp.mapping.post
    def start_totp(self, request: ShopRequest) -> Response:
        """Begin with an authenticator app; nothing changes before the app has shown that it knows the secret."""
        fresh_session_of(request)
        return self.answer(mfa.start_totp(user=person_of(request)), serializer_class=EnrolmentSerializer)

    @extend_schema(responses={204: None})
    @totp.mapping.delete
    def remove_totp(self, request: ShopRequest) -> Response:
        """Give the authenticator app up."""
        fresh_session_of(request)
        mfa.remove_totp(user=person_of(request))
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(request=CodeInput, responses=RecoveryCodesSerializer)
    @action(detail=False, methods=["post"], url_path="mfa/totp/activate")
    def activate_totp(self, request: ShopRequest) -> Response:
        """Ask for one-time passwords from now on; the first factor comes with recovery codes."""
        given, session = self.read_input(CodeInput), fresh_session_of(request)
        codes = mfa.activate_totp(user=person_of(request), **given, device=device_of(request), session=session)
        return self.answer({"recovery_codes": codes}, serializer_class=RecoveryCodesSerializer)

    @extend_schema(responses=RecoveryCodesLeftSerializer)
    @action(detail=False, methods=["get"], url_path="mfa/recovery-codes")
    def recovery_codes(self, request: ShopRequest) -> Response:
        """How many are left."""
        left = mfa.recovery_codes_left(person_of(request))
        return self.answer({"recovery_codes_left": left}, serializer_class=RecoveryCodesLeftSerializer)

    @extend_schema(request=None, responses={201: RecoveryCodesSerializer})
    @recovery_codes.mapping.post
    def renew_recovery_codes(self, request: ShopRequest) -> Response:
        """Ten fresh ones in place of all earlier ones."""
        fresh_session_of(request)
        codes = mfa.renew_recovery_codes(user=person_of(request))
        return self.answer(
            {"recovery_codes": codes}, serializer_class=RecoveryCodesSerializer, status=HTTPStatus.CREATED
        )
