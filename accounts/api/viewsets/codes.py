"""Codes by mail, new passwords, and showing once more who one is."""

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.api.serializers.codes import (
    ChangePasswordInput,
    EmailInput,
    PasswordSerializer,
    ResetPasswordInput,
    ReverifiedSerializer,
    ReverifyInput,
    SentSerializer,
    VerifyEmailInput,
)
from accounts.api.serializers.sign_in import SignInSerializer
from accounts.api.viewsets.callers import IsPerson, device_of, session_of
from accounts.services import codes, passwords, reverification, verification
from fantasize.core.api.permissions import AllowAny
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.viewsets import ShopViewSet


class CodeViewSet(ShopViewSet):
    """What codes by mail are good for."""

    idempotency_exempt = True
    permission_classes = [AllowAny]
    # An expired access token in the header must not keep anybody from getting a new one.
    authentication_classes = []
    serializer_class = SentSerializer

    @extend_schema(request=VerifyEmailInput, responses=SignInSerializer)
    @action(detail=False, methods=["post"], url_path="verify-email")
    def verify_email(self, request: ShopRequest) -> Response:
        """Confirm an e-mail address by the code that was sent to it, and sign in."""
        given = self.read_input(VerifyEmailInput)
        device = device_of(request, given.pop("device_token", ""))
        return self.answer(verification.verify(**given, device=device), serializer_class=SignInSerializer)

    @extend_schema(request=EmailInput, responses={202: SentSerializer})
    @action(detail=False, methods=["post"], url_path="resend-code")
    def resend_code(self, request: ShopRequest) -> Response:
        """Have a new code sent that confirms an address. The answer is always the same."""
        codes.request_verification(**self.read_input(EmailInput))
        return self._sent()

    @extend_schema(request=EmailInput, responses={202: SentSerializer})
    @action(detail=False, methods=["post"], url_path="password/reset")
    def request_reset(self, request: ShopRequest) -> Response:
        """Have a code sent that sets a new password. The answer is always the same."""
        codes.request_reset(**self.read_input(EmailInput))
        return self._sent()

    @extend_schema(request=ResetPasswordInput, responses=PasswordSerializer)
    @action(detail=False, methods=["post"], url_path="password/reset/confirm")
    def reset_password(self, request: ShopRequest) -> Response:
        """Set a new password by the code that was sent. It ends all sessions and signs nobody in."""
        passwords.reset(**self.read_input(ResetPasswordInput), device=device_of(request))
        return self.answer({"password": "changed"}, serializer_class=PasswordSerializer)

    def _sent(self) -> Response:
        return self.answer({"code": "sent"}, status=HTTPStatus.ACCEPTED)


class ProofViewSet(ShopViewSet):
    """What somebody who is signed in shows once more."""

    idempotency_exempt = True
    permission_classes = [IsPerson]
    serializer_class = PasswordSerializer

    @extend_schema(request=ChangePasswordInput, responses=PasswordSerializer)
    @action(detail=False, methods=["post"], url_path="password/change")
    def change_password(self, request: ShopRequest) -> Response:
        """Set a new password by the current one. Every other session ends."""
        given = self.read_input(ChangePasswordInput)
        device = device_of(request, given.pop("device_token", ""))
        passwords.change(session=session_of(request), **given, device=device)
        return self.answer({"password": "changed"})

    @extend_schema(request=ReverifyInput, responses=ReverifiedSerializer)
    @action(detail=False, methods=["post"])
    def reverify(self, request: ShopRequest) -> Response:
        """Show password or second factor once more, which what changes how one signs in asks for."""
        given = self.read_input(ReverifyInput)
        device = device_of(request, given.pop("device_token", ""))
        until = reverification.reverify(session=session_of(request), device=device, **given)
        return self.answer({"reverified_until": until}, serializer_class=ReverifiedSerializer)
