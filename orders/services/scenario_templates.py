"""The templates of a shop made to order, and what they are for."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from customizations.enums import TemplateState
from customizations.models import CustomizationTemplate, TemplateLink
from customizations.services import templates
from orders.services.scenario_document import Form, Scenario
from orders.services.scenario_fields import placed

# What a template is for: ids by the name of the change that says so.
_Targets = dict[str, set[int]]


def ensure_templates(
    scenario: Scenario, products: Mapping[str, int], packages: Mapping[str, int], *, actor: str
) -> dict[str, int]:
    """Publish the templates, for just those of these products and packages (ids by key) that say so; returns ids.

    What the document does not speak of keeps its template.
    """
    wanted = {
        form.key: {
            "products": {products[good.key] for good in scenario.goods if good.template == form.key},
            "packages": {packages[bundle.key] for bundle in scenario.bundles if bundle.template == form.key},
        }
        for form in scenario.forms
    }
    named = {"products": set(products.values()), "packages": set(packages.values())}
    found = {
        form.key: CustomizationTemplate.objects.filter(name=form.name).order_by("pk").first() for form in scenario.forms
    }
    _release(named, {known.pk: wanted[key] for key, known in found.items() if known}, actor)
    return {form.key: _ensure(form, found[form.key], named, wanted[form.key], actor) for form in scenario.forms}


def _release(named: _Targets, wanted: Mapping[int, _Targets], actor: str) -> None:
    """Take what is to have another template, or none, from the templates that are offered for it."""
    of_named = Q(product__in=named["products"]) | Q(package__in=named["packages"])
    links = TemplateLink.objects.filter(of_named, is_live=True)
    holders = CustomizationTemplate.objects.filter(pk__in=links.values("template_id")).order_by("pk")
    for template in list(holders):
        stays = wanted.get(template.pk, {"products": set(), "packages": set()})
        before = _targets_of(template)
        after = {kind: {pk for pk in ids if pk in stays[kind] or pk not in named[kind]} for kind, ids in before.items()}
        _change(template, _differences(before, after), actor)


def _ensure(form: Form, found: CustomizationTemplate | None, named: _Targets, wanted: _Targets, actor: str) -> int:
    with placed(form.pointer):
        if found is None:
            targets = {kind: sorted(ids) for kind, ids in wanted.items()}
            published = TemplateState.PUBLISHED
            return templates.create_template(
                name=form.name, schema=form.schema, state=published, actor=actor, **targets
            ).pk
        before = _targets_of(found)
        after = {kind: (ids - named[kind]) | wanted[kind] for kind, ids in before.items()}
        changes = _differences(before, after)
        if found.schema != form.schema:
            changes["schema"] = form.schema
        if found.state != TemplateState.PUBLISHED:
            changes["state"] = TemplateState.PUBLISHED
        _change(found, changes, actor)
        return found.pk


def _targets_of(template: CustomizationTemplate) -> _Targets:
    links = list(template.links.values_list("product_id", "package_id"))
    return {
        "products": {product for product, _ in links if product},
        "packages": {package for _, package in links if package},
    }


def _differences(before: _Targets, after: _Targets) -> dict[str, Any]:
    return {kind: sorted(ids) for kind, ids in after.items() if ids != before[kind]}


def _change(template: CustomizationTemplate, changes: Mapping[str, Any], actor: str) -> None:
    if changes:
        templates.update_template(template=template, changes=changes, actor=actor)
