#!/usr/bin/env python3
"""Many clients spend one hard budget to its end over several replicas; then again with one replica killed.

Each client goes on until it is finally denied. The test checks that nothing is overspent, that nearly all of the budget
is used, and that nobody is denied while money is left. Few clients test lease revocation best: with little money held,
only idle money in the lease of another replica could cause a denial.
"""
import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass

from clients import Client
from journal import Fault, Journal
from judge import Judge
from money import Prices, nanodollars, usd
from deployment import Deployment
from options import parser as options_of
from sql import ask as ask_database
from table import tell
from watch import TRIGGER, Watch

LEAST_USED = 0.995
SMALLEST, LARGEST = nanodollars("0.0002"), nanodollars("0.01")
HOLD_SECONDS, LONGEST_CALL_SECONDS = 5, 0.2
TEAM, BUDGET = "edge", "team/edge"


@dataclass(frozen=True)
class Scenario:
    clients: int
    limit_usd: str
    is_one_killed: bool = False

    def __str__(self):
        killed = ", one replica killed in the middle" if self.is_one_killed else ""
        return f"{self.clients} clients, hard budget {self.limit_usd} USD{killed}"


SCENARIOS = {
    "crowd": Scenario(96, "5.00"),
    "kill": Scenario(96, "5.00", is_one_killed=True),
    "few": Scenario(6, "0.50"),
}


class Spender(Client):
    """Makes calls of random size, and smaller ones once the budget is exhausted for that size."""

    async def run(self, until):
        largest = LARGEST
        while time.time() < until:
            call = self.new_call(TEAM, (BUDGET,), self.size(largest), HOLD_SECONDS)
            ask = await self.verdict_on(call, until)
            if ask is None:
                return
            if ask.verdict == "deny":
                if call.estimate <= SMALLEST:
                    return
                largest = max(SMALLEST, call.estimate // 2)
                continue
            await asyncio.sleep(self.random.uniform(0, LONGEST_CALL_SECONDS))
            call.output_tokens = self.random.randint(0, call.max_output_tokens)
            call.cost = self.prices.cost(call.input_tokens, call.output_tokens)
            await self.settle(call, ask, self.home, until)

    def size(self, largest):
        """Returns a random size, evenly distributed on a logarithmic scale."""
        return int(SMALLEST * (largest / SMALLEST) ** self.random.random())

    async def verdict_on(self, call, until):
        """Asks again while the money is only held by others or the replica is fenced."""
        while ask := await self.authorize(call, until):
            if ask.reason not in ("funds_held", "replica_fenced"):
                return ask
            await asyncio.sleep(self.random.uniform(0.1, 1))
        return None


async def spend(deployment, scenario, options):
    """Spends the whole budget; returns the journal, the watch and the duration."""
    journal, watch = Journal(), Watch(lambda: deployment.database)
    prices = await asyncio.to_thread(Prices, deployment)
    ports = [replica.port for replica in deployment.replicas]
    clients = [Spender(f"client{n}", n, ports, prices, journal, options.seed) for n in range(scenario.clients)]
    watching = asyncio.create_task(watch.run())
    started_at = time.time()
    spending = asyncio.gather(*(client.run(started_at + options.seconds) for client in clients))
    if scenario.is_one_killed:
        await kill_in_the_middle(deployment, watch, journal, nanodollars(scenario.limit_usd) // 2, spending)
    await spending
    seconds = time.time() - started_at
    await asyncio.sleep(0.2)
    watching.cancel()
    for client in clients:
        client.close()
    return journal, watch, seconds


async def kill_in_the_middle(deployment, watch, journal, half, spending):
    while not spending.done() and not (watch.windows[BUDGET] and watch.windows[BUDGET][-1].spent > half):
        await asyncio.sleep(0.01)
    journal.faults.append(Fault("replica killed", time.time(), time.time(), replica=1))
    deployment.replicas[1].kill()


def run(scenario, options):
    with Deployment(options.purser) as deployment:
        deployment.start_database()
        deployment.start_replicas([deployment.database.url()] * options.replicas)
        asyncio.run(ask_database(deployment.database, TRIGGER))
        deployment.admin("PUT", f"/v1/teams/{TEAM}")
        deployment.set_budget(BUDGET, {"team": TEAM}, scenario.limit_usd)
        journal, watch, seconds = asyncio.run(spend(deployment, scenario, options))
        judge = Judge(journal, watch, {BUDGET: nanodollars(scenario.limit_usd)})
        asyncio.run(judge.read_ledger(deployment.database))
        judge.verify = deployment.command("verify")
        findings = report(judge, journal, seconds, scenario, options)
        tell(findings, deployment.folder / "broken.txt")
        if findings:
            deployment.keeps_folder = True
            journal.write(deployment.folder / "journal.ndjson")
        return not findings


def report(judge, journal, seconds, scenario, options):
    asks = [ask for call in journal.calls for ask in call.asks]
    spent = judge.spent(BUDGET)
    used = spent / nanodollars(scenario.limit_usd)
    waits = sorted(ask.answered_at - ask.sent_at for ask in asks if ask.verdict)
    verdicts = Counter(ask.reason or ask.verdict or f"status {ask.status}" for ask in asks)
    print(f"\n{options.replicas} replicas, {scenario}")
    print(f"  spent            {usd(spent)} USD, {used:.3%}")
    print(f"  answers          {', '.join(f'{name} {count}' for name, count in sorted(verdicts.items()))}")
    print(f"  duration         {seconds:.1f} s; longest wait for a verdict {waits[-1] * 1000:.0f} ms,"
          f" half within {waits[len(waits) // 2] * 1000:.1f} ms")
    findings = judge.findings()
    if used < LEAST_USED:
        findings.append(f"only {used:.3%} of the budget was used")
    return findings


def main():
    parser = options_of(__doc__)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--scenario", choices=SCENARIOS, help="only this one")
    parser.add_argument("--seconds", type=float, default=90, help="give up after so long")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    chosen = [options.scenario] if options.scenario else SCENARIOS
    kept = [run(SCENARIOS[name], options) for name in chosen]
    sys.exit(0 if all(kept) else 1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
