"""Finds the denials for lack of money that were certainly false.

The sum of what calls may have claimed of a budget at each moment is an upper bound: an estimate counts from the moment
authorize is sent until the hold has certainly ended, and a cost from the moment settle is first sent.
"""
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from claims import Claims
from money import usd

# The replica that made a hold looks for expired ones once a second and ends them in a transaction.
EXPIRY_SECONDS = 3
# A denial is false only if the money was free this long before the request too: lease revocations for other calls may
# have been under way.
GRACE_SECONDS = 0.25
# A replica sends a heartbeat every two seconds. A replica that was silent for this long could not be asked for its idle
# money.
SILENCE_SECONDS = 4
# After the database is back, replicas must connect to it again.
RECOVERY_SECONDS = 3
UNANSWERED_SECONDS = 2


@dataclass(slots=True)
class Denial:
    call: object
    ask: object
    limit: int
    claimed: int
    stranded: int
    is_excused: bool
    # Another budget of the call, which may have lacked the money.
    other: str | None = None

    @property
    def is_unfounded(self):
        """Whether the budget that the denial names had the money."""
        return not self.is_excused and self.call.needs + self.claimed + self.stranded <= self.limit

    @property
    def is_false(self):
        return self.is_unfounded and self.other is None

    @property
    def is_misnamed(self):
        return self.is_unfounded and self.other is not None

    def __str__(self):
        other = f" (perhaps {self.other} had not)" if self.other else ""
        return (
            f"{self.call.request_id} ({usd(self.call.needs)}) was denied {self.ask.reason} by replica "
            f"{self.ask.replica} at {self.ask.answered_at:.3f} after {self.ask.answered_at - self.ask.sent_at:.3f} s, "
            f"though of {self.ask.budget} at most {usd(self.claimed)} was spent or held and {usd(self.stranded)} "
            f"stranded, of {usd(self.limit)}{other}. It was told: {self.ask.message}")


def claims(journal, budget):
    """Returns two sums over time: held and spent money together (an upper bound), and spent money alone."""
    both, spent = Claims(), Claims()
    for call in journal.calls:
        if budget not in call.budgets:
            continue
        for ask in call.asks:
            both.add(ask.sent_at, end_of_hold(journal, call, ask), ask.held if ask.hold_id else call.estimate)
        if call.settles:
            for sums in (both, spent):
                sums.add(call.settles[0].sent_at, None, call.cost)
    return both, spent


def end_of_hold(journal, call, ask):
    """Returns the moment at which money that this request may have held was certainly free again."""
    if ask.hold_id is None:
        if ask.status is not None:
            return ask.answered_at
        return read_at(journal, ask) + call.wait_ms / 1000 + call.hold_seconds + EXPIRY_SECONDS
    ended = [end.answered_at for end in call.ends if end.status == 200 and end.hold_id == ask.hold_id]
    return min([ask.may_expire_at + EXPIRY_SECONDS, *ended])


def read_at(journal, ask):
    """Returns the latest moment at which a replica may have read a request that got no answer.

    A paused replica reads it when it is resumed.
    """
    given_up_at = ask.sent_at + UNANSWERED_SECONDS
    return max([given_up_at, *(
        fault.ended_at for fault in journal.faults
        if fault.replica == ask.replica and fault.started_at < given_up_at and ask.sent_at < fault.ended_at)])


def judge(judge):
    """Judges every denial for lack of money."""
    sums = {budget: claims(judge.journal, budget) for budget in judge.limits}
    found = []
    for call in judge.journal.calls:
        for ask in call.asks:
            if ask.reason not in ("budget_exhausted", "funds_held", "over_call_limit"):
                continue
            denial = judge_one(judge, call, ask, ask.budget, ask.reason, sums)
            for other in call.budgets:
                if not judge_one(judge, call, ask, other, "funds_held", sums).is_unfounded:
                    denial.other = other if other != ask.budget else denial.other
            found.append(denial)
    return found


def judge_one(judge, call, ask, budget, reason, sums):
    both, spent = sums[budget]
    limit = lowest_limit(judge, budget, ask)
    match reason:
        case "over_call_limit":
            return Denial(call, ask, limit, 0, 0, False)
        case "budget_exhausted":
            # The clients' own sums are used, because a promoted standby may lack what a look saw on the old primary.
            claimed = spent.most(ask.answered_at, ask.answered_at)
            return Denial(call, ask, limit, claimed, 0, False)
    start, end = ask.sent_at - GRACE_SECONDS, ask.answered_at
    # The request's own estimate does not count against it.
    claimed = max(both.most(start, ask.sent_at - 1e-6), both.most(ask.sent_at, end) - call.estimate)
    excused = any(
        fault.reaches_database and fault.started_at <= end
        and (fault.ended_at is None or start <= fault.ended_at + RECOVERY_SECONDS)
        for fault in judge.journal.faults)
    return Denial(call, ask, limit, claimed, stranded(judge.watch, budget, start, end), excused)


def lowest_limit(judge, budget, ask):
    """Returns the lowest limit that may have been in force while the request was on its way."""
    limit, possible = judge.limits[budget], []
    for change in judge.changes(budget):
        if change.answered_at is not None and change.answered_at < ask.sent_at:
            limit, possible = change.limit, []
        elif change.sent_at <= ask.answered_at:
            possible.append(change.limit)
    return min([limit, *possible])


def stranded(watch, budget, start, end):
    """Returns the most money that any look around the request saw leased to silent replicas.

    A silent replica cannot give idle money back.
    """
    windows = watch.windows[budget]
    first = max(0, bisect_left(windows, start, key=lambda window: window.asked_at) - 1)
    last = bisect_right(windows, end, key=lambda window: window.asked_at) + 1
    return max((
        sum(amount for replica, amount in window.leases.items() if is_silent(watch, replica, start, end))
        for window in windows[first:last]), default=0)


def is_silent(watch, replica, start, end):
    """Whether the replica's heartbeats show that it was silent at some time between `start` and `end`."""
    beats = watch.heartbeats[replica]
    first = max(0, bisect_right(beats, start) - 1)
    for beat, following in zip(beats[first:], [*beats[first + 1:], float("inf")]):
        if beat > end:
            return False
        if following - beat > SILENCE_SECONDS:
            return True
    return False
