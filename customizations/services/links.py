"""What templates are for: at most one that is published for a product or a package, which says that it has options."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from catalog.caching import products as product_cache
from catalog.models import Package, Product
from customizations.enums import TemplateState
from customizations.models import CustomizationTemplate, TemplateLink
from fantasize.core.errors import FieldError

MAX_TARGETS = 1000
_Model = type[Product] | type[Package]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Products, or packages.

    Attributes:
        name: of the column that names one.
        wanted: ids that the template is to be for.
        before: whether it is offered for them, by id of those that it is for so far.
        known: ids of those that there are.
        is_live: whether it is to be offered.
    """

    name: str
    wanted: Sequence[int]
    before: Mapping[int, bool]
    known: frozenset[int]
    is_live: bool

    @property
    def moved(self) -> list[int]:
        """Those that it is offered for from now on, or no more."""
        live = set(self.wanted) if self.is_live else set()
        return sorted(live ^ {pk for pk, was_live in self.before.items() if was_live})


Plan = tuple[_Kind, _Kind]
_MODELS: tuple[_Model, _Model] = (Product, Package)


def make_plan(
    template: CustomizationTemplate, *, products: Sequence[int] | None, packages: Sequence[int] | None
) -> Plan:
    """What is to change so that the template, in its state, is for just these; None for those that it is for already.

    The caller holds the template's lock. Locks what the template comes to or leaves: products, then packages, each by
    primary key.
    """
    return _look_at(template, Product, "product", products), _look_at(template, Package, "package", packages)


def faults(template: CustomizationTemplate, plan: Plan) -> Iterator[FieldError]:
    """Why it cannot be carried out."""
    for kind in plan:
        others = _others_of(template, kind) if kind.is_live else {}
        if len(kind.wanted) > MAX_TARGETS:
            yield FieldError(f"/{kind.name}s", "out_of_range", f"At most {MAX_TARGETS} {kind.name}s.")
            continue
        seen: set[int] = set()
        for place, pk in enumerate(kind.wanted):
            yield from _faults_of(kind, pk, f"/{kind.name}s/{place}", seen, others)
            seen.add(pk)


def carry_out(template: CustomizationTemplate, plan: Plan) -> None:
    """Do it; products and packages say whether they have options."""
    for kind, model in zip(plan, _MODELS, strict=True):
        rows = TemplateLink.objects.filter(template=template, **{f"{kind.name}__isnull": False})
        rows.exclude(**{f"{kind.name}__in": kind.wanted}).delete()
        rows.exclude(is_live=kind.is_live).update(is_live=kind.is_live)
        TemplateLink.objects.bulk_create(
            TemplateLink(template=template, is_live=kind.is_live, **{f"{kind.name}_id": pk})
            for pk in kind.wanted
            if pk not in kind.before
        )
        _tell(model, kind)


def _look_at(template: CustomizationTemplate, model: _Model, name: str, wanted: Sequence[int] | None) -> _Kind:
    links: Any = TemplateLink.objects.filter(template_id=template.pk, **{f"{name}__isnull": False})
    before = dict(links.order_by(name).values_list(name, "is_live"))
    is_live = template.state == TemplateState.PUBLISHED
    kind = _Kind(name, list(before) if wanted is None else wanted, before, frozenset(before), is_live)
    # More than there may be are refused, not looked up.
    new = sorted({*kind.moved, *kind.wanted} - {pk for pk in before if pk not in kind.moved})[: 2 * MAX_TARGETS + 1]
    locked: Any = model._default_manager.filter(pk__in=new).order_by("pk").select_for_update(no_key=True)  # noqa: SLF001 - Django's documented interface
    return _Kind(name, kind.wanted, before, kind.known.union(locked.values_list("pk", flat=True)), is_live)


def _others_of(template: CustomizationTemplate, kind: _Kind) -> dict[int, str]:
    """The names of other templates that are offered for what this one is wanted for, by id."""
    links: Any = TemplateLink.objects.filter(is_live=True, **{f"{kind.name}__in": kind.wanted[: MAX_TARGETS + 1]})
    return dict(links.exclude(template_id=template.pk).values_list(kind.name, "template__name"))


def _faults_of(kind: _Kind, pk: int, pointer: str, seen: set[int], others: Mapping[int, str]) -> Iterator[FieldError]:
    if pk not in kind.known:
        yield FieldError(pointer, "does_not_exist", f"There is no such {kind.name}.")
    if pk in seen:
        yield FieldError(pointer, "duplicate", f"This {kind.name} is named twice.")
    if pk in others:
        detail = f"This {kind.name} has a published template already: {others[pk][:60]}."
        yield FieldError(pointer, "already_customizable", detail)


def _tell(model: _Model, kind: _Kind) -> None:
    """Have things say whether they have options, in lists and answers too."""
    if not kind.moved:
        return
    rows: Any = model._default_manager.filter(pk__in=kind.moved)  # noqa: SLF001 - as above
    live = TemplateLink.objects.filter(is_live=True, **{kind.name: OuterRef("pk")})
    rows.update(has_options=Exists(live))
    # No words change, so that the search has nothing to hear, and no other rows are locked.
    product_cache.invalidate_on_commit()
