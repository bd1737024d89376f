"""Agents among the traffic of a chaos run: each run has a window of its own, all have a rolling one that is boosted now and
then, and calls take smaller answers, wait for money, and get more time.
"""
import asyncio
import random
import time
from datetime import datetime, timezone
from urllib.parse import quote

from journal import LimitChange
from money import NANODOLLARS, nanodollars, usd
from traffic import CAREFUL, HOLD_SECONDS, Caller, Team

RUNS, RECENT = "runs/agents", "recent/agents"
RUN_LIMIT_USD, RECENT_LIMIT_USD = "0.04", "1"
AGENTS = Team("agents", 10, {}, RECENT_LIMIT_USD, CAREFUL)
# So many runs are under way at a time, each for so long.
RUNS_AT_ONCE, RUN_SECONDS = 4, 3
EXTEND_SHARE, CLAMP_SHARE, WAIT_SHARE = 0.2, 0.5, 0.3


def prepare(deployment):
    deployment.admin("PUT", f"/v1/teams/{AGENTS.name}")
    deployment.set_budget(RUNS, {"team": AGENTS.name, "run": "*"}, RUN_LIMIT_USD)
    deployment.set_budget(RECENT, {"team": AGENTS.name}, RECENT_LIMIT_USD, period={"minutes": 1})


def limits(journal):
    """The limits of the windows that the calls have met, and of the budget that has one for each run."""
    names = {name for call in journal.calls if call.team == AGENTS.name for name in call.budgets} | {RUNS}
    return {name: nanodollars(RECENT_LIMIT_USD if name == RECENT else RUN_LIMIT_USD) for name in names}


class Agent(Caller):
    def prepared(self, call):
        call.run = f"{int(time.time() / RUN_SECONDS)}-{self.random.randrange(RUNS_AT_ONCE)}"
        call.budgets = (RECENT, f"{RUNS}:{call.run}")
        if self.random.random() < CLAMP_SHARE:
            call.min_output_tokens = self.random.randint(1, call.max_output_tokens)
            call.least_estimate = self.prices.cost(call.input_tokens, call.min_output_tokens)
        if self.random.random() < WAIT_SHARE:
            call.wait_ms = self.random.choice([100, 1000, 3000])
        return call

    async def end(self, call, ask, until):
        if self.random.random() < EXTEND_SHARE:
            await self.extend(call, ask, self.another(), self.random.choice([1, HOLD_SECONDS, 4 * HOLD_SECONDS]))
            await asyncio.sleep(self.random.uniform(0, HOLD_SECONDS / 2))
        await super().end(call, ask, until)


class Booster:
    """Gives the rolling budget more for some seconds, one boost after the other."""

    BOOST_SECONDS, PAUSE_SECONDS = (3, 8), (4, 10)

    def __init__(self, deployment, journal, seed):
        self.deployment, self.journal, self.random = deployment, journal, random.Random(f"{seed}/booster")
        self.limit = nanodollars(RECENT_LIMIT_USD)

    async def run(self, until):
        while time.time() < until:
            await asyncio.sleep(self.random.uniform(*self.PAUSE_SECONDS))
            await self.boost(self.random.randint(NANODOLLARS // 20, NANODOLLARS // 2))

    async def boost(self, amount):
        ends_at = time.time() + self.random.uniform(*self.BOOST_SECONDS)
        change = LimitChange(RECENT, self.limit + amount, time.time())
        self.journal.limits.append(change)
        body = {"amount_usd": usd(amount), "reason": "chaos",
                "until": datetime.fromtimestamp(ends_at, timezone.utc).isoformat().replace("+00:00", "Z")}
        replica = self.random.randrange(len(self.deployment.replicas))
        try:
            path = f"/v1/budgets/{quote(RECENT, safe='')}/boosts"
            await asyncio.to_thread(self.deployment.admin, "POST", path, body, replica)
            change.answered_at = time.time()
        except (OSError, RuntimeError):
            # It may have been made all the same.
            pass
        # It ends when maintenance comes to it, at the earliest at its time.
        await asyncio.sleep(max(0, ends_at - time.time()))
        self.journal.limits.append(LimitChange(RECENT, self.limit, ends_at))
