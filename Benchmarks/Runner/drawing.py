"""Draws the table as an SVG: how each result compares with its bar, the value to reach. Farther right is better."""
from html import escape
from math import log10

WIDTH, LEFT, RIGHT, ROW, TOP = 1080, 540, 110, 26, 56
# The logarithmic axis goes from a third of the bar to ten times the bar.
LOWEST, HIGHEST = -0.5, 1.0
GOOD, BETTER, SHORT = "#2f7d4f", "#1b5e9e", "#b3402e"
STYLE = "text{font:13px system-ui,sans-serif;fill:#24292f}.quiet{fill:#6e7781}.line{stroke:#8c959f}"


def drawing(found):
    shown = [figures for figures in found if figures.is_measured and figures.line.bar < float("inf")]
    height = TOP + ROW * len(shown) + 24
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        f"<title>Each line against its bar</title><style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>', *scale(height)]
    for number, figures in enumerate(shown):
        parts += bar(figures, TOP + ROW * number)
    return "\n".join([*parts, "</svg>\n"])


def scale(height):
    for times in 0.5, 1, 2, 5, 10:
        x, text = place(times), "the bar" if times == 1 else f"{times:g} ×"
        dashes = "" if times == 1 else ' stroke-dasharray="2 4"'
        yield f'<line class="line" x1="{x}" x2="{x}" y1="{TOP - 12}" y2="{height - 16}"{dashes}/>'
        yield f'<text class="quiet" x="{x}" y="{TOP - 20}" text-anchor="middle">{text}</text>'


def bar(figures, y):
    line, middle = figures.line, y + ROW / 2
    ends = sorted(place(past(line, value)) for value in figures.spread)
    x, aim = place(past(line, figures.result)), place(past(line, line.aim))
    color = BETTER if figures.reaches(line.aim) else GOOD if figures.reaches(line.bar) else SHORT
    start, end = sorted([place(1), x])
    yield f'<text x="{LEFT - 16}" y="{middle + 4}" text-anchor="end">{escape(short(line.what))}</text>'
    yield f'<rect x="{start}" y="{y + 6}" width="{max(2, end - start)}" height="{ROW - 12}" fill="{color}"/>'
    yield f'<line x1="{ends[0]}" x2="{ends[1]}" y1="{middle}" y2="{middle}" stroke="#24292f"/>'
    yield f'<path d="M{aim} {y + 4}v{ROW - 8}" stroke="{BETTER}" stroke-width="3"/>'
    yield f'<text x="{WIDTH - RIGHT + 16}" y="{middle + 4}" fill="{color}">{figures.text}</text>'


def past(line, value):
    """Returns how many times better than the bar a value is. Where less is better, 0 and less are infinitely better."""
    if line.is_floor:
        return value / line.bar
    return line.bar / value if value > 0 else float("inf")


def place(times):
    share = (min(max(log10(times), LOWEST), HIGHEST) if 0 < times < float("inf") else HIGHEST) - LOWEST
    return round(LEFT + (WIDTH - LEFT - RIGHT) * share / (HIGHEST - LOWEST), 1)


def short(text):
    return text.replace("`", "")
