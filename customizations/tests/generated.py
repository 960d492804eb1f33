"""Schemas and answers by the thousand, good and bad, from a seed."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random
from uuid import UUID

from customizations.engine import (
    ButtonOption,
    Evaluation,
    ImageOption,
    MessageOption,
    Option,
    Schema,
    TextOption,
    UploadFacts,
    evaluate,
    parse,
)
from customizations.engine.conditions import holds
from customizations.engine.parsing import MOST_CHOICES, MOST_TEXT_IN_ALL
from customizations.engine.text import CLASSES, normalise

Document = dict[str, object]

ONE = Decimal(1)
KINDS = ("button", "button", "button", "text", "text", "message", "image")
# What engines and validators must see alike; each is composed (NFC), ends lines with LF, and fits everywhere.
PIECES = (
    *"aZ09 .-",
    "é",
    "ß",
    "Ω",
    "Ж",
    "שלום",
    "مرحبا",
    "می\u200cخواهم",
    "क्\u200dष",
    "漢",
    "😀",
    "👩\u200d👧",
    "👁\ufe0f\u200d🗨",
    "1\ufe0f\u20e3",
    "q\u0323\u0307",
    "\u0301",
    "\u00a0",
    "\u2800",
    "\u3000",
)
HOSTILE = (
    "\n",
    "\n\n",
    "\t",
    "\r",
    "\x00",
    "\x1b",
    "\x7f",
    "\x85",
    "\u200b",
    "\u200c",
    "\u200d",
    "\u200e",
    "\u2028",
    "\u202e",
    "\u2066",
    "\u2060",
    "\u00ad",
    "\u034f",
    "\u3164",
    "\ufe0f",
    "\ufeff",
    "\ue000",
    "\ufdd0",
    "\uffff",
    "\ufffc",
    "\U000e0041",
    "\U0010ffff",
)
WRONG_TYPES: tuple[object, ...] = (None, True, 0, 1.5, [], ["red"], {}, {"value": "red"})


def document(random: Random, options: int) -> Document:
    """A schema of that many options, with conditions on earlier ones."""
    made: list[Document] = []
    for number in range(options):
        made.append(_option(random, number, made))
    return {"options": made}


def answer_sets(random: Random, schema: Schema, count: int) -> Iterator[dict[str, object]]:
    """Answers that are mostly right: what is asked is answered as a rule, and one thing in ten is spoilt."""
    for _ in range(count):
        spoilt = random.choice((0.0, 0.02, 0.1))
        answers = _answered(random, schema)
        for option in schema.options:
            if random.random() < spoilt:
                answers[option.key] = normal(_spoilt(random, option))
            if random.random() < spoilt / 4:
                answers.pop(option.key, None)
        if random.random() < spoilt / 4:
            answers[random.choice(("other", "", "a/b", "__proto__", "\n"))] = "x"
        yield answers


def normal(answer: object) -> object:
    """As a client sends it: a validator that composes nothing sees what the engine sees."""
    return normalise(answer) if isinstance(answer, str) else answer


def judge(schema: Schema, answers: Mapping[str, object]) -> Evaluation:
    """What the engine says where every picture is there and everything is in stock: what a JSON Schema can know."""
    uploads = {each.lower(): UploadFacts(6_000, 6_000) for each in answers.values() if isinstance(each, str)}
    return evaluate(schema, answers, unit_price=ONE, uploads=uploads)


def seeded(seed: int) -> Random:
    """Chance that comes again."""
    return Random(seed)  # noqa: S311 - nobody is to be surprised


def words(random: Random, most: int, *, pieces: Sequence[str] = PIECES) -> str:
    """Composed text of at most ``most`` code points, often of exactly that many."""
    length = random.choice((1, 2, most, random.randint(0, most)))
    text = ""
    while len(text) < length:
        text += random.choice(pieces)
    return normalise(text)[:most].rstrip("\u200c\u200d")


def _option(random: Random, number: int, earlier: Sequence[Document]) -> Document:
    kind = random.choice(KINDS)
    option: Document = {"key": f"o{number}", "type": kind, "label": f"Option {number}"}
    option["required"] = random.random() < 0.3
    if earlier and random.random() < 0.6:
        option["when"] = _condition(random, earlier, 1)
    return option | _details(random, kind)


def _details(random: Random, kind: str) -> Document:
    if kind == "button":
        return {"choices": [{"value": f"v{value}", "label": "V"} for value in range(random.randint(1, 4))]}
    if kind == "image":
        return {}
    if kind == "message":
        return {"max_length": random.choice((1, 5, 40)), "max_lines": random.randint(1, 4)}
    allowed = random.sample(sorted(CLASSES), random.randint(1, 4)) if random.random() < 0.3 else None
    return {"max_length": random.choice((1, 2, 12, 30)), "allowed": allowed}


def _condition(random: Random, earlier: Sequence[Document], depth: int) -> Document:
    if depth < 4 and random.random() < 0.3:
        group = [_condition(random, earlier, depth + 1) for _ in range(random.randint(1, 3))]
        return {random.choice(("all", "any")): group}
    option = random.choice(earlier)
    choices = option.get("choices")
    if not isinstance(choices, list) or random.random() < 0.3:
        return {"option": option["key"], "filled": random.random() < 0.7}
    values = [choice["value"] for choice in random.sample(choices, random.randint(1, len(choices)))]
    return {"option": option["key"], random.choice(("in", "not_in")): values}


def _answered(random: Random, schema: Schema) -> dict[str, object]:
    """Good answers to what is asked, one option after the other; what need not be answered sometimes is not."""
    answers: dict[str, object] = {}
    seen: dict[str, str] = {}
    for option in schema.options:
        is_asked = option.when is None or holds(option.when, seen)
        if is_asked and (option.required or random.random() < 0.7):
            answers[option.key] = seen[option.key] = good(random, option)
        elif random.random() < 0.1:
            answers[option.key] = ""
    return answers


def good(random: Random, option: Option) -> str:
    """An answer as the option asks for it."""
    match option:
        case ButtonOption():
            return random.choice(option.choices).value
        case ImageOption():
            return str(UUID(int=random.getrandbits(128), version=4))
        case TextOption(allowed=allowed) if allowed:
            first, last = random.choice(CLASSES[allowed[0]])
            pieces = [chr(random.randint(first, last)) for _ in range(3)]
            return words(random, option.max_length, pieces=pieces) or normalise(pieces[0])
        case TextOption():
            return words(random, option.max_length) or "x"
        case MessageOption():
            lines = random.randint(1, option.max_lines)
            return "\n".join(words(random, option.max_length) for _ in range(lines))[: option.max_length] or "x"


def _spoilt(random: Random, option: Option) -> object:
    """An answer with something wrong, or odd, about it."""
    most = option.max_length if isinstance(option, TextOption | MessageOption) else 8
    text = good(random, option)
    at = random.randint(0, len(text))
    return random.choice(
        (
            random.choice(WRONG_TYPES),
            "",
            " ",
            "\n" * random.randint(1, 5),
            " " * (most + random.randint(0, 1)),
            "\U0001f600" * (most + random.randint(0, 1)),
            text[:at] + random.choice(HOSTILE) + text[at:],
            random.choice(HOSTILE),
            f"{text}\n",
            text.upper(),
            "v0",
        )
    )


def longest(random: Random, options: int) -> tuple[Schema, dict[str, object]]:
    """As many choices, conditions and characters as there can be, and answers that use them all."""
    most = MOST_TEXT_IN_ALL // (options // 2)
    choices = [{"value": f"v{number}", "label": "V", "price": "1.50", "stock": 5} for number in range(MOST_CHOICES)]
    values = [choice["value"] for choice in choices]
    made: list[Document] = []
    for number in range(options):
        condition = {"any": [{"option": each["key"], "in": values} for each in made[:19:2]]}
        form: Document = {"type": "message", "max_length": most, "max_lines": 100}
        if number % 2 == 0:
            form = {"type": "button", "choices": choices}
        made.append({"key": f"o{number}", "label": "O", **form, "when": condition if number else None})
    schema = parse({"options": made})
    text = words(random, most, pieces=("été ", "\n"))
    answers: dict[str, object] = {
        option.key: "v99" if isinstance(option, ButtonOption) else text for option in schema.options
    }
    return schema, answers
