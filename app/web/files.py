"""Files that come with forms, and pictures that are shown to those who may see them."""

from typing import Any

from flask import Response, request
from werkzeug.datastructures import CombinedMultiDict

PICTURE_POLICY = "default-src 'none'; frame-ancestors 'none'"


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
