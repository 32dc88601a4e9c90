"""Files that come with forms, and pictures that are shown to those who may see them."""

import sys
from contextlib import ExitStack
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any

from flask import Flask, Request, Response, request
from multipart import MultipartError, MultipartSegment, PushMultipartParser
from werkzeug.datastructures import CombinedMultiDict, FileStorage, ImmutableMultiDict
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

LARGEST_FILE = 15 * 1024 * 1024
MOST_OF_A_FILE = LARGEST_FILE + 1
"""So much tells that a file is too large; the rest is read and thrown away, so that what was typed is not lost."""

MOST_OF_ALL = 5 * MOST_OF_A_FILE
MOST_PARTS = 1000
IN_MEMORY = 500 * 1024
PICTURE_POLICY = "default-src 'none'; frame-ancestors 'none'"


class FormRequest(Request):
    """A request of which the form can always be read, however large the files are that come with it.

    Forms in parts are not read by werkzeug, which makes patterns of the boundary that every browser makes anew, and
    needs seven times as long as all else that the resident's form is read with.
    """

    taken = 0

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        try:
            if self.mimetype == "multipart/form-data":
                form, files = parts_of(self)
                self.__dict__.update(stream=self._get_stream_for_parsing(), form=form, files=files)
            else:
                super()._load_form_data()
        except (BadRequest, RequestEntityTooLarge):
            # Whoever words this error looks into the form again, and must find one.
            self.__dict__.update(form=ImmutableMultiDict(), files=ImmutableMultiDict())
            raise


def parts_of(sent: FormRequest) -> tuple[ImmutableMultiDict[str, str], ImmutableMultiDict[str, FileStorage]]:
    """The fields and the files of a form that comes in parts. ``BadRequest`` where it is none, or ends too early.

    ``RequestEntityTooLarge`` where the fields are larger than ``MAX_FORM_MEMORY_SIZE`` together.
    """
    fields: list[tuple[str, str]] = []
    files: list[tuple[str, FileStorage]] = []
    room = sent.max_form_memory_size or sys.maxsize
    data: BytesIO | FirstBytes
    try:
        with (
            ExitStack() as opened,
            PushMultipartParser(sent.mimetype_params.get("boundary", ""), max_segment_count=MOST_PARTS) as parser,
        ):
            # Of every part comes what is said about it, then its bytes in pieces, then None.
            for event in parser.parse_blocking(sent.stream.read):
                if isinstance(event, MultipartSegment):
                    part, is_file = event, event.filename is not None
                    data = opened.enter_context(FirstBytes(sent)) if is_file else BytesIO()
                elif event is not None:
                    data.write(event)
                    room -= 0 if is_file else len(event)
                    if room < 0:
                        raise RequestEntityTooLarge
                elif is_file:
                    data.seek(0)
                    files.append((part.name, FileStorage(data, part.filename, part.name, part.content_type)))
                else:
                    data.seek(0)
                    fields.append((part.name, data.read().decode("utf-8", "replace")))
            opened.pop_all()  # from here on they are closed with the request
    except MultipartError as error:
        raise BadRequest("This is no form in parts.") from error
    return ImmutableMultiDict(fields), ImmutableMultiDict(files)


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
