"""Files as people and attackers make them: read as they are meant, or refused with the place and the reason."""

import io
import struct
import zipfile
from typing import Any

import openpyxl
import pytest

from fantasize.core.models import TransferFormat
from fantasize.core.transfers import reading
from fantasize.core.transfers.errors import FileRefusedError
from fantasize.core.transfers.reading import SheetRow, format_of, open_sheet

CSV, XLSX = TransferFormat.CSV, TransferFormat.XLSX


def rows_of(content: bytes) -> list[SheetRow]:
    file = io.BytesIO(content)
    with open_sheet(file, format_of(file)) as sheet:
        return list(sheet.rows)


def book(*lines: list[Any]) -> bytes:
    workbook = openpyxl.Workbook()
    for line in lines:
        workbook.active.append(line)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def packed(**parts: bytes) -> bytes:
    """A workbook with other parts in place of its own."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book(["a"], ["1"]))) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, parts.get(name.rpartition("/")[2].partition(".")[0], old.read(name)))
        if "sharedStrings" in parts:
            new.writestr("xl/sharedStrings.xml", parts["sharedStrings"])
    return file.getvalue()


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n1,x\n2,y\n",
        b"a,b\r\n1,x\r2,y\n",
        b"\xef\xbb\xbfa;b\r\n1;x\r\n2;y\r\n",
        b"a\tb\n1\tx\n\n,\n2\ty\n".replace(b",", b"\t"),
        b'"a"," b "\n"1","x"\n"2","y"',
    ],
)
def test_line_ends_marks_and_delimiters_of_all_kinds(content: bytes) -> None:
    assert [list(row.cells.items()) for row in rows_of(content)] == [
        [("a", "1"), ("b", "x")],
        [("a", "2"), ("b", "y")],
    ]


def test_rows_are_numbered_as_a_spreadsheet_shows_them() -> None:
    content = b'a,b\n"one\ntwo",x\n\n3,y\n'
    assert [(row.number, row.cells["a"]) for row in rows_of(content)] == [(2, "one\ntwo"), (4, "3")]


def test_cells_that_are_no_text_are_named() -> None:
    rows = rows_of("a,b\ncafé,x\n".encode("cp1252") + b"y\x00,z\n")
    assert [row.faults for row in rows] == [{"a": "is not UTF-8"}, {"a": "holds a character that is no text"}]


def test_rows_with_too_many_or_too_few_cells_are_named() -> None:
    rows = rows_of(b"a,b\n1\n1,2,3\n1,2,\n")
    assert [row.faults for row in rows] == [
        {"": "1 cells, but the header has 2"},
        {"": "3 cells, but the header has 2"},
        {},
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no header"),
        (b"\n\n", "no header"),
        (b"a,,b\n", "column 2 has no name"),
        (b"a,b,a\n", "column a is there twice"),
        (b",".join(b"c%d" % number for number in range(201)), "more than 200 columns"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b'a,b\n1,"open', "Line 2"),
        (b'a,b\n1,"x"y\n', "Line 2"),
        (b"a\n" + b"x" * (1024 * 1024 + 1), "field limit"),
        (b"PK\x03\x04nonsense", "no workbook"),
        (book(), "no header"),
        (book([None, None]), "no header"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(content: bytes, reason: str) -> None:
    with pytest.raises(FileRefusedError, match=reason):
        rows_of(content)


def test_a_workbooks_values_are_what_a_csv_file_would_say() -> None:
    moment = openpyxl.utils.datetime.from_excel(45000.5)
    rows = rows_of(book(["text", "int", "float", "whole", "yes", "when"], ["'=x", 7, 24.9, 3.0, True, moment]))
    assert list(rows[0].cells.values()) == ["=x", "7", "24.9", "3", "1", "2023-03-15T12:00:00"]


def test_a_formula_is_named() -> None:
    rows = rows_of(book(["a", "b"], ["=1+1", "x"]))
    assert rows[0].faults == {"a": "is a formula: paste its value"}


def test_an_error_of_the_spreadsheet_is_named() -> None:
    rows = rows_of(book(["a", "b"], ["#N/A", "x"]))
    assert rows[0].faults == {"a": "is an error of the spreadsheet: mend it there"}


def test_a_percentage_that_is_kept_as_a_fraction_is_named() -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append(["a", "b", "c"])
    sheet.append([0.1, "10 %", None])
    for place in ("A2", "B2", "C2"):
        sheet[place].number_format = "0%"
    workbook.save(file := io.BytesIO())
    (row,) = rows_of(file.getvalue())
    assert row.faults == {"a": "is formatted as a percentage: write 10 for 10 %"}


def test_numbers_are_what_a_spreadsheet_shows() -> None:
    sheet = SHEET % b'<row><c t="inlineStr"><is><t>a</t></is></c></row><row><c><v>13.299999999999999</v></c></row>'
    assert [row.cells for row in rows_of(packed(sheet1=sheet))] == [{"a": "13.3"}]


class TestHostileWorkbooks:
    """None of them takes more time or memory than a big honest one."""

    def refused(self, content: bytes) -> str:
        with pytest.raises(FileRefusedError) as caught:
            rows_of(content)
        return str(caught.value)

    def test_one_that_unpacks_to_very_much(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "_MAX_UNPACKED", 5_000_000)
        assert "too big when unpacked" in self.refused(packed(sheet1=SHEET % (b" " * 6_000_000)))

    def test_one_that_lies_about_its_size(self) -> None:
        content = bytearray(packed(sheet1=SHEET % (b" " * 6_000_000)))
        entry = content.index(b"PK\x01\x02", content.index(b"sheet1.xml", content.index(b"PK\x01\x02")) - 60)
        content[entry + 24 : entry + 28] = struct.pack("<I", 100)
        assert "broken" in self.refused(bytes(content))

    def test_too_many_shared_strings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "_MAX_SHARED_STRINGS", 10)
        assert "too much text" in self.refused(packed(sharedStrings=b"<sst>" + b"<si><t>a</t></si>" * 9 + b"</sst>"))

    def test_too_many_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "_MAX_PARTS", 3)
        assert "too big" in self.refused(book(["a"]))

    def test_one_endless_cell(self) -> None:
        cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row>' % (b"x" * 2_000_000)
        assert "million characters" in self.refused(packed(sheet1=SHEET % cell))

    def test_a_row_far_below_the_last(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reading, "MAX_ROWS", 1000)
        line = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>a</t></is></c></row>'
        assert "More than 1,000 rows" in self.refused(packed(sheet1=SHEET % (line % (1, 1) + line % (10**12, 10**12))))

    @pytest.mark.parametrize("sheet", [b"<worksheet>", b"", b"<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet>&a;"])
    def test_broken_xml(self, sheet: bytes) -> None:
        assert "broken" in self.refused(packed(sheet1=sheet))

    @pytest.mark.parametrize("part", ["workbook", "styles", "[Content_Types]"])
    def test_broken_parts(self, part: str) -> None:
        assert "no workbook" in self.refused(packed(**{part: b"<x>"}))

    def test_damaged_data(self) -> None:
        content = bytearray(book(["a"], *([f"text {number}"] for number in range(500))))
        content[content.index(b"sheet1.xml") + 40] ^= 0xFF
        assert self.refused(bytes(content))

    def test_entities_that_grow(self) -> None:
        names = [
            b"<!ENTITY a0 'aaaaaaaaaa'>",
            *(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)),
        ]
        cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>'
        sheet = b"<!DOCTYPE x [" + b"".join(names) + b"]>" + SHEET % cell
        assert "broken" in self.refused(packed(sheet1=sheet))


def test_many_rows_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    with pytest.raises(FileRefusedError, match="More than 3 rows"):
        rows_of(b"a\n1\n2\n3\n4\n")
