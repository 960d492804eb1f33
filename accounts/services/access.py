"""What somebody may do, as one value that is compared, checked and written as a whole."""

from dataclasses import dataclass, replace

from django.contrib.auth.models import Group

from accounts.enums import Role
from accounts.models import User


@dataclass(frozen=True, slots=True)
class Access:
    """Somebody's standing in the shop.

    Attributes:
        is_active: whether they may sign in.
        is_staff: whether the admin opens to them.
        is_superuser: whether they may do everything.
        roles: the groups they are in; none for customers, who all have the customer role.
    """

    is_active: bool
    is_staff: bool
    is_superuser: bool
    roles: frozenset[Group]

    @classmethod
    def of(cls, user: User) -> "Access":
        """What ``user`` may do now."""
        return cls(user.is_active, user.is_staff, user.is_superuser, frozenset(user.groups.all()))

    def as_(self, role: Role) -> "Access":
        """The same person as ``role``: in exactly that built-in group. A shop's own groups are left to staff.

        A superuser is an administrator already.
        """
        if role == Role.ADMINISTRATOR and self.is_superuser:
            return self
        if role == Role.CUSTOMER:
            return replace(self, is_staff=False, is_superuser=False, roles=frozenset())
        group, _ = Group.objects.get_or_create(name=role)
        return replace(self, is_staff=True, is_superuser=False, roles=self.own_roles | {group})

    def with_own_roles(self, roles: frozenset[Group]) -> "Access":
        """The same person with ``roles`` as those of the shop's own making."""
        return replace(self, roles=(self.roles - self.own_roles) | roles)

    @property
    def own_roles(self) -> frozenset[Group]:
        """The roles that the shop has made itself."""
        return frozenset(role for role in self.roles if role.name not in Role.values)

    @property
    def is_administrator(self) -> bool:
        """Whether they may look after everybody else."""
        has_the_rights = self.is_superuser or any(role.name == Role.ADMINISTRATOR for role in self.roles)
        return self.is_active and self.is_staff and has_the_rights

    def differs_in_rights(self, other: "Access") -> bool:
        """Whether more or less may be done with it than with ``other``, apart from signing in."""
        return replace(self, is_active=other.is_active) != other

    def write(self, user: User) -> None:
        """Make it so, for ``user``'s locked row; every access token and socket of theirs ends if rights change."""
        if self.differs_in_rights(Access.of(user)):
            user.rights_version += 1
        user.is_active, user.is_staff, user.is_superuser = self.is_active, self.is_staff, self.is_superuser
        user.save(update_fields=["is_active", "is_staff", "is_superuser", "rights_version"])
        user.groups.set(self.roles)
        forget_cached_rights(user)


def forget_cached_rights(user: User) -> None:
    """Have the instance ask again what it may do."""
    for name in ("role", "_perm_cache", "_user_perm_cache", "_group_perm_cache"):
        user.__dict__.pop(name, None)


def lock_rights() -> None:
    """Let nobody else change anybody's rights until the end of the transaction."""
    # Who the last administrator is can only be said while nobody else is changing it.
    list(Group.objects.select_for_update(no_key=True).filter(name=Role.ADMINISTRATOR))
