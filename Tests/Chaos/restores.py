#!/usr/bin/env python3
"""Goes back to a backup of PostgreSQL again and again, on the same timeline or a new one, while servers and clients run on.

Between a backup and the return to it budgets are made, which are lost, and after it others are made, which must not be
taken for them. Meanwhile wall clocks of servers are set, and servers cannot load the configuration. What a restore has lost
is excused until it is sent again; everything else must hold.
"""
import asyncio
import random
import sys
import time

from deployment import Deployment
from journal import Fault, Journal
from money import NANODOLLARS, Prices, nanodollars, usd
from options import parser as options_of
from past import Past
from pastjudge import PastJudge
from sql import ask as ask_database
from table import tell
from traffic import CAREFUL, CARELESS, Caller, Team
from wallclock import WallClock
from watch import TRIGGER

REPLICAS = 3
READY_SECONDS, CHANGE_SECONDS = 20, 30
SHORT_ROUNDS, SETTLE_SECONDS = 2, 60
# A server notices a restore with its next heartbeat.
NOTICE_SECONDS = 4
LOCK_LADDERS = "BEGIN; LOCK TABLE ladder; SELECT pg_sleep(4); COMMIT"
# Who voids a hold of a lost past is told that it has expired: voids are left to the other tests.
ENDINGS = {ending: weight for ending, weight in CARELESS.items() if not ending.startswith("void")}
CAREFUL_ENDINGS = {ending: weight for ending, weight in CAREFUL.items() if not ending.startswith("void")}
PLENTY = Team("plenty", 12, {"team/plenty": {"team": "plenty"}}, "1000", ENDINGS)
EDGE = Team("edge", 8, {"team/edge": {"team": "edge"}}, "0.1", CAREFUL_ENDINGS, is_near_limit=True)


class Router(Caller):
    def compare_settles(self, call, end):
        """After a restore the same settle gets another entry."""
        if end.cost != call.cost:
            self.journal.wrong(call, f"settled at {end.cost} nanodollars; its usage costs {call.cost}")


