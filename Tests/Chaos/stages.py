"""What clients met in each stage of a test: answers other than 200, and the longest time without a verdict."""
from dataclasses import dataclass

COLUMNS = ["stage", "seconds", "requests", "503", "no answer", "refused", "longest gap"]


@dataclass
class Stage:
    name: str
    start: float
    end: float

    def row(self, journal):
        asks = [ask for call in journal.calls for ask in call.asks if self.start <= ask.sent_at < self.end]
        ends = [end for call in journal.calls for end in call.ends if self.start <= end.sent_at < self.end]
        statuses = [sent.status for sent in [*asks, *ends]]
        refused = sum(status not in (200, 503, None) for status in statuses)
        verdicts = sorted(ask.answered_at for ask in asks if ask.verdict and ask.answered_at < self.end)
        times = [self.start, *verdicts, self.end]
        gap = max(later - earlier for earlier, later in zip(times, times[1:]))
        return [self.name, f"{self.end - self.start:.1f}", len(statuses), statuses.count(503), statuses.count(None),
                refused, f"{gap:.3f} s"]


def table(stages, journal):
    rows = [COLUMNS, *(stage.row(journal) for stage in stages)]
    first, *widths = [max(len(str(row[column])) for row in rows) for column in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(["", f"{row[0]:<{first}}", *(f"{cell!s:>{width}}" for cell, width in zip(row[1:], widths))])
        for row in rows)
