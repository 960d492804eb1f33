"""Registration, sign-in and tokens."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.api.fields import LineField, PasswordField, UsernameField
from accounts.api.serializers.people import AddressInput, AddressOrLineInput, UserSerializer
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer


class DeviceTokenField(fields.CharField):
    """What an earlier sign-in on this device gave out, if there was one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, required=False, max_length=512)


class RegisterInput(StrictSerializer):
    """What opening an account takes."""

    email = fields.EmailField(max_length=254)
    password = PasswordField()
    username = UsernameField(required=False, allow_null=True)
    first_name = LineField(required=False, allow_blank=True, max_length=150)
    last_name = LineField(required=False, allow_blank=True, max_length=150)
    address = AddressInput(required=False)


class LegacyRegisterInput(RegisterInput):
    """The same on ``/register``, where an address may be a line of text."""

    address = AddressOrLineInput(required=False)


class RegistrationSerializer(StrictSerializer):
    """The new account."""

    user = UserSerializer()
    email_verification = serializers.CharField()


class LoginInput(StrictSerializer):
    """E-mail address or username, and password; ``device_token`` is what this device was given before."""

    email = fields.CharField(required=False, max_length=254)
    username = fields.CharField(required=False, max_length=254)
    password = PasswordField()
    device_token = DeviceTokenField()
    schema_rules: ClassVar = {"oneOf": [{"required": ["email"]}, {"required": ["username"]}]}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """``identifier``, ``password`` and ``device_token``.

        Raises:
            ValidationError: neither or both of e-mail address and username are there.
        """
        names = [attrs[name] for name in ("email", "username") if name in attrs]
        if len(names) != 1:
            raise serializers.ValidationError({"email": "Give either email or username."}, code="required")
        return {
            "identifier": names[0],
            "password": attrs["password"],
            "device_token": attrs.get("device_token", ""),
        }


class SignInSerializer(StrictSerializer):
    """Fresh tokens and whom they are for."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    user = UserSerializer()
    device_token = serializers.CharField()


class LegacySignInSerializer(SignInSerializer):
    """The same on ``/login`` and ``/users/login``, where the access token is called ``token`` too."""

    token = serializers.CharField(source="access")


class RefreshInput(StrictSerializer):
    """A refresh token."""

    refresh = fields.CharField(max_length=512)


class TokenPairSerializer(StrictSerializer):
    """A fresh access token and the next refresh token."""

    access = serializers.CharField()
    refresh = serializers.CharField()


class LogoutInput(StrictSerializer):
    """Optionally a refresh token, for whoever has no access token any more."""

    refresh = fields.CharField(required=False, max_length=512)


class LogoutSerializer(StrictSerializer):
    """How many sessions have ended."""

    sessions_ended = serializers.IntegerField()
