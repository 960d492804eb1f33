"""What was bought, frozen as it was sold."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from catalog.models import Product
from fantasize.core.fields import MoneyField
from orders.models.order import Order


class OrderLine(models.Model):
    """One position of an order; later changes of the catalogue do not reach it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    product = models.ForeignKey(Product, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200)
    sku = models.CharField("SKU", max_length=64)
    quantity = models.PositiveIntegerField()
    unit_price = MoneyField()
    stages = models.JSONField(default=list, help_text="How the unit price came about, stage by stage.")
    surcharges = models.JSONField(default=list)
    answers = models.JSONField(default=dict)
    line_total = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.name}"
