"""What the answers of lines come to: products, packages and their parts, in a few queries however many they are."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.services import stock
from catalog.tests.factories import make_package, make_product
from customizations.models import ChoiceStock
from customizations.services import templates
from customizations.services.evaluation import EvaluatedLine, Line, evaluate_line, evaluate_lines
from customizations.tests.factories import COLOUR, NAME, make_schema, make_template, make_upload

pytestmark = pytest.mark.django_db

ME, OTHER = "user:00000000-0000-4000-8000-000000000001", "cart:other"
TEN = Decimal(10)


def faults(line: EvaluatedLine) -> dict[str, str]:
    return {fault.pointer: fault.code for fault in line.errors}


def evaluate(answers: Any = None, *, principal: str | None = ME, **thing: Any) -> EvaluatedLine:
    return evaluate_line(answers=answers, principal=principal, unit_price=TEN, **thing)


def test_a_line_costs_and_takes_what_its_answers_say() -> None:
    product = make_product()
    template = make_template(products=[product.pk])
    upload = make_upload(ME)
    answers = {"colour": "gold", "name": "Ada Lovelace", "photo": str(upload.pk).upper(), "wrapping": "paper"}
    line = evaluate(answers, product=product.pk)
    assert line.is_valid
    # Gold leaf, and four letters beyond the eight that are free.
    assert (line.per_unit, line.once) == (Decimal("5.30"), Decimal("3.00"))
    assert line.stock_demand == {ChoiceStock.objects.get().stock_id: 1}
    assert line.uploads == (upload.pk,)
    assert not line.needs_approval
    [thing] = line.things
    assert (thing.product, thing.pieces, thing.template, thing.version) == (None, 1, template.pk, 1)
    assert evaluate({"colour": "red", "special": "Hurry"}, product=product.pk).needs_approval


def test_percentages_are_of_the_exact_unit_price() -> None:
    product = make_product()
    option = {**NAME, "price": {"mode": "percent", "amount": "10"}}
    make_template(products=[product.pk], schema=make_schema(options=[option]))
    line = evaluate_line(product=product.pk, answers={"name": "Ada"}, principal=ME, unit_price=Decimal("9.9945"))
    assert line.per_unit == Decimal("0.99945")


def test_every_fault_is_named_where_it_is() -> None:
    product, plain = make_product(), make_product()
    make_template(products=[product.pk])
    wrong = {"colour": "blue", "size": "xl", "photo": str(make_upload(ME).pk)}
    assert faults(evaluate(wrong, product=product.pk)) == {
        "/answers/colour": "unknown_choice",
        "/answers/size": "unknown_option",
        "/answers/photo": "not_asked",
    }
    assert faults(evaluate(product=product.pk)) == {"/answers/colour": "required"}
    assert faults(evaluate({"a/b": "x"}, product=plain.pk)) == {"/answers/a~1b": "no_options"}
    assert faults(evaluate(product=plain.pk, parts={product.pk: {}})) == {f"/parts/{product.pk}": "unknown_part"}
    assert evaluate(product=plain.pk) == EvaluatedLine((), ())


def test_pictures_of_others_are_not_there() -> None:
    product = make_product()
    make_template(products=[product.pk])
    mine, theirs, small = make_upload(ME), make_upload(OTHER), make_upload(ME, width=2)
    for upload, principal, code in (
        (mine, ME, None),
        (theirs, ME, "unknown_upload"),
        (mine, OTHER, "unknown_upload"),
        (mine, None, "unknown_upload"),
        (small, ME, "image_too_small"),
    ):
        line = evaluate({"colour": "gold", "photo": str(upload.pk)}, product=product.pk, principal=principal)
        assert faults(line) == ({"/answers/photo": code} if code else {})


def test_what_is_held_for_others_is_not_there_to_be_had() -> None:
    product = make_product()
    make_template(products=[product.pk])
    item = ChoiceStock.objects.get().stock_id
    stock.hold({item: 11})
    assert evaluate({"colour": "gold"}, product=product.pk).is_valid
    stock.hold({item: 1})
    assert faults(evaluate({"colour": "gold"}, product=product.pk)) == {"/answers/colour": "out_of_stock"}


def test_a_package_asks_for_itself_and_for_its_parts() -> None:
    mug, board, plain = make_product(price="20.00"), make_product(), make_product()
    box = make_package((mug, 2), board, plain)
    percent = {**NAME, "price": {"mode": "percent", "amount": "10"}}
    make_template(products=[mug.pk], schema=make_schema(options=[COLOUR, percent]))
    make_template(packages=[box.pk], schema=make_schema(options=[COLOUR]))
    item = ChoiceStock.objects.get(template__links__product=mug).stock_id
    own = ChoiceStock.objects.get(template__links__package=box).stock_id
    line = evaluate({"colour": "gold"}, package=box.pk, parts={mug.pk: {"colour": "gold", "name": "Ada"}})
    assert line.is_valid
    assert [(thing.product, thing.pieces) for thing in line.things] == [(None, 1), (mug.pk, 2)]
    # 4.50 of its own, and twice 4.50 and a tenth of the mug's list price.
    assert line.per_unit == Decimal("4.50") + 2 * (Decimal("4.50") + Decimal("2.00"))
    assert line.stock_demand == {own: 1, item: 2}
    wrong = {mug.pk: {"colour": "blue"}, plain.pk: {"x": "y"}, 10**9: {}}
    assert faults(evaluate(package=box.pk, parts=wrong)) == {
        "/answers/colour": "required",
        f"/parts/{mug.pk}/colour": "unknown_choice",
        f"/parts/{plain.pk}/x": "no_options",
        f"/parts/{10**9}": "unknown_part",
    }


def test_two_things_of_one_template_take_from_one_stock() -> None:
    mug, cup = make_product(), make_product()
    box = make_package((mug, 2), (cup, 3))
    make_template(products=[mug.pk, cup.pk])
    line = evaluate(package=box.pk, parts={mug.pk: {"colour": "gold"}, cup.pk: {"colour": "gold"}})
    assert line.stock_demand == {ChoiceStock.objects.get().stock_id: 5}


@pytest.mark.parametrize("answers", [{"colour": ["gold"]}, {"colour": None}, {"name": {"x": 1}}, {"photo": 5}])
def test_answers_that_are_no_text_are_refused(answers: Any) -> None:
    product = make_product()
    make_template(products=[product.pk])
    assert "not_text" in faults(evaluate(answers, product=product.pk)).values()


def test_what_is_published_next_counts_at_once() -> None:
    product = make_product()
    template = make_template(products=[product.pk])
    assert evaluate({"colour": "red"}, product=product.pk).is_valid
    changes = {"schema": make_schema(options=[NAME])}
    templates.update_template(template=template, changes=changes, actor="user:1")
    line = evaluate({"colour": "red"}, product=product.pk)
    assert faults(line) == {"/answers/colour": "unknown_option"}
    assert line.things[0].version == 2
    templates.retire(template=template, actor="user:1")
    assert evaluate({"name": "Ada"}, product=product.pk).errors[0].code == "no_options"


def make_lines(number: int) -> list[Line]:
    lines = []
    for _ in range(number):
        product, part = make_product(), make_product()
        box = make_package(part)
        make_template(products=[product.pk, part.pk], packages=[box.pk])
        answers = {"colour": "gold", "photo": str(make_upload(ME).pk)}
        lines += [
            Line(product=product.pk, answers=answers, unit_price=TEN),
            Line(package=box.pk, answers=answers, parts={part.pk: answers}, unit_price=TEN),
        ]
    return lines


def test_a_basket_costs_as_many_queries_as_a_line() -> None:
    for number in (1, 10):
        lines = make_lines(number)
        with CaptureQueriesContext(connection) as captured:
            evaluated = evaluate_lines(lines, principal=ME)
        assert len(captured) == 4
        assert all(line.is_valid for line in evaluated)
    assert evaluate_lines([], principal=ME) == []
