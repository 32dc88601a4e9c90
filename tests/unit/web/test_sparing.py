"""What is left out for every request changes nothing that anybody sees."""

from flask import session

from app.web.sparing import SparingFlask


def test_who_brings_no_cookie_has_an_empty_session_that_can_be_written():
    app = SparingFlask(__name__)
    app.secret_key = "a key"

    @app.get("/write")
    def write() -> str:
        assert not session
        session["language"] = "zh"
        return "written"

    @app.get("/read")
    def read() -> str:
        return str(session.get("language"))

    client = app.test_client()
    assert client.get("/read").text == "None"
    assert "session=" in client.get("/write").headers["Set-Cookie"]
    assert client.get("/read").text == "zh"


def test_a_cookie_that_nobody_signed_opens_an_empty_session():
    app = SparingFlask(__name__)
    app.secret_key = "a key"
    app.add_url_rule("/", view_func=lambda: str(dict(session)))
    assert app.test_client().get("/", headers={"Cookie": "session=eyJsYW5ndWFnZSI6InpoIn0.x.y"}).text == "{}"
