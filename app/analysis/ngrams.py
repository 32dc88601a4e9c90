"""Texts as hashed n-grams: characters (which serve Chinese as well as a segmenter) and words.

A text becomes bucket numbers, the same in every process and on every machine. Nothing is looked up in a vocabulary.
"""

import re
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BITS = 17
BUCKETS = 1 << BITS
LONGEST = 5
"""Characters in the longest n-gram."""

PIECE = re.compile(r"[^\W_]+|[?!？！]")
DIGIT = re.compile(r"\d")
TURN = np.uint64(0x9E3779B97F4A7C15)
STEP = np.uint64(0xD6E8FEB86659FD93)
SHIFT = np.uint64(64 - BITS)


@dataclass(frozen=True)
class Grams:
    """The n-grams of one text: bucket, where it begins and how long it is, in characters of the text, and its block.

    Block 0 holds characters, block 1 words.
    """

    bucket: NDArray[np.int64]
    start: NDArray[np.int64]
    length: NDArray[np.int64]
    block: NDArray[np.int64]


def grams(text: str) -> Grams:
    """Every n-gram of 1 to 5 characters, every word and every pair of words, in lower case, with all digits alike."""
    low = flat(text)
    parts = [characters(low), words(low)]
    blocks = [np.full(len(part[0]), block, np.int64) for block, part in enumerate(parts)]
    bucket, start, length = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Grams(bucket, start, length, np.concatenate(blocks))


def flat(text: str) -> str:
    """The text in lower case with digits as 0, character for character, so that places stay those of the original."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(sign if len(sign.lower()) != 1 else sign.lower() for sign in text)
    return DIGIT.sub("0", low).replace("\n", " ").replace("’", "'")


def characters(low: str) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    codes = np.frombuffer(f" {low} ".encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    buckets, starts, lengths = [], [], []
    rolled = np.zeros(len(codes), np.uint64)
    for size in range(1, min(LONGEST, len(codes)) + 1):
        rolled = (rolled[: len(codes) - size + 1] + codes[size - 1 :]) * STEP
        mixed = (rolled ^ (rolled >> np.uint64(31))) * TURN
        buckets.append((mixed >> SHIFT).astype(np.int64))
        starts.append(np.arange(len(mixed), dtype=np.int64) - 1)
        lengths.append(np.full(len(mixed), size, np.int64))
    return np.concatenate(buckets), np.concatenate(starts), np.concatenate(lengths)


def words(low: str) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    found = [(match.start(), match.end(), match.group()) for match in PIECE.finditer(low)]
    if not found:
        nothing = np.zeros(0, np.int64)
        return nothing, nothing, nothing
    codes = np.array([zlib.crc32(word.encode("utf-8", "surrogatepass")) for _, _, word in found], np.uint64)
    begins = np.array([begin for begin, _, _ in found], np.int64)
    ends = np.array([end for _, end, _ in found], np.int64)
    pairs = (codes[:-1] * STEP + codes[1:]) * TURN
    hashed = np.concatenate([(codes + np.uint64(7)) * TURN, (pairs ^ (pairs >> np.uint64(31))) * TURN])
    starts = np.concatenate([begins, begins[:-1]])
    return (hashed >> SHIFT).astype(np.int64), starts, np.concatenate([ends, ends[1:]]) - starts


SHARE = (1.5, 1.0)
"""How much the characters' block counts beside the words': squares of the lengths of both halves of a vector."""


def weighed(found: Grams, rarity: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Buckets and values of a text's vector: (1 + log count) times rarity, each block as long as SHARE says."""
    buckets, values = [], []
    for block, share in enumerate(SHARE):
        ids, counts = np.unique(found.bucket[found.block == block], return_counts=True)
        value = (1 + np.log(counts.astype(np.float32))) * rarity[ids]
        length = float(np.sqrt((value * value).sum()))
        buckets.append(ids)
        values.append(value * np.float32(share**0.5 / length if length else 0))
    return np.concatenate(buckets), np.concatenate(values)
