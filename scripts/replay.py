#!/usr/bin/env python3
"""Replays real traffic through a running Purser: every call is authorized, then settled, as a router would.

The traffic is the Azure LLM inference trace of 2023 (github.com/Azure/AzurePublicDataset): two CSV files of TIMESTAMP,
ContextTokens, GeneratedTokens. They become the features `code` (gpt-4o) and `conv` (gpt-4o-mini) of one team. The calls
are dated now and sent as fast as the clients go. The exit code is 0 if the month's report agrees with the acknowledged
answers.
"""
import argparse
import csv
import http.client
import json
import os
import random
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote, urlsplit

EXAMPLES = """examples:
  export PURSER_URL=http://127.0.0.1:8080 PURSER_TOKEN=...     # a token of the role admin or router
  scripts/replay.py --setup generous                           # everything is admitted: 28,185 calls
  scripts/replay.py --setup hard --clients 64                  # $10 for code: downgraded at 80%, then denied
  scripts/replay.py --limit 1000 --hold-seconds 30             # the first 1,000 calls, short holds
  scripts/replay.py --resume                                   # go on after Ctrl-C or a crash: only what is missing
"""
FEATURES = {"code": ("gpt-4o", "azure_llm_2023_code.csv"), "conv": ("gpt-4o-mini", "azure_llm_2023_conv.csv")}
PATIENCE_SECONDS, LONGEST_PAUSE_SECONDS = 30, 1


class Refused(Exception):
    """An error answer that a retry would not change."""

    def __init__(self, status, answer):
        try:
            problem = json.loads(answer)
        except ValueError:
            problem = {}
        self.code = problem.get("code")
        super().__init__(f"{status} {self.code or ''}: {problem.get('detail', 'no reason given')}")


class Purser:
    """One keep-alive connection. It repeats a request that gets no answer, or a 503, until the server is back."""

    def __init__(self, url, token, stop):
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(parts.hostname, parts.port, timeout=PATIENCE_SECONDS)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.stop, self.retries = stop, 0

    def send(self, method, path, body=None):
        pause = 0.02
        while not self.stop.is_set():
            try:
                self.connection.request(method, path, body and json.dumps(body), self.headers)
                response = self.connection.getresponse()
                answer = response.read()
                if 200 <= response.status < 300:
                    return json.loads(answer or "{}")
                if response.status != 503:
                    raise Refused(response.status, answer)
            except (OSError, http.client.HTTPException):
                self.connection.close()
            self.retries += 1
            self.stop.wait(pause * random.uniform(0.5, 1))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        raise KeyboardInterrupt


def usd(amount):
    return f"{Decimal(amount).normalize():f} USD"


def read_calls(folder, limit):
    """(request id, feature, context tokens, generated tokens) of both traces, in the order of their times."""
    calls = []
    for feature, (_, name) in FEATURES.items():
        with open(folder / name, newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=1):
                call = (f"{feature}-{number:06}", feature, int(row["ContextTokens"]), int(row["GeneratedTokens"]))
                calls.append((row["TIMESTAMP"], call))
    calls.sort()
    return [call for _, call in calls][:limit]


class Journal:
    """Acknowledged answers, one per line: `ID held VERDICT HOLD_ID`, `ID deny REASON`, `ID settled VERDICT COST`."""

    def __init__(self, path, resume):
        self.ended, self.held = {}, {}
        if resume and path.exists():
            for line in path.read_text().splitlines():
                request_id, what, *rest = line.split("\t")
                (self.held if what == "held" else self.ended)[request_id] = (what, *rest)
        self.file, self.lock = open(path, "a" if resume else "x"), threading.Lock()

    def write(self, *fields):
        with self.lock:
            self.file.write("\t".join(fields) + "\n")
            self.file.flush()


