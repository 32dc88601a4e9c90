"""What the numbers are called that the public reads too, and how they are reckoned, in the languages of residents."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Definition:
    """A number: what it is called, and how it is reckoned."""

    key: str
    name: Any
    formula: Any


ON_TIME_RESPONSE_RATE = Definition(
    "on_time_response_rate",
    _l("Answered in time"),
    _l(
        "Of the cases that are decided (answered, or beyond the limit of their clause): "
        "those answered within the limit, in working hours. An answer is a reply, a question to the resident, or the "
        "message that the case is resolved or rejected; a receipt is none."
    ),
)

SERVICE_SATISFACTION = Definition(
    "service_satisfaction",
    _l("Satisfied with the service"),
    _l("Ratings of 4 and 5 among all ratings given with feedback of any kind."),
)
