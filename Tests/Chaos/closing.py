"""Checks, after the last fault, that all leased money returns and that every replica knows how much is left."""
import asyncio
import time

from money import nanodollars, usd
from sql import ask
from traffic import HOLD_SECONDS, SETTLE_SECONDS, TEAMS

RETURN_SECONDS = 60
# The money left for the last calls, a call that just fits, and a call that does not fit.
LEFT, FITS, TOO_MUCH = nanodollars("0.004"), nanodollars("0.004"), nanodollars("0.005")
REPEATS = 300
STRANDED = """
SELECT COALESCE(sum(l.amount), 0) FROM lease l JOIN replica r USING (replica_id)
WHERE r.state <> 'live' OR r.heartbeat_at < clock_timestamp() - interval '4 seconds'
"""


class Closing:
    def __init__(self, deployment, client, journal, limit_changer):
        self.deployment, self.client, self.journal, self.limit_changer = deployment, client, journal, limit_changer
        self.findings, self.until = [], time.time() + SETTLE_SECONDS

    async def run(self):
        await self.stranded_money_returns()
        await self.last_calls()
        await self.repeats()
        await self.everyone_drains()

    async def stranded_money_returns(self):
        """Checks that the leases of replicas that are gone return once their holds have expired."""
        deadline = time.time() + RETURN_SECONDS
        await asyncio.sleep(HOLD_SECONDS + 2)
        while (stranded := await self.number(STRANDED)) and time.time() < deadline:
            await asyncio.sleep(0.5)
        if stranded:
            self.findings.append(f"{usd(stranded)} USD are still leased to replicas that are gone")

    async def last_calls(self):
        """Checks that each replica, with nothing in flight, admits a call that fits and denies a larger one.

        The reason of the denial must be `budget_exhausted`.
        """
        budget = self.limit_changer.budget
        team = next(team for team in TEAMS if budget in team.budgets)
        spent = await self.number(
            f"SELECT spent FROM window_total JOIN budget USING (budget_number) WHERE id = '{budget}'")
        await self.limit_changer.change(spent + LEFT)
        for replica in range(len(self.deployment.replicas)):
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
        """Settles acknowledged calls again on any replica, which must give the same answer."""
        acknowledged = [call for call in self.journal.calls if call.acknowledged]
        for call in self.client.random.sample(acknowledged, min(REPEATS, len(acknowledged))):
            hold = next(ask for ask in call.admitted if ask.hold_id == call.acknowledged.hold_id)
            await self.client.settle(call, hold, self.client.random.randrange(len(self.deployment.replicas)), self.until)

    async def everyone_drains(self):
        """Checks that replicas that shut down gracefully exit with 0 and leave no lease."""
        codes = [await asyncio.to_thread(replica.drain) for replica in self.deployment.replicas]
        if any(codes):
            self.findings.append(f"replicas ended with {codes} after SIGTERM")
        leased = await self.number("SELECT COALESCE(sum(leased), 0) FROM window_total")
        if leased:
            self.findings.append(f"{usd(leased)} USD are still leased after every replica has drained")

    async def number(self, query):
        return int((await ask(self.deployment.database.primary, query))[0][0])
