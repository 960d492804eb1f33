"""People, their addresses and their sessions."""

from typing import Any, ClassVar

from rest_framework import serializers

from accounts.api.authentication import session_id_of
from accounts.api.fields import CountryField, LineField, UsernameField
from accounts.enums import Role
from accounts.models import Address, Session, User
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictModelSerializer, StrictSerializer


class UserSerializer(StrictModelSerializer):
    """Somebody, as they see themselves. Never a password, not even hashed."""

    role = serializers.ChoiceField(choices=Role.choices, read_only=True)
    email_verified = serializers.BooleanField(source="is_email_verified", read_only=True)
    mfa_enabled = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields: ClassVar = [
            "id",
            "email",
            "username",
            "first_name",
            "last_name",
            "role",
            "email_verified",
            "mfa_enabled",
            "created_at",
        ]
        read_only_fields = fields

    def get_mfa_enabled(self, user: User) -> bool:
        """Whether a second factor is asked for; there is none to enrol yet."""
        return False


class AddressInput(StrictSerializer):
    """An address as it comes in. A missing name means the account's."""

    full_name = LineField(required=False, max_length=150)
    line1 = LineField(max_length=200)
    line2 = LineField(default="", allow_blank=True, max_length=200)
    city = LineField(max_length=100)
    region = LineField(default="", allow_blank=True, max_length=100)
    postal_code = LineField(default="", allow_blank=True, max_length=20)
    country = CountryField()
    phone = LineField(default="", allow_blank=True, max_length=30)
    is_default_shipping = fields.BooleanField(required=False)
    is_default_billing = fields.BooleanField(required=False)


class AddressOrLineInput(AddressInput):
    """An address, or the one line of text that clients of the earlier system send."""

    def to_internal_value(self, data: Any) -> Any:
        """The address; a text becomes its first line."""
        if isinstance(data, str):
            return {"line1": self.fields["line1"].run_validation(", ".join(data.split("\n")))}
        return super().to_internal_value(data)


class AddressSerializer(StrictModelSerializer):
    """An address as it is kept."""

    class Meta:
        model = Address
        fields: ClassVar = [
            "id",
            "full_name",
            "line1",
            "line2",
            "city",
            "region",
            "postal_code",
            "country",
            "phone",
            "is_default_shipping",
            "is_default_billing",
        ]
        read_only_fields = fields


class ProfileInput(StrictSerializer):
    """What somebody may say about themselves; what is left out stays as it is."""

    username = UsernameField(required=False, allow_null=True)
    first_name = LineField(required=False, allow_blank=True, max_length=150)
    last_name = LineField(required=False, allow_blank=True, max_length=150)


class SessionSerializer(StrictModelSerializer):
    """Where somebody is signed in."""

    is_current = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields: ClassVar = [
            "id",
            "user_agent",
            "ip_address",
            "created_at",
            "last_used_at",
            "expires_at",
            "is_current",
        ]
        read_only_fields = fields

    def get_is_current(self, session: Session) -> bool:
        """Whether the call came from this session."""
        return session.pk == session_id_of(self.context["request"])
