"""What an agency has set differently: from which threshold on a pattern is shown."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.gaming_watch.rules import Threshold
from app.kernel.database import Base, check, choice


class WatchThreshold(Base):
    """A threshold of an agency; where there is none, the default counts."""

    __tablename__ = "watch_threshold"
    __table_args__ = (check("value > 0", "value"),)

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), primary_key=True, autoincrement=False)
    name: Mapped[Threshold] = mapped_column(choice(Threshold), primary_key=True)
    value: Mapped[int]
