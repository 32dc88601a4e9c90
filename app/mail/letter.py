"""A letter: what is said to whom, in which language; composed from three templates, sent by nobody here."""

from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import force_locale

from app.web.languages import locale_of
from app.web.links import absolute


@dataclass(frozen=True)
class Picture:
    """A PNG that the HTML shows as ``cid:<name>``."""

    name: str
    png: bytes


@dataclass(frozen=True)
class File:
    """A file that comes with a letter."""

    name: str
    mimetype: str
    body: bytes


@dataclass(frozen=True)
class Letter:
    """One letter to one address, in plain text and in HTML, saying the same.

    ``key`` names the occasion (``resident.tell:12:34``): letters with the same key have the same Message-ID, so that
    a repeat after a crash is recognised as one. ``thread`` is the token of ``threads`` by which a reply is known, for
    letters that may be answered. ``headers`` are further ones, like List-Unsubscribe.
    """

    to: str
    subject: str
    text: str
    html: str
    key: str
    thread: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Picture, ...] = ()
    files: tuple[File, ...] = ()


def compose(
    name: str,
    *,
    to: str,
    language: str,
    key: str,
    thread: str = "",
    headers: tuple[tuple[str, str], ...] = (),
    **context: Any,
) -> Letter:
    """The letter of ``templates/letters/<name>.subject.txt``, ``.txt`` and ``.html`` in ``language`` (our code).

    The templates get ``context``, and ``absolute(endpoint, …)`` to make links that work outside the product.
    """
    context = {"absolute": absolute, **context}
    with force_locale(locale_of(language)):
        return Letter(
            to=to,
            subject=" ".join(render_template(f"letters/{name}.subject.txt", **context).split()),
            text=_tidy(render_template(f"letters/{name}.txt", **context)),
            html=render_template(f"letters/{name}.html", **context),
            key=key,
            thread=thread,
            headers=headers,
        )


def _tidy(text: str) -> str:
    """No spaces at the ends of lines, never more than one empty line: templates leave both behind."""
    lines: list[str] = []
    # In plain text programs break lines where they like: a space is a space.
    for line in map(str.rstrip, text.replace("\u00a0", " ").strip().splitlines()):
        if line or lines[-1]:
            lines.append(line)
    return "\n".join(lines) + "\n"
