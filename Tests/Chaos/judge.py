"""Compares the answers that clients got with the ledger, and finds every promise that was broken.

Only certain violations count: where a request was in flight or the database away, the deployment gets the benefit of
the doubt.
"""
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import denials
from claims import Claims
from faults import LEASE_SECONDS
from money import usd
from sql import ask
from watch import NAME

CLOCK_SECONDS = 0.1
ENTRIES = f"""
SELECT l.request_id, l.entry_id, l.effective_cost_nanodollars, l.input_tokens, l.output_tokens,
    array_to_string(ARRAY(SELECT {NAME} FROM unnest(l.window_ids) AS u(window_id)
        JOIN budget_window w USING (window_id) JOIN budget b USING (budget_number) ORDER BY 1), ' ')
FROM ledger l
"""
WINDOWS = f"SELECT {NAME}, w.limit_amount, w.spent, w.leased FROM budget b JOIN window_total w USING (budget_number)"


@dataclass(slots=True)
class Entry:
    entry_id: str
    cost: int
    usage: tuple[int, int]
    budgets: tuple[str, ...]


class Judge:
    """`limits` are the limits that the budgets began with."""

    def __init__(self, journal, watch, limits):
        self.journal, self.watch, self.limits = journal, watch, limits
        self.entries, self.windows, self.broken_grants, self.verify = defaultdict(list), {}, [], None
        self.unreserved_sums = {}

    async def read_ledger(self, cluster, without_team=""):
        """Reads all entries but those of one team, which are not the clients'."""
        for request_id, entry_id, cost, *usage, budgets in await ask(
                cluster, f"{ENTRIES} WHERE l.team <> '{without_team}'"):
            entry = Entry(entry_id, int(cost), tuple(map(int, usage)), tuple(budgets.split()))
            self.entries[request_id].append(entry)
        self.windows = {row[0]: tuple(map(int, row[1:])) for row in await ask(cluster, WINDOWS)}
        self.broken_grants = await ask(cluster, "SELECT * FROM broken_grant ORDER BY at")

    @property
    def entry_count(self):
        return sum(map(len, self.entries.values()))

    def spent(self, budget):
        return self.windows[budget][1]

    # Clients' answers and the ledger ------------------------------------------------------------------------------

    def lost(self):
        """Acknowledged settles that are missing in the ledger, or stand there differently."""
        return [
            f"{call.request_id} was acknowledged as entry {call.acknowledged.entry_id} of {call.cost}; the ledger has "
            f"{self.entries.get(call.request_id, 'nothing')}"
            for call in self.journal.calls if call.acknowledged and not self.has(call)]

    def has(self, call):
        wanted = Entry(
            call.acknowledged.entry_id, call.cost, (call.input_tokens, call.output_tokens), tuple(sorted(call.budgets)))
        return wanted in self.entries.get(call.request_id, [])

    def duplicates(self):
        return [f"{name} has {len(found)} entries: {found}" for name, found in self.entries.items() if len(found) > 1]

    def invented(self):
        """Entries of calls that no client settled."""
        settled = {call.request_id for call in self.journal.calls if call.settles}
        return [f"{name} was never settled, and has {found}" for name, found in self.entries.items()
                if name not in settled]

    def unanswered(self):
        """Settles that were sent repeatedly and never acknowledged."""
        return [f"{call.request_id}: {len(call.settles)} settles, the last answered {call.settles[-1].status}"
                for call in self.journal.calls if call.settles and not call.acknowledged]

    # Overspending -------------------------------------------------------------------------------------------------

    def unreserved(self, budget, at=float("inf")):
        """The most that unreserved charges may have come to by `at`: overruns, and settles of holds that had ended."""
        if budget not in self.unreserved_sums:
            self.unreserved_sums[budget] = sums = Claims()
            for call in self.journal.calls:
                if budget in call.budgets and call.settles:
                    held = next(ask.held for ask in call.admitted if ask.hold_id == call.settles[0].hold_id)
                    amount = call.cost if self.may_be_late(call) else max(0, call.cost - held)
                    sums.add(call.settles[0].sent_at, None, amount)
        return self.unreserved_sums[budget].most(at, at)

    @staticmethod
    def may_be_late(call):
        done_at = call.acknowledged.answered_at if call.acknowledged else float("inf")
        hold = next(ask for ask in call.admitted if ask.hold_id == call.settles[0].hold_id)
        return done_at > hold.expires_at

    def overspent(self):
        found = [
            f"window {window}: a grant raised leased from {before} to {leased} with spent {spent} and limit {limit}"
            for window, limit, spent, before, leased, _ in self.broken_grants]
        for budget, windows in self.watch.windows.items():
            found += self.over_limit(budget, windows)
        for budget, (limit, spent, _) in self.windows.items():
            highest = max([self.limits[budget], *(change.limit for change in self.changes(budget))])
            if spent > highest + self.unreserved(budget):
                found.append(
                    f"{budget} has spent {usd(spent)} of {usd(limit)}; unreserved {usd(self.unreserved(budget))}")
        return found

    def over_limit(self, budget, windows):
        """Looks that saw more money spent and leased than the limits and unreserved charges allow."""
        found, ceiling, limit = [], self.limits[budget], None
        for window in windows:
            total = window.spent + window.leased
            if window.limit != limit:
                # After a limit is lowered, the money spent and leased at that moment may stay until it is used up, but
                # must not grow.
                ceiling = max(window.limit, min(total, ceiling + self.unreserved(budget, window.seen_at)))
                limit = window.limit
            if total > ceiling and total > ceiling + self.unreserved(budget, window.seen_at):
                found.append(
                    f"{budget} at {window.seen_at:.3f}: spent {usd(window.spent)} and leased {usd(window.leased)} of "
                    f"{usd(window.limit)}; unreserved by then {usd(self.unreserved(budget, window.seen_at))}")
        return found

    def changes(self, budget):
        return [change for change in self.journal.limits if change.budget == budget]

    # All findings -------------------------------------------------------------------------------------------------

    @cached_property
    def denials(self):
        return denials.judge(self)

    def admitted_while_fenced(self):
        """Admits by a replica that had not reached the database for longer than its lease."""
        found = []
        for fault in self.journal.faults:
            if not fault.is_total:
                continue
            fenced_at = fault.started_at + LEASE_SECONDS + CLOCK_SECONDS
            found += [
                f"{call.request_id} was admitted by replica {ask.replica} {ask.sent_at - fault.started_at:.1f} s after "
                f"{fault.kind}" for call in self.journal.calls for ask in call.admitted
                if fault.replica in (None, ask.replica) and fenced_at < ask.sent_at < (fault.lifted_at or fault.ended_at)]
        return found

    def findings(self):
        """Every broken promise, in words."""
        denials = [str(denial) for denial in self.denials if denial.is_unfounded]
        code, text = self.verify
        verify = [f"purser verify ended with {code}:\n{text.rstrip()}"] if code != 0 else []
        return [
            *self.lost(), *self.duplicates(), *self.invented(), *self.unanswered(), *self.overspent(),
            *self.admitted_while_fenced(), *denials, *self.journal.wrong_answers, *verify]

