"""What a review looks at, and when a site counts as silent. Plain Python."""

from datetime import date, timedelta

QUARTERS = 4
"""A trend is read over so many quarters, this one included."""

MONTHS = 12
"""So many months of volume are shown."""

SILENT_AFTER = timedelta(days=30)
"""Nothing heard from a site for so long, and it is listed: it may be well kept, or its sticker may be gone."""

BREACHES = 25
"""So many open breaches are listed, the oldest first; the rest is in the inbox."""

LONGEST_WHAT, LONGEST_WHO = 1_000, 120
MOST_BYTES = 5_000_000
"""Of a file behind an entered figure."""


def is_silent(last: date | None, served_from: date, today: date) -> bool:
    """Whether nothing was heard from a site for long, or ever since it is served."""
    return max(last or date.min, served_from) < today - SILENT_AFTER
