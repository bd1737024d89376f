#!/usr/bin/env python3
"""Many agent runs, each with a window of its own in one budget with "run": "*", over several replicas.

Each run spends its budget to the last cent: two calls at once on two replicas, one that no longer fits, and one that just
does. Nobody may be denied otherwise, and no run may spend more. Then the runs come to rest, and leave the memory.
"""
import asyncio
import sys
import time
from collections import Counter

from connection import Connections
from deployment import Deployment
from money import MODEL, Prices, nanodollars, usd
from options import parser as options_of
from sql import ask as ask_database

TEAM, BUDGET, LIMIT_USD = "research", "runs", "0.05"
WINDOWS = "purser_windows_in_memory"
LARGE, SMALL = nanodollars("0.02"), nanodollars("0.01")
# What is not used for so long leaves the memory, and a look comes now and then.
IDLE_SECONDS = 100


class Runner:
    """Takes one run after the other, and counts what it was answered."""

    def __init__(self, number, ports, prices, runs, answers):
        self.connections = [Connections(port) for port in ports]
        self.home, self.prices, self.runs, self.answers = number % len(ports), prices, runs, answers

    async def work(self):
        for run in self.runs:
            large = await asyncio.gather(self.call(run, 0, LARGE), self.call(run, 1, LARGE))
            self.expect([answer["verdict"] for answer in large], ["admit", "admit"])
            await asyncio.gather(*(self.settle(answer, LARGE) for answer in large))
            late = await self.call(run, 2, LARGE)
            self.expect(late["verdict"], "deny", late["reason"] and late["reason"]["code"], "budget_exhausted")
            last = await self.call(run, 3, SMALL)
            self.expect(last["verdict"], "admit", last["reason"] and last["reason"]["code"])
            await self.settle(last, SMALL)

    def expect(self, got, expected, reason=None, why=None):
        is_right = got == expected and reason == why
        self.answers["as it should be" if is_right else f"{got} {reason or ''} in place of {expected}"] += 1

    def tokens(self, cost):
        input_tokens, output_tokens = self.prices.tokens(cost)
        if self.prices.cost(input_tokens, output_tokens) != cost:
            raise RuntimeError(f"{usd(cost)} USD is no whole number of tokens")
        return input_tokens, output_tokens

    async def call(self, run, number, cost):
        input_tokens, output_tokens = self.tokens(cost)
        body = {
            "request_id": f"{run}-{number}", "team": TEAM, "run": f"run-{run}", "model": MODEL,
            "input_tokens": input_tokens, "max_output_tokens": output_tokens, "bounds": {"cache_write_tokens": 0}}
        answer = await self.post(self.home + number, "/v1/authorize", body)
        answer["replica"] = self.home + number
        return answer

    async def settle(self, answer, cost):
        if not answer.get("hold_id"):
            return
        input_tokens, output_tokens = self.tokens(cost)
        usage = {"input_tokens": input_tokens, "output_tokens": output_tokens}
        await self.post(answer["replica"], "/v1/settle", {"hold_id": answer["hold_id"], "usage": usage})

    async def post(self, replica, path, body):
        while True:
            status, answer = await self.connections[replica % len(self.connections)].post(path, body, 30)
            if status == 200:
                return answer
            if status != 503:
                raise RuntimeError(f"{path} was answered {status}: {answer}")
            await asyncio.sleep(0.05)


async def spend(deployment, options):
    prices = await asyncio.to_thread(Prices, deployment)
    ports = [replica.port for replica in deployment.replicas]
    runs, answers = iter(range(options.runs)), Counter()
    runners = [Runner(number, ports, prices, runs, answers) for number in range(options.clients)]
    await asyncio.gather(*(runner.work() for runner in runners))
    for runner in runners:
        for connection in runner.connections:
            connection.close()
    return answers


async def rest(deployment):
    """Waits until no window of a run is left in memory; returns how many are left."""
    until = time.time() + IDLE_SECONDS
    while time.time() < until:
        left = [int(replica.metrics()[WINDOWS]) for replica in deployment.replicas]
        if max(left) <= 2:
            return left
        await asyncio.sleep(2)
    return left


async def windows(deployment):
    rows = await ask_database(
        deployment.database,
        f"SELECT count(*), count(*) FILTER (WHERE spent = {nanodollars(LIMIT_USD)}), max(spent), sum(leased) "
        "FROM window_total WHERE value <> ''")
    return [int(text) for text in rows[0]]


def run(options):
    with Deployment(options.purser) as deployment:
        deployment.start_database()
        deployment.start_replicas([deployment.database.url()] * options.replicas)
        deployment.admin("PUT", f"/v1/teams/{TEAM}")
        deployment.set_budget(BUDGET, {"team": TEAM, "run": "*"}, LIMIT_USD, period="day")
        before = [replica.resident_bytes for replica in deployment.replicas]
        started_at = time.time()
        answers = asyncio.run(spend(deployment, options))
        seconds = time.time() - started_at
        live = [int(replica.metrics()[WINDOWS]) for replica in deployment.replicas]
        after = [replica.resident_bytes for replica in deployment.replicas]
        left = asyncio.run(rest(deployment))
        total, full, most, leased = asyncio.run(windows(deployment))
        code, told = deployment.command("verify")
    print(f"{options.runs:,} runs of {LIMIT_USD} USD, {options.replicas} replicas, {options.clients} clients: "
          f"{seconds:.0f} s, {options.runs * 7 / seconds:,.0f} requests a second")
    for answer, count in answers.most_common():
        print(f"  {count:>9,}  {answer}")
    print(f"  {total:,} windows, {full:,} of them spent to the last nanodollar, the most {usd(most)} USD")
    print(f"  in memory: {', '.join(f'{count:,}' for count in live)} windows at the end, "
          f"{', '.join(f'{count:,}' for count in left)} at rest; each server grew by "
          f"{', '.join(f'{(b - a) // 1_000_000}' for a, b in zip(before, after))} MB")
    findings = [f"purser verify ended with {code}:\n{told.rstrip()}"] if code else []
    if set(answers) != {"as it should be"}:
        findings.append("some verdicts are not what they should be")
    if (total, full, leased) != (options.runs, options.runs, 0):
        findings.append(f"{total} windows, {full} full, {leased} leased")
    if min(live) == 0:
        findings.append("the servers tell of no window in memory")
    if max(left) > 2:
        findings.append("windows stay in memory")
    for finding in findings:
        print(f"BROKEN  {finding}")
    return not findings


def main():
    parser = options_of(__doc__)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--runs", type=int, default=100_000)
    sys.exit(0 if run(parser.parse_args()) else 1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
