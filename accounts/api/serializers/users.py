"""People, as staff see and change them."""

from typing import Any, ClassVar

from django.contrib.auth.models import Group
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers.people import UserSerializer
from accounts.enums import Role
from accounts.models import User
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer


class PersonSerializer(UserSerializer):
    """Somebody, as staff who look after people see them."""

    mfa_enabled = serializers.BooleanField(read_only=True)  # type: ignore[assignment] # the list counts for everybody at once
    groups = serializers.SerializerMethodField()

    class Meta(UserSerializer.Meta):
        model = User
        fields: ClassVar = [*UserSerializer.Meta.fields, "is_active", "groups", "last_login"]
        read_only_fields = fields

    def get_groups(self, user: User) -> list[str]:
        """The roles of the shop's own making that they have."""
        return sorted(group.name for group in user.groups.all() if group.name not in Role.values)


@extend_schema_field({"type": "string", "maxLength": 150})
class OwnRoleField(serializers.SlugRelatedField[Group]):
    """The name of a role of the shop's own making."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="name", queryset=Group.objects.exclude(name__in=Role.values), **kwargs)


class PersonInput(StrictSerializer):
    """What staff may say of somebody; what is left out stays as it is."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    groups = serializers.ListField(child=OwnRoleField(), required=False, max_length=100)
    is_active = fields.BooleanField(required=False)


class SessionsEndedSerializer(StrictSerializer):
    """How many sessions have ended."""

    sessions_ended = serializers.IntegerField()
