"""Statutory holidays, by the ``holidays`` package."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

A_KNOWN_YEAR = 2026
"""One that the package has for every region it has at all."""


class Statutory:
    """A region's statutory holidays; regions are ISO 3166-2, such as ``CA-BC``."""

    def has(self, region: str) -> bool:
        """Say whether the region's holidays are known."""
        try:
            return bool(_of_year(region, A_KNOWN_YEAR))
        except NotImplementedError:  # the package's answer to a region it has not got
            return False

    def name(self, region: str, day: date) -> str | None:
        """Return the name of the holiday the day is there, if it is one."""
        return _of_year(region, day.year).get(day)


@lru_cache(maxsize=500)
def _of_year(region: str, year: int) -> Mapping[date, str]:
    # Here, since the package takes 20 MB that a chain which is open on holidays need not have.
    from holidays import country_holidays  # noqa: PLC0415

    country, _, subdivision = region.partition("-")
    return dict(country_holidays(country, subdiv=subdivision, years=year, language="en_CA"))
