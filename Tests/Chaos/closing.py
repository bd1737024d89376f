"""After the last fault: does all the money come back, and is every replica right about what is left?"""
import asyncio
import time

from money import nanodollars, usd
from sql import ask
from traffic import HOLD_SECONDS, SETTLE_SECONDS, TEAMS

RETURN_SECONDS = 60
# What is left for the last calls, and a call that just fits.
LEFT, FITS, TOO_MUCH = nanodollars("0.004"), nanodollars("0.004"), nanodollars("0.005")
REPEATS = 300
STRANDED = """
SELECT COALESCE(sum(l.amount), 0) FROM lease l JOIN replica r USING (replica_id)
WHERE r.state <> 'live' OR r.heartbeat_at < clock_timestamp() - interval '4 seconds'
"""


class Closing:
    def __init__(self, office, client, journal, treasurer):
        self.office, self.client, self.journal, self.treasurer = office, client, journal, treasurer
        self.findings, self.until = [], time.time() + SETTLE_SECONDS

    async def run(self):
        await self.stranded_money_returns()
        await self.last_calls()
        await self.repeats()
        await self.everyone_drains()

    async def stranded_money_returns(self):
        """Leases of replicas that are gone come back once their holds have expired."""
        deadline = time.time() + RETURN_SECONDS
        await asyncio.sleep(HOLD_SECONDS + 2)
        while (stranded := await self.number(STRANDED)) and time.time() < deadline:
            await asyncio.sleep(0.5)
        if stranded:
            self.findings.append(f"{usd(stranded)} USD are still leased to replicas that are gone")

    async def last_calls(self):
        """With nothing in flight, what fits is admitted on each replica in turn, and what does not is exhausted."""
        budget = self.treasurer.budget
        team = next(team for team in TEAMS if budget in team.budgets)
        spent = await self.number(
            f"SELECT spent FROM budget_window JOIN budget USING (budget_number) WHERE id = '{budget}'")
        await self.treasurer.change(spent + LEFT)
        for replica in range(len(self.office.replicas)):
            await self.last_call(team, replica, FITS, None)
            await self.last_call(team, replica, TOO_MUCH, "budget_exhausted")

    async def last_call(self, team, replica, estimate, reason):
        call = self.client.new_call(team.name, tuple(team.budgets), estimate, HOLD_SECONDS)
        verdict = await self.client.authorize(call, self.until, replica)
        if verdict is None or verdict.reason != reason:
            self.findings.append(
                f"with {usd(LEFT)} left and nothing in flight, replica {replica} judged a call of {usd(estimate)}: "
                f"{verdict}")
        if verdict and verdict.hold_id:
            await self.client.void(call, verdict, replica, self.until)

    async def repeats(self):
        """What was acknowledged is answered the same again, by any replica."""
        acknowledged = [call for call in self.journal.calls if call.acknowledged]
        for call in self.client.random.sample(acknowledged, min(REPEATS, len(acknowledged))):
            hold = next(ask for ask in call.admitted if ask.hold_id == call.acknowledged.hold_id)
            await self.client.settle(call, hold, self.client.random.randrange(len(self.office.replicas)), self.until)

    async def everyone_drains(self):
        """No lease is left of replicas that ended in order, and they end with 0."""
        codes = [await asyncio.to_thread(replica.drain) for replica in self.office.replicas]
        if any(codes):
            self.findings.append(f"replicas ended with {codes} after SIGTERM")
        leased = await self.number("SELECT COALESCE(sum(leased), 0) FROM budget_window")
        if leased:
            self.findings.append(f"{usd(leased)} USD are still leased after every replica has drained")

    async def number(self, query):
        return int((await ask(self.office.database.primary, query))[0][0])
