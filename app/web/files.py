"""Files that come with forms, and pictures that are shown to those who may see them."""

from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Flask, Request, Response, request
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.exceptions import RequestEntityTooLarge

LARGEST_FILE = 15 * 1024 * 1024
MOST_OF_A_FILE = LARGEST_FILE + 1
"""So much tells that a file is too large; the rest is read and thrown away, so that what was typed is not lost."""

MOST_OF_ALL = 5 * MOST_OF_A_FILE
IN_MEMORY = 500 * 1024
PICTURE_POLICY = "default-src 'none'; frame-ancestors 'none'"


class FormRequest(Request):
    """A request of which the form can always be read, however large the files are that come with it."""

    taken = 0

    def _get_file_stream(self, *_facts: Any, **_more: Any) -> IO[bytes]:
        return FirstBytes(self)

    def _load_form_data(self) -> None:
        try:
            super()._load_form_data()
        except RequestEntityTooLarge:
            # Whoever words this error looks into the form again, and must find one.
            nothing = self.parameter_storage_class()
            self.__dict__.update(form=nothing, files=nothing)
            raise


class FirstBytes(SpooledTemporaryFile[bytes]):
    """The beginning of a file that somebody sends."""

    def __init__(self, sent_with: FormRequest):
        super().__init__(max_size=IN_MEMORY, mode="rb+")
        self.room = min(MOST_OF_A_FILE, MOST_OF_ALL - sent_with.taken)
        self.sent_with = sent_with

    def write(self, data: Any) -> int:
        """Keep what there is room for, and say that all was written."""
        kept = data[: self.room]
        self.room -= len(kept)
        self.sent_with.taken += len(kept)
        super().write(kept)
        return len(data)


def init_app(app: Flask) -> None:
    app.request_class = FormRequest


def answers_and_files() -> Any:
    """What was filled into the form of this request, with the files where there are any."""
    return CombinedMultiDict([request.files, request.form]) if request.files else request.form


def picture(data: bytes, name: str) -> Response:
    """A JPEG to look at: nothing else may be made of it, and nobody on the way may keep it."""
    response = Response(data, mimetype="image/jpeg")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.jpg"'
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    response.headers["Cache-Control"] = "private, no-store"
    return response
