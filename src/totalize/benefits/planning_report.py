"""A plan for people: a table, a few sentences, a picture."""

from __future__ import annotations

import io
import re
import textwrap
from html import escape
from typing import Any

from totalize.benefits.planning import Choice, PlanResult
from totalize.benefits.result import Insured
from totalize.benefits.statement import WIDTH, whole_dollars
from totalize.kernel.countries import in_sentence

_AGES = {"62": "at 62", "full_retirement_age": "at full age", "70": "at 70"}
_INSURED = {
    Insured.REGULAR: "US alone",
    Insured.TOTALIZED: "combined",
    Insured.NOT_INSURED: "not insured",
}
# Told apart by hatching as well, and by anyone who confuses red and green.
_BARS = {
    Insured.REGULAR: ("#1b4f8f", ""),
    Insured.TOTALIZED: ("#f0a868", "//"),
    Insured.NOT_INSURED: ("#999999", ".."),
}
_TITLE = "US benefit a month at full retirement age"


def name_choice(choice: Choice, country: str | None) -> str:
    """Return a choice in words."""
    if choice is Choice.US:
        return "US-covered"
    if choice is Choice.FOREIGN and country is not None:
        return f"covered in {in_sentence(country)}"
    return "covered by neither"


def render(result: PlanResult) -> str:
    """Return the plan in at most 78 columns."""
    lines = [
        f"THE YEARS {result.first_year} TO {result.last_year}: WHAT EACH SYSTEM DOES",
        "",
        f"{'the years are':<30}{'claimed':<13}{'from':<9}{'insured':<13}{'US a month':>11}",
    ]
    last = None
    for row in result.rows:
        name = name_choice(row.choice, result.country)
        shown = name if name != last else ""
        last = name
        lines.append(
            f"{shown:<30}{_AGES[row.claimed_at]:<13}{row.entitlement:<9}"
            f"{_INSURED[row.insured]:<13}{whole_dollars(row.monthly_benefit):>11}"
        )
    lines += ["", *_wrap(describe_forty(result)), "", *_wrap(result.windfall)]
    lines += ["", "PLEASE NOTE"]
    for notice in result.warnings:
        lines += _wrap(notice.text, "- ")
    return "\n".join(lines)


def describe_forty(result: PlanResult) -> str:
    """Say what 40 US quarters would change."""
    forty = result.forty_quarters
    if not forty.missing:
        return "The record has the 40 US quarters already; combining is not needed."
    if forty.us_years is None:
        return (
            f"{forty.missing} quarters are missing to 40. The years of this plan do not reach them."
        )
    years = "year" if forty.us_years == 1 else "years"
    return (
        f"{forty.missing} quarters are missing to 40. With {forty.us_years} {years} of US coverage "
        f"they are there: at full retirement age about ${whole_dollars(forty.after)} a month from "
        f"US quarters alone, instead of about ${whole_dollars(forty.before)} with a year less."
    )


def _wrap(text: str, mark: str = "") -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark))


def describe(result: PlanResult) -> str:
    """Return the picture in words."""
    points = "; ".join(
        f"{point.us_years} US years: {whole_dollars(point.monthly_benefit)} dollars, "
        f"{point.us_quarters} US quarters, {_INSURED[point.insured]}"
        for point in result.curve
    )
    return f"{_TITLE} by US-covered years from {result.first_year} on. {points}."


def draw(result: PlanResult, form: str) -> bytes:
    """Return the picture as a file.

    Args:
        result: the plan.
        form: `svg` or `png`.

    Raises:
        ValueError: another form.
        ModuleNotFoundError: matplotlib is not installed.
    """
    if form not in {"svg", "png"}:
        raise ValueError(form)
    import matplotlib as mpl  # noqa: PLC0415 - half a second, only for pictures
    from matplotlib.figure import Figure  # noqa: PLC0415

    words = describe(result)
    with mpl.rc_context({"svg.hashsalt": "totalize", "hatch.linewidth": 0.6, "font.size": 10}):
        figure = Figure(figsize=(8, 4.2), layout="constrained")
        _paint(figure, result)
        file = io.BytesIO()
        metadata: dict[str, Any] = {"Title": _TITLE, "Description": words}
        if form == "svg":
            metadata["Date"] = None
        figure.savefig(file, format=form, dpi=150, metadata=metadata)
    if form == "png":
        return file.getvalue()
    named = f'<title id="t">{escape(_TITLE)}</title>\n<desc id="d">{escape(words)}</desc>'
    text = file.getvalue().decode()
    text = re.sub(r"<svg ", '<svg role="img" aria-labelledby="t d" ', text, count=1)
    return re.sub(r"(<svg [^>]*>)", lambda m: f"{m.group(1)}\n{named}", text, count=1).encode()


def _paint(figure: Any, result: PlanResult) -> None:
    axes = figure.subplots()
    for kind, (color, hatch) in _BARS.items():
        points = [point for point in result.curve if point.insured is kind]
        if not points:
            continue
        drawn = axes.bar(
            [point.us_years for point in points],
            [float(point.monthly_benefit or 0) for point in points],
            width=0.72,
            color=color,
            hatch=hatch,
            edgecolor="white",
            label=_INSURED[kind],
        )
        if len(result.curve) <= 16:
            labels = [whole_dollars(point.monthly_benefit) for point in points]
            axes.bar_label(drawn, labels=labels, fontsize=9, padding=2)
    axes.set_title(_TITLE, loc="left", fontweight="bold")
    axes.set_xlabel(
        f"years covered by the US from {result.first_year} on"
        + (f", the rest in {in_sentence(result.country)}" if result.country else "")
    )
    axes.set_ylabel("dollars a month, in today's wages and prices")
    if len(result.curve) <= 20:
        axes.set_xticks([point.us_years for point in result.curve])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False, fontsize=9, loc="upper left")
    axes.margins(y=0.15)


def draw_text(result: PlanResult) -> str:
    """Return the picture for a terminal: no color needed, at most 78 columns."""
    import plotext  # noqa: PLC0415 - only for pictures

    names = [str(point.us_years) for point in result.curve]
    heights = [float(point.monthly_benefit or 0) for point in result.curve]
    highest = max(*heights, 1.0)
    figure = plotext.figure
    figure.clear()
    figure.plot_size(76, 16)
    ticks = [highest * step / 4 for step in range(5)]
    figure.ruler("y").ticks(ticks, [f"{tick:,.0f}" for tick in ticks])
    figure.draw(figure.bar(names, heights, width=0.6, marker="█"))
    body = plotext.uncolorize(figure.build().string())
    figure.clear()
    lines = [line.rstrip() for line in body.splitlines()]
    caption = f"  US-covered years from {result.first_year} on; dollars a month"
    return "\n".join([f"  {_TITLE}", *lines, caption])
