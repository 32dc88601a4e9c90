"""The file that training writes and the worker reads: a header in JSON, then arrays of half precision; no code."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PATH = Path(__file__).parent / "model" / "heads.bin"
MARK = b"answerable heads\n"


class WrongArtefact(ValueError):
    """The file is none of ours, or cut short."""


@dataclass(frozen=True)
class Artefact:
    """A header (version, data, counts, licences, scores, what small numbers the heads need) and named arrays."""

    header: dict[str, Any]
    arrays: dict[str, NDArray[np.float16]]


def write(path: Path, artefact: Artefact) -> None:
    """Write the mark, the header's length in eight digits and a line end, the header, and the arrays in its order."""
    shapes = [{"name": name, "shape": list(array.shape)} for name, array in artefact.arrays.items()]
    header = json.dumps(artefact.header | {"arrays": shapes}, ensure_ascii=False, sort_keys=True).encode()
    body = b"".join(np.ascontiguousarray(array, np.dtype("<f2")).tobytes() for array in artefact.arrays.values())
    path.write_bytes(MARK + b"%08d\n" % len(header) + header + body)


def read(path: Path) -> Artefact:
    """Read what ``write`` wrote, or raise ``WrongArtefact``."""
    content = path.read_bytes()
    start = len(MARK) + 9
    if not content.startswith(MARK) or not content[len(MARK) : start - 1].isdigit():
        raise WrongArtefact(f"{path.name} is no file of heads")
    place = start + int(content[len(MARK) : start - 1])
    header = json.loads(content[start:place])
    arrays = {}
    for each in header.pop("arrays"):
        size = int(np.prod(each["shape"]))
        if len(content) < place + 2 * size:
            raise WrongArtefact(f"{path.name} ends within {each['name']}")
        arrays[each["name"]] = np.frombuffer(content, "<f2", size, place).reshape(each["shape"])
        place += 2 * size
    return Artefact(header, arrays)
