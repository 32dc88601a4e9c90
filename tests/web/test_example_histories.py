"""Both example histories, taken in through the commands, give the numbers that were worked out independently."""

import json
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples" / "measures"


def agree(found, expected, where=""):
    if isinstance(expected, dict):
        for key, value in expected.items():
            agree(found[key], value, f"{where}.{key}")
    elif expected is None or found is None:
        assert found == expected, where
    else:
        assert found == pytest.approx(expected, abs=1e-6), where


@pytest.mark.parametrize("name", ["example", "example-london"])
def test_the_reports_say_what_was_expected(app, name):
    runner = app.test_cli_runner()
    folder = EXAMPLES / name
    assert runner.invoke(args=["import", "directory", str(folder / "directory.json")]).exit_code == 0
    history = ["import", "history", str(folder / "feedback.csv"), str(folder / "events.csv")]
    taken_in = runner.invoke(args=history)
    assert taken_in.exit_code == 0, taken_in.output

    for expected in json.loads((folder / "expected.json").read_text()):
        asked = ["--contract", expected["contract"], "--start", expected["start"], "--end", expected["end"]]
        printed = runner.invoke(args=["report", *asked, "--as-of", expected["as_of"]])
        assert printed.exit_code == 0, printed.output
        agree(json.loads(printed.stdout)["measures"], expected["measures"], f"{expected['contract']}")


def test_a_history_taken_in_twice_doubles_nothing(app):
    runner = app.test_cli_runner()
    folder = EXAMPLES / "example"
    runner.invoke(args=["import", "directory", str(folder / "directory.json")])
    history = ["import", "history", str(folder / "feedback.csv"), str(folder / "events.csv")]
    runner.invoke(args=history)

    again = runner.invoke(args=history)

    assert "Taken in: 0 feedback and 0 events" in again.stdout
    assert "There already: 110 feedback and 207 events" in again.stdout


@pytest.mark.parametrize(
    ("file", "wrong", "expected"),
    [
        (
            "feedback",
            "X1,C-001,S00,rating,,9,Fine.,en,web,2026-09-01T10:00:00+08:00",
            "line 2: column rating: found '9'",
        ),
        ("feedback", "X1,C-009,S00,rating,,4,Fine.,en,web,2026-09-01T10:00:00+08:00", "line 2: column contract: found"),
        ("feedback", "X1,C-001,S99,rating,,4,Fine.,en,web,2026-09-01T10:00:00+08:00", "line 2: column site: found"),
        ("feedback", "X1,C-001,S00,complaint,7.7,4,Fine.,en,web,2026-09-01T10:00:00+08:00", "column clause: found"),
        ("feedback", "X1,C-001,S00,rating,,4,Fine.,en,web,2026-09-01T10:00:00", "column submitted_at: found"),
        ("events", "GOOD,2026-09-01T10:00:00+08:00,danced,agency,,", "line 2: column event: found 'danced'"),
        ("events", "GOOD,2026-08-01T10:00:00+08:00,replied,agency,,", "line 2: column at: found"),
        (
            "events",
            "GOOD,2026-09-02T10:00:00+08:00,confirmed,agency,,",
            "column actor: found 'agency', expected resident",
        ),
        ("events", "NOBODY,2026-09-02T10:00:00+08:00,replied,agency,,", "column reference: found 'NOBODY'"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_taken_in(app, tmp_path, file, wrong, expected):
    runner = app.test_cli_runner()
    runner.invoke(args=["import", "directory", str(EXAMPLES / "example" / "directory.json")])
    good = "GOOD,C-001,S00,complaint,0.1,2,The bin is full.,en,web,2026-09-01T09:30:00+08:00"
    rows = {"feedback": [good], "events": []}
    rows[file] = [wrong, *rows[file]]
    (tmp_path / "feedback.csv").write_text(
        "reference,contract,site,kind,clause,rating,text,language,channel,submitted_at\n" + "\n".join(rows["feedback"])
    )
    (tmp_path / "events.csv").write_text("reference,at,event,actor,message,rating\n" + "\n".join(rows["events"]))

    refused = runner.invoke(args=["import", "history", str(tmp_path / "feedback.csv"), str(tmp_path / "events.csv")])

    assert refused.exit_code == 1
    assert f"{file}.csv" in refused.stderr
    assert expected in refused.stderr
    assert "Taken in: 0" not in refused.stdout
    left_out = ["import", "history", "--good-rows", str(tmp_path / "feedback.csv"), str(tmp_path / "events.csv")]
    assert "Taken in: 1 feedback" in runner.invoke(args=left_out).stdout
    assert expected in (tmp_path / "feedback.refused.txt").read_text()


def test_an_unknown_column_is_refused_by_its_name(app, tmp_path):
    (tmp_path / "feedback.csv").write_text("reference,contract,mood\n")
    (tmp_path / "events.csv").write_text("reference,at,event,actor,message,rating\n")

    refused = app.test_cli_runner().invoke(
        args=["import", "history", str(tmp_path / "feedback.csv"), str(tmp_path / "events.csv")]
    )

    assert refused.exit_code == 1
    assert "unknown column 'mood'" in refused.stderr
