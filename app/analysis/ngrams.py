"""Texts as hashed n-grams: characters (which serve Chinese as well as a segmenter), words, and their tone.

A text becomes bucket numbers, the same in every process and on every machine. Nothing is looked up in a vocabulary.
"""

import re
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.analysis import tone
from app.analysis.tone import Tone, tones_in

BITS = 17
BUCKETS = 1 << BITS
LONGEST = 4
"""Characters in the longest n-gram."""

SHARE = (1.5, 1.0, 0.5)
"""How much characters, words and tone count: squares of the lengths of the three parts of a vector."""

PIECE = re.compile(r"[^\W_]+|[?!？！]")
DIGIT = re.compile(r"\d")
TURN = np.uint64(0x9E3779B97F4A7C15)
STEP = np.uint64(0xD6E8FEB86659FD93)
HALF = np.uint64(31)
SHIFT = np.uint64(64 - BITS)
DAMPED = (1 + np.log(np.maximum(np.arange(100_001), 1))).astype(np.float32)

Numbers = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Grams:
    """The n-grams of one text as buckets, in three blocks: of characters, of words and pairs of words, of tone.

    ``lengths`` says how many n-grams there are of 1, 2 … characters, ``words`` where each word begins and ends,
    ``tones`` what praises or blames. A blank before and one after the text count as characters of it.
    """

    blocks: tuple[Numbers, Numbers, Numbers]
    lengths: tuple[int, ...]
    words: tuple[tuple[int, int], ...]
    tones: tuple[Tone, ...]

    def places(self) -> tuple[Numbers, Numbers]:
        """Where every n-gram begins and ends: those of characters, then words, then pairs of words, then tone."""
        start = np.concatenate([np.arange(number) - 1 for number in self.lengths])
        end = start + np.repeat(np.arange(len(self.lengths)) + 1, self.lengths)
        spans = np.array(self.words, np.int64).reshape(-1, 2)
        begins, ends = spans[:, 0], spans[:, 1]
        turned = np.array(self.tones, np.int64).reshape(-1, 3)
        starts = np.concatenate([start, begins, begins[:-1], turned[:, 1]])
        return starts, np.concatenate([end, ends, ends[1:], turned[:, 2]])

    def tone(self) -> Floats:
        """How much of every kind of tone there is, together of length 1; nothing where there is none."""
        value = np.zeros(len(TONES), np.float32)
        if self.tones:
            kinds = [each.kind for each in self.tones]
            for kind in set(kinds):
                value[kind] = DAMPED[kinds.count(kind)]
            value /= float(value @ value) ** 0.5
        return value


def grams(text: str) -> Grams:
    """Every n-gram of 1 to 4 characters, every word and every pair of words, in lower case, with all digits alike."""
    low = flat(text)
    found = [match.span() for match in PIECE.finditer(low)]
    tones = tones_in(low, found)
    buckets, lengths = characters(low)
    of_tone = np.array([TONE_BUCKETS[kind] for kind, _start, _end in tones], np.int64)
    blocks = (buckets, pieces([low[start:end] for start, end in found]), of_tone)
    return Grams(blocks, lengths, tuple(found), tuple(tones))


def fingerprint() -> str:
    """What marks this way of making vectors: heads fitted on another would read buckets that mean something else."""
    buckets, values = weighed(grams("The bin, 又没收, since 10:45: ¿otra vez? القمامة!"), np.ones(BUCKETS, np.float32))
    return f"{BITS}-{LONGEST}-{int(buckets.sum())}-{float(values.sum()):.2f}-{tone.fingerprint():08x}"


def flat(text: str) -> str:
    """The text in lower case with digits as 0, character for character, so that places stay those of the original."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(sign if len(sign.lower()) != 1 else sign.lower() for sign in text)
    return DIGIT.sub("0", low).replace("\n", " ").replace("’", "'")


def characters(low: str) -> tuple[Numbers, tuple[int, ...]]:
    """The buckets of all n-grams, the shortest first, and how many there are of every length."""
    codes = np.frombuffer(f" {low} ".encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    rolled = [codes * STEP]
    for size in range(2, min(LONGEST, len(codes)) + 1):
        rolled.append((rolled[-1][:-1] + codes[size - 1 :]) * STEP)
    mixed = np.concatenate(rolled)
    mixed ^= mixed >> HALF
    mixed *= TURN
    mixed >>= SHIFT
    return mixed.view(np.int64), tuple(map(len, rolled))


def pieces(words: list[str]) -> Numbers:
    codes = np.array([zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words], np.uint64)
    pairs = codes[:-1] * STEP + codes[1:]
    pairs = pairs * TURN
    both = np.concatenate([(codes + np.uint64(7)) * TURN, (pairs ^ (pairs >> HALF)) * TURN])
    return (both >> SHIFT).view(np.int64)


TONES = pieces([f"tone: {kind}" for kind in tone.KINDS])[: len(tone.KINDS)]
TONE_BUCKETS = TONES.tolist()
"""The bucket of every kind of tone, as an array and as a list."""


def weighed(found: Grams, rarity: Floats) -> tuple[Numbers, Floats]:
    """Buckets and values of a text's vector: (1 + log count) times rarity, each block as long as SHARE says."""
    buckets, values = [], []
    for block, share in zip(found.blocks, SHARE, strict=True):
        if not len(block):
            continue
        ids, counts = counted(block)
        value = DAMPED[counts] * rarity[ids]
        length = float(value @ value) ** 0.5
        value *= share**0.5 / length if length else 0
        buckets.append(ids)
        values.append(value)
    return np.concatenate(buckets), np.concatenate(values)


def counted(block: Numbers) -> tuple[Numbers, Numbers]:
    """The different buckets in order, and how often each occurs."""
    if len(block) < 2:
        return block, np.ones_like(block)
    ordered = np.sort(block)
    new = np.empty(len(ordered), np.bool_)
    new[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    first = new.nonzero()[0]
    counts = np.empty_like(first)
    np.subtract(first[1:], first[:-1], out=counts[:-1])
    counts[-1] = len(ordered) - first[-1]
    return ordered[first], counts
