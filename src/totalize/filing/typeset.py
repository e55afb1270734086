"""Set a page as an accessible PDF (PDF/UA-1), when the typesetter is installed."""

from __future__ import annotations

import json
from dataclasses import asdict

from totalize.filing.pages import Page
from totalize.kernel.errors import TotalizeError

# The text comes in as data, so that nothing in it can be read as markup.
_TEMPLATE = """
#let page-data = json(bytes(sys.inputs.page))
#set document(title: page-data.title)
#set page(paper: "us-letter", margin: (x: 1in, y: 0.9in))
#set text(font: "Libertinus Serif", size: 11pt, lang: "en")
#set par(leading: 0.65em, spacing: 1em)
#show heading.where(level: 1): set text(size: 17pt)
#show heading.where(level: 2): set text(size: 12pt)
#heading(level: 1, page-data.title)
#text(fill: rgb("#444444"), page-data.subtitle)
#v(0.6em)
#if page-data.fields.len() > 0 [
  #for (label, value) in page-data.fields [
    #block(above: 1.1em, below: 1.1em, grid(
      columns: (13.5em, 1fr), column-gutter: 1em,
      text(weight: "bold", label),
      if value == none { box(width: 1fr, inset: (bottom: 2pt), stroke: (bottom: 0.6pt), sym.zws) }
      else { value },
    ))
  ]
  #v(0.4em)
]
#for paragraph in page-data.paragraphs { par(paragraph) }
#if page-data.bullets_title != none { heading(level: 2, page-data.bullets_title) }
#if page-data.bullets.len() > 0 {
  list(marker: box(width: 0.75em, height: 0.75em, stroke: 0.6pt), spacing: 0.9em,
    ..page-data.bullets)
}
#if page-data.signature != none {
  v(3em)
  block(width: 60%, stroke: (top: 0.6pt), inset: (top: 4pt), page-data.signature)
}
#if page-data.footer != none {
  v(1fr)
  block(stroke: (top: 0.6pt), inset: (top: 6pt), width: 100%, text(size: 9.5pt, page-data.footer))
}
"""


class TypesetterMissingError(TotalizeError):
    """The typesetter is not installed."""

    code = "typesetter_missing"


def as_pdf(page: Page) -> bytes:
    """Return a page as PDF/UA-1, the same bytes for the same page.

    Raises:
        TypesetterMissingError: the `documents` extra is not installed.
    """
    try:
        import typst  # noqa: PLC0415 - heavy and optional
    except ImportError:
        raise TypesetterMissingError(
            'PDF needs the extra "documents": pip install "totalize[documents]"'
        ) from None
    compiler = typst.Compiler(ignore_system_fonts=True)
    made = compiler.compile(
        _TEMPLATE.encode(),
        format="pdf",
        sys_inputs={"page": json.dumps(asdict(page))},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    if not isinstance(made, bytes):
        raise TypeError("the typesetter gave no single PDF")
    return made
