"""What each number is called and how it is reckoned, in words, for next to the number."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.analysis import wording
from app.reports.public_definitions import ON_TIME_RESPONSE_RATE, SERVICE_SATISFACTION, Definition

DEFINITIONS: dict[str, Definition] = {
    each.key: each
    for each in (
        Definition("received", _l("Feedback received"), _l("All feedback submitted in the period, of every kind.")),
        Definition("cases", _l("Cases"), _l("Complaints submitted in the period, without duplicates.")),
        Definition(
            "response_rate",
            _l("Answered"),
            _l(
                "Cases with a response, of the cases not withdrawn. A response is a reply, a question to the resident, "
                "or the message that the case is resolved or rejected; a receipt or an assignment is none."
            ),
        ),
        ON_TIME_RESPONSE_RATE,
        Definition(
            "response_hours",
            _l("Working hours to the first response"),
            _l(
                "The time by which half (90 %) of the cases were answered. "
                "Open cases count with the time they have waited (Kaplan–Meier)."
            ),
        ),
        Definition(
            "resolution_rate",
            _l("Resolved"),
            _l("Cases that stand resolved, of those neither withdrawn nor rejected. Reopening annuls a resolution."),
        ),
        Definition(
            "on_time_resolution_rate",
            _l("Resolved in time"),
            _l(
                "Of the cases that are decided (resolved, or beyond the limit of their clause): those resolved within "
                "the limit. Time spent waiting for the resident does not count."
            ),
        ),
        Definition(
            "resolution_hours",
            _l("Working hours to resolution"),
            _l(
                "The time by which half (90 %) of the cases were resolved and stayed so. "
                "Open cases count with the time they have waited (Kaplan–Meier)."
            ),
        ),
        Definition(
            "reopen_rate", _l("Reopened"), _l("Of the cases that were ever resolved: those that were ever reopened.")
        ),
        Definition(
            "confirmed_rate",
            _l("Confirmed by the resident"),
            _l("Of the cases that stand resolved: those whose resident has said since that it is solved."),
        ),
        Definition(
            "last_word",
            _l("The residents' last word"),
            _l(
                "Of the cases that were ever said to be resolved: confirmed by their resident; contested, and open "
                "again; silent, when the contract's days to say something are over; claimed, while they are not."
            ),
        ),
        Definition("rejected_rate", _l("Rejected"), _l("Cases that stand rejected, of the cases not withdrawn.")),
        SERVICE_SATISFACTION,
        Definition(
            "handling_satisfaction",
            _l("Satisfied with the handling"),
            _l("Of the cases whose resident rated the handling: those whose latest rating is 4 or 5."),
        ),
        Definition("open", _l("Open cases"), _l("Cases that are open at this moment and not withdrawn.")),
        Definition(
            "overdue",
            _l("Overdue cases"),
            _l("Open cases beyond their limit to respond without a response, or beyond their limit to resolve."),
        ),
        Definition("duplicates", _l("Duplicates"), _l("Complaints merged into another: they leave all case measures.")),
        Definition("withdrawn", _l("Withdrawn"), _l("Cases that their resident withdrew.")),
        Definition(
            "provider_response_hours",
            _l("Working hours of the provider to the first response"),
            _l("From the first assignment to the first response, over cases assigned before any response."),
        ),
        Definition(
            "hours_with",
            _l("Working hours in whose hands"),
            _l(
                "All working hours that the cases spent with the agency, with the provider, "
                "and waiting for the resident's answer."
            ),
        ),
        Definition(
            "negative_share",
            _l("Negative"),
            _l("Of the feedback with text that was read: the share tagged negative; a correction by staff wins."),
        ),
        Definition(
            "unhappy_without_case",
            _l("Unhappy without a case"),
            _l("Feedback rated 1 or 2, or tagged negative, for which nobody has opened a case."),
        ),
    )
}

ASPECTS = wording.ASPECTS

RATINGS: dict[str, Any] = {
    "Good": _l("Good"),
    "Approaching target": _l("Approaching target"),
    "Requires improvement": _l("Requires improvement"),
    "Inadequate": _l("Inadequate"),
    "Other": _l("Other (too few to judge)"),
}

TARGET_VERDICTS: dict[str, Any] = {
    "met": _l("Target met"),
    "missed": _l("Target missed"),
    "cannot tell": _l("Cannot tell"),
}

VERDICTS: dict[str, Any] = {
    "provider": _l("Provider"),
    "agency": _l("Agency"),
    "third_party": _l("Third party"),
    "outside_contract": _l("Outside the contract"),
    "unsubstantiated": _l("Not substantiated"),
    "unjudged": _l("Not judged yet"),
}

GRAVE: dict[str, Any] = {
    "urgent": _l("Tagged as urgent"),
    "reopened_again": _l("Reopened more than once"),
    "far_beyond_limit": _l("Open beyond three times its limit"),
}

OUTCOMES: dict[str, Any] = {
    "confirmed": _l("Confirmed by the resident"),
    "contested": _l("Contested by the resident; open again"),
    "silent": _l("Silent; the days to say something are over"),
    "claimed": _l("Claimed; the resident may still say something"),
}

TONES: dict[str, Any] = {
    "negative": _l("Negative"),
    "neutral": _l("Neutral"),
    "positive": _l("Positive"),
}

STATES: dict[str, Any] = {
    "draft": _l("Draft"),
    "with_provider": _l("With the provider"),
    "issued": _l("Issued"),
    "discarded": _l("Discarded"),
}
