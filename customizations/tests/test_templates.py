"""Writing templates: drafts, versions, what they are for, copies and their end."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from catalog.models import Package, Product
from catalog.tests.factories import make_package, make_product
from customizations.enums import TemplateState
from customizations.errors import TemplateStateError
from customizations.models import ChoiceStock, CustomizationTemplate, Preset, TemplateLink, TemplateVersion
from customizations.services import presets, schemas, templates
from customizations.tests.factories import COLOUR, NAME, make_schema, make_template
from fantasize.core import invariants
from fantasize.core.errors import InvalidError, NotFoundError, PreconditionFailedError
from fantasize.core.models import DomainEvent

pytestmark = pytest.mark.django_db

PUBLISHED, RETIRED, DRAFT = TemplateState.PUBLISHED, TemplateState.RETIRED, TemplateState.DRAFT


def change(template: CustomizationTemplate, **changes: Any) -> CustomizationTemplate:
    return templates.update_template(template=template, changes=changes, actor="user:1")


def faults(error: InvalidError) -> dict[str, str]:
    return {fault.location: fault.code for fault in error.errors}


def versions(template: CustomizationTemplate) -> list[int]:
    return list(template.versions.order_by("number").values_list("number", flat=True))


def events(template: CustomizationTemplate) -> list[str]:
    rows = DomainEvent.objects.filter(aggregate="customization_template", aggregate_id=str(template.pk))
    return list(rows.order_by("seq").values_list("name", flat=True))


def test_a_draft_can_be_edited_and_nothing_of_it_is_kept() -> None:
    product = make_product()
    draft = make_template(is_published=False, products=[product.pk])
    changed = change(draft, schema=make_schema(options=[NAME]), name="Names")
    assert (changed.state, changed.version, changed.name, versions(draft)) == (DRAFT, 2, "Names", [])
    assert changed.schema["options"] == [NAME]
    assert not Product.objects.get(pk=product.pk).has_options
    assert ChoiceStock.objects.count() == 0
    assert events(draft) == ["customization.created", "customization.changed"]


def test_publishing_offers_it_and_every_change_from_then_on_publishes_the_next_version() -> None:
    product, package = make_product(), make_package()
    template = make_template(is_published=False, products=[product.pk], packages=[package.pk])
    templates.publish(template=template, actor="user:1")
    assert versions(template) == [2]
    assert Product.objects.get(pk=product.pk).has_options
    assert Package.objects.get(pk=package.pk).has_options
    changed = change(template, schema=make_schema(options=[NAME]))
    assert (changed.pk, changed.state, versions(template)) == (template.pk, PUBLISHED, [2, 3])
    first, second = template.versions.order_by("number")
    assert [len(first.schema["options"]), len(second.schema["options"])] == [5, 1]
    assert second.schema_sha256 == schemas.sha256_of(second.schema) != first.schema_sha256
    assert (first.actor, second.published_at) == ("user:1", changed.updated_at)
    assert events(template) == ["customization.created", *["customization.published"] * 2]


def test_what_was_published_once_can_be_neither_changed_nor_deleted() -> None:
    version = make_template().versions.get()
    for act in (version.delete, lambda: TemplateVersion.objects.update(schema={})):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            act()
    assert TemplateVersion.objects.get().schema == version.schema


def test_a_retired_template_is_offered_no_more_and_can_be_again() -> None:
    product = make_product()
    template = make_template(products=[product.pk])
    templates.retire(template=template, actor="user:1")
    assert not Product.objects.get(pk=product.pk).has_options
    assert not TemplateLink.objects.get().is_live
    assert versions(template) == [1]
    templates.publish(template=template, actor="user:1")
    assert Product.objects.get(pk=product.pk).has_options
    assert versions(template) == [1, 3]
    assert events(template)[1:] == ["customization.retired", "customization.published"]


def test_what_is_retired_can_be_changed_in_peace() -> None:
    template = make_template()
    templates.retire(template=template, actor="user:1")
    change(template, schema=make_schema(options=[NAME]))
    assert versions(template) == [1]
    assert events(template)[2:] == ["customization.changed"]


@pytest.mark.parametrize("is_retired", [False, True])
def test_it_is_never_a_draft_again(is_retired: bool) -> None:  # noqa: FBT001 - two cases
    template = make_template()
    if is_retired:
        templates.retire(template=template, actor="user:1")
    before = CustomizationTemplate.objects.values().get()
    with pytest.raises(TemplateStateError):
        change(template, state=DRAFT, name="Draft")
    assert CustomizationTemplate.objects.values().get() == before


def test_nothing_begins_as_retired() -> None:
    with pytest.raises(TemplateStateError):
        templates.create_template(name="Old", schema=make_schema(), state=RETIRED, actor="user:1")
    assert CustomizationTemplate.objects.count() == 0


def test_whoever_saw_an_older_version_changes_nothing() -> None:
    template = make_template()
    change(template, name="Newer")
    for act in (
        lambda: templates.update_template(template=template, changes={"name": "X"}, expected_version=1, actor="a"),
        lambda: templates.publish(template=template, expected_version=1, actor="a"),
        lambda: templates.retire(template=template, expected_version=1, actor="a"),
        lambda: templates.remove_template(template=template, expected_version=1, actor="a"),
    ):
        with pytest.raises(PreconditionFailedError) as error:
            act()
        assert error.value.extra == {"current_version": 2}
    assert (CustomizationTemplate.objects.get().name, versions(template)) == ("Newer", [1, 2])


def test_every_fault_is_named_at_once_where_it_is() -> None:
    product = make_product()
    other = make_template(products=[product.pk], name="Engraving")
    schema = make_schema(options=[{**COLOUR, "key": "1"}, {**NAME, "max_length": 0}], canvas={"width": 0})
    with pytest.raises(InvalidError) as error:
        templates.create_template(
            name=" ",
            schema=schema,
            state=PUBLISHED,
            products=[product.pk, 10**12, 10**12],
            packages=[10**12],
            actor="user:1",
        )
    found = faults(error.value)
    assert found["/name"] == "invalid"
    assert {pointer for pointer in found if pointer.startswith("/schema")} >= {
        "/schema/options/0/key",
        "/schema/options/1/max_length",
        "/schema/canvas/width",
        "/schema/canvas/height",
    }
    assert (found["/products/0"], found["/products/1"]) == ("already_customizable", "does_not_exist")
    assert (found["/products/2"], found["/packages/0"]) == ("duplicate", "does_not_exist")
    assert list(CustomizationTemplate.objects.all()) == [other]


def test_a_refused_change_leaves_everything_as_it_was() -> None:
    product = make_product()
    template = make_template(products=[product.pk])
    before = (CustomizationTemplate.objects.values().get(), TemplateLink.objects.values().get(), events(template))
    with pytest.raises(InvalidError):
        change(template, products=[], schema={"options": "none"}, name="X")
    assert (CustomizationTemplate.objects.values().get(), TemplateLink.objects.values().get()) == before[:2]
    assert (events(template), versions(template)) == (before[2], [1])


@pytest.mark.parametrize("document", [None, [], "x", 1, {}, {"options": None}, {"options": [], "more": 1}])
def test_what_is_no_schema_is_refused(document: Any) -> None:
    with pytest.raises(InvalidError) as error:
        templates.create_template(name="X", schema=document, actor="user:1")
    assert all(pointer.startswith("/schema") for pointer in faults(error.value))


def test_a_schema_has_its_limit() -> None:
    options = [{"key": f"o{number}", "type": "text", "label": "x", "help": "é" * 1000} for number in range(100)]
    with pytest.raises(InvalidError) as error:
        templates.create_template(name="X", schema={"options": options}, actor="user:1")
    assert faults(error.value) == {"/schema": "too_large"}


def test_a_font_or_a_picture_that_is_not_there_is_a_fault() -> None:
    unknown = {**NAME, "placement": {**NAME["placement"], "font": "wingdings"}}
    for schema, pointer in (
        (make_schema(options=[unknown]), "/schema/options/0/placement/font"),
        (make_schema(canvas={"width": 800, "height": 600, "background": "0" * 64}), "/schema/canvas/background"),
    ):
        with pytest.raises(InvalidError) as error:
            make_template(schema=schema)
        assert list(faults(error.value)) == [pointer]


def test_a_template_whose_font_has_gone_can_still_be_retired_but_not_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    template = make_template()
    monkeypatch.setattr(schemas, "_fonts", lambda: frozenset({"sans"}))
    templates.retire(template=template, actor="user:1")
    with pytest.raises(InvalidError) as error:
        templates.publish(template=template, actor="user:1")
    assert list(faults(error.value)) == ["/schema/options/1/placement/font"]
    assert CustomizationTemplate.objects.get().state == RETIRED


def test_a_copy_is_a_draft_of_its_own() -> None:
    product = make_product()
    template = make_template(products=[product.pk], name="N" * 200)
    presets.add_preset(template=template, name="For Ada", answers={"colour": "gold", "name": "Ada"})
    copy = templates.clone(template=template, actor="user:1")
    assert (copy.state, copy.version, copy.schema, versions(copy)) == (DRAFT, 1, template.schema, [])
    assert copy.name == "N" * 193 + " (copy)"
    assert [(row.name, row.answers) for row in copy.presets.all()] == [("For Ada", {"colour": "gold", "name": "Ada"})]
    assert not copy.links.exists()
    templates.publish(template=copy, actor="user:1")
    assert ChoiceStock.objects.values("stock").distinct().count() == 2
    assert templates.clone(template=template, name="Mine", actor="user:1").name == "Mine"


def test_a_draft_is_deleted_and_what_was_published_is_retired() -> None:
    draft, template = make_template(is_published=False), make_template()
    presets.add_preset(template=draft, name="For Ada", answers={})
    templates.remove_template(template=draft, actor="user:1")
    templates.remove_template(template=template, actor="user:1")
    assert list(CustomizationTemplate.objects.values_list("pk", "state")) == [(template.pk, RETIRED)]
    assert Preset.objects.count() == 0
    assert events(draft) == ["customization.created", "customization.deleted"]
    templates.remove_template(template=template, actor="user:1")
    assert versions(template) == [1]


def test_nobody_changes_what_is_deleted() -> None:
    draft = make_template(is_published=False)
    CustomizationTemplate.objects.all().delete()
    for act in (
        lambda: change(draft, name="X"),
        lambda: templates.clone(template=draft, actor="a"),
        lambda: templates.remove_template(template=draft, actor="a"),
    ):
        with pytest.raises(NotFoundError):
            act()


def test_staffs_questions_about_schemas_ask_an_index() -> None:
    make_template()
    for rows in (
        CustomizationTemplate.objects.with_font("serif"),
        CustomizationTemplate.objects.with_option("name"),
        CustomizationTemplate.objects.with_choice("gold"),
    ):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "template_schema" in rows.explain()
        assert rows.count() == 1
    assert CustomizationTemplate.objects.with_font("sans").count() == 0


def test_the_lists_search_and_order_ask_their_indexes() -> None:
    template = make_template(name="Walnut plaque, Größe 2")
    make_template(name="Mug")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
    assert "template_words" in CustomizationTemplate.objects.named("wal").explain()
    assert "template_by_change" in CustomizationTemplate.objects.order_by("-updated_at", "-pk").explain()
    for text in ("walnut", "PLA wal", "größe", "2"):
        assert list(CustomizationTemplate.objects.named(text)) == [template]
    for text in ("alnut", "walnut mug", "wal'nut", ":*"):
        assert not CustomizationTemplate.objects.named(text).exists()


def test_invariants_notice_what_is_not_as_it_was_published() -> None:
    product = make_product()
    template = make_template(products=[product.pk])
    names = [name for name in invariants.violations() if name.startswith("templates.")]
    assert {name: invariants.violations()[name] for name in names} == dict.fromkeys(names, 0)
    assert len(names) == 4
    Product.objects.filter(pk=product.pk).update(has_options=False)
    TemplateLink.objects.update(is_live=False)
    ChoiceStock.objects.all().delete()
    CustomizationTemplate.objects.filter(pk=template.pk).update(schema={"options": [COLOUR]})
    found = invariants.violations()
    assert found["templates.links_follow_state"] == found["templates.published_as_kept"] == 1
    assert found["templates.choices_have_stock"] == 1
    TemplateLink.objects.update(is_live=True)
    assert invariants.violations()["templates.things_know_their_options"] == 1


def test_rows_are_called_what_they_are() -> None:
    product, box = make_product(), make_package()
    template = make_template(name="Engraving", products=[product.pk], packages=[box.pk])
    preset = presets.add_preset(template=template, name="For Ada", answers={})
    links = [str(link) for link in template.links.order_by("pk")]
    assert [str(row) for row in (template, template.versions.get(), preset)] == [
        "Engraving",
        f"version 1 of template {template.pk}",
        "For Ada",
    ]
    assert links == [f"template {template.pk} for product {product.pk}", f"template {template.pk} for package {box.pk}"]
    assert str(ChoiceStock.objects.get()) == "colour: gold"
