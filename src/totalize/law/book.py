"""The law as one object to look things up in, and to amend for a question of "what if"."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from totalize.kernel.errors import LawError
from totalize.law.agreements import Agreement, check_agreement, countries, load_agreement
from totalize.law.loading import DATA, digest
from totalize.law.messages import Sentences, load_sentences
from totalize.law.offices import Offices, load_offices
from totalize.law.order import RuleOrder, load_order
from totalize.law.territories import load_territories, load_unread_territories
from totalize.law.us import UsCoverage, load_us_coverage


class LawBook:
    """All law data below one folder, each file read when it is first asked for.

    Args:
        root: the data folder.
        amended: agreements that replace the ones in the folder, by country.
    """

    def __init__(self, root: Path = DATA, amended: Mapping[str, Agreement] | None = None) -> None:
        self._root = root
        self._amended = dict(amended or {})
        for country, agreement in self._amended.items():
            check_agreement(agreement, f"amended agreement of {country}")
        self._countries: frozenset[str] | None = None

    @property
    def version(self) -> str:
        """Digest of the law data, by which a decision names the law it used."""
        own = digest(self._root)
        return own if not self._amended else f"{own}+amended"

    def countries(self) -> frozenset[str]:
        """Return the countries with which an agreement was signed, in force or not."""
        if self._countries is None:
            self._countries = frozenset(countries(self._root)) | frozenset(self._amended)
        return self._countries

    def agreement(self, country: str) -> Agreement | None:
        """Return the agreement with a country, None where none was signed."""
        if country in self._amended:
            return self._amended[country]
        return load_agreement(country, self._root) if country in self.countries() else None

    def offices(self, country: str) -> Offices | None:
        """Return the offices and request data of an agreement, None where there are none."""
        if country not in self.countries():
            return None
        try:
            return load_offices(country, self._root)
        except LawError:
            if country in self._amended:
                return None
            raise

    def order(self) -> dict[str, RuleOrder]:
        """Return the order among rules."""
        return load_order(self._root)

    def territories(self) -> dict[str, str]:
        """Return the country to which each place with a code of its own belongs."""
        return load_territories(self._root)

    def unread_territories(self) -> dict[str, str]:
        """Return the country whose agreement may reach each place that is not decided so."""
        return load_unread_territories(self._root)

    def us_coverage(self) -> UsCoverage:
        """Return US domestic coverage law."""
        return load_us_coverage(self._root)

    def sentences(self, language: str = "en") -> Sentences:
        """Return the sentences of coverage in one language."""
        return load_sentences(language, self._root)
