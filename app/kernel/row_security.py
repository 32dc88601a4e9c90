"""The second wall, on PostgreSQL: row-level security, so that a query that forgets the viewer finds no one else's rows.

Each transaction says for whom it is (``answerable.sees``): everything, one agency, or one provider. Who says nothing
sees nothing. It holds for the owner of the tables too, who could take it down, as the application's role should not be
able to; and for all but a superuser.
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

OF_AGENCY = ("call_wish", "incoming_mail", "mail_photo", "mail_words", "mailbox", "notice", "phrase", "watch_threshold")
"""Tables that are the agency's own: no provider sees a row of them."""

OF_CONTRACT = ("agreed_action", "figure", "question_set", "questions_in_use", "volume")
"""Tables of what was agreed and counted about a contract and what it asks its residents: its provider may see them."""

INSIDE = {
    "escalation_call": "escalation",
    "issued_file": "issued_report",
    "issued_overview_file": "issued_overview",
    "performance_notice": "issued_report",
}
"""Table → the one of which its rows are parts: who sees the whole sees its parts."""

OPEN_TO_ADD = ("audit_entry",)
"""Tables to which everybody adds, whatever they may see: what a provider does is in the audit of the agency."""

_NOW = f"current_setting('{SETTING}', true)"
_MINE = f"{_NOW} IN ('{EVERYTHING}', 'agency ' || agency_id)"
_CONTRACTS = f"SELECT id FROM contract WHERE 'provider ' || provider_id = {_NOW}"  # noqa: S608 (all of it is ours)
_IS_PROVIDER = f"starts_with({_NOW}, 'provider ')"


def _with(parent: str, name: str) -> str:
    """The agency's own rows; of a provider's, those whose ``parent`` the wall lets through."""
    its = f"SELECT 1 FROM {parent} WHERE {parent}.id = {name}.{parent}_id"  # noqa: S608 (all of it is ours)
    return f"{_MINE} OR ({_IS_PROVIDER} AND EXISTS ({its}))"


def _inside(parent: str, name: str) -> str:
    """Of parts without an agency of their own: those of what the wall lets through."""
    return f"EXISTS (SELECT 1 FROM {parent} WHERE {parent}.id = {name}.{parent}_id)"  # noqa: S608 (all of it is ours)


_OF_PROVIDER = f"{_MINE} OR 'provider ' || provider_id = {_NOW}"
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
    # A provider's people see a report once it was sent to them.
    "issued_report": f"{_MINE} OR ({_IS_PROVIDER} AND sent_at IS NOT NULL AND contract_id IN ({_CONTRACTS}))",
    "issued_overview": _OF_PROVIDER,
    "chart_picture": f"{_OF_PROVIDER} OR ({_IS_PROVIDER} AND contract_id IN ({_CONTRACTS}))",
    **{name: _inside(parent, name) for name, parent in INSIDE.items()},
    # When members changed their names is in the chain of the installation, and told to whoever reads their entries.
    "audit_entry": f"{_MINE} OR (agency_id IS NULL AND what = 'member' AND {_NOW} <> '')",
}
"""Table → which of its rows a transaction sees and writes."""


def build() -> list[str]:
    """The statements that put the wall up."""
    return [
        *(
            statement
            for name, condition in POLICIES.items()
            for statement in (
                f'CREATE POLICY second_wall ON "{name}" USING ({condition})',
                f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
            )
        ),
        *(f'CREATE POLICY open_to_add ON "{name}" FOR INSERT WITH CHECK (true)' for name in OPEN_TO_ADD),
    ]


def sees(agency_id: int | None, provider_id: int | None) -> str:
    """For whom a transaction is: an agency's member, a provider's, or (both None) who runs the installation."""
    if agency_id is not None:
        return f"agency {agency_id}"
    return f"provider {provider_id}" if provider_id is not None else EVERYTHING
