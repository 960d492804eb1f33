"""A small retail export with everything that real ones have wrong with them."""

import gzip
from collections.abc import Iterable
from pathlib import Path

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID"

# Two invoices of goods, one of goods and postage, one credit note, and what stock keepers leave behind.
LINES = (
    "536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01T08:26,2.55,17850",
    "536365,71053,WHITE METAL LANTERN,6,2010-12-01T08:26,3.39,17850",
    "536365,85123a,WHITE HANGING HEART T-LIGHT HOLDER,2,2010-12-01T08:26,2.55,17850",
    "536370,22728,ALARM CLOCK BAKELIKE PINK,24,2010-12-01T08:45,3.75,12583",
    "536370,POST,POSTAGE,3,2010-12-01T08:45,18.0,12583",
    "536381,22728,ALARM CLOCK BAKELIKE PINK,5,2010-12-01T09:41,3.75,15311",
    "536381,22728,ALARM CLOCK BAKELIKE PINK,1,2010-12-01T09:41,4.25,15311",
    "C536383,71053,WHITE METAL LANTERN,-2,2010-12-01T09:49,3.39,17850",
    "C536383,71053,WHITE METAL LANTERN,-1,2010-12-01T09:49,3.39,17850",
    "536414,22139,,56,2010-12-01T11:52,0.0,",
    "537032,21275,?,-30,2010-12-03T16:50,0.0,",
    "537534,22476,EMPIRE UNION JACK TV DINNER TRAY,1,2010-12-07T11:48,0.0,",
)
GOOD_LINES, BAD_LINES = 8, 4


def write_export(path: Path, lines: Iterable[str] = LINES, *, header: str = HEADER) -> Path:
    """The export at ``path``, packed when its name says so."""
    content = "\n".join([header, *lines, ""]).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path
