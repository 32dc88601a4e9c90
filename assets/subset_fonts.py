"""Cuts Noto Sans SC down to what charts and PDFs need: ``python subset_fonts.py FOLDER_OF_THE_PACKAGE``.

Needs fonttools and the unpacked npm package @expo-google-fonts/noto-sans-sc; run by hand when the font is renewed.
"""

import sys
from itertools import product
from pathlib import Path

from fontTools import subset

GOAL = Path(__file__).resolve().parent.parent / "app" / "reports" / "fonts"
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x180)]
SIGNS = [*range(0x2010, 0x2028), *range(0x2030, 0x203B), 0x20AC, *range(0x2190, 0x2194), 0x2212, 0x2248, 0x2260]
SIGNS += [0x2264, 0x2265, 0x25A1, 0x25CB, 0x25CF, 0x2713]


def characters(encoding: str) -> set[int]:
    """The characters of two bytes that an encoding has."""
    found = set()
    for pair in product(range(0x81, 0xFF), range(0x40, 0xFF)):
        try:
            found |= {ord(sign) for sign in bytes(pair).decode(encoding)}
        except UnicodeDecodeError:
            continue
    return found


def cut(package: Path, weight: str, name: str, encoding: str) -> None:
    options = subset.Options()
    options.layout_features = ["kern", "locl", "ccmp", "mark", "liga"]
    options.hinting = False
    options.name_IDs = ["*"]
    options.drop_tables += ["vhea", "vmtx", "VORG", "DSIG"]
    font = subset.load_font(str(package / weight / f"NotoSansSC_{weight}.ttf"), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes={*LATIN, *SIGNS, *characters(encoding)})
    cutter.subset(font)
    subset.save_font(font, str(GOAL / f"NotoSansSC-{name}.ttf"), options)


if __name__ == "__main__":
    cut(Path(sys.argv[1]), "400Regular", "Regular", "gbk")
    cut(Path(sys.argv[1]), "700Bold", "Bold", "gb2312")
