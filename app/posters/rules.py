"""On what paper a code is printed, and how the address below it is written."""

from enum import StrEnum

STICKERS_PER_SHEET = 10
"""Two columns of five on A4, 99.1 by 57 mm: a size in which labels are sold."""

MOST_SITES = 300
"""So many sites go into one file; of more, each is to be had by itself."""


class Paper(StrEnum):
    """What is printed: a poster on A4, a card or small poster on A6, or stickers on a sheet of A4."""

    A4 = "a4"
    A6 = "a6"
    STICKERS = "stickers"
