"""The traffic of a chaos run: a team with plenty, one near its limit, a careless one, and changes of their limits."""
import asyncio
import random
import time
from dataclasses import dataclass

from clients import Client
from journal import LimitChange
from money import NANODOLLARS, nanodollars, usd

SMALLEST, LARGEST = nanodollars("0.0002"), nanodollars("0.01")
HOLD_SECONDS = 5
CALL_SECONDS, PAUSE_SECONDS = 0.15, 0.05
# A client goes on with up to this many other calls while settles wait for the database.
CALLS_UNDER_WAY = 50
# Settles are sent for this long after the last fault, so that each is acknowledged in the end.
SETTLE_SECONDS = 90
# How calls end, with weights. `elsewhere`: settled or voided on another replica than the one that authorized.
CAREFUL = {"settle": 70, "settle elsewhere": 15, "void": 4, "void elsewhere": 4, "vanish": 2}
CARELESS = CAREFUL | {"late": 5, "overrun": 10}
RESEND_SHARE = 0.05


@dataclass(frozen=True)
class Team:
    name: str
    clients: int
    # The scope of each budget that counts the team's calls.
    budgets: dict[str, dict[str, str]]
    limit_usd: str
    endings: dict[str, int]
    is_near_limit: bool = False


TEAMS = [
    Team("plenty", 16, {"team/plenty": {"team": "plenty"}}, "1000", CARELESS),
    Team("edge", 12, {"team/edge": {"team": "edge"}}, "0.1", CAREFUL, is_near_limit=True),
    Team("careless", 8,
         {"team/careless": {"team": "careless"}, "chat/careless": {"team": "careless", "feature": "chat"}},
         "0.1", CARELESS, is_near_limit=True),
]


class Caller(Client):
    """Makes calls of one team; each ends in one of the team's ways."""

    def __init__(self, team, *arguments):
        super().__init__(*arguments)
        self.team, self.budgets = team, tuple(team.budgets)

    async def run(self, until):
        places, ends = asyncio.Semaphore(CALLS_UNDER_WAY), set()
        while time.time() < until:
            if admitted := await self.one_call(until):
                await places.acquire()
                ends.add(end := asyncio.create_task(self.end(*admitted, until + SETTLE_SECONDS)))
                end.add_done_callback(lambda _: places.release())
            await asyncio.sleep(self.random.uniform(0, PAUSE_SECONDS))
        await asyncio.gather(*ends)

    async def one_call(self, until):
        """Returns the call and its verdict if it was admitted, else None."""
        estimate = int(SMALLEST * (LARGEST / SMALLEST) ** self.random.random())
        call = self.prepared(self.new_call(self.team.name, self.budgets, estimate, HOLD_SECONDS))
        ask = await self.authorize(call, until)
        if ask is None:
            return None
        if ask.verdict == "deny":
            await asyncio.sleep(self.random.uniform(0.05, 0.3))
            return None
        await asyncio.sleep(self.random.uniform(0, CALL_SECONDS))
        return call, ask

    def prepared(self, call):
        return call

    async def end(self, call, ask, until):
        ending = self.random.choices(list(self.team.endings), self.team.endings.values())[0]
        where = self.another() if ending.endswith("elsewhere") else ask.replica
        if ending == "vanish":
            return
        if ending.startswith("void"):
            await self.void(call, ask, where, until)
            return
        if ending == "late":
            await asyncio.sleep(HOLD_SECONDS + 1.5)
        self.use(call, ask, ending == "overrun")
        if await self.settle(call, ask, where, until) and self.random.random() < RESEND_SHARE:
            await self.settle(call, ask, self.random.randrange(len(self.connections)), until)

    def use(self, call, ask, is_overrun):
        most = ask.max_output_tokens
        call.output_tokens = self.random.randint(2 * most, 3 * most) if is_overrun else self.random.randint(0, most)
        call.cost = self.prices.cost(call.input_tokens, call.output_tokens)


class LimitChanger:
    """Keeps a budget near its limit: raises the limit bit by bit, and sometimes lowers it, even below the leases."""

    LOWERED_SHARE, PAUSE_SECONDS = 0.25, (2, 5)

    def __init__(self, deployment, watch, journal, seed, budget, scope):
        self.deployment, self.watch, self.journal, self.budget, self.scope = deployment, watch, journal, budget, scope
        self.random = random.Random(f"{seed}/{budget}")

    async def run(self, until):
        while time.time() < until:
            await asyncio.sleep(self.random.uniform(*self.PAUSE_SECONDS))
            if looks := self.watch.windows[self.budget]:
                await self.change(self.next_limit(looks[-1]))

    def next_limit(self, look):
        if self.random.random() < self.LOWERED_SHARE:
            # Between a little less than `spent` and `spent` plus all that is leased.
            return max(0, look.spent + self.random.randint(-NANODOLLARS // 100, max(1, look.leased)))
        return max(look.limit, look.spent) + self.random.randint(NANODOLLARS // 50, NANODOLLARS // 4)

    async def change(self, limit):
        """Sends the limit to one replica after another until it is answered."""
        while True:
            change = LimitChange(self.budget, limit, time.time())
            self.journal.limits.append(change)
            replica = self.random.randrange(len(self.deployment.replicas))
            try:
                await asyncio.to_thread(self.deployment.set_budget, self.budget, self.scope, usd(limit), replica=replica)
            except (OSError, RuntimeError):
                await asyncio.sleep(0.5)
                continue
            change.answered_at = time.time()
            return
