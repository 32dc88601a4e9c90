"""What lets residents' pages be installed and opened without a line: service worker, manifest, a page for then."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for

from app.web.access import public
from app.web.languages import RIGHT_TO_LEFT, language
from app.web.pages import asset
from app.web.texts import gettext as _

bp = Blueprint("offline", __name__)
KEPT = ("resident.css", "js/resident.js")
"""All that the residents' pages need besides themselves."""

# Browsers ask again with each visit, and are told "not modified" nearly always.
ASK_AGAIN = "no-cache"


@bp.get("/service-worker.js")
@public
def worker() -> Any:
    """The service worker: from the root, since it must see every address, with the marks of what it keeps."""
    response = Response(worker_text(tuple(asset(each) for each in KEPT)), mimetype="text/javascript")
    response.headers["Cache-Control"] = ASK_AGAIN
    response.add_etag()
    return response.make_conditional(request)


@lru_cache(maxsize=4)
def worker_text(assets: tuple[str, ...]) -> str:
    """Its text begins with what it keeps: one byte that changes is what makes browsers take the new one."""
    code = (Path(current_app.static_folder or "") / "js" / "service_worker.js").read_text()
    mark = hashlib.sha256("\n".join((code, *assets)).encode()).hexdigest()[:10]
    return f"self.ours = {json.dumps({'mark': mark, 'assets': assets})};\n{code}"


@bp.get("/manifest.webmanifest")
@public
def manifest() -> Any:
    """What a phone needs to know to put Answerable on its home screen."""
    code = language()
    said = {
        "id": "/",
        "name": _("Answerable: how did a public service go?"),
        "short_name": "Answerable",
        "lang": "zh-Hans" if code == "zh" else code,
        "dir": "rtl" if code in RIGHT_TO_LEFT else "ltr",
        "start_url": url_for("resident.home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0c5457",
        "icons": [
            {"src": asset("icons/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"},
            {"src": asset("icons/icon-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
            {"src": asset("icons/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any"},
            {"src": asset("icons/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }
    response = Response(json.dumps(said, ensure_ascii=False), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = ASK_AGAIN
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/offline")
@public
def page() -> Any:
    """What is shown in the place of a page that cannot be had: what is kept on the device, and what waits there."""
    return render_template("resident/offline.html"), {"Cache-Control": ASK_AGAIN}
