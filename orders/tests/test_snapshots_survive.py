"""Whatever staff do to the catalogue, what was sold stays what it was: to read, to look at, and to the cent."""

import hashlib
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.storage import default_storage

from customizations import engine
from customizations.models import Proof, TemplateVersion
from customizations.rendering import FONTS, proof, render, typefaces
from customizations.services import snapshots
from fantasize.core import invariants
from orders.models import Order, OrderLine
from orders.services import proving, reorders
from orders.tests import edits
from orders.tests.customized import facts, sell_everything

pytestmark = pytest.mark.django_db

EDITS = 60


def test_what_was_sold_survives_everything_that_staff_do() -> None:
    before = facts(sell_everything(4))
    editor = edits.Editor(20)
    for _ in range(EDITS):
        editor.edit()
    assert len(editor.done) > 10
    lines = list(OrderLine.objects.select_related("order").order_by("pk"))
    assert facts(lines) == before
    assert proving.find_changed(lines) == []
    for line in lines:
        for sha256 in filter(None, (thing["proof"] for thing in line.customizations)):
            with default_storage.open(str(Proof.objects.get(pk=sha256).file)) as file:
                assert hashlib.sha256(file.read()).hexdigest() == sha256
    assert not any(invariants.violations().values())
    for order in Order.objects.with_lines():
        found = reorders.check(order)
        assert len(found.lines) + len({change.line for change in found.changes if change.blocks}) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        {"answers": {"colour": "red", "name": "Eve"}},
        {"unit_price": "1.00", "answers": {"colour": "red", "name": "Ada 0 أحمد", "size": "xl"}},
        {"proof": "0" * 64},
    ],
)
def test_what_was_sold_otherwise_is_noticed(spoil: dict[str, Any]) -> None:
    line = sell_everything(1)[0]
    assert invariants.violations()["orders.sample_is_made_again"] == 0
    line.customizations = [{**line.customizations[0], **spoil}]
    line.save()
    assert invariants.violations()["orders.sample_is_made_again"] == 1


def test_a_font_that_is_taken_from_the_shop_still_prints_what_was_sold_with_it() -> None:
    [thing] = sell_everything(1)[0].customizations
    schema = snapshots.schemas_of([thing])[thing["template"], thing["version"]]
    left = MappingProxyType({name: face for name, face in FONTS.items() if name != "serif"})
    gone = MappingProxyType({"serif": FONTS["serif"]})
    with (
        patch.multiple(typefaces, FONTS=left, RETIRED=gone),
        patch.multiple(proof, FONTS=left, RETIRED=gone),
    ):
        document = TemplateVersion.objects.get(template=thing["template"]).schema
        with pytest.raises(engine.SchemaError, match="font"):
            engine.parse(document, fonts=frozenset(left))
        assert render(schema, thing["answers"], {}).sha256 == thing["proof"]


def test_a_proof_of_an_older_renderer_stays_and_is_not_drawn_anew() -> None:
    line = sell_everything(1)[0]
    line.customizations = [{**line.customizations[0], "renderer_version": "0", "proof": "0" * 64}]
    assert proving.find_changed([line]) == []
