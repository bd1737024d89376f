"""Compares the clients' answers with a ledger that has lost parts of its past."""
from collections import Counter, defaultdict

from money import usd
from sql import ask

ENTRIES = """
SELECT l.request_id, l.entry_id, l.effective_cost_nanodollars, l.input_tokens, l.output_tokens, l.team,
    array_to_string(ARRAY(SELECT b.id FROM unnest(l.window_ids) AS u(window_id)
        LEFT JOIN budget_window USING (window_id) LEFT JOIN budget b USING (budget_number) ORDER BY b.id), ' ', 'none')
FROM ledger l
"""
EDGE = """
SELECT w.spent, w.leased FROM budget b JOIN budget_window w USING (budget_number) WHERE b.id = 'team/edge'
"""
# The teams that budgets count, by the beginning of their ids.
COUNTED = {"team/plenty": "plenty", "lost-": "plenty", "team/edge": "edge", "late-": "edge"}


class PastJudge:
    def __init__(self, run):
        self.run, self.journal, self.past = run, run.journal, run.past
        self.entries = defaultdict(list)

    async def read(self, cluster):
        for request_id, entry_id, cost, *usage, team, budgets in await ask(cluster, ENTRIES):
            self.entries[request_id].append((entry_id, int(cost), *map(int, usage), team, budgets.split()))
        (spent, leased), = await ask(cluster, EDGE)
        self.spent, self.leased = int(spent), int(leased)
        self.still_leased = int((await ask(cluster, "SELECT COALESCE(sum(leased), 0) FROM budget_window"))[0][0])
        self.broken_grants = await ask(cluster, "SELECT * FROM broken_grant ORDER BY at")

    def findings(self, verify):
        code, text = verify
        if code != 0:
            yield f"purser verify ended with {code}:\n{text.rstrip()}"
        yield from self.journal.wrong_answers
        yield from self.of_calls()
        yield from self.of_entries()
        for row in self.broken_grants:
            yield f"a grant broke a limit: {row}"
        excused = sum(call.cost for call in self.edge_calls() if self.past.is_unreserved(call))
        if self.spent > self.run.limit + excused:
            yield (f"team/edge has spent {usd(self.spent)}, its highest limit was {usd(self.run.limit)}, and restores "
                   f"excuse {usd(excused)}")

    def edge_calls(self):
        return [call for call in self.journal.calls if call.team == "edge" and call.settles]

    def of_calls(self):
        for call in self.journal.calls:
            found = self.entries.get(call.request_id, [])
            if call.settles and not call.acknowledged:
                yield f"{call.request_id}: {len(call.settles)} settles, the last answered {call.settles[-1].status}"
            if not call.acknowledged:
                continue
            answered = [end.entry_id for end in call.settles if end.status == 200]
            if not any(entry[0] in answered and entry[1:4] == (call.cost, call.input_tokens, call.output_tokens)
                       for entry in found):
                yield f"{call.request_id} was acknowledged as {answered} of {call.cost}; the ledger has {found}"

    def of_entries(self):
        settled = {call.request_id for call in self.journal.calls if call.settles}
        for request_id, found in self.entries.items():
            if len(found) > 1:
                yield f"{request_id} has {len(found)} entries: {found}"
            if request_id not in settled:
                yield f"{request_id} was never settled, and has {found}"
            for *_, team, budgets in found:
                if f"team/{team}" not in budgets:
                    yield f"{request_id} of {team} is not counted by its team's budget, but by {budgets}"
                for budget in budgets:
                    if next((t for prefix, t in COUNTED.items() if budget.startswith(prefix)), None) != team:
                        yield f"{request_id} of {team} is counted by {budget}"

    def summary(self):
        asks = [ask for call in self.journal.calls for ask in call.asks]
        verdicts = Counter(ask.reason or ask.verdict or f"status {ask.status}" for ask in asks)
        lines = [
            f"answers      {', '.join(f'{name} {count}' for name, count in sorted(verdicts.items()))}",
            f"restores     {len(self.past.restores)}; {len(self.past.resent)} settles were lost and sent again",
            f"entries      {sum(map(len, self.entries.values()))}",
            f"team/edge    spent {usd(self.spent)} of at most {usd(self.run.limit)}; {usd(self.still_leased)} still "
            "leased for holds that are open",
        ]
        return "\n" + "\n".join(f"  {line}" for line in lines) + "\n"
