"""Pictures of a cost: stacked bars, both systems and all shares, without and with a certificate.

Rendered by matplotlib (SVG, PNG) and plotext (terminal), which are loaded only here; every
picture carries the same words as `describe`, for whoever cannot see it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Any

from totalize.contributions.results import Cost, Shares, total_of
from totalize.kernel.countries import NAMES, US

ONE = Decimal(1)
# Told apart by hatching and by the country's code in the bar, not by color alone.
_US_COLORS = ("#1b4f8f", "#6f9fd8")
_OTHER_COLORS = (("#b8541a", "#f0a868"), ("#4d7a3a", "#a5cc8f"), ("#6b4a8a", "#bda2d6"))
_HATCHES = ("", "//")
_MARKS = "█▓▒░"
_PAYERS = ("employee", "employer", "self_employed")
_WIDTH, _HEIGHT = 76, 18


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of both bars."""

    system: str
    payer: str
    without: Decimal
    proven: Decimal

    @property
    def label(self) -> str:
        """What it is, for a legend."""
        return f"{NAMES[self.system]}, {self.payer.replace('_', '-')}"


def pieces_of(cost: Cost) -> tuple[Piece, ...]:
    """Return the parts that are not zero in both bars, the United States first."""
    year = cost.detail
    found = []
    for system in dict.fromkeys((*year.without, *year.with_certificate)):
        without = year.without.get(system, Shares())
        proven = year.with_certificate.get(system, Shares())
        for payer in _PAYERS:
            piece = Piece(system, payer, getattr(without, payer), getattr(proven, payer))
            if piece.without or piece.proven:
                found.append(piece)
    return tuple(found)


def describe(cost: Cost) -> str:
    """Return the picture in words."""
    year = cost.detail
    parts = "; ".join(
        f"{piece.label}: {_money(piece.without, cost.currency)} without,"
        f" {_money(piece.proven, cost.currency)} with"
        for piece in pieces_of(cost)
    )
    least = " The figures are incomplete: totals are lower bounds." if year.at_least else ""
    if year.projected:
        least += " They are projected from those of an earlier year."
    return (
        f"Contributions for {cost.work} in {year.year}: "
        f"{_money(total_of(year.without), cost.currency)} without a certificate, "
        f"{_money(total_of(year.with_certificate), cost.currency)} with it, "
        f"{_money(year.saved, cost.currency)} saved. {parts}.{least}"
    )


def draw(cost: Cost, form: str) -> bytes:
    """Return the picture as a file.

    Args:
        cost: what to draw.
        form: `svg` or `png`.

    Raises:
        ValueError: another form.
    """
    if form not in {"svg", "png"}:
        raise ValueError(form)
    import matplotlib as mpl  # noqa: PLC0415 - half a second, only for pictures
    from matplotlib.figure import Figure  # noqa: PLC0415

    words = describe(cost)
    with mpl.rc_context({"svg.hashsalt": "totalize", "hatch.linewidth": 0.6, "font.size": 10}):
        figure = Figure(figsize=(8, 4.2), layout="constrained")
        _paint(figure, cost)
        file = io.BytesIO()
        metadata: dict[str, Any] = {"Title": _title(cost), "Description": words}
        if form == "svg":
            metadata["Date"] = None
        figure.savefig(file, format=form, dpi=150, metadata=metadata)
    if form == "png":
        return file.getvalue()
    return _name_svg(file.getvalue().decode(), _title(cost), words).encode()


def _title(cost: Cost) -> str:
    year = cost.detail
    marks = ["projected"] * year.projected + ["at least"] * bool(year.at_least)
    label = f" ({', '.join(marks)})" if marks else ""
    return f"What {cost.work} costs in {year.year}, {cost.currency}{label}"


