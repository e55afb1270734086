"""What the tests of the documentation share: its pages, written and generated."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FRONT = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


@cache
def generator() -> ModuleType:
    """Return `docs/generate.py` as a module, which puts its own folder on the path."""
    if str(DOCS) not in sys.path:
        sys.path.insert(0, str(DOCS))
    import generate

    return generate


@cache
def generated() -> dict[str, str]:
    """Return every generated page by its file name."""
    from totalize.law.book import LawBook

    return generator().pages(LawBook())


def written_pages() -> list[Path]:
    """Return every page that somebody wrote."""
    found = [
        path
        for path in DOCS.rglob("*.md")
        if not {"_build", "law"} & set(path.relative_to(DOCS).parts)
    ]
    return sorted([*found, *(ROOT / name for name in FRONT)])


def blocks(text: str, language: str) -> list[str]:
    """Return the code blocks of one language."""
    found: list[str] = []
    inside: list[str] | None = None
    for line in text.splitlines():
        if inside is None and line.strip() == f"```{language}":
            inside = []
        elif inside is not None and line.strip() == "```":
            found.append("\n".join(inside))
            inside = None
        elif inside is not None:
            inside.append(line)
    assert inside is None, "a code block has no end"
    return found
