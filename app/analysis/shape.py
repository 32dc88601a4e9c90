"""What a text looks like beside its words: whether it asks, requests, exclaims or quotes, and how long it is."""

import re
from math import log

import numpy as np
from numpy.typing import NDArray

REQUEST = re.compile(
    r"\b(?:(?:could|can|would|may)(?!['’]t| not)|please|pls|kindly|is it possible|i'd like|would like"
    r"|wondering|suggest\w*|any chance|do you|does|how do|how much|which|where|when|what time|who do)\b"
    r"|¿|por favor|podr[ií]an?|(?<!\bno )puede|quisiera|solicito|sugiero|cómo"
)
REQUEST_IN_OTHER_LETTERS = re.compile(
    r"请|麻烦|建议|希望|能不能|能否|可不可以|吗|怎么|多少|哪|几点|什么时候|想问|咨询|行不行"
    r"|(?<![ء-ي])(?:هل|ممكن|لو سمحت\w*|ياريت|وين|امتى|متى|كيف|كم|أرجو|يرجى|أقترح|اقتراح)(?![ء-ي])"
)
SHAPES = 8
"""Numbers that describe a shape; the last two say which language."""

ASKS = ("?", "？", "؟")
QUOTES = re.compile('["“”]')


def shape_of(text: str, language: str) -> NDArray[np.float32]:
    """Eight numbers: ends asking, asks anywhere, requests, exclaims, log of length, quotes, Chinese, other language."""
    low = text.lower()
    requests = REQUEST.search(low) or (not low.isascii() and REQUEST_IN_OTHER_LETTERS.search(low))
    end = text.rstrip(' \n。.!！"”)')
    return np.array(
        [
            end.endswith(ASKS),
            any(mark in text for mark in ASKS),
            bool(requests),
            "!" in text or "！" in text,
            log(len(text) + 1) / 3,
            QUOTES.search(text) is not None,
            language == "zh",
            language not in {"en", "zh"},
        ],
        np.float32,
    )
