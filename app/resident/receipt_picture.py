"""The receipt as a picture that a phone keeps among its photos: a reference, a link and its code, no person."""

import re
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M

FONTS = Path(__file__).resolve().parent.parent / "reports" / "fonts"
WIDTH, MARGIN, CODE = 720, 48, 336
"""Pixels; as wide as most phones show it."""

BRAND, INK, GREY = "#0c5457", "#14211f", "#4a5a58"
ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")
# In an Arabic text: words and numbers that run from left to right, with what stands between two of them.
ISLAND = re.compile(f"((?!{ARABIC.pattern})\\w(?:(?:(?!{ARABIC.pattern}).)*(?!{ARABIC.pattern})\\w)?)")
UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


class Line:
    """A text in one size, in the letters of whatever scripts it has."""

    def __init__(self, text: str, size: int, *, colour: str = INK, weight: str = "Regular", space: int = 12):
        self.text, self.colour, self.space = UNSEEN.sub("", text), colour, space
        self.height = size + size // 2
        self.latin = ImageFont.truetype(FONTS / f"NotoSansSC-{weight}.ttf", size)
        self.arabic = ImageFont.truetype(FONTS / f"NotoSansArabic-{weight}.ttf", size)

    def runs(self, text: str) -> list[tuple[str, ImageFont.FreeTypeFont, str]]:
        """The text in pieces of one script and direction each, as it is read."""
        if not ARABIC.search(self.text):
            return [(text, self.latin, "ltr")]
        pieces = [(each, bool(ISLAND.fullmatch(each))) for each in ISLAND.split(text) if each]
        return [(each, self.latin, "ltr") if island else (each, self.arabic, "rtl") for each, island in pieces]

    def length(self, text: str) -> float:
        return sum(font.getlength(part, direction=direction) for part, font, direction in self.runs(text))

    def wrapped(self) -> list[str]:
        """The text in lines that fit: broken between words, where there are none (or one is too long) anywhere."""
        lines = [""]
        for word in re.findall(r"[\u3000-\u9fff\uff00-\uffef]|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+", self.text):
            for piece in [word] if self.length(word) <= WIDTH - 2 * MARGIN else list(word):
                if self.length((lines[-1] + piece).rstrip()) > WIDTH - 2 * MARGIN:
                    lines.append("")
                lines[-1] += piece
        return [line.strip() for line in lines]


def picture_of(
    *,
    title: str,
    about: Sequence[str],
    reference_is: str,
    reference: str,
    due: str,
    way_back_is: str,
    way_back: str,
    warning: str,
    is_mirrored: bool,
) -> bytes:
    """A PNG file that says this, one below the other; from right to left where the language runs so."""
    above = [
        Line(title, 34, weight="Bold", space=24),
        *(Line(each, 26, colour=GREY) for each in about),
        Line(reference_is, 26),
        Line(reference, 46, colour=BRAND, weight="Bold", space=24),
        *([Line(due, 26, space=24)] if due else []),
        Line(way_back_is, 26),
    ]
    below = [Line(way_back, 22), Line(warning, 22, colour=GREY)]
    height = 2 * MARGIN + CODE + sum(line.height * len(line.wrapped()) + line.space for line in (*above, *below))
    page = Image.new("RGB", (WIDTH, height), "white")
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, WIDTH, 10), fill=BRAND)
    y = _write(pen, above, MARGIN, is_mirrored=is_mirrored)
    code = _code(way_back)
    page.paste(code, (WIDTH - MARGIN - code.width if is_mirrored else MARGIN, y))
    _write(pen, below, y + CODE + 12, is_mirrored=is_mirrored)
    written = BytesIO()
    # Few colours: a third of the size, and of the time.
    page.quantize(32).save(written, "PNG")
    return written.getvalue()


def _write(pen: ImageDraw.ImageDraw, lines: Sequence[Line], y: int, *, is_mirrored: bool) -> int:
    """Write lines below each other from ``y`` on; where the next one begins."""
    for line in lines:
        # An address runs from left to right everywhere.
        from_right = is_mirrored and "://" not in line.text
        for text in line.wrapped():
            x = WIDTH - MARGIN if from_right else MARGIN
            for part, font, direction in line.runs(text):
                width = round(font.getlength(part, direction=direction))
                x -= width if from_right else 0
                # By the base line, as two scripts in one line have letters of different height.
                base = y + line.height - line.height // 3
                pen.text((x, base), part, font=font, fill=line.colour, anchor="ls", direction=direction)
                x += 0 if from_right else width
            y += line.height
        y += line.space
    return y


def _code(address: str) -> Image.Image:
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=2)
    code.add_data(address)
    code.make(fit=True)
    cells = code.get_matrix()
    small = Image.new("1", (len(cells), len(cells)), 1)
    small.putdata([0 if dark else 1 for row in cells for dark in row])
    # Cells of whole pixels, all of one size.
    side = len(cells) * (CODE // len(cells))
    return small.resize((side, side), Image.Resampling.NEAREST).convert("RGB")
