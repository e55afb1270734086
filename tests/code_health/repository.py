"""What the tests of the repository share: its files, whether or not git is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "totalize"
LAW = SOURCE / "law" / "data"
TOP = ("src", "tests", "docs", "examples", "bench", "requirements", ".ci")
_LEFT_OUT = {"__pycache__", "_build", ".hypothesis", "law_pages"}


def files(*tops: str) -> Iterator[Path]:
    """Yield the files of the project below some folders; what is built is left out."""
    for top in tops:
        for path in sorted((ROOT / top).rglob("*")):
            parts = path.relative_to(ROOT).parts
            built = parts[:2] == ("docs", "law") or _LEFT_OUT & set(parts)
            if path.is_file() and not built:
                yield path


def all_files() -> Iterator[Path]:
    """Yield every file of the project."""
    yield from files(*TOP)
    yield from (path for path in sorted(ROOT.iterdir()) if path.is_file())


def text_of(path: Path) -> str | None:
    """Return a file's text, None where it is none."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
