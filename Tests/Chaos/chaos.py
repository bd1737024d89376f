#!/usr/bin/env python3
"""Runs three replicas on one PostgreSQL with a synchronous standby, real clients, and a seeded schedule of faults.

At the end the test compares the ledger with the clients' own journal of acknowledged answers and prints the outcome as
a table. The exit code is 1 if any promise was broken; the logs, the data and the journal then stay in the folder that
the last line names.
"""
import asyncio
import random
import sys
import time

import agents
import faults
from agents import AGENTS, Agent, Booster
from closing import Closing
from cluster import Pair
from faults import Faults
from gaps import Gaps
from journal import Journal
from judge import Judge
from money import Prices, nanodollars
from deployment import Deployment
from options import parser as options_of
from proxy import Network
from sql import ask as ask_database
from table import table, tell
from traffic import HOLD_SECONDS, LARGEST, SETTLE_SECONDS, TEAMS, Caller, LimitChanger
from watch import TRIGGER, Watch

REPLICAS, PROBES, KNOCK_SECONDS = 3, 6, 10
WARM_UP_SECONDS, SHORT_SECONDS = 2, 75
ALL = faults.OF_REPLICAS + faults.OF_THE_DATABASE


class Run:
    def __init__(self, deployment, network, options):
        self.deployment, self.options, self.journal = deployment, options, Journal()
        self.watch = Watch(lambda: deployment.database.primary)
        self.faults = Faults(deployment, network, self.journal, options.seed, self.probe)
        self.until = time.time() + options.seconds

    async def run(self):
        self.prices = await asyncio.to_thread(Prices, self.deployment)
        callers = [Caller(team, *self.about(f"{team.name}{n}", n)) for team in TEAMS for n in range(team.clients)]
        callers += [Agent(AGENTS, *self.about(f"agent{n}", n)) for n in range(AGENTS.clients)]
        booster = Booster(self.deployment, self.journal, self.options.seed)
        self.limit_changers = [
            LimitChanger(self.deployment, self.watch, self.journal, self.options.seed, budget, scope)
            for team in TEAMS if team.is_near_limit for budget, scope in team.budgets.items()]
        self.prober, closer = (Caller(TEAMS[1], *self.about(name, 0)) for name in ("probe", "close"))
        watching = asyncio.create_task(self.watch.run())
        working = [asyncio.create_task(worker.run(self.until)) for worker in [*callers, *self.limit_changers, booster]]
        await self.inject()
        await asyncio.gather(*working)
        self.closing = Closing(self.deployment, closer, self.journal, self.limit_changers[0])
        await self.closing.run()
        watching.cancel()
        for client in [*callers, self.prober, closer]:
            client.close()

    def about(self, name, home):
        """Returns the arguments of a client. Its request ids begin with its name, so they are its own."""
        ports = [replica.port for replica in self.deployment.replicas]
        return name, home, ports, self.prices, self.journal, self.options.seed

    async def inject(self):
        """Injects faults of replicas and faults of the database at the same time, each group in an order of its own."""
        await asyncio.sleep(WARM_UP_SECONDS)
        await asyncio.gather(*map(self.inject_in_turn, (faults.OF_REPLICAS, faults.OF_THE_DATABASE)))
        await self.faults.recover("the last fault")

    async def inject_in_turn(self, kinds):
        """Injects one fault after another until the time is up; each kind comes once before any comes again."""
        kinds = [kind for kind in kinds if kind in self.options.only and kind not in self.options.without]
        order, left = random.Random(f"{self.options.seed}/{kinds}"), []
        while kinds and time.time() < self.until:
            left = left or order.sample(kinds, len(kinds))
            kind = left.pop()
            await getattr(self.faults, kind)()
            await self.faults.recover(kind)
            await asyncio.sleep(order.uniform(0.5, 2 if self.options.short else 8))

    async def probe(self, replica):
        """Sends calls to a paused replica, which answers them when it is resumed, and settles those that it admits."""
        async def one():
            call = self.prober.new_call(self.prober.team.name, self.prober.budgets, LARGEST, HOLD_SECONDS)
            verdict = await self.prober.authorize_once(call, replica, KNOCK_SECONDS)
            if verdict.hold_id:
                self.prober.use(call, verdict, False)
                await self.prober.settle(call, verdict, replica, time.time() + SETTLE_SECONDS)
        await asyncio.gather(*(one() for _ in range(PROBES)))


def prepare(deployment, network):
    deployment.start_replicas([deployment.database.url(*ports) for ports in network.ports])
    asyncio.run(ask_database(deployment.database.primary, TRIGGER))
    for team in TEAMS:
        deployment.admin("PUT", f"/v1/teams/{team.name}")
        for budget, scope in team.budgets.items():
            deployment.set_budget(budget, scope, team.limit_usd)
    agents.prepare(deployment)


def judge(deployment, run):
    limits = {budget: nanodollars(team.limit_usd) for team in TEAMS for budget in team.budgets}
    limits |= agents.limits(run.journal)
    judge = Judge(run.journal, run.watch, limits)
    asyncio.run(judge.read_ledger(deployment.database.primary))
    judge.verify = deployment.command("verify")
    run.gaps = Gaps(run.journal, run.until)
    findings = [*judge.findings(), *run.gaps.findings(REPLICAS), *run.faults.stuck, *run.closing.findings]
    print(table(judge, run))
    tell(findings, deployment.folder / "broken.txt")
    if findings:
        deployment.keeps_folder = True
        run.journal.write(deployment.folder / "journal.ndjson")
    return not findings


def main():
    parser = options_of(__doc__, has_seed=True)
    parser.add_argument("--seconds", type=float, default=600, help="of faults; the end takes about a minute more")
    parser.add_argument("--short", action="store_true", help="every kind of fault about once, in some two minutes")
    parser.add_argument("--only", nargs="+", choices=ALL, default=ALL, metavar="FAULT", help=f"of: {', '.join(ALL)}")
    parser.add_argument("--without", nargs="+", choices=ALL, default=[], metavar="FAULT")
    options = parser.parse_args()
    if options.short:
        options.seconds = SHORT_SECONDS
    print(f"seed {options.seed}, {options.seconds:.0f} s", flush=True)
    with Deployment(options.purser, Pair) as deployment:
        deployment.start_database()
        with Network(REPLICAS, [cluster.port for cluster in deployment.database.clusters]) as network:
            prepare(deployment, network)
            run = Run(deployment, network, options)
            asyncio.run(run.run())
        is_kept = judge(deployment, run)
    sys.exit(0 if is_kept else 1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
