"""What a clause, a tag or an answer can be about, as people read it: residents too."""

from flask_babel import lazy_gettext as _l

ASPECTS = {
    "timeliness": _l("Timeliness"),
    "staff": _l("Staff"),
    "quality": _l("Quality"),
    "cost": _l("Cost"),
    "access": _l("Access"),
    "safety": _l("Safety"),
    "cleanliness": _l("Cleanliness"),
    "information": _l("Information"),
}
