"""Google, Facebook and Firebase."""

from typing import Any, ClassVar

from allauth.socialaccount.models import SocialAccount
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.auth.social import Credential
from accounts.enums import SignInMethod
from accounts.services import social
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictModelSerializer, StrictSerializer

_MAX_TOKEN = 8192
_MAX_NONCE = 255
_MAX_DEVICE_TOKEN = 512
PROVIDERS = (SignInMethod.GOOGLE, SignInMethod.FACEBOOK, SignInMethod.FIREBASE)
_PROVIDER_CHOICES = [(method.value, method.label) for method in PROVIDERS]


class IdTokenInput(StrictSerializer):
    """An ID token of Google's or Firebase's, at most ten minutes old; it works once."""

    id_token = fields.CharField(max_length=_MAX_TOKEN, write_only=True)
    nonce = fields.CharField(
        required=False, max_length=_MAX_NONCE, help_text="What the provider was asked to put into the token."
    )
    device_token = fields.CharField(required=False, max_length=_MAX_DEVICE_TOKEN)


class AccessTokenInput(StrictSerializer):
    """An access token that Facebook has given to the shop's own app."""

    access_token = fields.CharField(max_length=_MAX_TOKEN, write_only=True)
    device_token = fields.CharField(required=False, max_length=_MAX_DEVICE_TOKEN)


class LinkInput(StrictSerializer):
    """A provider and its token: Facebook's ``access_token``, the others' ``id_token``."""

    provider = serializers.ChoiceField(choices=_PROVIDER_CHOICES)
    id_token = fields.CharField(required=False, max_length=_MAX_TOKEN, write_only=True)
    access_token = fields.CharField(required=False, max_length=_MAX_TOKEN, write_only=True)
    nonce = fields.CharField(required=False, max_length=_MAX_NONCE)
    schema_rules: ClassVar = {
        "oneOf": [
            {
                "properties": {"provider": {"not": {"const": "facebook"}}},
                "required": ["id_token"],
                "not": {"required": ["access_token"]},
            },
            {
                "properties": {"provider": {"const": "facebook"}},
                "required": ["access_token"],
                "not": {"anyOf": [{"required": ["id_token"]}, {"required": ["nonce"]}]},
            },
        ]
    }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The input with the one token that its provider gives out.

        Raises:
            ValidationError: it is not there, or something is that belongs to other providers.
        """
        wanted, foreign = "id_token", {"access_token"}
        if attrs["provider"] == SignInMethod.FACEBOOK:
            wanted, foreign = "access_token", {"id_token", "nonce"}
        faults = {
            name: [ErrorDetail("This provider has no such thing.", "unknown_field")] for name in foreign & {*attrs}
        }
        if wanted not in attrs:
            faults[wanted] = [ErrorDetail("This provider's token is missing.", "required")]
        if faults:
            raise serializers.ValidationError(faults)
        return attrs


class SocialAccountSerializer(StrictModelSerializer):
    """An identity that somebody may sign in with."""

    provider = serializers.SerializerMethodField()
    email = serializers.SerializerMethodField()
    linked_at = serializers.DateTimeField(source="date_joined", read_only=True)
    last_used_at = serializers.DateTimeField(source="last_login", read_only=True)

    class Meta:
        model = SocialAccount
        fields: ClassVar = ["id", "provider", "email", "linked_at", "last_used_at"]
        read_only_fields = fields

    def get_provider(self, account: SocialAccount) -> str:
        """Whose it is: ``google``, ``facebook`` or ``firebase``."""
        return social.provider_of(account).value

    def get_email(self, account: SocialAccount) -> str:
        """The address that the provider told when it was linked, to know one from another; or nothing."""
        return str(account.extra_data.get("email", ""))


def credential_in(provider: SignInMethod, values: dict[str, Any]) -> Credential:
    """The credential that validated input holds."""
    token = values.get("id_token") or values.get("access_token") or ""
    return Credential(provider, token, values.get("nonce", ""))
