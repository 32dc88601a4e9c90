"""The field in which photos come, and how it is said what is wrong with them."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField

from app.intake.photos import MOST_PHOTOS, MOST_PIXELS, PhotoRefused, Picture, Refusal, make_safe
from app.web.files import LARGEST_FILE
from app.web.texts import gettext as _

ACCEPTED = "image/jpeg,image/png,image/webp"
"""What phones are told that we read: what they keep in formats of their own, they send as one of these."""

LOOKED_AT = 2 * MOST_PHOTOS
"""Of more files than this none is looked at: each costs us time."""

REFUSED = {
    Refusal.EMPTY: _l("File %(n)s is empty. Take or choose the photo again."),
    Refusal.TOO_LARGE: _l("File %(n)s is larger than %(megabytes)s MB. Choose a smaller one."),
    Refusal.TOO_MANY_PIXELS: _l("File %(n)s has more than %(megapixels)s megapixels. Choose a smaller one."),
    Refusal.NOT_A_PHOTO: _l("File %(n)s is no JPEG, PNG or WebP picture. Choose another one."),
    Refusal.BROKEN: _l("File %(n)s is damaged or cut off. Take or choose the photo again."),
}


class PhotosField(MultipleFileField):
    """Up to four photos. After validation ``pictures`` are the good ones, made safe, each once.

    ``already`` are the SHA-256 of those that came before and are still wanted; the names that files have are not read.
    """

    def __init__(self, label: Any = None, **more: Any):
        super().__init__(label, **more)
        self.pictures: list[Picture] = []
        self.already: frozenset[str] = frozenset()

    def pre_validate(self, form: Any) -> None:
        """Say of each file what is wrong with it, by its number; keep the others."""
        problems: list[Any] = []
        good: dict[str, Picture] = {}
        files = list(_chosen(self.data or ()))
        room = MOST_PHOTOS - len(self.already)
        for n, each in enumerate(files, start=1):
            if len(good) >= room or n > LOOKED_AT:
                problems.append(_("Up to %(most)s photos can be sent; the first %(most)s are kept.", most=MOST_PHOTOS))
                break
            try:
                picture = make_safe(each.stream.read(LARGEST_FILE + 1))
            except PhotoRefused as refused:
                facts = {"n": n, "megabytes": LARGEST_FILE // 1024**2, "megapixels": MOST_PIXELS // 1_000_000}
                problems.append(str(REFUSED[refused.why]) % facts)
            else:
                if picture.sha256 not in self.already:
                    good[picture.sha256] = picture
        for each in files:
            each.close()
        self.pictures = list(good.values())
        self.errors: list[Any] = [*self.errors, *problems]


def _chosen(files: Iterable[Any]) -> Iterable[FileStorage]:
    """What was chosen; where nothing was, browsers send one file without name and content."""
    return (each for each in files if isinstance(each, FileStorage) and each.filename)
