"""The published rules: what they say, and that independent validators judge by them as the engine does."""

import json
from uuid import UUID

import jsonschema
import jsonschema_rs
import pytest

from customizations import json_schema
from customizations.engine import Schema, UploadFacts, evaluate, parse
from customizations.tests import generated
from customizations.tests.documents import button, document, image, message, plaque, text

PHOTO = str(UUID(int=7))
UPLOADED = {PHOTO: UploadFacts(6_000, 6_000)}


def judges(schema: Schema, answers: object) -> tuple[bool, bool, bool]:
    """What the engine says, a validator in Python, and one in Rust."""
    rules = json_schema.build(schema)
    return (
        evaluate(schema, answers, unit_price=generated.ONE, uploads=UPLOADED).is_valid,
        jsonschema.Draft202012Validator(rules).is_valid(answers),
        jsonschema_rs.Draft202012Validator(rules).is_valid(answers),
    )


def test_it_is_a_schema_of_its_draft_and_pure_json() -> None:
    rules = json_schema.build(parse(plaque()), schema_id="https://shop.example/api/customizations/1/schema")
    jsonschema.Draft202012Validator.check_schema(rules)
    assert rules["$id"] == "https://shop.example/api/customizations/1/schema"
    assert rules["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(rules)) == rules
    assert "$id" not in json_schema.build(parse(plaque()))


def test_it_says_what_is_asked_in_words_that_forms_are_made_of() -> None:
    rules = json_schema.build(parse(document(button(required=True, help="Of the wood"), text(), canvas=None)))
    assert rules["required"] == ["colour"]
    assert rules["additionalProperties"] is False
    properties = rules["properties"]
    assert isinstance(properties, dict)
    assert properties["colour"]["title"] == "Colour"
    assert properties["colour"]["description"] == "Of the wood"
    assert properties["colour"]["enum"] == ["red", "gold", ""]
    assert properties["name"]["maxLength"] == 24


def test_what_one_caller_does_to_it_another_does_not_see() -> None:
    schema = parse(plaque())
    first = json_schema.build(schema)
    assert isinstance(first["$defs"], dict)
    first["$defs"].clear()
    assert json_schema.build(schema)["$defs"]


@pytest.mark.parametrize(
    ("answers", "is_legal"),
    [
        ({"colour": "red", "name": "Anna"}, True),
        ({"colour": "red", "name": " "}, False),
        ({"colour": "", "name": "Anna"}, False),
        ({"name": "Anna"}, False),
        ({"colour": "blue", "name": "Anna"}, False),
        ({"colour": "red", "name": "Anna", "photo": PHOTO}, False),
        ({"colour": "red", "name": "Anna", "photo": ""}, True),
        ({"colour": "gold", "name": "Anna", "photo": PHOTO}, True),
        ({"colour": "gold", "name": "Anna", "photo": PHOTO.upper()}, True),
        ({"colour": "gold", "name": "Anna", "photo": f"{PHOTO}\n"}, False),
        ({"colour": "gold", "name": "Anna", "photo": "\n"}, False),
        ({"colour": "gold", "name": "x" * 24}, True),
        ({"colour": "gold", "name": "x" * 25}, False),
        ({"colour": "gold", "name": "😀" * 24}, True),
        ({"colour": "gold", "name": "Anna\n"}, False),
        ({"colour": "gold", "name": "An\u200bna"}, False),
        ({"colour": "gold", "name": "Anna\u200d"}, False),
        ({"colour": "gold", "name": "می\u200cخواهم"}, True),
        ({"colour": "gold", "name": "Anna", "card": "a\nb\nc"}, True),
        ({"colour": "gold", "name": "Anna", "card": "a\nb\nc\n"}, False),
        ({"colour": "gold", "name": "Anna", "card": "a\nb\nc\nd"}, False),
        ({"colour": "gold", "name": "Anna", "card": None}, False),
        ({"colour": "gold", "name": "Anna", "more": "x"}, False),
        ([], False),
        (None, False),
        ("colour", False),
    ],
)
def test_all_judges_agree(answers: object, *, is_legal: bool) -> None:
    assert judges(parse(plaque()), answers) == (is_legal,) * 3


@pytest.mark.parametrize("code", [0x00, 0x09, 0x85, 0xAD, 0x202E, 0x2066, 0xE000, 0xFFFF, 0xE0041, 0x10FFFF])
def test_all_judges_know_what_cannot_be_read(code: int) -> None:
    assert judges(parse(document(message())), {"card": f"a{chr(code)}b"}) == (False,) * 3


def test_a_lone_surrogate_is_refused_by_the_judges_that_can_be_given_one() -> None:
    schema, answers = parse(document(text())), {"name": "a\ud800"}
    assert evaluate(schema, answers, unit_price=generated.ONE).errors
    assert not jsonschema.Draft202012Validator(json_schema.build(schema)).is_valid(answers)


def test_a_required_option_on_a_condition_is_missed_only_when_it_is_asked() -> None:
    schema = parse(document(button(), image(required=True, when={"option": "colour", "in": ["gold"]})))
    assert judges(schema, {}) == (True,) * 3
    assert judges(schema, {"colour": "red"}) == (True,) * 3
    assert judges(schema, {"colour": "gold"}) == (False,) * 3
    assert judges(schema, {"colour": "gold", "photo": ""}) == (False,) * 3
    assert judges(schema, {"colour": "gold", "photo": PHOTO}) == (True,) * 3


def test_hidden_options_hide_others() -> None:
    schema = parse(
        document(
            button("a", "yes", "no"),
            button("b", "yes", when={"option": "a", "in": ["yes"]}),
            text("c", required=True, when={"all": [{"option": "b", "in": ["yes"]}, {"option": "a", "filled": True}]}),
            text("d", when={"any": [{"option": "b", "filled": False}, {"option": "a", "not_in": ["yes"]}]}),
        )
    )
    assert judges(schema, {"a": "no", "d": "x"}) == (True,) * 3
    assert judges(schema, {"a": "yes", "b": "yes"}) == (False,) * 3
    assert judges(schema, {"a": "yes", "b": "yes", "c": "x"}) == (True,) * 3
    assert judges(schema, {"a": "yes", "b": "yes", "c": "x", "d": "x"}) == (False,) * 3
    assert judges(schema, {"a": "no", "b": "yes", "c": "x"}) == (False,) * 3


def test_thousands_of_generated_answers_are_judged_alike() -> None:
    random, seen = generated.seeded(20), set()
    for _ in range(40):
        schema = parse(generated.document(random, random.randint(1, 10)))
        rules = json_schema.build(schema)
        validators = jsonschema.Draft202012Validator(rules), jsonschema_rs.Draft202012Validator(rules)
        for answers in generated.answer_sets(random, schema, 25):
            found = generated.judge(schema, answers)
            assert [each.is_valid(answers) for each in validators] == [found.is_valid] * 2, (answers, found.errors)
            seen |= {error.code for error in found.errors} or {"legal"}
            if found.is_valid:
                assert validators[1].is_valid(found.answers)
    assert seen >= {
        "legal",
        "required",
        "not_asked",
        "unknown_choice",
        "forbidden_character",
        "max_length",
        "max_lines",
    }


def test_the_generated_answers_would_show_a_rule_left_out() -> None:
    random = generated.seeded(20)
    disagreements = dict.fromkeys(("allOf", "required", "additionalProperties", "properties"), 0)
    for _ in range(40):
        schema = parse(generated.document(random, 8))
        rules = json_schema.build(schema)
        validators = {
            name: jsonschema_rs.Draft202012Validator({rule: what for rule, what in rules.items() if rule != name})
            for name in disagreements
        }
        for answers in generated.answer_sets(random, schema, 20):
            is_valid = generated.judge(schema, answers).is_valid
            for name, validator in validators.items():
                disagreements[name] += validator.is_valid(answers) is not is_valid
    assert min(disagreements.values()) > 0, disagreements
