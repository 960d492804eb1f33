"""Cells: nothing runs in a spreadsheet, and whatever is written is read back."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fantasize.core.models import TransferFormat
from fantasize.core.transfers import cells
from fantasize.core.transfers.reading import open_sheet
from fantasize.core.transfers.writing import writer_for

# What a database holds: no NUL, no surrogate halves. Rich in what spreadsheets take for something else.
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
TRICKY = st.text(st.sampled_from("=+-@\t\r\n',;\"x0_D5F1 \x0b\ufffeé☕"), max_size=12)
CELL = st.one_of(TEXT, TRICKY)


@given(CELL)
def test_what_is_neutralised_is_restored(text: str) -> None:
    assert cells.restore(cells.neutralise(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+1-1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "'=1", "''=1"])
def test_text_that_a_spreadsheet_would_run_is_neutralised(text: str) -> None:
    assert cells.neutralise(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Mug", "'quoted'", "a=b", "", "-5", "-5.50"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert cells.neutralise(text) == cells.restore(text) == text


@given(CELL)
def test_nothing_that_is_written_starts_a_formula(text: str) -> None:
    safe = cells.neutralise(text)
    assert not re.match(r"[=+\-@\t\r\n]", safe) or re.fullmatch(r"-[0-9]+(\.[0-9]+)?", safe)


@given(CELL)
def test_what_xml_cannot_hold_comes_back(text: str) -> None:
    assert cells.from_xlsx(cells.for_xlsx(text)) == text


@given(st.lists(st.lists(CELL, min_size=3, max_size=3).filter(any), max_size=5), st.sampled_from(TransferFormat))
def test_a_file_says_what_was_written(lines: list[list[str]], file_format: TransferFormat) -> None:
    file = io.BytesIO()
    writer = writer_for(file, file_format, numbers=[])
    for line in (["a", "b", "c"], *lines):
        writer.write(line)
    writer.close()
    with open_sheet(file, file_format) as sheet:
        assert sheet.columns == ["a", "b", "c"]
        assert [list(row.cells.values()) for row in sheet.rows] == lines


def test_numbers_are_numbers_unless_a_workbook_would_round_them() -> None:
    assert str(cells.number_for_xlsx("12.50")) == "12.50"
    assert not isinstance(cells.number_for_xlsx("12.50"), str)
    assert isinstance(cells.number_for_xlsx("1234567890.123456"), str)
    assert cells.number_for_xlsx("") == ""
