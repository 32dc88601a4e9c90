"""Addresses that mail came back from."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, Row


class ReturnedMail(Row, Base):
    """An address to which nothing more is sent until somebody says that it works again.

    It is known by a mark, which only who has the address and our secret key can make: residents' addresses are nowhere
    kept in the clear.
    """

    __tablename__ = "returned_mail"

    address_mark: Mapped[str] = mapped_column(String(64), unique=True)
    returned_at: Mapped[datetime]
    # The enhanced status code of RFC 3463, like 5.1.1: what was wrong.
    status: Mapped[str] = mapped_column(String(16))
