"""What goes in and comes out, as JSON Schema for the published description.

The files of the contract are described by the library itself; here are the rest, and the way all
of them become components of one document.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from totalize import api as library
from totalize.web.api.tokens import SCOPES
from totalize.web.applications.states import Kind, State
from totalize.web.employers.payroll import Flag

TEXT = {"type": "string"}
DATE = {"type": "string", "format": "date"}
MOMENT = {"type": "string", "format": "date-time"}
COUNTRY = {"type": "string", "pattern": "^[A-Z]{2}$"}
IDENTIFIER = {"type": "string", "format": "uuid"}
VERDICTS = (
    "valid",
    "not_yet_valid",
    "expired",
    "withdrawn",
    "replaced",
    "altered",
    "untrusted",
    "specimen",
    "unknown",
)

# Name of a component -> name in the library's own schemas.
_LIBRARY = {
    "Case": "case",
    "Determination": "determination",
    "Cost": "cost",
    "BenefitRecord": "benefit_record",
    "Benefit": "benefit",
    "Agreement": "agreement",
}


def ref(name: str) -> dict[str, str]:
    """Point to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def an_object(
    properties: dict[str, Any], required: tuple[str, ...] | None = None, *, closed: bool = True
) -> dict[str, Any]:
    """Describe an object; all its properties are there unless some are named as required."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties if required is None else required),
        "additionalProperties": not closed,
    }


def or_null(shape: dict[str, Any]) -> dict[str, Any]:
    """Describe something that may be null."""
    return {"anyOf": [shape, {"type": "null"}]}


@cache
def components() -> dict[str, Any]:
    """Return all shapes by name."""
    found: dict[str, Any] = dict(_own())
    for name, source in _LIBRARY.items():
        document = library.schema(source)
        for part, shape in document["$defs"].items():
            found[f"{name}.{part}"] = _moved(shape, name)
        found[name] = {"title": document["title"], **_moved({"$ref": document["$ref"]}, name)}
    return found


def _moved(part: Any, name: str) -> Any:
    if isinstance(part, dict):
        return {
            key: (
                value.replace("#/$defs/", f"#/components/schemas/{name}.")
                if key == "$ref" and isinstance(value, str)
                else _moved(value, name)
            )
            for key, value in part.items()
        }
    if isinstance(part, list):
        return [_moved(item, name) for item in part]
    return part


def _own() -> dict[str, Any]:
    fault = an_object({"path": TEXT, "problem": TEXT, "expected": TEXT, "code": TEXT})
    missing = an_object({"field": TEXT, "words": TEXT, "who": TEXT})
    brief = {
        "id": IDENTIFIER,
        "kind": {"enum": list(Kind.values)},
        "state": {"enum": list(State.values)},
        "version": {"type": "integer", "minimum": 0},
        "work": TEXT,
        "partner": TEXT,
        "issuing_country": TEXT,
        "created_at": MOMENT,
        "submitted_at": or_null(MOMENT),
        "decided_at": or_null(MOMENT),
    }
    return {
        "Problem": an_object(
            {
                "type": TEXT,
                "title": TEXT,
                "status": {"type": "integer"},
                "detail": TEXT,
                "code": TEXT,
                "errors": {"type": "array", "items": fault},
            }
        ),
        "CostRequest": an_object(
            {
                "case": ref("Case"),
                "earnings": {"type": ["string", "number"]},
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
                "per": {"enum": ["year", "month"]},
                "year": {"type": "integer"},
                "work": TEXT,
                "as_of": DATE,
                "filing_status": TEXT,
                "other_us_wages": {"type": ["string", "number"]},
                "choices": {"type": "object", "additionalProperties": TEXT},
                "units": {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
                "rates": {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
                "project": {"type": "boolean"},
            },
            ("case", "earnings", "currency"),
        ),
        "AgreementEntry": an_object(
            {
                "country": COUNTRY,
                "name": TEXT,
                "status": TEXT,
                "signed": or_null(DATE),
                "in_force": or_null(DATE),
            }
        ),
        "AgreementList": an_object(
            {
                "contract": {"const": 1},
                "law": TEXT,
                "agreements": {"type": "array", "items": ref("AgreementEntry")},
            }
        ),
        "AgreementDocument": an_object(
            {
                "contract": {"const": 1},
                "law": TEXT,
                "country": COUNTRY,
                "agreement": {"type": "object"},
                "offices": {"type": ["object", "array", "null"]},
            }
        ),
        "NewApplication": an_object(
            {
                "case": ref("Case"),
                "work": TEXT,
                "kind": {"enum": list(Kind.values)},
                "employer": IDENTIFIER,
                "follows": IDENTIFIER,
                "details": {"type": "object"},
                "statements": {"type": "array", "items": TEXT},
            },
            ("case", "work"),
        ),
        "ApplicationChanges": an_object(
            {
                "case": ref("Case"),
                "work": TEXT,
                "facts": {"type": "object"},
                "details": {"type": "object"},
                "statements": {"type": "array", "items": TEXT},
                "version": {"type": "integer", "minimum": 0},
            },
            (),
        ),
        "Submission": an_object({"version": {"type": "integer", "minimum": 0}}, ()),
        "RulingRequest": an_object(
            {
                "decision": {"enum": ["issue", "refuse", "ask"]},
                "reason": TEXT,
                "field": TEXT,
                "due_on": DATE,
                "version": {"type": "integer", "minimum": 0},
            },
            ("decision",),
        ),
        "ApplicationBrief": an_object(brief),
        "ApplicationAnswer": an_object(
            {
                **brief,
                "missing": {"type": "array", "items": missing},
                "ready": {"type": "boolean"},
                "issued_here": {"type": "boolean"},
                "certificates": {"type": "array", "items": TEXT},
            }
        ),
        "Application": an_object(
            {
                **brief,
                "missing": {"type": "array", "items": missing},
                "ready": {"type": "boolean"},
                "issued_here": {"type": "boolean"},
                "certificates": {"type": "array", "items": TEXT},
                "case": {"type": "object"},
                "details": {"type": "object"},
                "determination": or_null({"type": "object"}),
                "history": {
                    "type": "array",
                    "items": an_object({"at": MOMENT, "what": TEXT, "by": TEXT, "note": TEXT}),
                },
                "expected": {
                    "type": "array",
                    "items": an_object({"who": TEXT, "what": TEXT, "due_on": or_null(DATE)}),
                },
            }
        ),
        "ApplicationList": an_object(
            {
                "items": {"type": "array", "items": ref("ApplicationBrief")},
                "next": or_null(IDENTIFIER),
            }
        ),
        "PayrollFlags": an_object(
            {
                "on": DATE,
                "items": {"type": "array", "items": ref("PayrollFlag")},
                "next": or_null({"type": "integer"}),
            }
        ),
        "PayrollFlag": an_object(
            {
                "worker_id": TEXT,
                "work": TEXT,
                "from": DATE,
                "to": or_null(DATE),
                "flag": {"enum": list(Flag)},
                "reason": TEXT,
                "proof": or_null(COUNTRY),
            }
        ),
        "VerifyRequest": an_object({"reference": TEXT, "fact": TEXT}),
        "Verification": an_object(
            {"verdict": {"enum": list(VERDICTS)}}, ("verdict",), closed=False
        ),
        "Scope": {"enum": list(SCOPES)},
    }
