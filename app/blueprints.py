"""Which stages have pages: the doors of the product, on one screen."""

from flask import Blueprint

from app.accounts.views import bp as accounts
from app.analysis.views import bp as analysis
from app.cases.held_for_review_views import bp as held
from app.cases.provider_link_views import bp as links
from app.cases.views import bp as cases
from app.digest.views import bp as digest
from app.directory.phrase_views import bp as phrases
from app.directory.setup_views import bp as setting_up
from app.directory.sheet_views import bp as sheets
from app.directory.views import bp as directory
from app.gaming_watch.views import bp as gaming_watch
from app.hotline.views import bp as hotline
from app.mailroom.views import bp as mailroom
from app.outbox.views import bp as outbox
from app.posters.views import bp as posters
from app.privacy.views import bp as privacy
from app.questions.views import bp as questions
from app.reports.overview_views import bp as overviews
from app.reports.views import bp as reports
from app.resident.by_phone import bp as by_phone
from app.resident.offline import bp as offline
from app.resident.preview import bp as preview
from app.resident.views import bp as resident
from app.reviews.views import bp as reviews
from app.transparency.views import bp as transparency

BLUEPRINTS: tuple[Blueprint, ...] = (
    resident,
    offline,
    by_phone,
    hotline,
    mailroom,
    questions,
    preview,
    cases,
    held,
    links,
    analysis,
    overviews,
    reports,
    reviews,
    gaming_watch,
    posters,
    digest,
    transparency,
    directory,
    setting_up,
    phrases,
    sheets,
    accounts,
    privacy,
    outbox,
)
