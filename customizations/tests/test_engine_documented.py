"""The documentation of the schema language says what the engine does."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from customizations import engine
from customizations.engine import evaluate, parse

PAGE = (settings.BASE_DIR / "docs" / "customizations.md").read_text(encoding="utf-8")
PRICE = re.compile(r"([0-9.]+)(?: (\w+))?(?:, ([0-9]+) free)?")


def rows(header: str) -> list[list[str]]:
    """The cells of the rows of the table that begins with that header."""
    lines = PAGE.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {header}"))
    table = iter(lines[start + 2 :])
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in iter(lambda: next(table), "")]


def test_the_example_is_a_schema_that_says_what_it_is_said_to_say() -> None:
    source = PAGE.split("```json\n")[1].split("```")[0]
    schema = parse(json.loads(source), fonts=["serif"], currency="USD")
    assert [option.key for option in schema.options] == ["colour", "name", "photo", "card", "special"]
    asked = {
        colour: evaluate(schema, {"colour": colour, "name": "Anna"}, unit_price=Decimal(1)).visible
        for colour in ("red", "gold")
    }
    assert "photo" in asked["gold"]
    assert "photo" not in asked["red"]


@pytest.mark.parametrize(("price", "unit_price", "answer", "per_unit", "once"), rows("price | unit price"))
def test_documented_prices(price: str, unit_price: str, answer: str, per_unit: str, once: str) -> None:
    found = PRICE.fullmatch(price)
    assert found
    terms = {"amount": found[1], "mode": found[2] or "fixed"} | ({"free": int(found[3])} if found[3] else {})
    schema = parse({"options": [{"key": "x", "type": "message", "label": "X", "price": terms}]})
    came_to = evaluate(schema, {"x": answer.replace("⏎", "\n")}, unit_price=Decimal(unit_price))
    assert (came_to.per_unit, came_to.once) == (Decimal(per_unit), Decimal(once))


def test_every_code_is_documented_and_none_that_is_not_there() -> None:
    folder = Path(engine.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    used = set(re.findall(r"\"([a-z_]+)\", f?[\"'][A-Z{]", source))
    sections = {part.split("\n")[0]: part for part in PAGE.split("\n## ")}
    described = sections["The schema language"] + sections["Rules"]
    tables = "".join(part.split("\n\n")[0] for part in described.split("| code | what |\n")[1:])
    cells = re.findall(r"^\| (`[a-z_`, ]+`) \|", tables, re.MULTILINE)
    assert {code for cell in cells for code in re.findall(r"[a-z_]+", cell)} == used
