#!/usr/bin/env python3
"""Upgrades three servers under load from an older version to this one, one after another, and back again.

The older version has data and traffic. `purser migrate` of this version runs under that traffic; then each server is
drained and started again as this version, and afterwards, on the migrated database, as the older one. Nothing may be
refused but with a 503 that sending again mends, no acknowledged settlement may be missing or counted twice, nothing
overspent, and `purser verify` of both versions must find nothing.
"""
import asyncio
import os
import sys
import time

from deployment import Deployment
from history import History
from journal import Journal
from judge import Judge
from money import Prices, nanodollars
from options import parser as options_of
from replicas import program
from sql import ask as ask_database
from stages import Stage, table
from table import tell
from traffic import CAREFUL, Caller, LimitChanger, Team
from watch import TRIGGER, Watch

REPLICAS, PAUSE_SECONDS, DRAIN_SECONDS, SEED = 3, 2, "2", "upgrade"
OLD_TEAM, OLD_LIMIT_USD = "history", "1000000"
TEAMS = [
    Team("plenty", 16, {"team/plenty": {"team": "plenty"}}, "1000", CAREFUL),
    Team("edge", 12, {"team/edge": {"team": "edge"}}, "0.1", CAREFUL, is_near_limit=True),
]
# The first is there before the upgrade; the second is made by this version, for servers of the older one to read.
OLD_BUDGETS = {"team/history": {"team": OLD_TEAM}, "made/later": {"team": OLD_TEAM, "feature": "feature-1"}}


class Upgrade:
    def __init__(self, deployment, newer, history):
        self.deployment, self.newer, self.older, self.history = deployment, newer, deployment.purser, history
        self.journal, self.stages, self.findings = Journal(), [], []
        self.watch, self.is_over = Watch(lambda: deployment.database), asyncio.Event()

    async def run(self):
        prices = await asyncio.to_thread(Prices, self.deployment)
        ports = [replica.port for replica in self.deployment.replicas]
        callers = [Caller(team, f"{team.name}{n}", n, ports, prices, self.journal, SEED)
                   for team in TEAMS for n in range(team.clients)]
        changers = [LimitChanger(self.deployment, self.watch, self.journal, SEED, budget, scope)
                    for team in TEAMS if team.is_near_limit for budget, scope in team.budgets.items()]
        watching = asyncio.create_task(self.watch.run())
        working = asyncio.gather(*(self.work(worker) for worker in [*callers, *changers]))
        try:
            await self.upgrade()
        finally:
            self.is_over.set()
            await working
            watching.cancel()
            for caller in callers:
                caller.close()

    async def work(self, worker):
        while not self.is_over.is_set():
            await worker.run(time.time() + 1)

    async def upgrade(self):
        await self.stage("the older version", asyncio.sleep, 3 * PAUSE_SECONDS)
        await self.stage("purser migrate", asyncio.to_thread, self.migrate)
        await self.stage("servers replaced", self.replace, self.newer)
        await self.stage("a budget made, calls reported", asyncio.to_thread, self.go_on)
        await self.stage("servers put back", self.replace, self.older)
        await self.stage("calls reported", asyncio.to_thread, self.history.report, 10_000)

    async def stage(self, name, act, *arguments):
        start = time.time()
        await act(*arguments)
        self.stages.append(Stage(name, start, time.time()))
        print(f"  {name}: {time.time() - start:.1f} s", file=sys.stderr, flush=True)

    def migrate(self):
        self.deployment.purser = self.newer
        code, text = self.deployment.command("migrate")
        if code != 0:
            raise RuntimeError(f"purser migrate: {text}")

    def go_on(self):
        budget, scope = list(OLD_BUDGETS.items())[1]
        self.deployment.set_budget(budget, scope, OLD_LIMIT_USD, period="month")
        self.history.report(10_000)

    async def replace(self, purser):
        for replica in self.deployment.replicas:
            replica.purser = purser
            code = await asyncio.to_thread(replica.drain)
            if code != 0:
                self.findings.append(f"replica {replica.number} ended with {code}")
            await asyncio.to_thread(replica.start)
            await asyncio.sleep(PAUSE_SECONDS)


def judge(deployment, upgrade):
    limits = {budget: nanodollars(team.limit_usd) for team in TEAMS for budget in team.budgets}
    judge = Judge(upgrade.journal, upgrade.watch, limits | dict.fromkeys(OLD_BUDGETS, nanodollars(OLD_LIMIT_USD)))
    asyncio.run(judge.read_ledger(deployment.database, without_team=OLD_TEAM))
    findings = upgrade.findings
    for deployment.purser in (upgrade.older, upgrade.newer):
        judge.verify = code, text = deployment.command("verify")
        print(f"  purser verify of {deployment.purser}: {'ok' if code == 0 else 'FAILED'}")
        findings += [f"purser verify of {deployment.purser} ended with {code}:\n{text.rstrip()}"] if code != 0 else []
    return [*findings, *judge.findings()], judge.entry_count


def main():
    parser = options_of(__doc__)
    parser.add_argument("--before", required=True, help="the older program, best in its own checkout")
    parser.add_argument("--entries", type=int, default=1_000_000, help="in the ledger before the upgrade")
    options = parser.parse_args()
    os.environ["PURSER_DRAIN_SECONDS"] = DRAIN_SECONDS
    with Deployment(options.before) as deployment:
        deployment.start_database()
        deployment.start_replicas([deployment.database.url()] * REPLICAS)
        asyncio.run(ask_database(deployment.database, TRIGGER))
        for team in [OLD_TEAM, *(team.name for team in TEAMS)]:
            deployment.admin("PUT", f"/v1/teams/{team}")
        for budget, scope, limit in [
                *((budget, scope, team.limit_usd) for team in TEAMS for budget, scope in team.budgets.items()),
                (*list(OLD_BUDGETS.items())[0], OLD_LIMIT_USD)]:
            deployment.set_budget(budget, scope, limit)
        upgrade = Upgrade(deployment, program(options.purser), History(deployment, OLD_TEAM))
        upgrade.history.report(options.entries)
        asyncio.run(upgrade.run())
        findings, entries = judge(deployment, upgrade)
        print(table(upgrade.stages, upgrade.journal))
        print(f"\n  all was sent again until it was answered; of usage {upgrade.history.unavailable} bodies")
        print(f"  the ledger has {entries} entries of the calls above, and {upgrade.history.reported} of reported ones")
        tell(findings, deployment.folder / "broken.txt")
        if findings:
            deployment.keeps_folder = True
            upgrade.journal.write(deployment.folder / "journal.ndjson")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
