"""Presets: answers that the template takes, or that nobody is offered."""

from typing import Any

import pytest

from customizations.models import CustomizationTemplate, Preset
from customizations.services import presets, templates
from customizations.tests.factories import COLOUR, NAME, make_schema, make_template
from fantasize.core.errors import ConflictError, InvalidError, NotFoundError

pytestmark = pytest.mark.django_db


def add(template: CustomizationTemplate, name: str = "For Ada", /, **answers: Any) -> Preset:
    return presets.add_preset(template=template, name=name, answers=answers)


def refused(error: InvalidError) -> dict[str, str]:
    return {fault.location: fault.code for fault in error.errors}


def test_a_preset_may_leave_things_open() -> None:
    template = make_template()
    first, second = add(template, name="Ada"), add(template, "Gold", colour="gold")
    assert [(row.name, row.answers, row.position) for row in template.presets.order_by("position")] == [
        ("For Ada", {"name": "Ada"}, 0),
        ("Gold", {"colour": "gold"}, 1),
    ]
    assert first.is_offered
    assert second.is_offered


@pytest.fixture
def template() -> CustomizationTemplate:
    template = make_template()
    presets.add_preset(template=template, name="Taken", answers={})
    return template


@pytest.mark.parametrize(
    ("name", "answers", "faults"),
    [
        (" ", {}, {"/name": "invalid"}),
        ("x" * 101, {}, {"/name": "invalid"}),
        ("Taken", {"size": "xl"}, {"/name": "duplicate", "/answers/size": "unknown_option"}),
        ("X", {"colour": "blue"}, {"/answers/colour": "unknown_choice"}),
        ("X", {"name": "x" * 25}, {"/answers/name": "max_length"}),
        ("X", {"name": 1}, {"/answers/name": "not_text"}),
        (
            "X",
            {"colour": "gold", "photo": "0" * 8 + "-0000-4000-8000-" + "0" * 12},
            {"/answers/photo": "unknown_upload"},
        ),
        ("X", {"colour": "gold", "photo": "x"}, {"/answers/photo": "invalid_upload"}),
    ],
)
def test_what_the_template_does_not_take_is_refused(
    template: CustomizationTemplate, name: str, answers: dict[str, Any], faults: dict[str, str]
) -> None:
    with pytest.raises(InvalidError) as error:
        presets.add_preset(template=template, name=name, answers=answers)
    assert refused(error.value).items() >= faults.items()
    assert template.presets.count() == 1


def test_a_preset_is_changed_by_the_same_rules(template: CustomizationTemplate) -> None:
    preset = add(template)
    presets.change_preset(preset=preset, changes={"name": "Gold", "answers": {"colour": "gold"}, "position": 0})
    before = Preset.objects.filter(pk=preset.pk).values("name", "answers", "position").get()
    assert before == {"name": "Gold", "answers": {"colour": "gold"}, "position": 0}
    with pytest.raises(InvalidError) as error:
        presets.change_preset(preset=preset, changes={"name": "Taken", "answers": {"colour": "blue"}})
    assert refused(error.value) == {"/name": "duplicate", "/answers/colour": "unknown_choice"}
    assert Preset.objects.filter(pk=preset.pk).values("name", "answers", "position").get() == before


def test_what_is_gone_is_not_found(template: CustomizationTemplate) -> None:
    preset = add(template)
    presets.remove_preset(preset=preset)
    presets.remove_preset(preset=preset)
    with pytest.raises(NotFoundError):
        presets.change_preset(preset=preset, changes={"name": "X"})
    draft = make_template(is_published=False)
    CustomizationTemplate.objects.filter(pk=draft.pk).delete()
    with pytest.raises(NotFoundError):
        add(draft)
    assert Preset.objects.get().name == "Taken"


def test_there_is_an_end_to_presets(template: CustomizationTemplate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "MAX_PRESETS", 2)
    add(template)
    with pytest.raises(ConflictError) as error:
        add(template, "One more")
    assert error.value.code == "too_many_presets"
    assert template.presets.count() == 2


def test_only_what_the_template_takes_is_offered_and_it_is_again_when_it_does() -> None:
    template = make_template()
    gold, name = add(template, "Gold", colour="gold"), add(template, "Name", name="Ada")

    def offered(**changes: Any) -> set[str]:
        templates.update_template(template=template, changes=changes, actor="user:1")
        return set(template.presets.filter(is_offered=True).values_list("name", flat=True))

    assert offered(schema=make_schema(options=[NAME])) == {"Name"}
    assert offered(name="Another name") == {"Name"}
    red = {**COLOUR, "choices": COLOUR["choices"][:1]}
    assert offered(schema=make_schema(options=[red, NAME])) == {"Name"}
    assert offered(schema=make_schema()) == {"Gold", "Name"}
    gold.refresh_from_db()
    assert gold.answers == {"colour": "gold"}
    assert name.answers == {"name": "Ada"}
