"""Stock of choices in the admin: corrected by deltas with a reason, and by nothing else."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from customizations.models import ChoiceStock
from customizations.services.templates import update_template
from customizations.tests.factories import NAME, make_schema, make_template
from fantasize.tests.staff import make_viewer, said, signed_in

pytestmark = pytest.mark.django_db
HOME = "/admin/customizations/choicestock/"


@pytest.fixture
def row() -> ChoiceStock:
    make_template(name="Plaque")
    return ChoiceStock.objects.get()


def correct(row: ChoiceStock, client: Any = None, **said: Any) -> Any:
    form = {"delta": "-2", "reason": "correction", "note": "Two were torn", **said}
    return (client or signed_in()).post(f"{HOME}{row.pk}/correct/", form)


def on_hand(row: ChoiceStock) -> int:
    row.stock.refresh_from_db()
    return row.stock.on_hand


def test_the_list_names_choices_as_shoppers_read_them(row: ChoiceStock, manager: Client) -> None:
    page = manager.get(HOME).content.decode()
    assert "Gold leaf" in page
    assert "Plaque" in page
    assert 'data-stock="in_stock"' in page


def test_a_choice_that_is_offered_no_more_goes_by_its_short_name(row: ChoiceStock, manager: Client) -> None:
    update_template(template=row.template, changes={"schema": make_schema(options=[NAME])}, actor="system")
    assert "colour, no longer offered" in manager.get(HOME).content.decode()


def test_a_correction_is_booked_with_its_reason(row: ChoiceStock, manager: Client) -> None:
    assert said(correct(row)) == ["Stock changed by -2."]
    assert on_hand(row) == 10
    assert row.stock.movements.latest("pk").reference == "Two were torn"
    assert LogEntry.objects.filter(object_id=str(row.pk)).count() == 1
    page = manager.get(f"{HOME}{row.pk}/change/").content.decode()
    assert "Correction: Two were torn" in page
    assert "Colour: Gold leaf" in page


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"delta": "0"}, "Change: Say by how many"), ({"note": ""}, "Note: This field"), ({"delta": "-13"}, "")],
)
def test_what_cannot_be_is_told_and_changes_nothing(row: ChoiceStock, wrong: dict[str, str], message: str) -> None:
    (told,) = said(correct(row, **wrong))
    assert told.startswith(message)
    assert on_hand(row) == 12


def test_the_mark_from_which_staff_are_told_is_set(row: ChoiceStock, manager: Client) -> None:
    answer = manager.post(f"{HOME}{row.pk}/low-mark/", {"low_stock_at": "3"})
    assert said(answer) == ["Staff are told from 3 pieces on."]
    row.stock.refresh_from_db()
    assert row.stock.low_stock_at == 3
    assert LogEntry.objects.get(object_id=str(row.pk)).change_message == "Running low at 3 instead of 5."
    assert 'value="3"' in manager.get(f"{HOME}{row.pk}/change/").content.decode()
    (told,) = said(manager.post(f"{HOME}{row.pk}/low-mark/", {"low_stock_at": "-1"}))
    assert told.startswith("Running low at: ")
    looker = signed_in(make_viewer("customizations.view_choicestock"))
    assert looker.post(f"{HOME}{row.pk}/low-mark/", {"low_stock_at": "1"}).status_code == 403
    row.stock.refresh_from_db()
    assert row.stock.low_stock_at == 3


def test_whoever_only_looks_corrects_nothing(row: ChoiceStock, manager: Client) -> None:
    client = signed_in(make_viewer("customizations.view_choicestock"))
    assert correct(row, client).status_code == 403
    assert client.get(f"{HOME}{row.pk}/correct/").status_code == 405
    assert "correct-stock" not in client.get(f"{HOME}{row.pk}/change/").content.decode()
    assert client.post(f"{HOME}{row.pk}/change/", {}).status_code == 405
    assert signed_in(make_viewer()).get(f"{HOME}{row.pk}/change/").status_code == 403
    assert manager.get(f"{HOME}0/change/").status_code == 302
    assert on_hand(row) == 12
