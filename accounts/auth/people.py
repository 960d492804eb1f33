"""People: e-mail address or username, and password."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.enums import Role
from accounts.models import User


class EmailOrUsernameBackend(ModelBackend):
    """Signs in by e-mail address or username, whatever their case.

    Rights come from groups, as in Django; whoever is no staff has those of the customer role, and no others by group.
    """

    def authenticate(
        self,
        request: HttpRequest | None,  # noqa: ARG002 - Django's signature
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """The active user whom the credentials belong to."""
        identifier = username or credentials.get("email")
        if not identifier or password is None:
            return None
        user = User.objects.known_as(identifier).first()
        return user if is_right_password(user, password) else None

    def _get_group_permissions(self, user_obj: User) -> QuerySet[Permission]:
        if user_obj.is_staff:
            return Permission.objects.filter(group__user=user_obj)
        return Permission.objects.filter(group__name=Role.CUSTOMER)


def is_right_password(user: User | None, password: str) -> bool:
    """Whether ``password`` lets ``user`` in. Takes as long for nobody and for an inactive user as for anybody else."""
    if user is None:
        User().set_password(password)
        return False
    return user.check_password(password) and user.is_active
