"""How much: clocks, shares, survival and KPI ratings, reckoned in plain Python; and what each day counts, kept.

``clocks`` reckons one case, ``membership`` says how it counts, ``tally`` adds up, ``cohort`` makes measures of the sum;
``verdict_progress`` says what verdicts wait for, ``volume`` sets cases against what was delivered, ``kpi_rating``
judges a share, ``notable_changes`` compares two, ``grave_cases`` tells single cases. What is kept of a day is
``day_counts``, its counts ``packed``; ``rollup`` finds it, ``actions`` keep it.
"""
