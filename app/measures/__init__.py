"""How much: clocks, shares, survival and KPI ratings, reckoned in plain Python; nothing here writes.

``clocks`` reckons one case, ``cohort`` many, by ``shares`` and ``survival``; ``kpi_rating`` judges a share.
"""
