"""Templates of options, their published versions, and what hangs on them."""

import re
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import models
from django.db.models import Q

from catalog.models import Package, Product, StockItem
from catalog.models.constraints import exactly_one
from customizations.enums import TemplateState
from fantasize.core import clock

# As they are written: staff look for parts of a name, in whatever language it is.
_WORDS = SearchVector("name", config="simple")


class TemplateQuerySet(models.QuerySet["CustomizationTemplate"]):
    """Adjectives for templates."""

    def published(self) -> "TemplateQuerySet":
        """Those that shoppers are offered."""
        return self.filter(state=TemplateState.PUBLISHED)

    def named(self, text: str) -> "TemplateQuerySet":
        """Those whose names have all these words, or words that begin so."""
        query = " & ".join(f"'{word}':*" for word in re.findall(r"\w+", text))
        return self.alias(words=_WORDS).filter(words=SearchQuery(query, config="simple", search_type="raw"))

    def with_font(self, font: str) -> "TemplateQuerySet":
        """Those that write something in a font."""
        return self.filter(schema__contains={"options": [{"placement": {"font": font}}]})

    def with_option(self, key: str) -> "TemplateQuerySet":
        """Those with an option of this key."""
        return self.filter(schema__contains={"options": [{"key": key}]})

    def with_choice(self, value: str) -> "TemplateQuerySet":
        """Those that offer a choice of this value."""
        return self.filter(schema__contains={"options": [{"choices": [{"value": value}]}]})


class CustomizationTemplate(models.Model):
    """Options that shoppers are asked about. Written by ``customizations.services.templates``.

    Attributes:
        version: counts the changes. What was published at one of them is kept as a ``TemplateVersion``.
        schema: the document that ``engine.parse`` reads, as it is now.
        offered_presets: those that shoppers see, when read by ``selectors.templates.with_relations``.
        product_ids, package_ids: what it is for, once ``selectors.templates.attach_targets`` has been asked.
        part, pieces: as ``selectors.templates.templates_about`` gives them.
    """

    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1, editable=False)
    state = models.CharField(max_length=9, choices=TemplateState, default=TemplateState.DRAFT, editable=False)
    schema = models.JSONField()
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    objects = TemplateQuerySet.as_manager()

    product_ids: list[int]
    package_ids: list[int]
    part: int | None
    pieces: int

    class Meta:
        verbose_name = "template"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=TemplateState.values), name="template_state_known"),
            models.CheckConstraint(condition=Q(version__gte=1), name="template_version_from_one"),
        ]
        indexes: ClassVar = [
            # Staff ask which documents contain something. Of PostgreSQL's two ways to index that, this one knows
            # whole paths: it is smaller, and does not look through every template that has a "key" somewhere.
            GinIndex(fields=["schema"], opclasses=["jsonb_path_ops"], name="template_schema"),
            GinIndex(_WORDS, name="template_words"),
            models.Index(fields=["state", "name", "id"], name="template_by_name"),
            models.Index(fields=["-updated_at", "-id"], name="template_by_change"),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """A template as it was published once; append-only, for orders name it for ever.

    Attributes:
        number: the template's ``version`` then.
        schema_sha256: of ``services.schemas.canonical(schema)``.
    """

    template = models.ForeignKey(CustomizationTemplate, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    schema = models.JSONField()
    schema_sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=clock.now)
    actor = models.CharField(max_length=120)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "number"], name="template_version_once"),
        ]
        indexes: ClassVar = [GinIndex(fields=["schema"], opclasses=["jsonb_path_ops"], name="template_version_schema")]

    def __str__(self) -> str:
        return f"version {self.number} of template {self.template_id}"


class TemplateLink(models.Model):
    """What a template is for: a product or a package.

    Attributes:
        is_live: the template is published; a product or package has one such link at most.
    """

    template = models.ForeignKey(CustomizationTemplate, on_delete=models.CASCADE, related_name="links")
    product = models.ForeignKey(Product, models.CASCADE, null=True, blank=True, related_name="template_links")
    package = models.ForeignKey(Package, models.CASCADE, null=True, blank=True, related_name="template_links")
    is_live = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=exactly_one("product", "package"), name="template_link_one_target"),
            models.UniqueConstraint(fields=["template", "product"], name="template_link_once_per_product"),
            models.UniqueConstraint(fields=["template", "package"], name="template_link_once_per_package"),
            models.UniqueConstraint(fields=["product"], condition=Q(is_live=True), name="product_one_live_template"),
            models.UniqueConstraint(fields=["package"], condition=Q(is_live=True), name="package_one_live_template"),
        ]

    def __str__(self) -> str:
        target = f"product {self.product_id}" if self.product_id else f"package {self.package_id}"
        return f"template {self.template_id} for {target}"


class ChoiceStock(models.Model):
    """How much there is of a choice; of all versions of its template together.

    Opened when a version with the choice is published for the first time. From then on its stock item rules, whatever
    becomes of the choice.
    """

    template = models.ForeignKey(CustomizationTemplate, on_delete=models.PROTECT, related_name="choice_stocks")
    option = models.CharField(max_length=100)
    value = models.CharField(max_length=100)
    stock = models.OneToOneField(StockItem, on_delete=models.PROTECT, related_name="choice")

    class Meta:
        verbose_name = "stock of a choice"
        verbose_name_plural = "stock of choices"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["template", "option", "value"], name="choice_stock_once"),
        ]

    def __str__(self) -> str:
        return f"{self.option}: {self.value}"
