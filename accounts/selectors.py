"""What accounts is asked."""

from accounts import policies
from accounts.models import Address, Session, User
from accounts.models.session import SessionQuerySet
from accounts.models.user import UserQuerySet
from fantasize.core import clock


def find_default_shipping_address(user: User) -> Address | None:
    """Where the user's parcels go unless they say otherwise: the default, else their newest address."""
    return user.addresses.order_by("-is_default_shipping", "-created_at", "-pk").first()


def users_visible_to(actor: User) -> UserQuerySet:
    """Whose account the actor may look at: their own, and everybody's if they look after people."""
    people: UserQuerySet = User.objects.filter(erased_at=None)
    return people if policies.can_view_users(actor) else people.filter(pk=actor.pk)


def live_sessions_of(user: User) -> SessionQuerySet:
    """Where the user is signed in now, last used first."""
    return Session.objects.filter(user=user).live(clock.now()).order_by("-last_used_at", "pk")
