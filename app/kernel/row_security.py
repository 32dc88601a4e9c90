"""The second wall, on PostgreSQL: row-level security, so that a query that forgets the viewer finds no one else's rows.

Each transaction says for whom it is (``answerable.sees``): everything, one agency, or one provider. Who says nothing
sees nothing. It holds for every role but the owner of the tables, which the application's should not be.
"""

SETTING = "answerable.sees"
EVERYTHING = "everything"

OF_FEEDBACK = (
    "answer",
    "answer_reading",
    "answer_words",
    "case_move",
    "concern",
    "correction",
    "disclosure",
    "escalation",
    "event",
    "feedback_words",
    "hold",
    "hotline_call",
    "look",
    "photo",
    "provider_link",
    "questions_asked",
    "reading",
    "sample",
    "tag",
    "tracking_link",
    "translated_words",
    "verdict",
)
"""Tables of what is known about one feedback: who may see the feedback may see them, as far as the wall goes."""

OF_AGENCY = ("call_wish", "incoming_mail", "mail_photo", "mail_words", "mailbox", "notice", "phrase")
"""Tables that are the agency's own: no provider sees a row of them."""

OF_CONTRACT = ("agreed_action", "question_set", "questions_in_use")
"""Tables of what was agreed about a contract and what it asks its residents: its provider may see them."""

_NOW = f"current_setting('{SETTING}', true)"
_MINE = f"{_NOW} IN ('{EVERYTHING}', 'agency ' || agency_id)"
_CONTRACTS = f"SELECT id FROM contract WHERE 'provider ' || provider_id = {_NOW}"  # noqa: S608 (all of it is ours)
_IS_PROVIDER = f"starts_with({_NOW}, 'provider ')"


def _with(parent: str, name: str) -> str:
    """The agency's own rows; of a provider's, those whose ``parent`` the wall lets through."""
    its = f"SELECT 1 FROM {parent} WHERE {parent}.id = {name}.{parent}_id"  # noqa: S608 (all of it is ours)
    return f"{_MINE} OR ({_IS_PROVIDER} AND EXISTS ({its}))"


_OF_CONTRACT = f"{_MINE} OR ({_IS_PROVIDER} AND contract_id IN ({_CONTRACTS}))"

POLICIES = {
    # What is held for review is between its resident and the agency.
    "feedback": f"{_MINE} OR ({_IS_PROVIDER} AND NOT is_held AND contract_id IN ({_CONTRACTS}))",
    "suspicion": _MINE,
    "contract_day": _OF_CONTRACT,
    "case": f"{_MINE} OR 'provider ' || provider_id = {_NOW} OR ({_IS_PROVIDER} AND contract_id IN ({_CONTRACTS}))",
    **{name: _with("feedback", name) for name in OF_FEEDBACK},
    # Also of what has left one of a provider's contracts: a day of it counts less.
    "changed": f"{_with('feedback', 'changed')} OR ({_IS_PROVIDER} AND left_contract_id IN ({_CONTRACTS}))",
    "message_words": _with("event", "message_words"),
    "link_disclosure": _MINE,
    **dict.fromkeys(OF_AGENCY, _MINE),
    **dict.fromkeys(OF_CONTRACT, _OF_CONTRACT),
    "agreed_action_note": _with("agreed_action", "agreed_action_note"),
    "question": _with("question_set", "question"),
    "question_option": _with("question", "question_option"),
}
"""Table → which of its rows a transaction sees and writes."""


def build() -> list[str]:
    """The statements that put the wall up."""
    return [
        statement
        for name, condition in POLICIES.items()
        for statement in (
            f'CREATE POLICY second_wall ON "{name}" USING ({condition})',
            f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY',
        )
    ]


def sees(agency_id: int | None, provider_id: int | None) -> str:
    """For whom a transaction is: an agency's member, a provider's, or (both None) who runs the installation."""
    if agency_id is not None:
        return f"agency {agency_id}"
    return f"provider {provider_id}" if provider_id is not None else EVERYTHING
