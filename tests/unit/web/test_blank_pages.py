"""A page that is compressed once and then filled in is the same page to whoever unpacks it."""

import gzip

import pytest
from flask import Flask

from app.web.blank_pages import BlankPage

PAGE = "<title>@name@</title>" + "<p>垃圾没人收 and again</p>" * 500 + "<a href=@link@>@name@</a>@nothing@"
OWN = {"@name@": "王芳 " * 20_000, "@link@": "/track/abc", "@nothing@": ""}


@pytest.mark.parametrize("own", [OWN, OWN | {"@name@": ""}, OWN | {"@name@": "@link@"}])
def test_it_is_filled_in_where_its_marks_stand(own):
    # The name last: what is filled in is not looked into.
    expected = PAGE.replace("@nothing@", "").replace("@link@", own["@link@"]).replace("@name@", own["@name@"])
    blank = BlankPage(PAGE, own)

    with Flask(__name__).test_request_context(headers={"Accept-Encoding": "br, gzip"}):
        packed = blank.filled(own)
    with Flask(__name__).test_request_context():
        plain = blank.filled(own)

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()).decode() == plain.get_data(as_text=True) == expected
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in packed.vary


def test_it_is_no_larger_than_compressing_the_whole():
    blank = BlankPage("<p>again and again</p>" * 2000 + "@name@" + "<p>once more</p>" * 2000, ["@name@"])
    with Flask(__name__).test_request_context(headers={"Accept-Encoding": "gzip"}):
        assert len(blank.filled({"@name@": "王芳"}).get_data()) < 500


@pytest.mark.parametrize("refused", ["identity", "gzip;q=0", "br"])
def test_readers_who_take_no_gzip_get_none(refused):
    with Flask(__name__).test_request_context(headers={"Accept-Encoding": refused}):
        assert BlankPage("<p>@name@</p>", ["@name@"]).filled({"@name@": "x"}).get_data() == b"<p>x</p>"
