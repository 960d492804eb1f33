"""Answers that shoppers can begin with."""

from typing import ClassVar

from django.db import models

from customizations.models.template import CustomizationTemplate
from fantasize.core import clock


class Preset(models.Model):
    """Answers to some of a template's options, under a name. Written by ``customizations.services.presets``.

    Attributes:
        answers: by option; texts and choices, for a picture is somebody's own.
        is_offered: the template's schema takes the answers as it is now.
    """

    template = models.ForeignKey(CustomizationTemplate, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=100)
    answers = models.JSONField(default=dict)
    position = models.PositiveIntegerField(default=0)
    is_offered = models.BooleanField(default=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["template", "name"], name="preset_name_once")]

    def __str__(self) -> str:
        return self.name
