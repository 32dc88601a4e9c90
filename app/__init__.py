"""Answerable: residents say how an outsourced public service went; the agency learns whether its provider answers."""

import sys

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from app import blueprints, commands, worker
from app.accounts import signing_in
from app.audit import noting
from app.config import ROOT, BadSetting, Config
from app.extensions import compress, csrf, db, migrate
from app.kernel.database import prepare_engine
from app.measures import marking_changed_days as counting
from app.web import (
    errors,
    files,
    filters,
    headers,
    languages,
    logs,
    pages,
    row_security,
    sessions,
    texts,
    transactions,
)
from app.web.sparing import SparingFlask


def create_app(config: Config | None = None) -> Flask:
    """Make the application from its settings (by default: from the environment)."""
    app = SparingFlask(__name__, static_folder=str(ROOT / "static"), static_url_path="/static")
    app.config.update((config or settings_or_exit()).for_flask())
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), compare_type=True)

    logs.init_app(app)
    transactions.init_app(app)
    row_security.init_app(app)
    noting.init_app(app)
    counting.init_app(app)
    languages.init_app(app)
    texts.init_app(app)
    headers.init_app(app)
    files.init_app(app)
    errors.init_app(app)
    sessions.init_app(app)
    filters.init_app(app)
    pages.init_app(app)
    csrf.init_app(app)
    compress.init_app(app)
    signing_in.init_app(app)

    for blueprint in blueprints.BLUEPRINTS:
        app.register_blueprint(blueprint)
    commands.init_app(app)
    worker.init_app(app)

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=str(ROOT / "static"), prefix="static/", max_age=31_536_000, autorefresh=False
    )
    proxies = app.config["CONFIG"].trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    return app


def settings_or_exit() -> Config:
    """The settings; on a bad one a single line that names it, and exit status 2."""
    try:
        return Config.from_environment()
    except BadSetting as error:
        print(f"Answerable cannot start: {error}.", file=sys.stderr)
        raise SystemExit(2) from None
