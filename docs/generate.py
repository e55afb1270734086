"""Write the law pages and the registry below `docs/law/` from the law data.

The pages go through the same loaders as the answers, so that what is read and what is decided
cannot differ.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from lawpages.pages import agreement_page, index_page, page_name, us_page
from lawpages.registry import registry_page
from lawpages.words import Words

from totalize.law.book import LawBook


def pages(book: LawBook) -> dict[str, str]:
    """Return every generated page by its file name."""
    words = Words(book.sentences())
    found = {
        "index.md": index_page(book, words),
        "registry.md": registry_page(book, words, HERE.parent / "tests" / "law"),
        "us.md": us_page(book.us_coverage(), book.territories(), words, book.version),
    }
    for country in sorted(book.countries()):
        agreement = book.agreement(country)
        if agreement is not None:
            text = agreement_page(agreement, book.offices(country), words, book.version)
            found[f"{page_name(country)}.md"] = text
    return found


def main(folder: Path = HERE / "law") -> int:
    """Write all pages, and remove pages whose agreement is gone.

    Args:
        folder: where they go.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = pages(LawBook())
    for old in folder.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        path = folder / name
        # Untouched pages keep their time, so that a second build is quick.
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    print(f"{len(written)} pages of law")
    return 0


if __name__ == "__main__":
    sys.exit(main())
