"""A test client that looks at every page as a careful colleague would."""

from collections.abc import Iterator, Mapping
from typing import Any

from bs4 import BeautifulSoup
from flask import g
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.datastructures import FileStorage, MultiDict

from app.extensions import db

BOUNDARY = "----what-no-field-says"
ERROR = ("Error:", "错误:", "错误：", "خطأ:")
"""How the title of a page with errors begins."""

ISOLATES = str.maketrans("", "", "\u2068\u2069")
"""What keeps a Latin name apart in a line from right to left cannot be seen."""

UNLABELLED = ("hidden", "submit", "button", "image", "reset")


class Browser(FlaskClient):
    """Checks each page: one h1, a title that begins with it, unique ids, labelled fields, nothing inline."""

    def sign_in(self, member: Any, membership: Any = None) -> "Browser":
        """Sign ``member`` in, looking through their first membership unless another is named."""
        with self.session_transaction() as session:
            session["_user_id"] = member.fs_uniquifier
            session["_fresh"] = True
            session["fs_cc"] = "set"
            session["fs_paa"] = 0
            if membership is not None:
                session["membership_id"] = membership.id
        return self

    def post_parts(self, address: str, form: Mapping[str, Any], **kwargs: Any) -> Any:
        """Send a form with its files in parts, as browsers do."""
        kwargs["content_type"] = f"multipart/form-data; boundary={BOUNDARY}"
        return self.post(address, data=in_parts(form), **kwargs)

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.commit()
        # The test's own application context outlives requests; what one request found must not be known to the next.
        for name in list(g):
            g.pop(name)
        response = super().open(*args, **kwargs)
        response.page = None
        if response.mimetype == "text/html":
            response.page = BeautifulSoup(as_read(response.get_data(as_text=True)), "html.parser")
            if response.status_code < 300 or response.status_code >= 400:
                look_at(response.page)
        # A request's transaction ends with it, and with it that it looked for somebody.
        db.session.rollback()
        db.session.expire_all()
        return response


def as_read(text: str) -> str:
    """A space that no line breaks at is read as a space."""
    return text.replace("&nbsp;", " ").replace("\u00a0", " ")


def in_parts(form: Mapping[str, Any]) -> bytes:
    """A form as ``multipart/form-data``. werkzeug's own writing of it leaves out a line where a part is empty."""
    return b"".join(_parts(form)) + f"--{BOUNDARY}--\r\n".encode()


def _parts(form: Mapping[str, Any]) -> Iterator[bytes]:
    for name, value in MultiDict(form).items(multi=True):
        about, data = f'Content-Disposition: form-data; name="{name}"', str(value).encode()
        if isinstance(value, FileStorage):
            about += f'; filename="{value.filename}"\r\nContent-Type: {value.content_type}'
            data = value.read()
        yield f"--{BOUNDARY}\r\n{about}\r\n\r\n".encode() + data + b"\r\n"


def look_at(page: BeautifulSoup) -> None:
    headings = page.select("h1")
    assert len(headings) == 1, f"a page has one h1, this one has {len(headings)}"
    heading = " ".join(headings[0].text.translate(ISOLATES).split())
    assert page.title, "a page has a title"
    title = " ".join(page.title.text.translate(ISOLATES).split())
    is_error = title.startswith(ERROR)
    assert is_error or not page.select_one(".govuk-error-summary[data-focus-on-load]"), "the title says that it is one"
    for error in ERROR:
        title = title.removeprefix(error)
    assert title.strip().startswith(heading), f"the title {title!r} begins with the h1 {heading!r}"
    ids = [element["id"] for element in page.select("[id]")]
    assert len(ids) == len(set(ids)), f"ids repeat: {sorted(i for i in ids if ids.count(i) > 1)}"
    assert not page.select("[style], style, script:not([src])"), "nothing inline"
    labels = {label.get("for") for label in page.select("label")}
    for field in page.select("input, select, textarea"):
        if field.get("type") in UNLABELLED:
            continue
        assert field.get("id") in labels or field.get("aria-label") or field.get("aria-labelledby"), (
            f"no label: {field}"
        )
    assert "None" not in [option.text.strip() for option in page.select("option, td, dd")], "None is shown to people"


def statements(connection_calls: list[str]) -> Any:
    """Collects the SQL that runs while it is listening: ``event.listen(engine, "before_cursor_execute", …)``."""

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        connection_calls.append(statement)

    return note


def count_statements(engine: Any, deed: Any) -> list[str]:
    """The statements that ``deed()`` sends to the database."""
    seen: list[str] = []
    listener = statements(seen)
    event.listen(engine, "before_cursor_execute", listener)
    try:
        deed()
    finally:
        event.remove(engine, "before_cursor_execute", listener)
    return seen
