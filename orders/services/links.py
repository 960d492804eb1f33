"""Links to one order: made, read and taken back. The shop keeps the hash of a link's token only."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings

from fantasize.core import clock, guests
from fantasize.core.errors import NotFoundError
from orders.enums import LinkScope
from orders.errors import LinkRevokedError
from orders.models import Order, OrderLink
from orders.policies import LinkHolder


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that was just made, with the token that nobody can look up later."""

    link: OrderLink
    token: str


def create(order: Order, *, scope: LinkScope, actor: str) -> NewLink:
    """A link to the order, good for ``ORDER_LINK_DAYS``. One insert."""
    now, token = clock.now(), guests.new_token()
    link = OrderLink.objects.create(
        order=order,
        scope=scope,
        token_sha256=_digest(token),
        created_at=now,
        created_by=actor,
        expires_at=now + timedelta(days=settings.ORDER_LINK_DAYS),
    )
    return NewLink(link, token)


def issue(order: Order, *, scope: LinkScope, actor: str) -> str:
    """The token of a new link to the order."""
    return create(order, scope=scope, actor=actor).token


def address_of(token: str) -> str:
    """The page that the link leads to."""
    return f"{settings.PUBLIC_BASE_URL}/track/{token}"


def revoke(*, link_id: UUID, actor: str) -> None:
    """Have a link open nothing any more, from now on. Doing it again changes nothing."""
    OrderLink.objects.filter(pk=link_id, revoked_at=None).update(revoked_at=clock.now(), revoked_by=actor)


def find_holder(token: str) -> LinkHolder | None:
    """Whom the token speaks for; None when there is no such link, or when it has run out. One query, on the index.

    Raises:
        LinkRevokedError: it was taken back.
    """
    if not guests.is_token(token):
        return None
    link = OrderLink.objects.current(clock.now()).filter(token_sha256=_digest(token)).first()
    if link is None:
        return None
    _require_not_revoked(link)
    return LinkHolder(link.order_id, LinkScope(link.scope), link.pk)


def get_holder(token: str) -> LinkHolder:
    """Whom the token speaks for.

    Raises:
        NotFoundError: nobody; a token that is wrong or has run out looks like an order that is absent.
        LinkRevokedError: the link was taken back.
    """
    holder = find_holder(token)
    if holder is None:
        raise NotFoundError
    return holder


def require_live(link_id: UUID) -> None:
    """That a link which was good a moment ago still is. One query.

    Raises:
        NotFoundError: it has run out.
        LinkRevokedError: it was taken back.
    """
    link = OrderLink.objects.current(clock.now()).filter(pk=link_id).first()
    if link is None:
        raise NotFoundError
    _require_not_revoked(link)


def _require_not_revoked(link: OrderLink) -> None:
    if link.revoked_at is not None:
        raise LinkRevokedError("Ask whoever sent you the link for a new one.")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
