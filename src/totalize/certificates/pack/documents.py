"""Papers as blocks, so that the PDF and the text say the same in the same order."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a paper."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `strong` for what must not be missed."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that belong together: an address, a place to sign."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """A table of questions and answers, with the names of its two columns."""

    columns: tuple[str, str]
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of a tree, and the lines that belong below it."""

    text: str
    below: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A list whose lines have lists below them."""

    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Amounts:
    """A table that is kept on one page: a name a row, then columns of figures.

    Attributes:
        columns: what stands above each column, that of the names included.
        rows: name and figures; the last one is the sum.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Lines | Bullets | Answers | Tree | Amounts


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of the pack.

    Attributes:
        name: file name without ending.
        draft: something that it must say is missing; the text of the mark.
        banner: what must be seen first, for a paper that might be taken for more than it is.
    """

    name: str
    title: str
    language: str
    blocks: tuple[Block, ...]
    draft: str | None = None
    banner: str | None = None

    @property
    def mark(self) -> str | None:
        """The warning at the top and across the page."""
        return self.draft or self.banner


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF of a paper."""

    name: str
    media_type: str
    description: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Missing:
    """A detail that the request must give and that was not given."""

    path: str
    label: str


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything to send, and what to know before.

    Attributes:
        missing: details to give, by field.
        notes: what the reader must know about the pack itself (languages, fonts).
    """

    papers: tuple[Paper, ...]
    missing: tuple[Missing, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def is_draft(self) -> bool:
        """Tell whether something is still missing."""
        return bool(self.missing)
