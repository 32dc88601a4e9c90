"""In which language a page is: by its link, by the member's wish, by the browser, in this order."""

from functools import lru_cache
from typing import Any

from flask import Flask, current_app, has_request_context, request, url_for
from flask_babel import get_locale
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.extensions import babel
from app.web.access import current_viewer

# Our code of a language → its locale and its own name.
LANGUAGES = {"en": ("en", "English"), "zh": ("zh_Hans_CN", "简体中文")}
RIGHT_TO_LEFT = frozenset({"ar"})


def code_of(tag: str) -> str | None:
    """Our code for a language tag of the web (``zh-TW`` → ``zh``), or None where we do not speak it."""
    code = tag.replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else None


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
    asked = code_of(request.args.get("lang", "") or request.form.get("lang", ""))
    if asked:
        return locale_of(asked)
    if speaks_for_itself():
        wish = getattr(current_viewer(), "language", None)
        if wish:
            return locale_of(wish)
    return locale_of(code_wished(request.headers.get("Accept-Language", "")))


@lru_cache(maxsize=1024)
def code_wished(header: str) -> str:
    """Our code of the language that a browser likes best (``Accept-Language``), whatever its region; else English."""
    wishes = parse_accept_header(header, LanguageAccept)
    best = wishes.best_match(["en", "zh", "zh-CN", "zh-Hans", "zh-TW", "zh-Hant", "zh-HK", "zh-SG"])
    return code_of(best or "") or next((code for tag, _ in wishes if (code := code_of(tag))), None) or "en"


def speaks_for_itself() -> bool:
    """Whether this page belongs to members: public pages never touch the session, so that they can be cached."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "access", None) not in (None, "public")


def init_app(app: Flask) -> None:
    babel.init_app(app, locale_selector=choose_locale)

    @app.url_defaults
    def keep_chosen_language(endpoint: str, values: dict[str, Any]) -> None:
        """A language chosen by link stays chosen on the next page."""
        if has_request_context() and "lang" not in values and endpoint != "static":
            asked = code_of(request.args.get("lang", "") or request.form.get("lang", ""))
            if asked and not speaks_for_itself():
                values["lang"] = asked

    @app.context_processor
    def page_language() -> dict[str, Any]:
        code = language()
        return {
            "lang": "zh-Hans" if code == "zh" else code,
            "dir": "rtl" if code in RIGHT_TO_LEFT else "ltr",
            "languages": [(c, name, here_in(c)) for c, (_, name) in LANGUAGES.items()] if has_request_context() else [],
        }


def here_in(code: str) -> str:
    """This page in another language."""
    if request.endpoint is None or request.method != "GET":
        return request.path + f"?lang={code}"
    values = dict(request.view_args or {}) | request.args.to_dict() | {"lang": code}
    return url_for(request.endpoint, **values)
