"""Whatever the audit can say has a name for people."""

import pytest

import app.models  # noqa: F401  # all tables are known
from app.audit.noting import UNTOLD, UNWATCHED
from app.directory.retention_periods import Kept
from app.gaming_watch.rules import Threshold
from app.kernel.database import Base
from app.kernel.words import VerdictStage
from app.privacy.columns import STAGES, column
from app.privacy.wording import THINGS

WATCHED = [table for table in Base.metadata.sorted_tables if table.name not in UNWATCHED]


def test_every_table_that_is_watched_has_a_name():
    assert {table.name for table in WATCHED} - THINGS.keys() == set()


def test_every_column_that_can_change_has_a_name():
    names = {each.name for table in WATCHED for each in table.columns} - UNTOLD - {"id"}

    assert {name for name in names if column(name) == name} == set()


@pytest.mark.parametrize("name", [*Threshold, *(f"retention_{kind}" for kind in Kept)])
def test_every_value_of_a_setting_has_a_name(name):
    assert column(name) != name


def test_every_stage_of_a_verdict_has_a_name():
    assert STAGES.keys() == set(VerdictStage)
