"""Setting from when on a pattern is shown."""

from collections.abc import Mapping

from sqlalchemy import delete, insert

from app.extensions import db
from app.gaming_watch.models import WatchThreshold
from app.gaming_watch.rules import DEFAULTS, Threshold


def set_thresholds(agency_id: int, wanted: Mapping[Threshold, int]) -> None:
    """Let an agency's thresholds be these; what is the default is not kept, so that a better default reaches it."""
    db.session.execute(delete(WatchThreshold).where(WatchThreshold.agency_id == agency_id))
    own = [
        {"agency_id": agency_id, "name": name, "value": value}
        for name, value in wanted.items()
        if value != DEFAULTS[name]
    ]
    if own:
        db.session.execute(insert(WatchThreshold), own)
