"""What things are as far as tax goes; the rates are the orders'."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class TaxClass(models.Model):
    """A kind of goods or services that are taxed alike ("standard", "reduced", "zero").

    Attributes:
        code: what orders keep of it.
        is_default: of everything that is in no class; one at most.
    """

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    is_default = models.BooleanField("default", default=False)

    class Meta:
        verbose_name_plural = "tax classes"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="taxclass_one_default",
                violation_error_message="Another class is the default one.",
            ),
        ]

    def __str__(self) -> str:
        return self.name
