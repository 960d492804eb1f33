"""What the engine says of answers."""

from decimal import Decimal
from uuid import UUID

import pytest

from customizations.engine import Evaluation, Schema, UploadFacts, evaluate, parse
from customizations.tests.documents import button, document, image, message, plaque, text

PHOTO = str(UUID(int=7))
BIG = {PHOTO: UploadFacts(600, 400)}


def judge(schema: Schema, answers: object, **facts: object) -> Evaluation:
    return evaluate(schema, answers, unit_price=Decimal(20), **facts)  # type: ignore[arg-type]


def errors(schema: Schema, answers: object, **facts: object) -> list[tuple[str, str]]:
    """Where the errors are, and their codes; every one is a sentence."""
    found = judge(schema, answers, **facts).errors
    assert all(error.detail.endswith(".") for error in found)
    return [(error.pointer, error.code) for error in found]


def test_good_answers_come_to_what_an_order_needs() -> None:
    answers = {
        "colour": "gold",
        "name": " Annabelle\u0301 B ",
        "photo": PHOTO.upper(),
        "card": "Hi\r\nyou",
        "special": "?",
    }
    found = judge(parse(plaque()), answers, uploads=BIG, stock={("colour", "gold"): 1})
    assert found.is_valid
    assert found.visible == ("colour", "name", "photo", "card", "special")
    assert found.answers == {"colour": "gold", "name": "Annabellé B", "photo": PHOTO, "card": "Hi\nyou", "special": "?"}
    assert [(each.key, each.amount, each.is_once) for each in found.surcharges] == [
        ("colour", Decimal("4.50"), False),
        ("name", Decimal("0.60"), False),
        ("card", Decimal("2.00"), True),
    ]
    assert (found.per_unit, found.once) == (Decimal("5.10"), Decimal("2.00"))
    assert found.stock_demand == (("colour", "gold"),)
    assert found.needs_approval == ("special",)


def test_nothing_answered_says_what_is_missing() -> None:
    found = judge(parse(plaque()), {})
    assert [(error.pointer, error.code) for error in found.errors] == [("/colour", "required"), ("/name", "required")]
    assert found.visible == ("colour", "name", "card", "special")
    assert (found.answers, found.surcharges) == ({}, ())
    assert (found.per_unit, found.once) == (Decimal(0), Decimal(0))
    assert not found.is_valid


@pytest.mark.parametrize("answers", [None, [], "colour", 5, True])
def test_answers_are_an_object(answers: object) -> None:
    assert errors(parse(document(text())), answers) == [("", "not_an_object")]
    assert errors(parse(document(text(required=True))), answers) == [("", "not_an_object"), ("/name", "required")]


@pytest.mark.parametrize("answer", [None, True, 5, 1.5, [], ["red"], {"value": "red"}])
@pytest.mark.parametrize("option", [button("x"), text("x"), message("x"), image("x")], ids=lambda each: each["type"])
def test_an_answer_is_text(option: dict[str, object], answer: object) -> None:
    assert errors(parse(document(option)), {"x": answer}) == [("/x", "not_text")]
    assert errors(parse(document(option | {"required": True})), {"x": answer}) == [("/x", "not_text")]


def test_answers_to_no_option_are_named() -> None:
    schema = parse(document(text()))
    assert errors(schema, {"a/b~": "x", "": 1}) == [("/a~1b~0", "unknown_option"), ("/", "unknown_option")]
    heap = judge(schema, {f"{number}{'x' * 1000}": "x" for number in range(1000)}).errors
    assert len(heap) == 40
    assert all(len(error.pointer) <= 62 and len(error.detail) < 100 for error in heap)
    assert errors(schema, {"\ud800": "x"}) == [("/?", "unknown_option")]


@pytest.mark.parametrize("blank", ["", " ", "\u00a0\u2003", "\u2800", "\u3000"])
def test_text_that_shows_nothing_is_no_answer(blank: str) -> None:
    schema = parse(document(text(required=True, price="5.00"), text("more", when={"option": "name", "filled": True})))
    assert errors(schema, {"name": blank}) == [("/name", "required")]
    assert errors(schema, {"name": "x", "more": blank}) == []
    assert errors(schema, {"name": blank, "more": "x"}) == [("/name", "required"), ("/more", "not_asked")]
    assert judge(parse(document(text(price="5.00"))), {"name": blank}).per_unit == 0


@pytest.mark.parametrize("option", [button("x", required=True), image("x", required=True), message("x", required=True)])
def test_the_empty_answer_is_none(option: dict[str, object]) -> None:
    assert errors(parse(document(option)), {"x": ""}) == [("/x", "required")]


def test_an_answer_to_what_is_not_asked_is_refused_for_that_alone() -> None:
    schema = parse(plaque())
    answers = {"colour": "red", "name": "Anna", "photo": "no id"}
    found = judge(schema, answers)
    assert [(error.pointer, error.code) for error in found.errors] == [("/photo", "not_asked")]
    assert "photo" not in found.visible
    assert "photo" not in found.answers
    assert errors(schema, answers | {"photo": ""}) == []
    assert errors(schema, answers | {"photo": None}) == [("/photo", "not_text")]


def test_a_required_option_that_is_not_asked_is_not_missed() -> None:
    schema = parse(document(button(), image(required=True, when={"option": "colour", "in": ["gold"]})))
    assert errors(schema, {"colour": "red"}) == []
    assert errors(schema, {"colour": "gold"}) == [("/photo", "required")]


