"""In which language a page is: by its link, by what was chosen before, by the browser, in this order.

Residents carry their choice in the address, as their pages set no cookie; members carry it in their session. Pages of
residents speak more languages than those of members: a page speaks none but its own.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import get_locale, refresh
from werkzeug.datastructures import LanguageAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from app.extensions import babel
from app.web.access import current_viewer

# Our code of a language → its locale and its own name.
LANGUAGES = {
    "en": ("en", "English"),
    "zh": ("zh_Hans_CN", "简体中文"),
    "es": ("es", "Español"),
    "ar": ("ar", "العربية"),
}
RIGHT_TO_LEFT = frozenset({"ar"})

OF_RESIDENTS = tuple(LANGUAGES)
"""All that residents meet is in these: pages, letters, posters, errors."""

OF_MEMBERS = ("en", "zh")
"""All else is in these."""

STAGES_OF_RESIDENTS = frozenset({"offline", "resident", "transparency"})
"""Whose public pages are for residents; those of other stages are doors for members and for providers."""

# What browsers may wish for to get a language of ours, whatever its region.
TAGS = {"zh": ("zh", "zh-CN", "zh-Hans", "zh-TW", "zh-Hant", "zh-HK", "zh-SG")}


@lru_cache(maxsize=256)
def code_of(tag: str) -> str | None:
    """Our code for a language tag of the web (``zh-TW`` → ``zh``), or None where we do not speak it."""
    code = tag.replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else None


def named(codes: Iterable[str]) -> list[tuple[str, str]]:
    """Each of these languages with its own name, as it is offered to be chosen."""
    return [(code, LANGUAGES[code][1]) for code in codes]


def spoken_here() -> tuple[str, ...]:
    """The languages that the page asked for speaks."""
    is_of_residents = request.blueprint is None or request.blueprint in STAGES_OF_RESIDENTS
    return OF_RESIDENTS if is_of_residents and not speaks_for_itself() else OF_MEMBERS


def language() -> str:
    """The language of the page being made, as our code."""
    locale = get_locale()
    return (code_of(locale.language) if locale else None) or "en"


def locale_of(language: str) -> str:
    """The locale in which letters in ``language`` are written; English for languages we do not speak."""
    return LANGUAGES.get(language, LANGUAGES["en"])[0]


def choose_locale() -> str:
    if not has_request_context():
        return "en"
    chosen, spoken = asked_for() or g.get("spoken_before"), spoken_here()
    if not chosen and speaks_for_itself():
        chosen = session.get("language") or getattr(current_viewer(), "language", None)
    return locale_of(chosen if chosen in spoken else code_wished(request.headers.get("Accept-Language", ""), spoken))


@lru_cache(maxsize=1024)
def code_wished(header: str, spoken: tuple[str, ...] = OF_RESIDENTS) -> str:
    """Our code of the language that a browser likes best (``Accept-Language``) of those ``spoken``; else English."""
    wishes = parse_accept_header(header, LanguageAccept)
    best = code_of(wishes.best_match([tag for code in spoken for tag in TAGS.get(code, (code,))]) or "")
    return best or next((code for tag, _ in wishes if (code := code_of(tag)) in spoken and code), None) or "en"


def asked_for() -> str | None:
    """The language that the link or form of this request names, as our code; None where the page does not speak it."""
    named = request.args.get("lang", "") or (request.form.get("lang", "") if request.method == "POST" else "")
    code = code_of(named)
    return code if code and code in spoken_here() else None


def speak(code: str) -> None:
    """Go on in the language in which somebody spoke before, unless this request names another."""
    g.spoken_before = code_of(code)
    refresh()


def wished_here() -> str:
    """Our code of the language in which this browser would get a page that knows of no other choice."""
    return code_wished(request.headers.get("Accept-Language", ""))


def is_for_residents(endpoint: str) -> bool:
    """Whether a page is one of residents: public, and in their languages."""
    view = current_app.view_functions.get(endpoint)
    return endpoint.partition(".")[0] in STAGES_OF_RESIDENTS and getattr(view, "access", None) == "public"


def speaks_for_itself() -> bool:
    """Whether this page belongs to members: public pages never touch the session, so that they can be cached.

    An address that nobody has is shown to whoever is signed in like a page of theirs.
    """
    if request.endpoint is None:
        return "_user_id" in session
    if request.blueprint == "security":
        return True
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "access", None) not in (None, "public")


def init_app(app: Flask) -> None:
    babel.init_app(app, locale_selector=choose_locale)

    @app.before_request
    def remember_chosen_language() -> None:
        """A language that a member chooses by link stays chosen until they choose another or sign out."""
        asked = code_of(request.args.get("lang", ""))
        if asked in OF_MEMBERS and speaks_for_itself() and session.get("language") != asked:
            session["language"] = asked

    @app.url_defaults
    def keep_chosen_language(endpoint: str, values: dict[str, Any]) -> None:
        """A language that a resident chose by link stays chosen on the next page."""
        if has_request_context() and "lang" not in values and endpoint != "static":
            asked = asked_for()
            if asked and not speaks_for_itself():
                values["lang"] = asked
            elif speaks_for_itself() and is_for_residents(endpoint) and language() != wished_here():
                # Those pages know nothing of the session, and would go by the browser alone.
                values["lang"] = language()

    @app.context_processor
    def page_language() -> dict[str, Any]:
        code = language()
        return {
            "lang": "zh-Hans" if code == "zh" else code,
            "dir": "rtl" if code in RIGHT_TO_LEFT else "ltr",
            "languages": [(each, name, here_in(each)) for each, name in named(spoken_here())] if request else [],
        }


def here_in(code: str) -> str:
    """This page in another language; of what was sent, the page that it was sent from."""
    values = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    path = request.path if request.method == "GET" and request.endpoint else nearest_page(request.path)
    return f"{path}?{urlencode([*values, ('lang', code)])}"


def only_speaks() -> bool:
    """Whether a form was sent only to be shown in another language, with all that was typed: nothing is done then."""
    return request.method == "POST" and "speak" in request.form


def sends_to(form: str) -> dict[str, str] | None:
    """Of a page that answers a form, itself in each language: what is typed there is sent along and stays.

    ``form`` is the id of the form on the page; None where the page answers none, as its links lose nothing.
    """
    if request.method != "POST":
        return None
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return {"form": form} | {code: f"{request.path}?{urlencode([*asked, ('lang', code)])}" for code in spoken_here()}


def nearest_page(path: str) -> str:
    """``path`` or, where that cannot be looked at, the nearest page above it."""
    doors = current_app.url_map.bind("")
    while path.strip("/"):
        try:
            doors.match(path, method="GET")
        except HTTPException:
            path = path.rstrip("/").rpartition("/")[0]
        else:
            return path
    return "/"
