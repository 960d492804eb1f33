"""The stock of choices: opened once, with its entry in the ledger, and its own from then on."""

from copy import deepcopy
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import StockItem, StockMovement
from catalog.services import stock
from customizations.models import ChoiceStock, CustomizationTemplate
from customizations.services import templates
from customizations.tests.factories import COLOUR, NAME, make_schema, make_template
from fantasize.core import invariants

pytestmark = pytest.mark.django_db


def with_gold(pieces: int | None) -> dict[str, Any]:
    colour = deepcopy(COLOUR)
    colour["choices"][1]["stock"] = pieces
    return make_schema(options=[colour, NAME])


def level() -> StockItem:
    return ChoiceStock.objects.get(option="colour", value="gold").stock


def change(template: CustomizationTemplate, schema: Any) -> None:
    templates.update_template(template=template, changes={"schema": schema}, actor="user:1")


def test_it_is_opened_when_the_choice_is_published_first() -> None:
    draft = make_template(is_published=False)
    assert not ChoiceStock.objects.exists()
    change(draft, with_gold(7))
    templates.publish(template=draft, actor="user:1")
    row = ChoiceStock.objects.get()
    assert (row.template_id, row.option, row.value, row.stock.on_hand) == (draft.pk, "colour", "gold", 7)
    movement = StockMovement.objects.get(stock_item=row.stock)
    assert (movement.delta, movement.reason, movement.actor) == (7, "opening", "user:1")
    assert movement.reference == f"customization {draft.pk}"
    assert invariants.violations()["stock.on_hand_is_sum_of_movements"] == 0


def test_later_versions_say_nothing_of_what_there_is() -> None:
    template = make_template()
    stock.hold({level().pk: 2})
    change(template, with_gold(1000))
    assert (level().on_hand, level().held, StockMovement.objects.count()) == (12, 2, 1)


def test_a_choice_that_goes_keeps_its_ledger_and_has_it_again_when_it_comes_back() -> None:
    template = make_template()
    item = level()
    stock.hold({item.pk: 5})
    stock.consume({item.pk: 5}, reference="1001", actor="system")
    for gone in (make_schema(options=[NAME]), with_gold(None)):
        change(template, gone)
        assert (level().pk, level().on_hand) == (item.pk, 7)
        change(template, with_gold(12))
        assert (level().pk, level().on_hand) == (item.pk, 7)
    assert invariants.violations()["stock.on_hand_is_sum_of_movements"] == 0


def test_a_choice_of_which_there_is_none_yet_has_stock_too() -> None:
    make_template(schema=with_gold(0))
    assert level().on_hand == 0
    assert not StockMovement.objects.exists()


def test_many_choices_are_opened_in_as_few_queries_as_one() -> None:
    counts = []
    for number in (1, 50):
        choices = [{"value": f"c{place}", "label": "C", "stock": place + 1} for place in range(number)]
        with CaptureQueriesContext(connection) as captured:
            make_template(schema={"options": [{**COLOUR, "choices": choices}]})
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert ChoiceStock.objects.count() == 51
    assert invariants.violations()["stock.on_hand_is_sum_of_movements"] == 0
