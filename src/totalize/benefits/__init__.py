"""Credits, insured status and amounts of the US benefit, on US credits alone and combined."""

from __future__ import annotations

from collections.abc import Mapping

from totalize.benefits.compute import DEFAULT, Policy, compute
from totalize.benefits.reading import read_record
from totalize.benefits.record import Record
from totalize.benefits.result import BenefitResult
from totalize.benefits.tables import Tables, published
from totalize.law.loading import digest

__all__ = ["BenefitResult", "Policy", "Record", "answer", "read_record"]


def answer(
    record: Mapping[str, object] | Record, policy: Policy = DEFAULT, tables: Tables | None = None
) -> BenefitResult:
    """Return the answer to a benefit record under the law that comes with the package.

    Raises:
        InputError: the record cannot be used; it names the path.
    """
    used = published() if tables is None else tables
    return compute(read_record(record), used, digest(used.root), policy)
