"""Which days a country has off, and which weekend days it works in exchange, as the ``holidays`` library knows them.

Countries that swap days (China) announce them a year ahead; a newer version of the library knows the newer years.
"""

from datetime import date
from functools import lru_cache


class UnknownCountry(ValueError):
    """A code that the library has no holidays for."""


@lru_cache(maxsize=512)
def days_of(country: str, year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Days off and days worked in exchange, of a country (``CN``) or a part of one (``GB-SCT``) in a year."""
    # A large library, needed only where a calendar names a country.
    from holidays import country_holidays, list_supported_countries

    code, _, part = country.partition("-")
    parts = list_supported_countries(include_aliases=True).get(code)
    if parts is None or (part and part not in parts):
        raise UnknownCountry(country)
    found = country_holidays(code, subdiv=part or None, years=year)
    worked = getattr(found, "weekend_workdays", ())
    return (
        frozenset(day for day in found if day.year == year),
        frozenset(day for day in worked if day.year == year),
    )
