"""A fresh installation in a directory of its own: a database, a small directory of services, its web server."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.config import ROOT, Config
from app.directory import actions as directory
from app.extensions import db
from app.kernel import clock
from app.kernel.database import switch_to_wal
from app.web.transactions import begin_writing
from bench.serving import Server, free_port, serving

CONTRACTS = 12


def fresh(var: Path) -> Flask:
    """An application whose database, in ``var``, holds a directory of ``CONTRACTS`` contracts and nothing else."""
    app = create_app(Config.from_environment(environment(var), var))
    with app.app_context():
        upgrade()
        switch_to_wal(db.engine)
        begin_writing()
        directory.import_directory(small_directory())
        db.session.commit()
        db.session.remove()
    return app


def environment(var: Path, port: int = 8000) -> dict[str, str]:
    """What the product is told; nothing that happens to be set here reaches it but the path to programs."""
    # So much from one place would be held for review; counted it is all the same.
    quotas = dict.fromkeys(("QUOTA_NETWORK", "QUOTA_SITE", "QUOTA_AGENCY"), "10000000")
    return {"PATH": os.environ["PATH"], "ANSWERABLE_VAR": str(var), "PORT": str(port)} | quotas


def small_directory(contracts: int = CONTRACTS) -> dict[str, Any]:
    """One agency with two providers and so many contracts; every one has a site, two clauses and a KPI."""
    today = clock.now().date()
    return {
        "agency": {
            "slug": "lakeside",
            "name": {"en": "Lakeside Public Services", "zh": "湖滨公共服务局"},
            "timezone": "Asia/Shanghai",
            "calendar": {"weekdays": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:30", "holidays": []},
            "languages": ["en", "zh"],
            "emergency_number": "110",
        },
        "providers": [
            {"slug": "brightway", "name": "Brightway Ltd", "kind": "firm"},
            {"slug": "helping-hands", "name": "Helping Hands", "kind": "social_organisation"},
        ],
        "contracts": [
            {
                "reference": f"C-{number:03d}",
                "title": {"en": f"Street cleaning, district {number}", "zh": f"第{number}区街道清扫"},
                "service": {"en": "Street cleaning", "zh": "街道清扫"},
                "provider": ("brightway", "helping-hands")[number % 2],
                "starts_on": (today - timedelta(days=1000)).isoformat(),
                "ends_on": (today + timedelta(days=365)).isoformat(),
                "sites": [
                    {"code": f"LS-{number:03d}", "name": {"en": f"Elm Street {number}", "zh": f"榆树街{number}号"}}
                ],
                "clauses": [
                    {
                        "code": "1",
                        "title": {"en": "On time", "zh": "准时"},
                        "aspects": ["timeliness"],
                        "respond_within_hours": 16,
                        "resolve_within_hours": 40,
                    },
                    {
                        "code": "2",
                        "title": {"en": "Clean", "zh": "清洁"},
                        "aspects": ["cleanliness"],
                        "respond_within_hours": 24,
                        "resolve_within_hours": 80,
                    },
                ],
                "kpis": [
                    {
                        "code": "K1",
                        "measure": "on_time_response_rate",
                        "direction": "at_least",
                        "target": 0.9,
                        "approaching": 0.8,
                        "inadequate": 0.6,
                        "minimum_n": 30,
                    }
                ],
            }
            for number in range(1, contracts + 1)
        ],
    }


@contextmanager
def product(var: Path) -> Iterator[Server]:
    """The product's web server over the installation in ``var``, as ``make run`` starts it."""
    port = free_port()
    with serving([sys.executable, "-m", "gunicorn", "wsgi:app"], environment(var, port), ROOT, port) as server:
        yield server