def _paint(figure: Any, cost: Cost) -> None:
    axes = figure.subplots()
    year = cost.detail
    bars = ["without\na certificate", "with\nthe certificate"]
    left = [0.0, 0.0]
    foreign = [system for system in year.without if system != US]
    for piece in pieces_of(cost):
        colors = (
            _US_COLORS
            if piece.system == US
            else _OTHER_COLORS[foreign.index(piece.system) % len(_OTHER_COLORS)]
        )
        shade = 1 if piece.payer == "employer" else 0
        widths = [float(piece.without), float(piece.proven)]
        drawn = axes.barh(
            bars,
            widths,
            left=left,
            height=0.58,
            color=colors[shade],
            hatch=_HATCHES[shade],
            edgecolor="white",
            linewidth=0.8,
            label=piece.label,
        )
        shown = [width > 0.1 * max(float(total_of(year.without)), 1.0) for width in widths]
        texts = [
            f"{piece.system} {width:,.0f}" if enough else ""
            for width, enough in zip(widths, shown, strict=True)
        ]
        _label(axes, drawn, texts, dark=shade == 0)
        left = [before + width for before, width in zip(left, widths, strict=True)]
    for position, total in enumerate(left):
        amount = _money(Decimal(repr(round(total, 2))), "")
        axes.text(total, position, f"  {amount}", va="center", ha="left", fontweight="bold")
    axes.invert_yaxis()
    axes.set_xlim(0, max(*left, 1.0) * 1.18)
    axes.set_title(_title(cost), loc="left", fontweight="bold")
    axes.set_xlabel(_saving(cost))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.45, -0.22), ncols=2, frameon=False, fontsize=9
    )


def _label(axes: Any, drawn: Any, texts: Sequence[str], *, dark: bool) -> None:
    labels = axes.bar_label(
        drawn, labels=texts, label_type="center", fontsize=9, color="white" if dark else "black"
    )
    for label in labels:
        if not dark and label.get_text():
            label.set_bbox({"facecolor": "white", "alpha": 0.75, "pad": 1, "edgecolor": "none"})


def _saving(cost: Cost) -> str:
    year = cost.detail
    if year.saved_up_to != year.saved:
        return (
            f"saved: {year.saved:,.2f} {cost.currency} for certain, up to {year.saved_up_to:,.2f}"
        )
    return f"saved: {year.saved:,.2f} {cost.currency}"


def _name_svg(text: str, title: str, words: str) -> str:
    named = f'<title id="t">{escape(title)}</title>\n<desc id="d">{escape(words)}</desc>'
    text = re.sub(r"<svg ", '<svg role="img" aria-labelledby="t d" ', text, count=1)
    return re.sub(r"(<svg [^>]*>)", lambda match: f"{match.group(1)}\n{named}", text, count=1)


def draw_text(cost: Cost) -> str:
    """Return the picture for a terminal: no color needed, at most 78 columns."""
    import plotext  # noqa: PLC0415 - only for pictures

    pieces = pieces_of(cost)
    highest = max(total_of(cost.detail.without), total_of(cost.detail.with_certificate), ONE)
    series = [[float(piece.without), float(piece.proven)] for piece in pieces]
    marks = [_MARKS[index % len(_MARKS)] for index in range(len(pieces))]
    figure = plotext.figure
    figure.clear()
    figure.plot_size(_WIDTH, _HEIGHT)
    ticks = [highest * step / 4 for step in range(5)]
    figure.ruler("y").ticks([float(tick) for tick in ticks], [f"{tick:,.0f}" for tick in ticks])
    # plotext stacks upright only: lying down it loses the scale (seen in 6.1).
    names = ["without a certificate", "with the certificate"]
    figure.draw(figure.bar(names, series, stacked=True, width=0.5, marker=marks))
    body = plotext.uncolorize(figure.build().string())
    figure.clear()
    legend = [f"  {mark} {piece.label}" for mark, piece in zip(marks, pieces, strict=True)]
    return "\n".join([*(line.rstrip() for line in body.splitlines()), *legend])


def _money(amount: Decimal, currency: str) -> str:
    return f"{amount:,.2f} {currency}".strip()
