"""Every table, so that metadata is whole wherever this is imported."""

from app.accounts import models as accounts
from app.analysis import models as analysis
from app.analysis import search
from app.audit import models as audit
from app.cases import models as cases
from app.cases import words as case_words
from app.digest import models as digest
from app.directory import models as directory
from app.gaming_watch import models as gaming_watch
from app.intake import models as intake
from app.intake import words
from app.mail import models as mail
from app.measures import models as measures
from app.outbox import models as outbox
from app.questions import models as questions
from app.reports import models as reports
from app.resident import models as resident
from app.reviews import models as reviews
from app.transparency import models as transparency

__all__ = [
    "accounts",
    "analysis",
    "audit",
    "case_words",
    "cases",
    "digest",
    "directory",
    "gaming_watch",
    "intake",
    "mail",
    "measures",
    "outbox",
    "questions",
    "reports",
    "resident",
    "reviews",
    "search",
    "transparency",
    "words",
]
