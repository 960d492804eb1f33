"""People: e-mail address or username, and password."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.enums import Role
from accounts.models import User
from fantasize.core.statements import Slot, Statement

_STAFF_RIGHTS = Statement(lambda: _rights_of(Permission.objects.filter(group__user=Slot("user"))))
_CUSTOMER_RIGHTS = Statement(lambda: _rights_of(Permission.objects.filter(group__name=Role.CUSTOMER)))


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

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """What the user may do, by themselves and by their groups; one query, remembered by the instance."""
        if obj is not None or not user_obj.is_active or user_obj.is_superuser:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            rights = _STAFF_RIGHTS if user_obj.is_staff else _CUSTOMER_RIGHTS
            user_obj._perm_cache = {f"{app}.{name}" for app, name in rights.fetch(user=user_obj.pk)}  # noqa: SLF001 - where Django keeps them
        found: set[str] = user_obj._perm_cache  # noqa: SLF001 - as above
        return found

    def _get_group_permissions(self, user_obj: User) -> QuerySet[Permission]:
        if user_obj.is_staff:
            return Permission.objects.filter(group__user=user_obj)
        return Permission.objects.filter(group__name=Role.CUSTOMER)


def _rights_of(groups: QuerySet[Permission]) -> QuerySet[Permission, tuple[str, str]]:
    """App and name of what these groups, and the user's own permissions, allow."""
    facts = ("content_type__app_label", "codename")
    own = Permission.objects.filter(user=Slot("user")).order_by().values_list(*facts)
    return own.union(groups.order_by().values_list(*facts))


def is_right_password(user: User | None, password: str) -> bool:
    """Whether ``password`` lets ``user`` in. Takes as long for nobody and for an inactive user as for anybody else."""
    if user is None:
        User().set_password(password)
        return False
    return user.check_password(password) and user.is_active
