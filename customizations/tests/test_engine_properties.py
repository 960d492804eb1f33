"""What holds of all schemas and answers."""

from copy import deepcopy
from decimal import Decimal
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from customizations.engine import ButtonOption, Fault, SchemaError, evaluate, parse
from customizations.engine.conditions import holds
from customizations.tests import generated

# Each example is several schemas and answers of many options.
FEW = settings(max_examples=30, deadline=None)
RANDOM = st.integers(0, 2**32).map(generated.seeded)
SCHEMA = parse(generated.document(generated.seeded(3), 10))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["red", "text"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["key", "type", "label", "choices", "value", "price", "amount", "when", "option", "in", "all"])


@FEW
@given(RANDOM)
def test_what_is_judged_once_is_judged_the_same_again(random: Random) -> None:
    schema = parse(generated.document(random, 8))
    for answers in generated.answer_sets(random, schema, 5):
        found = generated.judge(schema, answers)
        if found.is_valid:
            assert generated.judge(schema, found.answers) == found


@FEW
@given(RANDOM)
def test_only_what_is_asked_is_answered_and_asked_is_what_the_conditions_say(random: Random) -> None:
    schema = parse(generated.document(random, 8))
    for answers in generated.answer_sets(random, schema, 5):
        found = generated.judge(schema, answers)
        assert {*found.answers} <= {*found.visible}
        assert {key for key, _ in found.stock_demand} | {*found.needs_approval} <= {*found.answers}
        assert {each.key for each in found.surcharges} <= {*found.answers}
        if found.is_valid:
            asked = [each.key for each in schema.options if each.when is None or holds(each.when, found.answers)]
            assert [*found.visible] == asked
            required = {each.key for each in schema.options if each.required}
            assert required & {*asked} <= {*found.answers}


@FEW
@given(RANDOM)
def test_answers_do_not_depend_on_the_order_in_which_they_are_given(random: Random) -> None:
    schema = parse(generated.document(random, 8))
    for answers in generated.answer_sets(random, schema, 5):
        found = generated.judge(schema, answers)
        turned = generated.judge(schema, dict(reversed(answers.items())))
        assert {*found.errors} == {*turned.errors}
        assert found.answers == turned.answers


@FEW
@given(RANDOM, st.decimals(0, 100_000, places=2), st.sampled_from(["fixed", "percent", "per_character", "once"]))
def test_more_is_never_cheaper(random: Random, unit_price: Decimal, mode: str) -> None:
    price = {"mode": mode, "amount": "1.25"} | ({"free": 3} if mode == "per_character" else {})
    schema = parse({"options": [{"key": "x", "type": "text", "label": "X", "max_length": 60, "price": price}]})
    text = generated.words(random, 30)
    costs = [evaluate(schema, {"x": answer}, unit_price=unit_price) for answer in ("", text, text + "x", f"{text}xyz")]
    totals = [each.per_unit + each.once for each in costs]
    assert totals == sorted(totals)
    assert totals[0] == 0


@FEW
@given(RANDOM, st.integers(0, 5))
def test_a_choice_is_demanded_if_it_is_counted_and_refused_if_none_is_left(random: Random, left: int) -> None:
    source = generated.document(random, 6)
    options = source["options"]
    assert isinstance(options, list)
    for option in options:
        for choice in option.get("choices", []):
            choice["stock"] = random.choice([None, 3])
    schema = parse(source)
    stock = {
        (each.key, choice.value): left
        for each in schema.options
        if isinstance(each, ButtonOption)
        for choice in each.choices
        if choice.stock is not None
    }
    for answers in generated.answer_sets(random, schema, 5):
        found = evaluate(schema, answers, unit_price=generated.ONE, stock=stock)
        assert {*found.stock_demand} == {pair for pair in found.answers.items() if pair in stock}
        assert left > 0 or not found.stock_demand


@FEW
@given(JSON)
def test_no_answers_break_the_engine(answers: object) -> None:
    found = evaluate(SCHEMA, answers, unit_price=generated.ONE)
    assert {*found.answers} <= {*found.visible}


@FEW
@given(RANDOM, st.data())
def test_no_document_breaks_the_parser(random: Random, data: st.DataObject) -> None:
    source = deepcopy(generated.document(random, 4))
    for _ in range(data.draw(st.integers(1, 3))):
        _spoil(source, data)
    found = _faults(source)
    assert all(fault.pointer == "" or fault.pointer.startswith("/") for fault in found)
    assert len({*found}) == len(found)


def _faults(source: object) -> tuple[Fault, ...]:
    try:
        parse(source, fonts=["serif"], currency="USD")
    except SchemaError as refused:
        return refused.faults
    return ()


def _spoil(source: object, data: st.DataObject) -> None:
    """Put anything anywhere in the document."""
    while isinstance(source, dict | list) and source:
        keys = sorted(source) if isinstance(source, dict) else [*range(len(source))]
        key = data.draw(st.sampled_from(keys))
        inner = source[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            if isinstance(source, dict) and data.draw(st.booleans()):
                key = data.draw(NAMES)
            source[key] = data.draw(JSON)
            return
        source = inner
