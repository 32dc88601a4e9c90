"""What the library does for every request and no page of ours needs, left out: residents wait for each bit of it."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class SparingSessions(SecureCookieSessionInterface):
    """Whoever brings no cookie has an empty session, for which no signature is made ready."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class SparingFlask(Flask):
    """None of our views and of what runs around them is a coroutine, so none of them is asked whether it is."""

    session_interface = SparingSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func
