#!/usr/bin/env python3
"""A rolling restart of three replicas under load, behind HAProxy and then behind nginx. No call may fail.

Routers authorize, settle and void over keep-alive connections to the load balancer and send nothing twice. A call fails
if a request is not answered 200, or is denied although the budget has plenty of money. Meanwhile one replica after
another gets a SIGTERM, ends by itself and is started again. At the end the ledger is compared with the answers that the
routers got.
"""
import asyncio
import os
import sys
import time

from balancers import BALANCERS
from clients import Client
from journal import End, Journal
from judge import Judge
from money import Prices, nanodollars
from deployment import Deployment
from options import parser as options_of
from sql import ask as ask_database
from table import tell
from watch import TRIGGER, Watch

REPLICAS, ROUTERS = 3, 24
TEAM, BUDGET, LIMIT_USD = "plenty", "team/plenty", "1000"
ESTIMATE, HOLD_SECONDS = nanodollars("0.005"), 30
VOID_SHARE, CALL_SECONDS = 0.15, 0.03
# The pause before the first restart, and after each replica that is ready again.
PAUSE_SECONDS = 1.5
SHORT_DRAIN_SECONDS = 2
ENTRY_NUMBER_BITS = 40


class Router(Client):
    """Makes one call after another over one keep-alive connection; sends nothing again."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.failures = []

    async def run(self, is_over):
        while not is_over.is_set():
            call = self.new_call(TEAM, (BUDGET,), ESTIMATE, HOLD_SECONDS)
            ask = await self.authorize_once(call, 0)
            if ask.verdict != "admit":
                self.fail(call, "authorize", ask, ask.reason or ask.status)
                continue
            await asyncio.sleep(self.random.uniform(0, CALL_SECONDS))
            await self.end(call, ask)

    async def end(self, call, ask):
        if self.random.random() < VOID_SHARE:
            call.ends.append(End("void", 0, ask.hold_id, time.time()))
            await self.send_end(call, call.ends[-1], "/v1/void", {"hold_id": ask.hold_id})
        else:
            call.output_tokens = self.random.randint(0, call.max_output_tokens)
            call.cost = self.prices.cost(call.input_tokens, call.output_tokens)
            await self.settle_once(call, ask, 0)
        end = call.ends[-1]
        if end.status != 200:
            self.fail(call, end.kind, end, end.status)

    def fail(self, call, kind, sent, answer):
        self.failures.append(f"{kind} of {call.request_id}, sent at {sent.sent_at:.3f}: {answer or 'no answer'}")


class Restarts:
    """`drains` are the spans of time in which a replica was shutting down."""

    def __init__(self, deployment):
        self.deployment, self.drains, self.findings = deployment, [], []

    async def run(self, rounds):
        await asyncio.sleep(PAUSE_SECONDS)
        for replica in self.deployment.replicas * rounds:
            began = time.time()
            code = await asyncio.to_thread(replica.drain)
            self.drains.append((began, time.time()))
            if code != 0:
                self.findings.append(f"replica {replica.number} ended with {code}")
            await asyncio.to_thread(replica.start)
            await asyncio.sleep(PAUSE_SECONDS)


async def restart_under_load(deployment, balancer, journal, rounds):
    prices = await asyncio.to_thread(Prices, deployment)
    routers = [
        Router(f"{balancer.name}-{number}", 0, [balancer.port], prices, journal, 1) for number in range(ROUTERS)]
    restarts, is_over = Restarts(deployment), asyncio.Event()
    working = asyncio.gather(*(router.run(is_over) for router in routers))
    await restarts.run(rounds)
    is_over.set()
    await working
    for router in routers:
        router.close()
    return routers, restarts


def run(deployment, name, journal, rounds):
    first = len(journal.calls)
    with BALANCERS[name](deployment.folder, deployment.replicas) as balancer:
        routers, restarts = asyncio.run(restart_under_load(deployment, balancer, journal, rounds))
    calls = journal.calls[first:]
    sent = [one for call in calls for one in [*call.asks, *call.ends]]
    seconds = sorted(one.answered_at - one.sent_at for one in sent if one.answered_at)
    idle = [drain for drain in restarts.drains if not any(drain[0] < one.sent_at < drain[1] for one in sent)]
    failures = [failure for router in routers for failure in router.failures]
    print(f"\nbehind {name}: {len(restarts.drains)} restarts")
    print(f"  requests         {len(sent)} of {len(calls)} calls; {len(failures)} failed")
    print(f"  answered within  {seconds[len(seconds) // 2] * 1000:.1f} ms half of them, {seconds[-1] * 1000:.0f} ms all")
    print(f"  ending took      {', '.join(f'{end - began:.1f}' for began, end in restarts.drains)} s", flush=True)
    return failures + restarts.findings + [f"nobody asked while a replica ended at {began}" for began, _ in idle]


def judge(deployment, journal, starts):
    """Compares the ledger with the calls, and checks that every start of a replica wrote some of its entries."""
    judge = Judge(journal, Watch(None), {BUDGET: nanodollars(LIMIT_USD)})
    asyncio.run(judge.read_ledger(deployment.database))
    judge.verify = deployment.command("verify")
    writers = {int(entry.entry_id) >> ENTRY_NUMBER_BITS for found in judge.entries.values() for entry in found}
    print(f"\n  ledger           {judge.entry_count} entries, written by {len(writers)} of {starts} starts of a replica")
    idle = [f"only {len(writers)} of {starts} starts of a replica settled anything"] if len(writers) < starts else []
    return judge.findings() + idle


def main():
    parser = options_of(__doc__)
    parser.add_argument("--balancer", choices=BALANCERS, help="only this one")
    parser.add_argument("--rounds", type=int, default=3, help="how often each replica is restarted")
    parser.add_argument("--short", action="store_true", help="one round with a shorter drain, in less than a minute")
    options = parser.parse_args()
    if options.short:
        options.rounds = 1
        os.environ["PURSER_DRAIN_SECONDS"] = str(SHORT_DRAIN_SECONDS)
    chosen = [options.balancer] if options.balancer else list(BALANCERS)
    with Deployment(options.purser) as deployment:
        deployment.start_database()
        deployment.start_replicas([deployment.database.url()] * REPLICAS)
        asyncio.run(ask_database(deployment.database, TRIGGER))
        deployment.admin("PUT", f"/v1/teams/{TEAM}")
        deployment.set_budget(BUDGET, {"team": TEAM}, LIMIT_USD)
        journal = Journal()
        findings = [found for name in chosen for found in run(deployment, name, journal, options.rounds)]
        findings += judge(deployment, journal, starts=REPLICAS * (1 + options.rounds * len(chosen)))
        tell(findings, deployment.folder / "broken.txt")
        if findings:
            deployment.keeps_folder = True
            journal.write(deployment.folder / "journal.ndjson")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
