"""The figures of a line: what each round measured, and the result of all rounds."""
from statistics import median


class Figures:
    def __init__(self, line):
        self.line, self.ours, self.ceilings, self.results = line, [], [], []
        self.seconds, self.unavailable, self.has_failed = 0, 0, False

    def add(self, ours, ceiling):
        """Adds one round: our figure and the ceiling's, which is None for a line without a ceiling."""
        self.ours.append(ours)
        self.ceilings.append(ceiling)
        self.results.append(self.line.compare(ours, ceiling))

    @property
    def is_measured(self):
        return bool(self.results) and not self.has_failed

    @property
    def result(self):
        return median(self.results)

    @property
    def spread(self):
        return min(self.results), max(self.results)

    def reaches(self, mark):
        return self.result >= mark if self.line.is_floor else self.result <= mark

    @staticmethod
    def middle(values):
        """The median of ours or of the ceilings; None where a line has no ceiling."""
        return None if None in values else median(values)

    @property
    def text(self):
        return f"{told(self.result)} {self.line.unit}".strip()

    @property
    def verdict(self):
        """The verdict as the table shows it."""
        if not self.is_measured:
            return "**failed**" if self.has_failed else "not measured"
        reached = "**not met**"
        if self.reaches(self.line.bar):
            reached = "aim met" if self.reaches(self.line.aim) else "bar met"
        return reached + (f", {self.unavailable:,} × 503" if self.unavailable else "")

    @property
    def last(self):
        beside = "" if self.ceilings[-1] is None else f" beside {told(self.ceilings[-1])}"
        return f"{told(self.ours[-1])}{beside}: {told(self.results[-1])}"


def told(value):
    """Formats a value with three significant digits, or, from 100 on, as a whole number."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