class Run:
    def __init__(self, deployment, clocks, options):
        self.deployment, self.clocks, self.options = deployment, clocks, options
        self.journal, self.past, self.findings = Journal(), Past(), []
        self.random = random.Random(f"{options.seed}/restores")
        self.limit, self.until = nanodollars(EDGE.limit_usd), float("inf")

    @property
    def database(self):
        return self.deployment.database

    async def run(self):
        prices = await asyncio.to_thread(Prices, self.deployment)
        ports = [replica.port for replica in self.deployment.replicas]
        self.routers = [
            Router(team, f"{team.name}{n}", n, ports, prices, self.journal, self.options.seed)
            for team in (PLENTY, EDGE) for n in range(team.clients)]
        self.until = time.time() + 3600
        working = [asyncio.create_task(self.work(router)) for router in self.routers]
        await asyncio.sleep(2)
        for number in range(self.options.rounds):
            await self.one_round(number)
        self.until = time.time()
        await asyncio.gather(*working)
        await self.send_lost_again()
        await self.everyone_drains()
        for router in self.routers:
            router.close()

    async def work(self, router):
        """Makes calls one after another until the run ends."""
        ends = set()
        while time.time() < self.until:
            if admitted := await router.one_call(min(self.until, time.time() + 5)):
                ends.add(end := asyncio.create_task(router.end(*admitted, time.time() + SETTLE_SECONDS)))
                end.add_done_callback(ends.discard)
            await asyncio.sleep(router.random.uniform(0, 0.05))
        await asyncio.gather(*ends)

    # One round ----------------------------------------------------------------------------------------------------

    async def one_round(self, number):
        is_new = bool(number % 2) if self.options.rounds > 1 else self.random.random() < 0.5
        self.set_a_clock()
        backup = await asyncio.to_thread(self.database.back_up)
        restore = self.past.begin(time.time())
        # A server notices a restore on the same timeline by a heartbeat that is lost.
        await asyncio.sleep(self.random.uniform(2.5, 5))
        await self.make_budget(f"lost-{number}", PLENTY)
        await asyncio.sleep(self.random.uniform(0.5, 2))
        print(f"  {time.strftime('%H:%M:%S')} back to a backup{' on a new timeline' if is_new else ''}", flush=True)
        fault = Fault("restore", time.time(), reaches_database=True)
        self.journal.faults.append(fault)
        await asyncio.to_thread(self.database.stop_immediately)
        await asyncio.sleep(self.random.uniform(0.2, 2))
        restore.stopped_at = fault.started_at
        await asyncio.to_thread(self.database.go_back, backup, is_new)
        fault.ended_at = restore.returned_at = time.time()
        await self.make_budget(f"late-{number}", EDGE)
        await self.everyone_serves(f"restore {number}")
        await asyncio.sleep(max(0, restore.returned_at + NOTICE_SECONDS - time.time()))
        restore.noticed_at = time.time()
        await self.send_lost_again()
        await self.keep_from_loading()
        await self.raise_limit()
        await asyncio.sleep(self.random.uniform(1, 3))

    def set_a_clock(self):
        clock = self.random.choice(self.clocks)
        seconds = self.random.choice([-3600, -7, 0, 7, 600, 3600])
        if clock.can_be_set:
            print(f"  {time.strftime('%H:%M:%S')} a wall clock is set to {seconds:+} s", flush=True)
            clock.set(seconds)

    async def keep_from_loading(self):
        """For a while no server can load the configuration. A change waits; calls do not."""
        print(f"  {time.strftime('%H:%M:%S')} nobody can load the configuration", flush=True)
        locking = asyncio.create_task(ask_database(self.database, LOCK_LADDERS))
        await asyncio.sleep(0.2)
        began = time.time()
        changing = asyncio.create_task(self.raise_limit())
        await locking
        ended = time.time()
        judged = sum(1 for call in self.journal.calls for ask in call.asks
                     if ask.verdict and ask.sent_at > began and ask.answered_at < ended)
        if judged < 20:
            self.findings.append(f"only {judged} calls were judged while the configuration could not be loaded")
        await changing

    async def make_budget(self, name, team):
        await self.change(name, {"team": team.name}, "1000", "day")

    async def raise_limit(self):
        """Keeps the budget of one team near its limit. The limit only grows, so the last one is the highest."""
        spent = int((await ask_database(
            self.database, "SELECT COALESCE(max(spent), 0) FROM budget_window JOIN budget USING (budget_number) "
            "WHERE id = 'team/edge'"))[0][0])
        self.limit = max(self.limit, spent) + NANODOLLARS // 10
        await self.change("team/edge", {"team": "edge"}, usd(self.limit), "total")

    async def change(self, budget, scope, limit_usd, period):
        """Sends a change until it is answered."""
        deadline = time.time() + CHANGE_SECONDS
        while True:
            replica = self.random.randrange(REPLICAS)
            try:
                return await asyncio.to_thread(
                    self.deployment.set_budget, budget, scope, limit_usd, replica, period)
            except (OSError, RuntimeError) as error:
                if time.time() > deadline:
                    self.findings.append(f"{budget} could not be changed: {error}")
                    return None
                await asyncio.sleep(0.2)

    async def everyone_serves(self, what):
        for replica in self.deployment.replicas:
            try:
                await asyncio.to_thread(replica.wait_until_ready, READY_SECONDS)
            except (TimeoutError, RuntimeError) as error:
                self.findings.append(f"after {what}: {error}")

    # What was lost ------------------------------------------------------------------------------------------------

    async def send_lost_again(self):
        """Sends every settle again that was acknowledged and is lost, as routers do."""
        known = {row[0] for row in await ask_database(self.database, "SELECT request_id FROM ledger")}
        lost = [call for call in self.journal.calls if call.acknowledged and call.request_id not in known
                and self.past.may_have_lost(call)]
        print(f"  {time.strftime('%H:%M:%S')} {len(lost)} settles are sent again", flush=True)
        self.past.resent.update(call.request_id for call in lost)
        await asyncio.gather(*map(self.send_again, lost))

    async def send_again(self, call):
        hold = next(ask for ask in call.admitted if ask.hold_id == call.settles[0].hold_id)
        router = self.random.choice(self.routers)
        await router.settle(call, hold, self.random.randrange(REPLICAS), time.time() + SETTLE_SECONDS)

    async def everyone_drains(self):
        codes = [await asyncio.to_thread(replica.drain) for replica in self.deployment.replicas]
        if any(codes):
            self.findings.append(f"replicas ended with {codes} after SIGTERM")


def prepare(deployment):
    clocks = [WallClock(deployment.folder, number) for number in range(REPLICAS)]
    deployment.start_replicas([deployment.database.url()] * REPLICAS, [clock.environment for clock in clocks])
    asyncio.run(ask_database(deployment.database, TRIGGER))
    for team in (PLENTY, EDGE):
        deployment.admin("PUT", f"/v1/teams/{team.name}")
        for budget, scope in team.budgets.items():
            deployment.set_budget(budget, scope, team.limit_usd)
    return clocks


def main():
    parser = options_of(__doc__, has_seed=True)
    parser.add_argument("--rounds", type=int, default=20, help="restores")
    parser.add_argument("--short", action="store_true", help=f"{SHORT_ROUNDS} restores")
    options = parser.parse_args()
    if options.short:
        options.rounds = SHORT_ROUNDS
    print(f"restores from a backup, seed {options.seed}, {options.rounds} rounds", flush=True)
    with Deployment(options.purser) as deployment:
        deployment.start_database()
        run = Run(deployment, prepare(deployment), options)
        asyncio.run(run.run())
        judge = PastJudge(run)
        asyncio.run(judge.read(deployment.database))
        findings = [*run.findings, *judge.findings(deployment.command("verify"))]
        print(judge.summary())
        tell(findings, deployment.folder / "broken.txt")
        if findings:
            deployment.keeps_folder = True
            run.journal.write(deployment.folder / "journal.ndjson")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
