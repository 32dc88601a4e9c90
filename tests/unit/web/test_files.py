"""Forms in parts are read as browsers write them, and what is no such form is said to be none."""

import io

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from app.web.files import FormRequest
from tests.browser_client import BOUNDARY, in_parts


def sent(body, boundary=BOUNDARY):
    content_type = f"multipart/form-data; boundary={boundary}" if boundary else "multipart/form-data"
    return FormRequest(EnvironBuilder(method="POST", data=body, content_type=content_type).get_environ())


def test_fields_and_files_arrive_as_they_were_sent():
    photo = FileStorage(io.BytesIO(b"\r\n--not the end\r\n" * 50_000), "C:\\sign 招牌.jpg", content_type="image/jpeg")
    form = {"text": "垃圾没人收\r\nagain", "kept": ["a", "b"], "place": "", "photos": photo}
    with sent(in_parts(form)) as request:
        assert request.form.to_dict(flat=False) == {"text": ["垃圾没人收\r\nagain"], "kept": ["a", "b"], "place": [""]}
        assert request.files["photos"].read() == b"\r\n--not the end\r\n" * 50_000
        assert request.files["photos"].filename == "sign 招牌.jpg"
        assert request.files["photos"].content_type == "image/jpeg"


def test_a_field_of_files_where_none_was_chosen_is_an_empty_file():
    nothing = FileStorage(io.BytesIO(b""), "", content_type="application/octet-stream")

    with sent(in_parts({"photos": nothing})) as request:
        assert not request.files["photos"]


def test_what_is_no_text_is_replaced_and_not_refused():
    assert sent(in_parts({"text": "CAFE"}).replace(b"CAFE", b"caf\xe9")).form["text"] == "caf\ufffd"


WHOLE = in_parts({"text": "The bin was left full again."})


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (WHOLE[:40], BOUNDARY),
        (WHOLE.removesuffix(b"--\r\n"), BOUNDARY),
        (in_parts({"photos": FileStorage(io.BytesIO(b"x" * 900_000), "1.jpg")})[:-40], BOUNDARY),
        (WHOLE, "another"),
        (WHOLE, ""),
        (WHOLE.replace(b'form-data; name="text"', b"attachment"), BOUNDARY),
        (WHOLE.replace(b"name=", b"x" * 20_000), BOUNDARY),
        (in_parts({"kept": ["again"] * 1001}), BOUNDARY),
    ],
)
def test_what_is_no_form_is_refused_and_has_no_fields(body, boundary):
    request = sent(body, boundary)

    with pytest.raises(BadRequest):
        request.form  # noqa: B018
    assert not request.form
    assert not request.files


def test_fields_beyond_all_measure_are_refused(monkeypatch):
    monkeypatch.setattr(FormRequest, "max_form_memory_size", 1000)

    with pytest.raises(RequestEntityTooLarge):
        sent(in_parts({"one": "x" * 600, "other": "x" * 600})).form  # noqa: B018
