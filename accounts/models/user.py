"""Who somebody is."""

import uuid
from functools import cached_property
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from accounts.enums import Role
from accounts.models.fields import CanonicalEmailField
from accounts.validators import USERNAME_PATTERN, USERNAME_RULE
from fantasize.core import clock

_SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class UserQuerySet(models.QuerySet["User"]):
    """Users, asked for by adjective."""

    def active(self) -> "UserQuerySet":
        """Those who may sign in."""
        return self.filter(is_active=True)

    def staff(self) -> "UserQuerySet":
        """Those who may open the admin."""
        return self.filter(is_staff=True)

    def known_as(self, identifier: str) -> "UserQuerySet":
        """Whoever has this e-mail address or username; case does not matter. At most one."""
        if "@" in identifier:
            return self.filter(email=identifier)
        return self.alias(lower_username=Lower("username")).filter(lower_username=identifier.lower())

    def found_by(self, term: str) -> "UserQuerySet":
        """Those whose e-mail address begins with ``term``, or whose username it is."""
        lowered = term.lower()
        return self.alias(lower_username=Lower("username")).filter(
            Q(email__startswith=lowered) | Q(lower_username=lowered)
        )

    def having(self, role: Role) -> "UserQuerySet":
        """Those whose ``role`` is this one; the same rule, as a query."""
        is_administrator = Q(is_superuser=True) | Q(is_staff=True, pk__in=_members_of(Role.ADMINISTRATOR))
        if role == Role.ADMINISTRATOR:
            return self.filter(is_administrator)
        return self.exclude(is_administrator).filter(is_staff=role == Role.MANAGER)

    def with_second_factors(self) -> "UserQuerySet":
        """Each with its groups, and with ``mfa_enabled``: whether a second factor is asked for."""
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=_SECOND_FACTORS)
        return self.prefetch_related("groups").annotate(mfa_enabled=Exists(factors))


def _members_of(role: Role) -> QuerySet[Any]:
    return Group.objects.filter(name=role).values("user")


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc] # the base is made at run time
    """Makes users with hashed passwords."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A saved user; without a password nobody can sign in as them."""
        user: User = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A saved user who may do everything. Whoever can make one vouches for the address."""
        fields = {"email_verified_at": clock.now(), **fields, "is_staff": True, "is_superuser": True}
        return self.create_user(email, password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody with an account: customer or staff. Anonymised when erased, never deleted.

    ``is_staff`` is the one switch that opens the admin; groups say what may be done there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = CanonicalEmailField("e-mail", max_length=254, unique=True)
    username = models.CharField(  # noqa: DJ001 - null, for it is unique among those who have one
        max_length=150,
        null=True,
        blank=True,
        validators=[RegexValidator(USERNAME_PATTERN, USERNAME_RULE)],
    )
    first_name = models.CharField(max_length=150, blank=True, default="")
    last_name = models.CharField(max_length=150, blank=True, default="")
    is_active = models.BooleanField(
        "active",
        default=True,
        help_text="Whether this person may sign in.",
    )
    is_staff = models.BooleanField("staff", default=False, help_text="Whether this person may open the admin.")
    # Counts changes of rights: access tokens carry it and end with it.
    rights_version = models.PositiveIntegerField(default=0, editable=False)
    avatar = models.FileField(upload_to="avatars/", blank=True, default="", editable=False)
    language = models.CharField(max_length=10, default="en")
    wants_news = models.BooleanField("wants news", default=False)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False, db_index=True)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="user_email_in_lower_case"),
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_once",
                violation_error_message="This username is taken.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.email)

    def get_full_name(self) -> str:
        """First and last name, else nothing."""
        return f"{self.first_name} {self.last_name}".strip()

    @cached_property
    def role(self) -> Role:
        """What this person is to the shop; at most one query, remembered by the instance.

        Staff in none of the built-in groups (a shop's own group) count as managers.
        """
        if self.is_superuser:
            return Role.ADMINISTRATOR
        if not self.is_staff:
            return Role.CUSTOMER
        names = {group.name for group in self.groups.all()}
        return Role.ADMINISTRATOR if Role.ADMINISTRATOR in names else Role.MANAGER

    @property
    def is_email_verified(self) -> bool:
        """Whether the address was proven to be theirs."""
        return self.email_verified_at is not None

    @property
    def actor(self) -> str:
        """The person as events and the audit trail write it."""
        return f"user:{self.pk}"
