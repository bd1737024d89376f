"""Formats the table for the terminal, and writes docs/benchmarks.md and docs/benchmarks.svg."""
from pathlib import Path
from string import Template

from drawing import drawing
from figures import told
from deployment import REPOSITORY

COLUMNS = ["", "ours", "beside it", "of", "result", "lowest – highest", "bar", "aim", ""]


def table(found):
    rows = [COLUMNS, *map(row, found)]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(COLUMNS))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |" for cells in rows]
    return "\n".join([lines[0], "| " + " | ".join("-" * max(3, width) for width in widths) + " |", *lines[1:]])


def row(figures):
    line = figures.line
    sign = "≥" if line.is_floor else "≤"

    def marked(value):
        return "told" if value == float("inf") else f"{sign} {value:,g} {line.unit}".strip()

    measured = ["–", "–", "–", "–"]
    if figures.is_measured:
        measured = [
            told(figures.middle(figures.ours)), told(figures.middle(figures.ceilings)), figures.text,
            " – ".join(map(told, figures.spread))]
    return [line.what, *measured[:2], line.counts, *measured[2:], marked(line.bar), marked(line.aim), figures.verdict]


def write(found, machine, options):
    docs = REPOSITORY / "docs"
    page = Template(Path(__file__).with_name("page.md").read_text())
    (docs / "benchmarks.svg").write_text(drawing(found))
    (docs / "benchmarks.md").write_text(page.substitute(
        table=table(found), machine="\n".join(f"| {name} | {what} |" for name, what in machine),
        seconds=f"{options.seconds:g}", rounds=options.rounds, entries=f"{options.entries:,}",
        minutes=f"{sum(figures.seconds for figures in found) / 60:.0f}"))
