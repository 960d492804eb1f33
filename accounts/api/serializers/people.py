"""People, their addresses and their sessions."""

from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.api.authentication import session_id_of
from accounts.api.fields import (
    CountryField,
    LanguageField,
    LineField,
    PhoneField,
    PostalCodeField,
    UsernameField,
)
from accounts.enums import Role
from accounts.models import Address, Session, User
from accounts.services import mfa
from accounts.validators import faults_in_address
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictModelSerializer, StrictSerializer

_PLACE = frozenset({"line1", "city", "region", "postal_code", "country"})


class UserSerializer(StrictModelSerializer):
    """Somebody, as they see themselves. Never a password, not even hashed."""

    role = serializers.ChoiceField(choices=Role.choices, read_only=True)
    email_verified = serializers.BooleanField(source="is_email_verified", read_only=True)
    mfa_enabled = serializers.SerializerMethodField()
    avatar_url = serializers.SerializerMethodField()

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
            "language",
            "wants_news",
            "avatar_url",
            "created_at",
        ]
        read_only_fields = fields

    def get_mfa_enabled(self, user: User) -> bool:
        """Whether a second factor is asked for."""
        return mfa.is_enabled(user)

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_avatar_url(self, user: User) -> str | None:
        """Where their picture is, if they have one: for themselves and those who look after people."""
        return f"{settings.PUBLIC_BASE_URL}/api/v2/users/{user.pk}/avatar" if user.avatar else None


class AddressInput(StrictSerializer):
    """An address as it comes in, by the rules of its country. A missing name means the account's."""

    full_name = LineField(required=False, max_length=150)
    line1 = LineField(max_length=200)
    line2 = LineField(default="", allow_blank=True, max_length=200)
    city = LineField(default="", allow_blank=True, max_length=100)
    region = LineField(default="", allow_blank=True, max_length=100)
    postal_code = PostalCodeField(default="", allow_blank=True, max_length=20)
    country = CountryField()
    phone = PhoneField(default="", allow_blank=True)
    is_default_shipping = fields.BooleanField(required=False)
    is_default_billing = fields.BooleanField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The address; a change of a part is judged with the parts that stay.

        Raises:
            ValidationError: with everything that its country does not know.
        """
        if _PLACE.isdisjoint(attrs):
            return attrs
        kept = {name: getattr(self.instance, name) for name in _PLACE} if self.instance else {}
        faults = faults_in_address({**kept, **attrs})
        if faults:
            raise serializers.ValidationError(
                {fault.location[1:]: [ErrorDetail(fault.detail, fault.code)] for fault in faults}
            )
        return attrs


class AddressOrLineInput(AddressInput):
    """An address, or the one line of text that clients of the earlier system send."""

    def to_internal_value(self, data: Any) -> Any:
        """The address; a text becomes its first line."""
        if isinstance(data, str):
            return {"line1": self.fields["line1"].run_validation(", ".join(data.split("\n")))}
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The address; of a line alone nobody can say where it is."""
        return attrs if attrs.keys() == {"line1"} else super().validate(attrs)


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
    language = LanguageField(required=False)
    wants_news = fields.BooleanField(required=False)


class AvatarInput(StrictSerializer):
    """A picture of oneself."""

    file = serializers.FileField(help_text="JPEG, PNG or WebP, at most 10 MiB.")


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
