"""How much tax is on what, and where."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from catalog.models import TaxClass
from fantasize.core.statements import Slot, TextsSlot


class TaxRateQuerySet(models.QuerySet["TaxRate"]):
    """Adjectives for tax rates."""

    def at(self, country: Slot, regions: TextsSlot) -> "TaxRateQuerySet":
        """Those of a country, by its code, and of a region in it, by all its names; a rate of the region comes last."""
        mine = self.alias(spelt=Upper("region")).filter(Q(region="") | Q(spelt__in=regions), country=country)
        return mine.order_by("region", "pk")


class TaxRate(models.Model):
    """A tax on one class of things in one country, or in one region of it in place of the country's.

    Attributes:
        name: what people know it by ("VAT", "Sales tax").
        country: ISO 3166-1 code.
        region: as addresses have it, case aside; empty is everywhere in the country.
        is_included: prices contain it; else it comes on top.
    """

    tax_class = models.ForeignKey(TaxClass, on_delete=models.CASCADE, related_name="rates")
    name = models.CharField(max_length=60)
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=100, blank=True)
    percent = models.DecimalField(max_digits=6, decimal_places=3)
    is_included = models.BooleanField("prices contain it", default=False)

    objects = TaxRateQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("tax_class", "country", Upper("region"), name="taxrate_once_per_place"),
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lte=100), name="taxrate_percent_is_percent"),
        ]

    def __str__(self) -> str:
        place = f"{self.country} {self.region}".strip()
        return f"{self.name} {self.percent.normalize():f} % ({place})"
