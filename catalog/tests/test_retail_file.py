"""Exports are read whatever their packing, their encoding and their faults."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalog.services.retail_file import MAX_LINE_BYTES, UnreadableFileError, read_lines
from catalog.tests.retail import BAD_LINES, GOOD_LINES, HEADER, LINES, write_export
from catalog.validators import RefusedLine, RetailLine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = "536365,71053,{},6,2010-12-01T08:26,3.39,17850"


def read(path: Path) -> tuple[list[RetailLine], list[RefusedLine]]:
    refused: list[RefusedLine] = []
    return list(read_lines(path, currency="USD", latest=NOW, refuse=refused.append)), refused


@pytest.mark.parametrize("name", ["month.csv", "month.csv.gz"])
def test_every_line_is_believed_or_refused_with_its_number(tmp_path: Path, name: str) -> None:
    good, refused = read(write_export(tmp_path / name))
    assert (len(good), len(refused)) == (GOOD_LINES, BAD_LINES)
    assert [line.number for line in good] == [2, 3, 4, 5, 7, 8, 9, 10]
    assert [(line.number, line.reason) for line in refused] == [
        (6, "fee, not goods"),
        (11, "no description"),
        (12, "price is not above zero"),
        (13, "price is not above zero"),
    ]
    assert refused[0].cells == tuple(LINES[4].split(","))


def test_what_the_name_says_about_packing_does_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "month.csv"
    path.write_bytes(gzip.compress("\n".join([HEADER, *LINES]).encode()))
    assert len(read(path)[0]) == GOOD_LINES


def test_a_windows_file_reads_as_well(tmp_path: Path) -> None:
    path = tmp_path / "month.csv"
    lines = [HEADER.encode(), GOOD.format("CAFÉ £5 TIN").encode("cp1252"), GOOD.format("CRÈME JUG").encode(), b""]
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))
    assert [line.description for line in read(path)[0]] == ["CAFÉ £5 TIN", "CRÈME JUG"]


def test_a_missing_quotation_mark_costs_one_line(tmp_path: Path) -> None:
    lines = ['536365,71053,"WHITE LANTERN,6,2010-12-01T08:26,3.39,17850', "", GOOD.format('"BOX, ""SMALL"""'), "a,b"]
    good, refused = read(write_export(tmp_path / "month.csv", lines))
    assert [(line.number, line.description) for line in good] == [(4, 'BOX, "SMALL"')]
    assert [(line.number, line.reason) for line in refused] == [
        (2, "wrong number of columns"),
        (5, "wrong number of columns"),
    ]


def test_an_endless_line_is_refused_and_the_next_one_read(tmp_path: Path) -> None:
    good, refused = read(
        write_export(tmp_path / "month.csv", [GOOD.format("W" * 3 * MAX_LINE_BYTES), GOOD.format("LANTERN")])
    )
    assert [(line.number, line.description) for line in good] == [(3, "LANTERN")]
    assert [line.number for line in refused] == [2]


@pytest.mark.parametrize("header", ["", "Invoice,StockCode", HEADER + ",More", "PK\x03\x04"])
def test_another_kind_of_file_is_refused_whole(tmp_path: Path, header: str) -> None:
    with pytest.raises(UnreadableFileError, match="no retail export"):
        read(write_export(tmp_path / "month.csv", header=header))


@pytest.mark.parametrize("make", [Path.mkdir, lambda _: None])
def test_what_is_no_file_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "absent.csv"
    make(path)
    with pytest.raises(UnreadableFileError, match="There is no file"):
        read(path)


@pytest.mark.parametrize(
    "damage", [lambda packed: packed[:-20], lambda packed: packed[:60] + b"\x00" * 40 + packed[100:]]
)
def test_a_broken_archive_is_named_as_such(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "month.csv.gz"
    path.write_bytes(damage(gzip.compress("\n".join([HEADER, *LINES]).encode())))
    with pytest.raises(UnreadableFileError, match="cannot be read"):
        read(path)
