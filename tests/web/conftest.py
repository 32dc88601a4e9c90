"""A month in the life of a contract, for reports."""

from pathlib import Path

import pytest

from app.histories import actions as histories
from tests.web.noting_guard import looking_over

HEAD = "reference,contract,site,kind,clause,rating,text,language,channel,submitted_at\n"


def take_in(world, folder: Path, rows: list[str], events: list[str]) -> None:
    """Feedback and events of a history, as lines of its files."""
    (folder / "f.csv").write_text(HEAD + "\n".join(rows))
    (folder / "e.csv").write_text("reference,at,event,actor,message,rating\n" + "\n".join(events))
    said, happened, refused = histories.read_files(folder / "f.csv", folder / "e.csv")
    histories.take_in(said, happened, agency=world.agency, refused=refused)


@pytest.fixture
def september(riverside, tmp_path: Path):
    """Twelve complaints of September, eight answered the same day, and three contented ratings."""
    rows, events = [], []
    for n in range(12):
        rows.append(
            f"P{n},C-001,RS-001,complaint,1,2,The bin was left full again.,en,web,2026-09-{n + 1:02d}T09:00:00+08:00"
        )
        if n < 8:
            events.append(f"P{n},2026-09-{n + 1:02d}T16:00:00+08:00,replied,agency,We are sorry.,")
    rows += [f"R{n},C-001,RS-002,rating,,5,,en,qr,2026-09-20T09:00:00+08:00" for n in range(3)]
    take_in(riverside, tmp_path, rows, events)
    return riverside


@pytest.fixture(autouse=True)
def everything_is_noted(app):
    """In every story: what a member's form changes is in the audit."""
    with looking_over(app) as missing:
        yield
    assert missing == []
