"""Where parcels and bills go."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from accounts.validators import COUNTRY_PATTERN, COUNTRY_RULE
from fantasize.core import clock


class Address(models.Model):
    """One of somebody's addresses. At most one each is the default for parcels and for bills."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="addresses")
    full_name = models.CharField(max_length=150, blank=True, default="")
    line1 = models.CharField(max_length=200)
    line2 = models.CharField(max_length=200, blank=True, default="")
    city = models.CharField(max_length=100, blank=True, default="")
    region = models.CharField(max_length=100, blank=True, default="")
    postal_code = models.CharField(max_length=20, blank=True, default="")
    country = models.CharField(
        max_length=2,
        blank=True,
        default="",
        validators=[RegexValidator(COUNTRY_PATTERN, COUNTRY_RULE)],
    )
    phone = models.CharField(max_length=30, blank=True, default="")
    is_default_shipping = models.BooleanField(default=False)
    is_default_billing = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_default_shipping=True), name="address_one_default_shipping"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(is_default_billing=True), name="address_one_default_billing"
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.full_name, self.line1, self.city, self.country]))
