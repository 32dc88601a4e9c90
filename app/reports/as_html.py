"""A report as a page that stands alone."""

from flask import current_app, render_template

from app.reports.as_page import overview_page, page
from app.reports.overview import Overview
from app.reports.report import Report


def render(report: Report) -> str:
    """HTML of the whole report, without the console around it."""
    with current_app.test_request_context(base_url=current_app.config["CONFIG"].public_url):
        return render_template("reports/alone.html", **page(report))


def render_overview(overview: Overview) -> str:
    """The same of several contracts."""
    with current_app.test_request_context(base_url=current_app.config["CONFIG"].public_url):
        return render_template("reports/overview_alone.html", **overview_page(overview))
