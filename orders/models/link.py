"""Links to one order, for people who have no account here: the guest who placed it, and who gets it as a gift."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fantasize.core import clock
from orders.enums import LinkScope
from orders.models.order import Order


class OrderLinkQuerySet(models.QuerySet["OrderLink"]):
    """Adjectives for links."""

    def current(self, now: datetime) -> "OrderLinkQuerySet":
        """Those that have not run out, revoked or not."""
        return self.filter(expires_at__gt=now)

    def live(self, now: datetime) -> "OrderLinkQuerySet":
        """Those that open something."""
        return self.current(now).filter(revoked_at=None)


class OrderLink(models.Model):
    """Lets whoever has its token read one order. Written by ``orders.services.links``.

    Attributes:
        token_sha256: of the token, which is shown once and kept nowhere.
        created_by, revoked_by: who did that, as text.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="links")
    scope = models.CharField(max_length=10, choices=LinkScope)
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=clock.now)
    created_by = models.CharField(max_length=120)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=120, blank=True)

    objects = OrderLinkQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(scope__in=LinkScope.values), name="order_link_scope_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="order_link_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{LinkScope(self.scope).label} link"

    @property
    def is_live(self) -> bool:
        """Whether it opens something."""
        return self.revoked_at is None and self.expires_at > clock.now()
