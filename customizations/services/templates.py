"""Writes of templates: with their published versions, what they are for, their choices' stock and their presets.

Locks are taken in one order: the template, products by primary key, packages by primary key, the background.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from customizations import events
from customizations.caching import templates as template_cache
from customizations.engine import Schema
from customizations.enums import TemplateState
from customizations.errors import TemplateStateError
from customizations.models import CustomizationTemplate, TemplateVersion
from customizations.services import choices, links, presets, schemas
from fantasize.core import clock, outbox
from fantasize.core.errors import FieldError, InvalidError, NotFoundError, PreconditionFailedError

MAX_NAME = 200


@transaction.atomic
def create_template(
    *,
    name: str,
    schema: Any,
    state: TemplateState = TemplateState.DRAFT,
    products: Sequence[int] = (),
    packages: Sequence[int] = (),
    actor: str,
) -> CustomizationTemplate:
    """Make a template for these products and packages. Event: ``customization.created``.

    Raises:
        InvalidError: naming every fault, those of the schema at ``/schema/...``.
        TemplateStateError: nothing begins as ``retired``.
    """
    if state == TemplateState.RETIRED:
        raise TemplateStateError("A new template is a draft, or published.")
    template = CustomizationTemplate(name=name, schema=schema, state=state)
    _store(template, {"schema": schema, "products": products, "packages": packages}, actor)
    _record(template, "created", actor, state=state)
    return template


@transaction.atomic
def update_template(
    *,
    template: CustomizationTemplate,
    changes: Mapping[str, Any],
    expected_version: int | None = None,
    actor: str,
) -> CustomizationTemplate:
    """Change ``name``, ``schema``, ``state``, ``products`` or ``packages``; the lists replace what was there.

    A template that is published, or is to be, publishes its next version by it; orders keep the one that they were
    sold with. Event: ``customization.published``, ``.retired`` or ``.changed``.

    Raises:
        NotFoundError: somebody has deleted it.
        PreconditionFailedError: it is not at ``expected_version`` any more.
        InvalidError: naming every fault, those of the schema at ``/schema/...``.
        TemplateStateError: what was published once is no draft again.
    """
    locked = _lock(template, expected_version)
    before = locked.state
    for name in changes.keys() & {"name", "schema", "state"}:
        setattr(locked, name, changes[name])
    _require_way(before, locked.state)
    locked.version += 1
    locked.updated_at = clock.now()
    _store(locked, changes, actor)
    _record(locked, _what_happened(before, locked.state), actor, fields=sorted(changes))
    return locked


def publish(*, template: CustomizationTemplate, expected_version: int | None = None, actor: str) -> None:
    """Offer the template to shoppers as it is now; see ``update_template``."""
    changes = {"state": TemplateState.PUBLISHED}
    update_template(template=template, changes=changes, expected_version=expected_version, actor=actor)


def retire(*, template: CustomizationTemplate, expected_version: int | None = None, actor: str) -> None:
    """Offer the template no more; see ``update_template``."""
    changes = {"state": TemplateState.RETIRED}
    update_template(template=template, changes=changes, expected_version=expected_version, actor=actor)


def attach(
    *, template: CustomizationTemplate, products: Sequence[int], packages: Sequence[int], actor: str
) -> CustomizationTemplate:
    """Make the template one for just these products and packages; see ``update_template``."""
    return update_template(template=template, changes={"products": products, "packages": packages}, actor=actor)


@transaction.atomic
def clone(*, template: CustomizationTemplate, name: str = "", actor: str) -> CustomizationTemplate:
    """A draft with the same schema and presets, for nothing yet; once published, its choices have stock of their own.

    Raises:
        NotFoundError: the template is gone.
        InvalidError: as for a new one: a font or a picture may be gone.
    """
    locked = _lock(template, None)
    name = name or f"{locked.name[: MAX_NAME - len(_COPY)]}{_COPY}"
    copy = create_template(name=name, schema=locked.schema, actor=actor)
    presets.copy(source=locked, target=copy)
    return copy


@transaction.atomic
def remove_template(*, template: CustomizationTemplate, expected_version: int | None = None, actor: str) -> None:
    """Delete a template that never was published, presets and all; any other is retired: orders may name it.

    Raises:
        NotFoundError: it has been deleted meanwhile.
        PreconditionFailedError: it is not at ``expected_version`` any more.
    """
    locked = _lock(template, expected_version)
    if locked.versions.exists():
        retire(template=locked, actor=actor)
        return
    _record(locked, "deleted", actor, name=locked.name)
    locked.delete()
    template_cache.invalidate_on_commit()


_COPY = " (copy)"


def _lock(template: CustomizationTemplate, expected_version: int | None) -> CustomizationTemplate:
    locked = CustomizationTemplate.objects.select_for_update().filter(pk=template.pk).first()
    if locked is None:
        raise NotFoundError
    if expected_version is not None and locked.version != expected_version:
        raise PreconditionFailedError("The template was changed meanwhile.", extra={"current_version": locked.version})
    return locked


def _require_way(before: str, after: str) -> None:
    if after == TemplateState.DRAFT != before:
        raise TemplateStateError("What was offered once is no draft again. Make a copy of it.")


def _what_happened(before: str, after: str) -> str:
    if after == TemplateState.PUBLISHED:
        return "published"
    return "retired" if after == TemplateState.RETIRED != before else "changed"


def _store(template: CustomizationTemplate, changes: Mapping[str, Any], actor: str) -> None:
    """Save the template and everything that hangs on it, if it can be like this."""
    plan = links.make_plan(template, products=changes.get("products"), packages=changes.get("packages"))
    schema, faults = _read(template, is_new="schema" in changes)
    faults = [*_name_faults(template.name), *faults, *links.faults(template, plan)]
    if faults:
        raise InvalidError("The template cannot be like this.", errors=faults)
    template.save()
    links.carry_out(template, plan)
    if template.state == TemplateState.PUBLISHED and schema:
        choices.open_stock(template=template, schema=schema, actor=actor)
        _keep_version(template, actor)
    if "schema" in changes and schema:
        presets.look_again(template=template, schema=schema)
    template_cache.invalidate_on_commit()


def _read(template: CustomizationTemplate, *, is_new: bool) -> tuple[Schema | None, list[FieldError]]:
    """The schema and what is wrong with it, if it is new or is to be offered: a font may have gone since."""
    if is_new or template.state == TemplateState.PUBLISHED:
        return schemas.read(template.schema, keep_asset=True)
    return None, []


def _name_faults(name: str) -> Iterator[FieldError]:
    if not name.strip() or len(name) > MAX_NAME:
        yield FieldError("/name", "invalid", f"A name has 1 to {MAX_NAME} characters.")


def _keep_version(template: CustomizationTemplate, actor: str) -> None:
    TemplateVersion.objects.create(
        template=template,
        number=template.version,
        schema=template.schema,
        schema_sha256=schemas.sha256_of(template.schema),
        published_at=template.updated_at,
        actor=actor,
    )


def _record(template: CustomizationTemplate, what: str, actor: str, **facts: Any) -> None:
    """An entry in the audit trail."""
    outbox.publish(events.template_event(template.pk, what, version=template.version, actor=actor, **facts))
