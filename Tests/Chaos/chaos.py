#!/usr/bin/env python3
"""Three replicas on one PostgreSQL with a synchronous standby, real clients, and a seeded schedule of faults.

At the end the ledger is compared with the clients' own log of acknowledged answers, and one table tells the outcome.
The exit code is 1 if any promise was broken; then the logs, the data and the journal stay where the last line says.
"""
import argparse
import asyncio
import random
import sys
import time

import faults
from closing import Closing
from cluster import Pair
from faults import Faults
from gaps import Gaps
from journal import Journal
from judge import Judge
from money import Prices, nanodollars
from office import Office
from proxy import Network
from sql import ask as ask_database
from table import table, tell
from traffic import HOLD_SECONDS, LARGEST, SETTLE_SECONDS, TEAMS, Caller, Treasurer
from watch import TRIGGER, Watch

REPLICAS, KNOCKS, KNOCK_SECONDS = 3, 6, 10
WARM_UP_SECONDS, SHORT_SECONDS = 2, 75
ALL = faults.OF_REPLICAS + faults.OF_THE_DATABASE


class Run:
    def __init__(self, office, network, options):
        self.office, self.options, self.journal = office, options, Journal()
        self.watch = Watch(lambda: office.database.primary)
        self.faults = Faults(office, network, self.journal, options.seed, self.knock)
        self.until = time.time() + options.seconds

    async def run(self):
        self.prices = await asyncio.to_thread(Prices, self.office)
        callers = [Caller(team, *self.about(f"{team.name}{n}", n)) for team in TEAMS for n in range(team.clients)]
        self.treasurers = [
            Treasurer(self.office, self.watch, self.journal, self.options.seed, budget, scope)
            for team in TEAMS if team.is_at_edge for budget, scope in team.budgets.items()]
        self.knocker, closer = (Caller(TEAMS[1], *self.about(name, 0)) for name in ("knock", "close"))
        watching = asyncio.create_task(self.watch.run())
        working = [asyncio.create_task(worker.run(self.until)) for worker in [*callers, *self.treasurers]]
        await self.inject()
        await asyncio.gather(*working)
        self.closing = Closing(self.office, closer, self.journal, self.treasurers[0])
        await self.closing.run()
        watching.cancel()
        for client in [*callers, self.knocker, closer]:
            client.close()

    def about(self, name, home):
        """What a client is made of, with request ids of its own."""
        ports = [replica.port for replica in self.office.replicas]
        return name, home, ports, self.prices, self.journal, self.options.seed

    async def inject(self):
        """Faults of replicas and of the database at the same time, each in an order of its own."""
        await asyncio.sleep(WARM_UP_SECONDS)
        await asyncio.gather(*map(self.inject_in_turn, (faults.OF_REPLICAS, faults.OF_THE_DATABASE)))
        await self.faults.recover("the last fault")

    async def inject_in_turn(self, kinds):
        """One fault after another, each kind once before any comes again, until the time is up."""
        kinds = [kind for kind in kinds if kind in self.options.only and kind not in self.options.without]
        order, left = random.Random(f"{self.options.seed}/{kinds}"), []
        while kinds and time.time() < self.until:
            left = left or order.sample(kinds, len(kinds))
            kind = left.pop()
            await getattr(self.faults, kind)()
            await self.faults.recover(kind)
            await asyncio.sleep(order.uniform(0.5, 2 if self.options.short else 8))

    async def knock(self, replica):
        """Calls sent to a replica that sleeps, answered when it wakes up; what it admits is used."""
        async def one():
            call = self.knocker.new_call(self.knocker.team.name, self.knocker.budgets, LARGEST, HOLD_SECONDS)
            verdict = await self.knocker.authorize_once(call, replica, KNOCK_SECONDS)
            if verdict.hold_id:
                self.knocker.use(call, False)
                await self.knocker.settle(call, verdict, replica, time.time() + SETTLE_SECONDS)
        await asyncio.gather(*(one() for _ in range(KNOCKS)))


def prepare(office, network):
    office.start_replicas([office.database.url(*ports) for ports in network.ports])
    asyncio.run(ask_database(office.database.primary, TRIGGER))
    for team in TEAMS:
        office.admin("PUT", f"/v1/teams/{team.name}")
        for budget, scope in team.budgets.items():
            office.set_budget(budget, scope, team.limit_usd)


def judge(office, run):
    limits = {budget: nanodollars(team.limit_usd) for team in TEAMS for budget in team.budgets}
    judge = Judge(run.journal, run.watch, limits)
    asyncio.run(judge.read_ledger(office.database.primary))
    judge.verify = office.command("verify")
    run.gaps = Gaps(run.journal, run.until)
    findings = [*judge.findings(), *run.gaps.findings(REPLICAS), *run.faults.stuck, *run.closing.findings]
    print(table(judge, run))
    tell(findings, office.folder / "broken.txt")
    if findings:
        office.keeps_folder = True
        run.journal.write(office.folder / "journal.ndjson")
    return not findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--purser", help="the program to test; PURSER_PROGRAM, or this checkout's release build")
    parser.add_argument("--seed", default=str(random.randrange(10_000)), help="decides faults and traffic")
    parser.add_argument("--seconds", type=float, default=600, help="of faults; the end takes about a minute more")
    parser.add_argument("--short", action="store_true", help="every kind of fault about once, in some two minutes")
    parser.add_argument("--only", nargs="+", choices=ALL, default=ALL, metavar="FAULT", help=f"of: {', '.join(ALL)}")
    parser.add_argument("--without", nargs="+", choices=ALL, default=[], metavar="FAULT")
    options = parser.parse_args()
    if options.short:
        options.seconds = SHORT_SECONDS
    print(f"seed {options.seed}, {options.seconds:.0f} s", flush=True)
    with Office(options.purser, Pair) as office:
        office.start_database()
        with Network(REPLICAS, [cluster.port for cluster in office.database.clusters]) as network:
            prepare(office, network)
            run = Run(office, network, options)
            asyncio.run(run.run())
        is_kept = judge(office, run)
    sys.exit(0 if is_kept else 1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
