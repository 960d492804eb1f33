"""Codes by mail, new passwords, and showing once more who one is."""

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from rest_framework import serializers

from accounts.api.fields import PasswordField
from accounts.api.serializers.mfa import CodeField
from accounts.api.serializers.sign_in import DeviceTokenField
from accounts.services.codes import DIGITS
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer


class MailedCodeField(fields.CharField):
    """A code as the mail has it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators.append(RegexValidator(rf"^[0-9]{{{DIGITS}}}\Z", f"A code has {DIGITS} digits."))


class EmailInput(StrictSerializer):
    """Where a code is to be sent."""

    email = fields.EmailField(max_length=254)


class VerifyEmailInput(EmailInput):
    """An address, and the code that was sent to it."""

    code = MailedCodeField()
    device_token = DeviceTokenField()


class ResetPasswordInput(EmailInput):
    """An address, the code that was sent to it, and the password to be."""

    code = MailedCodeField()
    password = PasswordField()


class ChangePasswordInput(StrictSerializer):
    """The password as it is, and as it is to be."""

    current_password = PasswordField()
    password = PasswordField()
    device_token = DeviceTokenField()


class ReverifyInput(StrictSerializer):
    """The password, or a one-time password or recovery code."""

    password = PasswordField(required=False)
    code = CodeField(required=False)
    device_token = DeviceTokenField()
    schema_rules: ClassVar = {"oneOf": [{"required": ["password"]}, {"required": ["code"]}]}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What was shown.

        Raises:
            ValidationError: neither or both of password and code are there.
        """
        if len(attrs.keys() & {"password", "code"}) != 1:
            raise serializers.ValidationError({"password": "Give either password or code."}, code="required")
        return attrs


class SentSerializer(StrictSerializer):
    """The same whether or not there was anybody to send it to."""

    code = serializers.ChoiceField(choices=["sent"])


class PasswordSerializer(StrictSerializer):
    """The password has been changed."""

    password = serializers.ChoiceField(choices=["changed"])


class ReverifiedSerializer(StrictSerializer):
    """Until when the session may change how one signs in."""

    reverified_until = serializers.DateTimeField()
