"""JSON lines in, JSON lines out, and every wrong line named."""

import io
import json

import pytest

from app.analysis.json_lines import LONGEST_LINE, analyse_stream, version_text
from app.analysis.reading import VERSION


def run(source: bytes) -> tuple[int, list[dict], str]:
    out, complaints = io.StringIO(), io.StringIO()
    status = analyse_stream(io.BytesIO(source), out, complaints)
    return status, [json.loads(line) for line in out.getvalue().splitlines()], complaints.getvalue()


def test_it_answers_in_order_with_every_promised_field():
    lines = [{"id": 7, "text": "Mr Petrov was rude"}, {"id": "b", "text": "谢谢", "language": "zh"}]

    status, answers, complaints = run("\n".join(map(json.dumps, lines)).encode())

    assert (status, complaints) == (0, "")
    assert [answer["id"] for answer in answers] == [7, "b"]
    promised = {"id", "language", "sentiment", "probabilities", "aspects", "urgent", "redacted", "pii", "version"}
    assert set(answers[0]) == promised
    assert set(answers[0]["probabilities"]) == {"negative", "neutral", "positive"}
    assert answers[0]["pii"] == [{"start": 0, "end": 9, "type": "NAME"}]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "one JSON object"),
        (b"[]", "id and text"),
        (b'{"text": "a"}', "expected id"),
        (b'{"id": 1}', "expected text"),
        (b'{"id": 1, "text": 2}', "expected text"),
        (b'{"id": 1, "text": "a", "language": 3}', "expected language"),
        (b'{"id": 1, "text": "\\ud800"}', "surrogates"),
        (b"\xff", "UTF-8"),
        (b"[" * 100_000, "one JSON object"),
        (b"x" * (2 * LONGEST_LINE + 7), "longer than"),
    ],
)
def test_a_wrong_line_is_named_and_the_others_are_answered(line, said):
    status, answers, complaints = run(line + b'\n\n{"id": 2, "text": "fine"}\n')

    assert status == 1
    assert complaints.startswith("line 1: ")
    assert said in complaints
    assert [answer["id"] for answer in answers] == [2]


def test_every_line_is_answered_before_the_next_is_read():
    out = io.StringIO()
    answered_when_read: list[int] = []

    class Source(io.BytesIO):
        def readline(self, size: int | None = -1) -> bytes:
            answered_when_read.append(len(out.getvalue().splitlines()))
            return super().readline(size)

    lines = b"".join(b'{"id": %d, "text": "The bus was late"}\n' % number for number in range(200))

    assert analyse_stream(Source(lines), out, io.StringIO()) == 0
    assert answered_when_read == list(range(201))


def test_the_version_is_that_of_the_readings():
    assert version_text() == VERSION
