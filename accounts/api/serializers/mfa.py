"""Second factors: codes, authenticator apps, recovery codes."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers.sign_in import DeviceTokenField
from accounts.auth.tickets import MAX_LENGTH
from accounts.services.mfa import METHODS
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer


class CodeField(fields.CharField):
    """A one-time password or a recovery code, with as many spaces and dashes as one likes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, max_length=64)


class TicketField(fields.CharField):
    """A ticket that an earlier step has given out. Only whether it opens something says whether it is good."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, max_length=2 * MAX_LENGTH)


class CodeInput(StrictSerializer):
    """A code."""

    code = CodeField()


class SecondStepInput(StrictSerializer):
    """What the first step has given out."""

    mfa_token = TicketField()


class VerifyInput(SecondStepInput):
    """The second step: a one-time password or a recovery code."""

    code = CodeField()
    device_token = DeviceTokenField()


class SecondFactorsSerializer(StrictSerializer):
    """What somebody can show beside a password."""

    enabled = serializers.BooleanField()
    required_by_role = serializers.BooleanField()
    methods = serializers.ListField(child=serializers.ChoiceField(choices=METHODS))
    recovery_codes_left = serializers.IntegerField()


class TotpSerializer(StrictSerializer):
    """Whether one-time passwords are asked for."""

    enabled = serializers.BooleanField()


class EnrolmentSerializer(StrictSerializer):
    """What an authenticator app needs to know; ``qr_svg`` is an SVG document of the URI."""

    secret = serializers.CharField()
    otpauth_uri = serializers.CharField(source="uri")
    qr_svg = serializers.CharField(source="svg")


class RecoveryCodesSerializer(StrictSerializer):
    """The only copy of fresh recovery codes; empty if the earlier ones still count."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class RecoveryCodesLeftSerializer(StrictSerializer):
    """How many recovery codes have not been used."""

    recovery_codes_left = serializers.IntegerField()
