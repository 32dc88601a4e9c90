"""Which stages have pages: the doors of the product, on one screen."""

from flask import Blueprint

from app.reports.views import bp as reports

from app.digest.views import bp as digest
from app.outbox.views import bp as outbox

BLUEPRINTS: tuple[Blueprint, ...] = (
    digest,
    outbox,
)
