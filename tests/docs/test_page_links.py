"""Links between pages lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs_support import DOCS, ROOT, generated, written_pages

LAW = DOCS / "law"
TEXTS = {path: path.read_text(encoding="utf-8") for path in written_pages()} | {
    LAW / name: text for name, text in generated().items()
}
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_LINK = re.compile(r"!?\[(?:[^\]\\]|\\.)*\]\((<[^>]*>|[^)\s]*)\)")


def _slugs(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", _CODE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _links(text: str) -> list[str]:
    return [link.strip("<>") for link in _LINK.findall(_CODE.sub("", text))]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_link_leads_to_a_page_a_file_or_an_address(path: Path) -> None:
    for link in _links(TEXTS[path]):
        assert link, "an empty link"
        if re.match(r"(https?|mailto):", link):
            continue
        assert "://" not in link, link
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target in TEXTS or target.exists(), link
        assert not anchor or anchor in _slugs(TEXTS[target]), link


def test_links_were_found_at_all() -> None:
    inner = [link for text in TEXTS.values() for link in _links(text) if link.endswith(".md")]
    assert len(inner) > 100


def test_an_invented_link_would_be_noticed() -> None:
    assert _links("see [this](nowhere.md), `[not](code.md)` and [that](<a b.md>)") == [
        "nowhere.md",
        "a b.md",
    ]
    assert _slugs("# How an answer is made\n## As of?") == {"how-an-answer-is-made", "as-of"}


def test_every_page_can_be_reached_from_the_front_page() -> None:
    reached = {DOCS / "index.md"}
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        names = _links(TEXTS[page])
        for tree in re.findall(r"```\{toctree\}(.*?)```", TEXTS[page], re.DOTALL):
            names += [line for line in tree.splitlines() if line and not line.startswith(":")]
        for name in names:
            pattern = name if name.endswith(".md") else f"{name}.md"
            found = [
                target
                for target in TEXTS
                if target.parent == (page.parent / pattern).parent.resolve()
                and target.match(Path(pattern).name)
            ]
            for target in found:
                if target not in reached:
                    reached.add(target)
                    waiting.append(target)
    pages = {path for path in TEXTS if DOCS in path.parents}
    assert pages - reached == set()
