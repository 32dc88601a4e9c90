"""Photos that strangers send, made safe: measured before they are decoded, turned upright, stripped, written anew."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING

from app.kernel.errors import DomainError
from app.web.files import LARGEST_FILE

if TYPE_CHECKING:
    from PIL import Image

MOST_PHOTOS = 4
MOST_PIXELS = 40_000_000
"""A decoded pixel takes up to 8 bytes while it is shrunk: a small server has room for one such picture, not many."""

LONGEST_SIDE = 1600
"""Enough to read a sign in the background; a phone's photo shrinks to a tenth of its bytes."""

SMALL_SIDE = 320
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY, SMALL_QUALITY = 80, 70
EXIF_ORIENTATION = 0x0112
# Orientation in a file's notes → ``Image.Transpose`` that undoes it.
TURNS = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}

# Decoding takes memory by the pixel: one at a time in each process of the web server, and always in the same thread,
# as every thread would keep for itself what it once had.
_one_at_a_time = ThreadPoolExecutor(max_workers=1, thread_name_prefix="photos")


class Refusal(StrEnum):
    """Why a file is not taken as a photo."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    NOT_A_PHOTO = "not_a_photo"
    BROKEN = "broken"


class PhotoRefused(DomainError):
    """A file that is not taken as a photo; ``why`` says it in one of our words."""

    def __init__(self, why: Refusal):
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Picture:
    """A photo as we keep it: JPEG, upright, at most ``LONGEST_SIDE`` pixels long, with nothing but its pixels.

    ``small`` is the same with at most ``SMALL_SIDE``; ``sha256`` is of ``data``, the same for the same file sent again.
    """

    data: bytes
    small: bytes
    sha256: str
    width: int
    height: int


def make_safe(sent: bytes) -> Picture:
    """The picture in a file that somebody sent, or ``PhotoRefused``. Nothing of the file itself goes on."""
    if not sent:
        raise PhotoRefused(Refusal.EMPTY)
    if len(sent) > LARGEST_FILE:
        raise PhotoRefused(Refusal.TOO_LARGE)
    return _one_at_a_time.submit(_made_safe, sent).result()


def _made_safe(sent: bytes) -> Picture:
    # Here, as only who sends photos should wait for it, and pay its memory.
    from PIL import Image

    # We count the pixels ourselves, before anything is decoded; the library's own cap warns first and refuses late.
    Image.MAX_IMAGE_PIXELS = None
    try:
        image: Image.Image = Image.open(BytesIO(sent), formats=FORMATS)
    except Exception:  # whatever a reader of strangers' files stumbles over
        raise PhotoRefused(Refusal.NOT_A_PHOTO) from None
    if image.width * image.height > MOST_PIXELS:
        raise PhotoRefused(Refusal.TOO_MANY_PIXELS)
    try:
        # A JPEG is decoded at an eighth, quarter or half where that is enough: a fraction of time and memory.
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        pixels = image if image.mode in ("RGB", "RGBA") else _in_colours(image)
        pixels.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=3.0)
        pixels = _upright(_flat(pixels), image)
        data = _jpeg(pixels, QUALITY)
        width, height = pixels.size
        pixels.thumbnail((SMALL_SIDE, SMALL_SIDE))
        small = _jpeg(pixels, SMALL_QUALITY)
    except Exception:
        raise PhotoRefused(Refusal.BROKEN) from None
    return Picture(data, small, hashlib.sha256(data).hexdigest(), width, height)


def _in_colours(image: "Image.Image") -> "Image.Image":
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _flat(pixels: "Image.Image") -> "Image.Image":
    """Without transparency: what is behind is white."""
    from PIL import Image

    if pixels.mode != "RGBA":
        return pixels
    paper = Image.new("RGB", pixels.size, "white")
    paper.paste(pixels, mask=pixels.getchannel("A"))
    return paper


def _upright(pixels: "Image.Image", image: "Image.Image") -> "Image.Image":
    """The pixels as the notes in their file say they are to be held; as they are, where those cannot be read."""
    from PIL import Image

    orientation = 1
    with suppress(Exception):
        orientation = image.getexif().get(EXIF_ORIENTATION, 1)
    return pixels.transpose(Image.Transpose(TURNS[orientation])) if orientation in TURNS else pixels


def _jpeg(pixels: "Image.Image", quality: int) -> bytes:
    """The pixels as JPEG: pasted onto a new picture, which has no notes, comments, profiles or places."""
    from PIL import Image

    bare = Image.new("RGB", pixels.size)
    bare.paste(pixels)
    written = BytesIO()
    bare.save(written, "JPEG", quality=quality)
    return written.getvalue()
