"""Passkeys and the two halves of their ceremonies."""

import json
from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from rest_framework import serializers

from accounts.api.fields import LineField
from accounts.api.serializers.mfa import RecoveryCodesSerializer, SecondStepInput, TicketField
from accounts.api.serializers.sign_in import DeviceTokenField
from fantasize.core.api.serializers import StrictModelSerializer, StrictSerializer

# Some keys answer with a chain of certificates; most answers have 1,000 characters.
MAX_CREDENTIAL = 16 * 1024


class CredentialField(serializers.DictField):
    """What ``PublicKeyCredential.toJSON()`` says, whatever else browsers may add to it one day."""

    default_error_messages: ClassVar = {"too_large": f"A credential has at most {MAX_CREDENTIAL} characters."}

    def to_internal_value(self, data: Any) -> Any:
        """The credential as it came."""
        if len(json.dumps(data)) > MAX_CREDENTIAL:
            self.fail("too_large")
        return super().to_internal_value(data)


class RegisterPasskeyInput(StrictSerializer):
    """A passkey that a browser has made, and what its owner calls it."""

    state = TicketField()
    credential = CredentialField()
    name = LineField(default="Passkey", max_length=100)


class AnswerInput(StrictSerializer):
    """What a passkey has signed."""

    state = TicketField()
    credential = CredentialField()
    device_token = DeviceTokenField()


class SecondStepAnswerInput(AnswerInput, SecondStepInput):
    """The same, as the second step of signing in."""


class CeremonySerializer(StrictSerializer):
    """``options`` for the browser's ``navigator.credentials``, and ``state`` for the second half."""

    options = serializers.DictField()
    state = serializers.CharField()


class PasskeySerializer(StrictModelSerializer):
    """A passkey."""

    name = serializers.CharField(source="data.name")

    class Meta:
        model = Authenticator
        fields: ClassVar = ["id", "name", "created_at", "last_used_at"]
        read_only_fields = fields


class NewPasskeySerializer(RecoveryCodesSerializer):
    """A new passkey, and recovery codes for whoever had none."""

    passkey = PasskeySerializer()
