"""The text is whole however it is cut, and each piece knows what it moved."""

from hypothesis import given
from hypothesis import strategies as st

from app.analysis.evidence import Evidence
from app.analysis.marking import Part, parts_of, reasons_of

TEXT = "left full again"


def test_overlapping_evidence_is_cut_where_it_begins_and_ends():
    evidence = [Evidence(0, 9, "negative", 1.0), Evidence(5, 15, "aspect:timeliness", 2.0)]

    assert parts_of(TEXT, evidence) == (
        Part("left ", ("negative",)),
        Part("full", ("aspect:timeliness", "negative")),
        Part(" again", ("aspect:timeliness",)),
    )
    assert reasons_of(TEXT, evidence) == {"negative": ("left full",), "aspect:timeliness": ("full again",)}


def test_evidence_of_a_text_that_was_erased_marks_nothing():
    assert parts_of("", [Evidence(0, 9, "negative", 1.0)]) == ()
    assert reasons_of("", [Evidence(0, 9, "negative", 1.0)]) == {}


@given(
    st.text(max_size=40),
    st.lists(st.tuples(st.integers(-3, 45), st.integers(-3, 45), st.sampled_from(["negative", "urgent"])), max_size=6),
)
def test_nothing_of_the_text_is_lost(text, spans):
    evidence = [Evidence(start, end, tag, 1.0) for start, end, tag in spans]

    assert "".join(part.text for part in parts_of(text, evidence)) == text
