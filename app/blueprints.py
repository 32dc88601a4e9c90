"""Which stages have pages: the doors of the product, on one screen."""

from flask import Blueprint

from app.accounts.views import bp as accounts
from app.digest.views import bp as digest
from app.directory.views import bp as directory
from app.outbox.views import bp as outbox
from app.reports.views import bp as reports

BLUEPRINTS: tuple[Blueprint, ...] = (
    reports,
    digest,
    directory,
    accounts,
    outbox,
)
