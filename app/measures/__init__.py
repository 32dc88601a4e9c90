"""How much: clocks, shares, survival and KPI ratings, reckoned in plain Python; nothing here writes.

``clocks`` reckons one case, ``cohort`` many, by ``shares`` and ``survival``; ``judging`` says what their verdicts wait
for, ``volume`` sets them against what was delivered, ``kpi_rating`` judges a share, ``comparison`` compares two.
"""
