"""Reads of templates."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet, TextField
from django.db.models.functions import Cast

from catalog.caching import stock as stock_cache
from catalog.models import Package, Product
from customizations import engine
from customizations.engine import Schema
from customizations.models import ChoiceStock, CustomizationTemplate, Preset, TemplateLink
from customizations.models.template import TemplateQuerySet
from fantasize.core.caching import is_keeping
from fantasize.core.errors import NotFoundError
from fantasize.core.statements import IdsSlot, Statement


@dataclass(frozen=True, slots=True)
class LiveTemplate:
    """A template as it is offered now; ``version`` is that of its last change."""

    id: int
    version: int
    schema: Schema


@dataclass(frozen=True, slots=True)
class Level:
    """The stock item of a choice, and how many of it can be had now."""

    item: int
    available: int


@dataclass(frozen=True, slots=True)
class ChoiceLevel:
    """How many of a stocked choice can be had now."""

    option: str
    value: str
    available: int


def with_relations(templates: TemplateQuerySet) -> TemplateQuerySet:
    """Each with everything that its representation shows; as many queries for fifty as for one."""
    presets = Preset.objects.filter(is_offered=True).order_by("position", "pk")
    stocks = ChoiceStock.objects.select_related("stock").order_by("pk")
    return templates.prefetch_related(
        Prefetch("presets", queryset=presets, to_attr="offered_presets"), Prefetch("choice_stocks", queryset=stocks)
    )


def attach_targets(templates: Sequence[CustomizationTemplate]) -> None:
    """Give each the ids of what it is for, as ``product_ids`` and ``package_ids``. One query for all."""
    found: defaultdict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    links = TemplateLink.objects.filter(template__in=[template.pk for template in templates]).order_by("pk")
    for pk, product, package in links.values_list("template_id", "product_id", "package_id"):
        (found[pk][1] if product is None else found[pk][0]).append(product or package)
    for template in templates:
        template.product_ids, template.package_ids = found[template.pk]


def templates_about(thing: Product | Package) -> list[CustomizationTemplate]:
    """What is asked about a thing: its own template, then those of its parts in their order, ``with_relations``.

    Each says which ``part`` of the thing it is about (a product's id, or None) and how many ``pieces`` of it there
    are. A fixed number of queries.
    """
    parts: list[tuple[int, int]] = []
    if isinstance(thing, Package):
        parts = list(thing.items.order_by("position", "pk").values_list("product_id", "quantity"))
    own = "product" if isinstance(thing, Product) else "package"
    named = Q(**{own: thing.pk}) | Q(product__in=[product for product, _ in parts])
    links = list(TemplateLink.objects.filter(named, is_live=True))
    templates = with_relations(CustomizationTemplate.objects.published()).in_bulk([link.template_id for link in links])
    of_parts = {link.product_id: templates.get(link.template_id) for link in links if parts and link.product_id}
    of_thing = [templates.get(link.template_id) for link in links if getattr(link, f"{own}_id") == thing.pk]
    asked: list[tuple[CustomizationTemplate | None, int | None, int]] = [(each, None, 1) for each in of_thing]
    asked += [(of_parts.get(product), product, pieces) for product, pieces in parts]
    return [_about(template, part, pieces) for template, part, pieces in asked if template]


def as_published(template: CustomizationTemplate, number: int) -> CustomizationTemplate:
    """A template as it was published once, not to be saved. Its presets are those of today, and so left out.

    Raises:
        NotFoundError: nothing was published at that version.
    """
    version = template.versions.filter(number=number).first()
    if version is None:
        raise NotFoundError("The template was never published at that version.")
    row = copy(template)
    row.version, row.schema = version.number, version.schema
    if version.number != template.version:
        vars(row)["offered_presets"] = []
    return row


def parsed(template: CustomizationTemplate) -> Schema:
    """What a template's document says."""
    return engine.parse(template.schema)


def levels_of(template: CustomizationTemplate) -> Iterator[ChoiceLevel]:
    """What there is of the stocked choices of a template that was read ``with_relations``.

    An answer that shows them is kept until one of them changes.
    """
    known = {(row.option, row.value): row.stock for row in template.choice_stocks.all()}
    if is_keeping():
        stock_cache.depends_on([item.pk for item in known.values()])
    for option, value in _stocked(template.schema):
        if (option, value) in known:
            yield ChoiceLevel(option, value, known[option, value].available)


def live_templates(
    *, products: Collection[int] = (), packages: Collection[int] = ()
) -> tuple[dict[int, LiveTemplate], dict[int, LiveTemplate]]:
    """What is offered for products and packages, each by id. One query; a document is parsed once per process."""
    for_products: dict[int, LiveTemplate] = {}
    for_packages: dict[int, LiveTemplate] = {}
    for product, package, pk, version, text in _LIVE.fetch(products=list(products), packages=list(packages)):
        found = for_packages if product is None else for_products
        found[product or package] = LiveTemplate(pk, version, parse(text))
    return for_products, for_packages


def _live() -> QuerySet[TemplateLink, Any]:
    document = Cast("template__schema", TextField())
    facts = ("product_id", "package_id", "template_id", F("template__version"), document)
    live = TemplateLink.objects.filter(is_live=True).order_by().values_list(*facts)
    # Of either the one or the other PostgreSQL would read all there are.
    return live.filter(product__in=IdsSlot("products")).union(live.filter(package__in=IdsSlot("packages")), all=True)


_LIVE: Statement[Any] = Statement(_live)


# Documents are small, and a shop has some hundred at most; the longest have 256 KiB.
@lru_cache(maxsize=256)
def parse(text: str) -> Schema:
    """The schema that a stored document says, from its JSON text. It was found good when it was stored."""
    return engine.parse(json.loads(text))


def stock_of(templates: Iterable[int]) -> Mapping[int, dict[tuple[str, str], Level]]:
    """What there is of choices: by template, and then by option and value. One query."""
    found: defaultdict[int, dict[tuple[str, str], Level]] = defaultdict(dict)
    rows = ChoiceStock.objects.filter(template__in=list(templates))
    left = F("stock__on_hand") - F("stock__held")
    for template, option, value, *level in rows.values_list("template_id", "option", "value", "stock_id", left):
        found[template][option, value] = Level(*level)
    return found


def _about(template: CustomizationTemplate, part: int | None, pieces: int) -> CustomizationTemplate:
    """One of its own: several parts may share a template."""
    row = copy(template)
    row.part, row.pieces = part, pieces
    return row


def _stocked(document: Any) -> Iterator[tuple[str, str]]:
    for option in document["options"]:
        for choice in option.get("choices", ()):
            if choice.get("stock") is not None:
                yield option["key"], choice["value"]
