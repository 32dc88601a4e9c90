"""Pages that are made and compressed once, and then only filled with what is each reader's own.

Making and compressing a page is most of what the resident's form and receipt would cost.
"""

import re
import struct
import zlib
from collections.abc import Iterable, Mapping

from flask import Response, request

# RFC 1952: magic number, deflate, no flags, no time, best compression, unknown system.
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
# RFC 1951: an empty last block.
LAST_BLOCK = b"\x03\x00"
LARGEST_BLOCK = 0xFFFF


class BlankPage:
    """A page with marks in the places of each reader's own. A mark is a text that occurs nowhere else."""

    def __init__(self, page: str, marks: Iterable[str]):
        pieces = re.split("(" + "|".join(map(re.escape, marks)) + ")", page)
        self._fixed = [piece.encode() for piece in pieces[::2]]
        self._marks = pieces[1::2]
        # Each for itself: what refers back to an earlier one would depend on the length of what is filled in between.
        self._packed = [_deflated(piece) for piece in self._fixed]

    def filled(self, own: Mapping[str, str]) -> Response:
        """The page with ``own`` text, safe for HTML, in the places of its marks; packed for readers who take gzip."""
        texts = [own[mark].encode() for mark in self._marks]
        plain = _laced(self._fixed, texts)
        if not request.accept_encodings.quality("gzip"):
            response = Response(plain)
        else:
            packed = _laced(self._packed, [_stored(text) for text in texts])
            check = struct.pack("<II", zlib.crc32(plain), len(plain))
            response = Response(GZIP_HEADER + packed + LAST_BLOCK + check)
            response.headers["Content-Encoding"] = "gzip"
        response.vary.add("Accept-Encoding")
        return response


def _laced(fixed: list[bytes], between: list[bytes]) -> bytes:
    return b"".join(piece for pair in zip(fixed, [*between, b""], strict=True) for piece in pair)


def _deflated(piece: bytes) -> bytes:
    """A piece as deflate blocks that end on a whole byte and are not the last."""
    packer = zlib.compressobj(level=9, wbits=-15)
    return packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)


def _stored(text: bytes) -> bytes:
    """A text as deflate blocks that are not compressed: of each its length, the same inverted, itself."""
    blocks = [text[start : start + LARGEST_BLOCK] for start in range(0, len(text), LARGEST_BLOCK)]
    return b"".join(b"\x00" + struct.pack("<HH", len(block), len(block) ^ LARGEST_BLOCK) + block for block in blocks)