class Replay:
    def __init__(self, options, url, token):
        self.options, self.url, self.token = options, url, token
        self.calls = read_calls(options.data, options.limit)
        self.journal = Journal(options.journal, options.resume)
        self.waiting = iter([call for call in self.calls if call[0] not in self.journal.ended])
        self.lock, self.stop = threading.Lock(), threading.Event()
        self.done = {feature: Counter() for feature in FEATURES}
        self.cost = {feature: Decimal(0) for feature in FEATURES}
        self.reasons, self.failures, self.clients = Counter(), [], []
        self.seconds = {"authorize": [], "settle": []}
        for request_id, ended in self.journal.ended.items():
            self.count(request_id.split("-")[0], *ended)

    def count(self, feature, what, detail, cost="0"):
        with self.lock:
            self.done[feature][detail if what == "settled" else "deny"] += 1
            self.cost[feature] += Decimal(cost)
            self.reasons[detail] += what == "deny"

    def client(self):
        self.clients.append(Purser(self.url, self.token, self.stop))
        return self.clients[-1]

    def retries(self):
        return sum(client.retries for client in self.clients)

    def post(self, purser, route, body):
        start = time.monotonic()
        answer = purser.send("POST", f"/v1/{route}", body)
        self.seconds[route].append(time.monotonic() - start)
        return answer

    def authorize(self, purser, request_id, feature, context, generated):
        """Returns the verdict and the hold id, or, for a denial, the verdict and the reason."""
        body = {"request_id": request_id, "team": self.options.team, "feature": feature, "model": FEATURES[feature][0],
                "input_tokens": context, "max_output_tokens": max(generated, self.options.max_output),
                "hold_seconds": self.options.hold_seconds}
        answer = self.post(purser, "authorize", body)
        while (answer["reason"] or {}).get("code") == "replica_fenced":
            self.stop.wait(LONGEST_PAUSE_SECONDS)  # The replica has lost its database: ask again later.
            answer = self.post(purser, "authorize", body)
        if answer["verdict"] == "deny":
            return "deny", answer["reason"]["code"]
        self.journal.write(request_id, "held", answer["verdict"], answer["hold_id"])
        return answer["verdict"], answer["hold_id"]

    def run_call(self, purser, call):
        request_id, feature, context, generated = call
        usage = {"input_tokens": context, "output_tokens": generated}
        # An earlier run may have settled this hold already; settling it again gets the same answer.
        _, verdict, hold = self.journal.held.get(request_id, (None, None, None))
        if hold is None:
            verdict, hold = self.authorize(purser, *call)
        ended = ("deny", hold)
        while verdict != "deny":
            try:
                receipt = self.post(purser, "settle", {"hold_id": hold, "usage": usage})
                ended = ("settled", verdict, receipt["cost_usd"] or "0")
                break
            except Refused as refused:
                if refused.code != "unknown_hold":
                    raise
                verdict, hold = self.authorize(purser, *call)
                ended = ("deny", hold)
        self.journal.write(request_id, *ended)
        self.count(feature, *ended)

    def work(self):
        purser = self.client()
        while not self.stop.is_set():
            with self.lock:
                call = next(self.waiting, None)
            if call is None:
                return
            try:
                self.run_call(purser, call)
            except KeyboardInterrupt:  # Ctrl-C in the main thread, passed on through `stop`.
                return
            except Exception as failure:  # One call that fails must not end the client.
                with self.lock:
                    self.failures.append(f"{call[0]}: {failure or type(failure).__name__}")

    def run(self):
        start = time.monotonic()
        threads = [threading.Thread(target=self.work, daemon=True) for _ in range(self.options.clients)]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                time.sleep(0.05)
                if sys.stderr.isatty():
                    self.show_progress(start)
        except KeyboardInterrupt:
            self.stop.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        print(end="\n" if sys.stderr.isatty() else "", file=sys.stderr)
        return time.monotonic() - start

    def show_progress(self, start):
        verdicts = sum(self.done.values(), Counter())
        ended = sum(verdicts.values())
        rate = (ended - len(self.journal.ended)) / (time.monotonic() - start)
        print(f"\r{ended:,} of {len(self.calls):,} calls, {rate:,.0f}/s; admitted {verdicts['admit']:,}, "
              f"downgraded {verdicts['downgrade']:,}, denied {verdicts['deny']:,}, failed {len(self.failures):,}, "
              f"sent again {self.retries():,}\033[K", end="", file=sys.stderr, flush=True)

    def report(self, seconds):
        """Prints the figures; returns whether every call was answered and the month's report agrees."""
        ended = sum(sum(verdicts.values()) for verdicts in self.done.values()) - len(self.journal.ended)
        print(f"{ended:,} calls in {seconds:.1f} s ({ended / max(seconds, 0.001):,.0f}/s) from "
              f"{self.options.clients} clients; sent again {self.retries():,}")
        for route, times in self.seconds.items():
            times = sorted(times) or [0]
            p50, p99 = (times[len(times) * percent // 100] * 1000 for percent in (50, 99))
            print(f"  {route:10} p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {times[-1] * 1000:.1f} ms, as seen here")
        for feature, verdicts in self.done.items():
            print(f"  {feature:10} admitted {verdicts['admit']:,}, downgraded {verdicts['downgrade']:,}, "
                  f"denied {verdicts['deny']:,}; {usd(self.cost[feature])} acknowledged")
        for reason, count in (+self.reasons).most_common():
            print(f"  denied for {reason}: {count:,}")
        for failure in self.failures[:10]:
            print(f"  failed: {failure}", file=sys.stderr)
        if self.stop.is_set():
            raise KeyboardInterrupt("Go on with --resume.")
        return self.matches_report() and not self.failures

    def matches_report(self):
        month, team = datetime.now(timezone.utc).strftime("%Y-%m"), quote(self.options.team, safe="")
        report = self.client().send("GET", f"/v1/reports/monthly?month={month}&team={team}")
        rows = {row["feature"]: row for row in report["rows"]}
        differences = 0
        for feature in FEATURES:
            row = rows.get(feature, {"calls": 0, "cost_usd": "0"})
            settled = self.done[feature]["admit"] + self.done[feature]["downgrade"]
            same = row["calls"] == settled and Decimal(row["cost_usd"]) == self.cost[feature]
            differences += not same
            print(f"  {feature:10} the month's report says {row['calls']:,} calls, {usd(row['cost_usd'])}: "
                  f"{'the same' if same else f'NOT the same as {settled:,} calls, {usd(self.cost[feature])}'}")
        print(f"  total      {usd(sum(self.cost.values()))} acknowledged, {usd(report['totals']['cost_usd'])} reported")
        return differences == 0


def set_up(purser, team, kind):
    """Creates the team and its budgets. `hard` gives `code` 10 USD and a ladder, `generous` more than it can use."""
    def budget(feature, limit_usd, **more):
        purser.send("PUT", f"/v1/budgets/{quote(f'{team}/{feature}', safe='')}", {
            "scope": {"team": team, "feature": feature}, "period": "month", "time_zone": "UTC",
            "limit_usd": limit_usd, "enforcement": "hard", **more})

    purser.send("PUT", f"/v1/teams/{quote(team, safe='')}")
    budget("conv", "100000")
    if kind == "generous":
        return budget("code", "100000")
    purser.send("PUT", f"/v1/ladders/{quote(team, safe='')}/code", {"models": ["gpt-4o", "gpt-4o-mini"]})
    return budget("code", "10", downgrade_at=0.8, alert_at=[0.5, 0.8, 1.0])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = Path(__file__).resolve().parents[2] / "shared" / "data"
    add = parser.add_argument
    add("--data", type=Path, default=data, metavar="DIR", help="the CSV files (../shared/data by the checkout)")
    add("--setup", choices=["generous", "hard"], help="make the team and its budgets first, with an admin token")
    add("--team", default="azure", help="the team that makes the calls (default: azure)")
    add("--clients", type=int, default=16, metavar="N", help="concurrent clients (default: 16)")
    add("--limit", type=int, metavar="N", help="only the first N calls; 0 with --setup only sets up")
    add("--hold-seconds", type=int, default=600, metavar="S", help="how long a hold may live (default: 600)")
    add("--max-output", type=int, default=0, metavar="N", help="declare at least N output tokens (default: the exact)")
    add("--journal", type=Path, default="replay.journal", metavar="FILE", help="what was acknowledged (%(default)s)")
    add("--resume", action="store_true", help="send only what the journal has no answer for")
    options = parser.parse_args()
    if not (token := os.environ.get("PURSER_TOKEN")):
        parser.error("PURSER_TOKEN is not set: a token of the role admin, or router where nothing is to be compared")
    if not 1 <= options.clients <= 1024 or (options.limit or 0) < 0:
        parser.error("--clients must be 1 to 1024, and --limit not below 0")
    try:
        replay = Replay(options, os.environ.get("PURSER_URL", "http://127.0.0.1:8080"), token)
        if options.setup:
            set_up(replay.client(), options.team, options.setup)
        return 0 if replay.report(replay.run()) else 1
    except FileExistsError:
        parser.error(f"{options.journal} is there from another replay: go on with --resume, or remove it")
    except OSError as failure:
        parser.error(f"{failure.filename}: {failure.strerror}")
    except (Refused, KeyboardInterrupt) as failure:
        return f"Stopped. {failure}"


if __name__ == "__main__":
    sys.exit(main())
