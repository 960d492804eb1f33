"""Writes of presets: answers that shoppers can begin with, as long as the template takes them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max

from customizations import engine
from customizations.caching import templates as template_cache
from customizations.engine import Schema
from customizations.models import CustomizationTemplate, Preset
from fantasize.core.errors import ConflictError, FieldError, InvalidError, NotFoundError

MAX_PRESETS = 50
MAX_NAME = 100
# Shoppers go on from a preset: what it leaves open is no fault.
_LEFT_OPEN = "required"


@transaction.atomic
def add_preset(*, template: CustomizationTemplate, name: str, answers: Mapping[str, Any]) -> Preset:
    """Offer answers under a name, behind the other presets. Locks the template.

    Raises:
        NotFoundError: the template is gone.
        InvalidError: the name is taken, or the template does not take the answers; every fault is named.
        ConflictError: ``too_many_presets``.
    """
    locked = _lock(template.pk)
    if locked.presets.count() >= MAX_PRESETS:
        detail = f"A template has at most {MAX_PRESETS} presets."
        raise ConflictError(detail, code="too_many_presets", title="Too many presets")
    last: int | None = locked.presets.aggregate(last=Max("position"))["last"]
    preset = Preset(template=locked, name=name, answers=dict(answers), position=0 if last is None else last + 1)
    return _store(preset)


@transaction.atomic
def change_preset(*, preset: Preset, changes: Mapping[str, Any]) -> Preset:
    """Change ``name``, ``answers`` or ``position``. Locks the template.

    Raises:
        NotFoundError: somebody has deleted it.
        InvalidError: as for a new one.
    """
    template = _lock(preset.template_id)
    row = template.presets.filter(pk=preset.pk).first()
    if row is None:
        raise NotFoundError
    for name, value in changes.items():
        setattr(row, name, value)
    return _store(row)


def remove_preset(*, preset: Preset) -> None:
    """Offer it no more. It may be gone already."""
    Preset.objects.filter(pk=preset.pk).delete()
    template_cache.invalidate_on_commit()


def look_again(*, template: CustomizationTemplate, schema: Schema) -> None:
    """Offer just those presets that the schema takes. The caller holds the template's lock."""
    rows = list(template.presets.all())
    for row in rows:
        row.is_offered = not _faults(schema, row.answers)
    Preset.objects.bulk_update(rows, ["is_offered"])


def copy(*, source: CustomizationTemplate, target: CustomizationTemplate) -> None:
    """Give a template that has none the presets of another with the same schema."""
    rows = source.presets.order_by("position", "pk")
    fields = ("name", "answers", "position", "is_offered")
    Preset.objects.bulk_create(Preset(template=target, **values) for values in rows.values(*fields))


def _lock(template_id: int) -> CustomizationTemplate:
    locked = CustomizationTemplate.objects.select_for_update(no_key=True).filter(pk=template_id).first()
    if locked is None:
        raise NotFoundError
    return locked


def _store(preset: Preset) -> Preset:
    faults = [*_name_faults(preset), *_faults(engine.parse(preset.template.schema), preset.answers)]
    if faults:
        raise InvalidError("The preset cannot be like this.", errors=faults)
    preset.is_offered = True
    preset.save()
    template_cache.invalidate_on_commit()
    return preset


def _name_faults(preset: Preset) -> Sequence[FieldError]:
    if not preset.name.strip() or len(preset.name) > MAX_NAME:
        return [FieldError("/name", "invalid", f"A name has 1 to {MAX_NAME} characters.")]
    if preset.template.presets.filter(name=preset.name).exclude(pk=preset.pk).exists():
        return [FieldError("/name", "duplicate", "The template has a preset of this name.")]
    return []


def _faults(schema: Schema, answers: Mapping[str, Any]) -> list[FieldError]:
    """Why the schema does not take the answers. Pictures are somebody's own, so that none can be among them."""
    found = engine.evaluate(schema, answers, unit_price=Decimal(0)).errors
    return [
        FieldError(f"/answers{fault.pointer}", fault.code, fault.detail) for fault in found if fault.code != _LEFT_OPEN
    ]
