# ruff: noqa: INP001 - a program beside the fonts that it makes, no module of the shop
"""Makes the fonts of this folder from the published ones; see README.md beside it."""

import hashlib
import json
import sys
import unicodedata
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.removeOverlaps import removeOverlaps
from fontTools.ttLib.tables.ttProgram import Program

HERE = Path(__file__).parent
# Package of the npm registry, its version, the file in it, the file here.
SOURCES = (
    ("@expo-google-fonts/eb-garamond", "0.4.3", "500Medium/EBGaramond_500Medium.ttf", "EBGaramond-Medium.ttf"),
    ("@expo-google-fonts/montserrat", "0.4.2", "500Medium/Montserrat_500Medium.ttf", "Montserrat-Medium.ttf"),
    ("@expo-google-fonts/zilla-slab", "0.4.1", "500Medium/ZillaSlab_500Medium.ttf", "ZillaSlab-Medium.ttf"),
    ("@expo-google-fonts/great-vibes", "0.4.1", "400Regular/GreatVibes_400Regular.ttf", "GreatVibes-Regular.ttf"),
    ("@expo-google-fonts/caveat", "0.4.2", "600SemiBold/Caveat_600SemiBold.ttf", "Caveat-SemiBold.ttf"),
    (
        "@expo-google-fonts/noto-naskh-arabic",
        "0.4.5",
        "500Medium/NotoNaskhArabic_500Medium.ttf",
        "NotoNaskhArabic-Medium.ttf",
    ),
    (
        "@expo-google-fonts/noto-sans-hebrew",
        "0.4.1",
        "500Medium/NotoSansHebrew_500Medium.ttf",
        "NotoSansHebrew-Medium.ttf",
    ),
    ("@expo-google-fonts/noto-emoji", "0.4.7", "400Regular/NotoEmoji_400Regular.ttf", "NotoEmoji-Regular.ttf"),
    ("dejavu-fonts-ttf", "2.37.3", "ttf/DejaVuSans.ttf", "DejaVuSans.ttf"),
)
# Joiners, variation selectors and tags have no glyph of their own but take part in sequences.
JOINERS = {0x200C, 0x200D, 0xFE0E, 0xFE0F, *range(0xE0020, 0xE0080)}
# Too intricate for FreeType 2.14 ("raster overflow").
NOT_DRAWN = {0xFDFD}
HINTING = ("fpgm", "cvt ", "prep", "cvar", "hdmx", "VDMX", "LTSH", "gasp", "DSIG", "FFTM")
_OVERLAP, _COMPOUND_OVERLAP = 0x40, 0x400
_PUSH_ZERO_AND_POP = bytes([0xB0, 0x00, 0x21])


def main(folder: Path) -> None:
    """Prepare every font of the packages unpacked in ``folder`` and write the manifest."""
    if unicodedata.unidata_version != "14.0.0":
        sys.exit("Prepare the fonts with Python 3.11: it knows which characters Unicode 14 has.")
    manifest = {}
    for package, version, source, target in SOURCES:
        font = TTFont(folder / package / source, recalcTimestamp=False)
        prepare(font)
        font.save(HERE / target)
        manifest[target] = {
            "source": f"{package}@{version}/{source}",
            "sha256": hashlib.sha256((HERE / target).read_bytes()).hexdigest(),
        }
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def prepare(font: TTFont) -> None:
    """Leave the characters that everybody's Unicode has, and outlines that need no hints and do not overlap."""
    options = Options(layout_features=["*"], name_IDs=["*"], notdef_outline=True, hinting=False, glyph_names=False)
    options.drop_tables += HINTING
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for code in font.getBestCmap() if is_shown(code)])
    subsetter.subset(font)
    removeOverlaps(font)
    forget_overlaps(font)
    forbid_automatic_hints(font)


def is_shown(code: int) -> bool:
    """Whether it is a character of Unicode 14 that shows something, or takes part in a sequence."""
    if code in NOT_DRAWN:
        return False
    return code in JOINERS or unicodedata.category(chr(code)) not in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def forget_overlaps(font: TTFont) -> None:
    """Without the marks that make FreeType draw each glyph at sixteen times its pixels."""
    glyphs = font["glyf"]
    for name in glyphs.keys():  # noqa: SIM118 - the table is no mapping
        glyph = glyphs[name]
        if glyph.numberOfContours > 0:
            glyph.flags[0] &= ~_OVERLAP
        elif glyph.isComposite():
            for component in glyph.components:
                component.flags &= ~_COMPOUND_OVERLAP


def forbid_automatic_hints(font: TTFont) -> None:
    """FreeType hints fonts by itself whose ``prep`` program is 7 bytes or shorter: give it 9 that do nothing."""
    font["prep"] = newTable("prep")
    font["prep"].program = Program()
    font["prep"].program.fromBytecode(_PUSH_ZERO_AND_POP * 3)
    font["maxp"].maxStackElements = max(font["maxp"].maxStackElements, 1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
