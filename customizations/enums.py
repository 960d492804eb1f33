"""The closed vocabularies of customizations."""

from django.db import models


class TemplateState(models.TextChoices):
    """Whether shoppers are offered a template."""

    DRAFT = "draft", "Draft"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"
