"""Setting from when on a pattern is shown."""

from collections.abc import Mapping

from sqlalchemy import select

from app.audit.actions import as_one, note_values
from app.extensions import db
from app.gaming_watch.models import WatchThreshold
from app.gaming_watch.rules import DEFAULTS, Threshold


def set_thresholds(agency_id: int, wanted: Mapping[Threshold, int]) -> None:
    """Let an agency's thresholds be these; what is the default is not kept, so that a better default reaches it."""
    kept = db.session.scalars(select(WatchThreshold).where(WatchThreshold.agency_id == agency_id)).all()
    own = {each.name: each for each in kept}
    before = {str(name): own[name].value if name in own else DEFAULTS[name] for name in wanted}
    after = {str(name): value for name, value in wanted.items()}
    # Noted with the defaults, which have no row.
    with as_one():
        for name, value in wanted.items():
            if value == DEFAULTS[name]:
                if name in own:
                    db.session.delete(own[name])
            elif name in own:
                own[name].value = value
            else:
                db.session.add(WatchThreshold(agency_id=agency_id, name=name, value=value))
    note_values("watch_threshold", before, after, agency_id=agency_id)
