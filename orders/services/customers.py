"""Who orders: somebody with an account, or a guest, who is known by an e-mail address alone."""

from dataclasses import dataclass

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom an order is placed for.

    Attributes:
        user: the account; None for a guest.
        email: in lower case; a guest's uses of a coupon are counted by it.
        principal: whose cart, and whose pictures: ``user:<id>``, or ``cart:<hash>`` of a guest. Empty: nobody's.
        actor: who places it, as events write it; staff may do that for somebody else.
    """

    user: User | None
    email: str
    principal: str
    actor: str


def of(user: User) -> Customer:
    """Somebody with an account."""
    return Customer(user, user.email, user.actor, user.actor)


def guest(*, email: str, principal: str = "") -> Customer:
    """Somebody without an account. A guest without a token has neither a cart nor pictures."""
    return Customer(None, email.strip().lower(), principal, "guest")
