"""Finds the longest time without a verdict, anywhere or at one replica."""
import time
from dataclasses import dataclass

from denials import RECOVERY_SECONDS

# A replica that is paused or cut off must not hold up the others for longer than this.
LONGEST_SECONDS = 5


@dataclass
class Gap:
    start: float
    end: float
    faults: list

    @property
    def seconds(self):
        return self.end - self.start

    def __str__(self):
        meanwhile = ", ".join(fault.kind for fault in self.faults) or "no fault"
        return f"from {time.strftime('%H:%M:%S', time.localtime(self.start))}; {meanwhile}"


class Gaps:
    """Gaps between the verdicts on calls sent before `until`. A `replica_fenced` denial does not count as a verdict."""

    def __init__(self, journal, until):
        self.faults, self.until = journal.faults, until
        self.asks = [ask for call in journal.calls for ask in call.asks
                     if ask.verdict and ask.reason != "replica_fenced" and ask.sent_at < until]

    def longest(self, left_out=(), replica=None):
        """Returns the longest gap that no fault of `left_out` overlaps."""
        times = [*sorted(ask.answered_at for ask in self.asks if replica in (None, ask.replica)), self.until]
        gaps = [Gap(start, end, []) for start, end in zip(times, times[1:])
                if not any(overlaps(fault, start, end) for fault in left_out)]
        longest = max(gaps, key=lambda gap: gap.seconds, default=Gap(0, 0, []))
        longest.faults = [fault for fault in self.faults if overlaps(fault, longest.start, longest.end)]
        return longest

    def longest_with_database(self, replica=None):
        """Returns the longest gap while the database was there; for one replica, also without faults of its own."""
        own = [fault for fault in self.faults if replica is not None and fault.replica == replica]
        return self.longest([fault for fault in self.faults if fault.reaches_database] + own, replica)

    def findings(self, replicas):
        found = []
        for replica in [None, *range(replicas)]:
            gap, where = self.longest_with_database(replica), "" if replica is None else f" by replica {replica}"
            if gap.seconds > LONGEST_SECONDS:
                found.append(f"no call was judged{where} for {gap.seconds:.1f} s, though PostgreSQL was there, {gap}")
        return found


def overlaps(fault, start, end):
    return fault.started_at < end and start < fault.ended_at + RECOVERY_SECONDS