def test_a_condition_does_not_see_answers_that_are_not_asked() -> None:
    schema = parse(
        document(
            button("a", "yes", "no"),
            button("b", "yes", when={"option": "a", "in": ["yes"]}),
            text("c", when={"option": "b", "in": ["yes"]}),
            text("d", when={"option": "b", "filled": False}),
        )
    )
    assert judge(schema, {"a": "yes", "b": "yes"}).visible == ("a", "b", "c")
    assert judge(schema, {"a": "no", "b": "yes"}).visible == ("a", "d")
    assert errors(schema, {"a": "no", "b": "yes", "c": "x"}) == [("/b", "not_asked"), ("/c", "not_asked")]


def test_a_wrong_answer_hides_nothing_but_is_not_sold() -> None:
    schema = parse(document(text(price="5.00"), text("more", when={"option": "name", "filled": True})))
    found = judge(schema, {"name": "x" * 25, "more": "y"})
    assert [(error.pointer, error.code) for error in found.errors] == [("/name", "max_length")]
    assert found.visible == ("name", "more")
    assert found.answers == {"more": "y"}
    assert found.per_unit == 0


@pytest.mark.parametrize("value", ["blue", "Red", "red ", " ", "\x00", "red\n"])
def test_a_choice_is_one_of_those_there_are(value: str) -> None:
    found = judge(parse(document(button())), {"colour": value})
    assert [(error.pointer, error.code) for error in found.errors] == [("/colour", "unknown_choice")]
    assert found.answers == {}


def test_a_choice_that_is_gone_is_refused_and_one_that_is_not_counted_is_not() -> None:
    schema = parse(plaque())
    answers = {"colour": "gold", "name": "Anna"}
    for left, expected in ((0, [("/colour", "out_of_stock")]), (-1, [("/colour", "out_of_stock")]), (1, [])):
        assert errors(schema, answers, stock={("colour", "gold"): left}) == expected
    assert errors(schema, answers) == []
    refused = judge(schema, answers, stock={("colour", "gold"): 0})
    assert refused.stock_demand == ()
    assert refused.per_unit == 0
    assert "photo" in refused.visible
    assert judge(schema, answers | {"colour": "red"}).stock_demand == ()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("x", "invalid_upload"),
        (PHOTO.replace("-", ""), "invalid_upload"),
        (f"{{{PHOTO}}}", "invalid_upload"),
        (f"{PHOTO}\n", "invalid_upload"),
        (" ", "invalid_upload"),
        (str(UUID(int=8)), "unknown_upload"),
    ],
)
def test_a_picture_is_an_upload_of_the_shopper(answer: str, code: str) -> None:
    assert errors(parse(document(image())), {"photo": answer}, uploads=BIG) == [("/photo", code)]


@pytest.mark.parametrize(("width", "height", "fits"), [(600, 400, True), (599, 400, False), (600, 399, False)])
def test_a_picture_has_pixels_enough(width: int, height: int, *, fits: bool) -> None:
    found = errors(parse(document(image())), {"photo": PHOTO}, uploads={PHOTO: UploadFacts(width, height)})
    assert found == ([] if fits else [("/photo", "image_too_small")])


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        ("x" * 24, []),
        ("x" * 25, ["max_length"]),
        ("😀" * 24, []),
        ("e\u0301" * 24, []),
        ("e\u0301" * 25, ["max_length"]),
        (" " * 25, ["max_length"]),
        ("x" * 1_000_000, ["max_length"]),
        ("e\u0301" * 500_000, ["max_length"]),
        ("a\nb", ["forbidden_character"]),
        ("a\u202eb", ["forbidden_character"]),
        ("a\ud800b", ["forbidden_character"]),
        ("\u200b" * 25, ["max_length", "forbidden_character"]),
    ],
)
def test_a_text_is_short_and_can_be_read(answer: str, codes: list[str]) -> None:
    assert errors(parse(document(text())), {"name": answer}) == [("/name", code) for code in codes]


def test_a_text_is_narrowed_down_to_what_is_allowed() -> None:
    schema = parse(document(text(allowed=["capitals", "space"])))
    assert errors(schema, {"name": "ANNA B"}) == []
    found = judge(schema, {"name": "Anna"})
    assert [error.code for error in found.errors] == ["forbidden_character"]
    assert found.errors[0].detail == "These characters cannot be here: U+006E, U+0061."


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        ("a\nb\nc", []),
        ("a\r\nb\r\nc", []),
        ("a\nb\nc\nd", ["max_lines"]),
        ("\n\n\n", ["max_lines"]),
        ("a\n\n\n", ["max_lines"]),
        ("x" * 40, []),
        ("x" * 41, ["max_length"]),
        ("\r\n" * 2 + "x" * 38, []),
        ("a\rb", ["forbidden_character"]),
        ("a\tb", ["forbidden_character"]),
    ],
)
def test_a_message_has_so_many_lines_and_characters(answer: str, codes: list[str]) -> None:
    assert errors(parse(document(message())), {"card": answer}) == [("/card", code) for code in codes]


def test_staff_look_at_options_and_choices_that_ask_for_it() -> None:
    choices = [{"value": "red", "label": "Red"}, {"value": "own", "label": "Own", "requires_approval": True}]
    schema = parse(document(button() | {"choices": choices}, text(requires_approval=True)))
    assert judge(schema, {"colour": "red"}).needs_approval == ()
    assert judge(schema, {"colour": "own", "name": "x"}).needs_approval == ("colour", "name")
    assert judge(schema, {"colour": "own", "name": " "}).needs_approval == ("colour",)
