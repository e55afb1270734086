"""The whole answer for one tax year: three boxes, from the facts and the law alone."""

from __future__ import annotations

from totalize.filing.accounts import assess_accounts
from totalize.filing.facts import FilingFacts
from totalize.filing.result import Filing
from totalize.filing.returns import assess_return
from totalize.filing.social_security import assess_social_security
from totalize.law.filing import FilingLaw
from totalize.law.loading import digest


def assess_filing(facts: FilingFacts, law: FilingLaw) -> Filing:
    """Say what still has to be filed, box by box."""
    return Filing(
        tax_year=facts.tax_year,
        status=facts.status.value,
        income=facts.income,
        law=digest(),
        income_tax_return=assess_return(facts, law),
        social_security_tax=assess_social_security(facts, law),
        account_reports=assess_accounts(facts, law),
    )
