"""The files of photos, in folders by day under STORAGE_URL. A row says that a photo is kept; a file alone is litter."""

import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app

from app.intake.photos import Picture

NAME = re.compile(r"\d{8}T\d{4}-[0-9a-f]{32}")
SMALL = "-small"


def write(picture: Picture, now: datetime) -> str:
    """Keep a picture durably and give its name, which nobody can guess; what it was called before is not known here."""
    name = f"{now.astimezone(UTC):%Y%m%dT%H%M}-{secrets.token_hex(16)}"
    path = _path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, picture.data, durably=True)
    # Losing this one in a power cut loses nothing: the large one is shown instead.
    _write(_path(name, SMALL), picture.small, durably=False)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return name


def read(name: str) -> bytes | None:
    """The picture of that name; None where there is none (any more)."""
    try:
        return _path(name).read_bytes()
    except FileNotFoundError:
        return None


def read_small(name: str) -> bytes | None:
    """The same, small enough for a list."""
    try:
        return _path(name, SMALL).read_bytes()
    except FileNotFoundError:
        return read(name)


def remove(names: Iterable[str]) -> None:
    """Delete the files of these photos; those that are gone already are no mistake."""
    for name in names:
        for ending in ("", SMALL):
            with suppress(FileNotFoundError):
                _path(name, ending).unlink()


def written_between(since: datetime, until: datetime) -> Iterator[str]:
    """The names of all photos that were written between two moments, to the minute, whether a row knows them or not."""
    first, last = (f"{at.astimezone(UTC):%Y%m%dT%H%M}" for at in (since, until))
    day = since.astimezone(UTC).date()
    while day <= until.astimezone(UTC).date():
        for path in sorted((_folder() / f"{day:%Y%m%d}").glob("*.jpg")):
            name = path.stem.removesuffix(SMALL)
            if path.stem == name and NAME.fullmatch(name) and first <= name.partition("-")[0] <= last:
                yield name
        day += timedelta(days=1)


def _write(path: Path, data: bytes, *, durably: bool) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        if durably:
            file.flush()
            os.fsync(file.fileno())


def _path(name: str, ending: str = "") -> Path:
    if not NAME.fullmatch(name):
        raise ValueError("not the name of a photo of ours")
    return _folder() / name[:8] / f"{name}{ending}.jpg"


def _folder() -> Path:
    folder: Path = current_app.config["CONFIG"].photo_folder
    return folder
