#!/usr/bin/env python3
"""Replays real traffic through a running Purser: every call is authorized, then settled, as a router would.

The traffic is the Azure LLM inference trace of 2023 (github.com/Azure/AzurePublicDataset): two CSV files of TIMESTAMP,
ContextTokens, GeneratedTokens. They become two features of one team, `code` on gpt-4o and `conv` on gpt-4o-mini, and
their calls happen now, in the order of the trace, as fast as the clients go. At the end the totals that were
acknowledged are compared with the month's report; the exit code is 0 only if they are the same.
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
import urllib.parse
from collections import Counter
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

EXAMPLES = """examples:
  export PURSER_URL=http://127.0.0.1:8080 PURSER_TOKEN=...     # a token of the role admin or router
  scripts/replay.py --setup generous                           # everything is admitted: 28,185 calls
  scripts/replay.py --setup hard --clients 64                  # $10 for code: downgraded at 80%, then denied
  scripts/replay.py --limit 1000 --hold-seconds 30             # the first 1,000 calls, short holds
  scripts/replay.py --resume                                   # go on after Ctrl-C or a crash: only what is missing
"""
FEATURES = {"code": ("gpt-4o", "azure_llm_2023_code.csv"), "conv": ("gpt-4o-mini", "azure_llm_2023_conv.csv")}
LONGEST_PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 30


class Refused(Exception):
    """An answer that sending again does not change."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('detail', 'no reason given')}")
        self.status, self.problem = status, problem


class Stopped(Exception):
    """Ctrl-C, while waiting for the server to come back."""


class Purser:
    """One keep-alive connection. What gets no answer, or a 503, is sent again until the server is back."""

    def __init__(self, url, token, stop, count_retry=lambda: None):
        parts = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(parts.hostname, parts.port, timeout=PATIENCE_SECONDS)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.stop, self.count_retry = stop, count_retry

    def send(self, method, path, body=None):
        pause = 0.02
        text = None if body is None else json.dumps(body)
        while not self.stop.is_set():
            try:
                self.connection.request(method, path, text, self.headers)
                response = self.connection.getresponse()
                answer = response.read()
                if response.status != 503:
                    return self.read(response.status, answer)
            except (OSError, http.client.HTTPException):
                self.connection.close()
            self.count_retry()
            self.stop.wait(pause * random.uniform(0.5, 1))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        raise Stopped

    @staticmethod
    def read(status, answer):
        try:
            content = json.loads(answer) if answer else {}
        except ValueError:
            content = {"detail": answer[:200].decode(errors="replace")}
        if status >= 300:
            raise Refused(status, content)
        return content


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
    """What was acknowledged, one line each: `ID held VERDICT HOLD_ID`, `ID deny REASON`, `ID settled VERDICT COST`."""

    def __init__(self, path, resume):
        self.ended, self.held = {}, {}
        self.lock = threading.Lock()
        if resume and path.exists():
            for line in path.read_text().split("\n")[:-1]:
                request_id, what, *rest = line.split("\t")
                (self.held if what == "held" else self.ended)[request_id] = (what, *rest)
        self.file = open(path, "a" if resume else "x")

    def write(self, *fields):
        with self.lock:
            self.file.write("\t".join(fields) + "\n")
            self.file.flush()


class Replay:
    def __init__(self, options, token):
        self.options, self.token = options, token
        self.calls = read_calls(options.data, options.limit)
        self.journal = Journal(options.journal, options.resume)
        self.waiting = iter([call for call in self.calls if call[0] not in self.journal.ended])
        self.lock, self.stop = threading.Lock(), threading.Event()
        self.done = {feature: Counter() for feature in FEATURES}
        self.cost = {feature: Decimal(0) for feature in FEATURES}
        self.reasons, self.failures, self.retries = Counter(), [], 0
        self.seconds = {"authorize": [], "settle": []}
        for request_id, ended in self.journal.ended.items():
            self.count(request_id.split("-")[0], *ended)

    def count(self, feature, what, verdict_or_reason, cost="0"):
        with self.lock:
            self.done[feature]["deny" if what == "deny" else verdict_or_reason] += 1
            self.cost[feature] += Decimal(cost)
            if what == "deny":
                self.reasons[verdict_or_reason] += 1

    def count_retry(self):
        with self.lock:
            self.retries += 1

    def post(self, purser, route, body):
        start = time.monotonic()
        answer = purser.send("POST", f"/v1/{route}", body)
        self.seconds[route].append(time.monotonic() - start)
        return answer

    def authorize(self, purser, request_id, feature, context, generated):
        """The verdict and its hold; the verdict alone where it is a denial."""
        body = {"request_id": request_id, "team": self.options.team, "feature": feature, "model": FEATURES[feature][0],
                "input_tokens": context, "max_output_tokens": max(generated, self.options.max_output)}
        if self.options.hold_seconds:
            body["hold_seconds"] = self.options.hold_seconds
        answer = self.post(purser, "authorize", body)
        if answer["verdict"] == "deny":
            return "deny", answer["reason"]["code"]
        self.journal.write(request_id, "held", answer["verdict"], answer["hold_id"])
        return answer["verdict"], answer["hold_id"]

    def run_call(self, purser, call):
        request_id, feature, context, generated = call
        usage = {"input_tokens": context, "output_tokens": generated}
        # A hold of an earlier run may be settled already; settling it again answers the same.
        _, verdict, hold = self.journal.held.get(request_id, (None, None, None))
        while True:
            if hold is None:
                verdict, hold = self.authorize(purser, *call)
            if verdict == "deny":
                ended = ("deny", hold)
                break
            try:
                receipt = self.post(purser, "settle", {"hold_id": hold, "usage": usage})
                ended = ("settled", verdict, receipt["cost_usd"] or "0")
                break
            except Refused as refused:
                if refused.problem.get("code") != "unknown_hold":
                    raise
                hold = None  # Another database's: ask anew under the same id.
        self.journal.write(request_id, *ended)
        self.count(feature, *ended)

    def work(self):
        purser = Purser(self.options.url, self.token, self.stop, self.count_retry)
        while not self.stop.is_set():
            with self.lock:
                call = next(self.waiting, None)
            if call is None:
                return
            try:
                self.run_call(purser, call)
            except Stopped:
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
                self.show_progress(start)
        except KeyboardInterrupt:
            self.stop.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        if sys.stderr.isatty():
            print(file=sys.stderr)
        return time.monotonic() - start

    def show_progress(self, start):
        if not sys.stderr.isatty():
            return
        verdicts = sum(self.done.values(), Counter())
        ended = sum(verdicts.values())
        rate = (ended - len(self.journal.ended)) / max(time.monotonic() - start, 0.001)
        print(f"\r{ended:,} of {len(self.calls):,} calls, {rate:,.0f}/s; admitted {verdicts['admit']:,}, "
              f"downgraded {verdicts['downgrade']:,}, denied {verdicts['deny']:,}, failed {len(self.failures):,}, "
              f"sent again {self.retries:,}\033[K", end="", file=sys.stderr, flush=True)

    def report(self, seconds):
        """Prints what was seen and returns whether everything was answered and the month's report says the same."""
        sent = len(self.seconds["authorize"])
        print(f"{sent:,} calls in {seconds:.1f} s ({sent / max(seconds, 0.001):,.0f}/s) from "
              f"{self.options.clients} clients; sent again {self.retries:,}")
        for route, times in self.seconds.items():
            if times:
                times.sort()
                marks = (f"p{p} {times[len(times) * p // 100] * 1000:.1f} ms" for p in (50, 99))
                print(f"  {route:10} {', '.join(marks)}, longest {times[-1] * 1000:.1f} ms, as this client saw it")
        for feature, verdicts in self.done.items():
            print(f"  {feature:10} admitted {verdicts['admit']:,}, downgraded {verdicts['downgrade']:,}, "
                  f"denied {verdicts['deny']:,}; {usd(self.cost[feature])} acknowledged")
        for reason, times in self.reasons.most_common():
            print(f"  denied for {reason}: {times:,}")
        for failure in self.failures[:10]:
            print(f"  failed: {failure}", file=sys.stderr)
        if self.stop.is_set():
            print("Interrupted; go on with --resume.", file=sys.stderr)
            return False
        return self.matches_report() and not self.failures

    def matches_report(self):
        query = urllib.parse.urlencode({
            "month": datetime.now(timezone.utc).strftime("%Y-%m"), "team": self.options.team})
        try:
            report = Purser(self.options.url, self.token, self.stop).send("GET", f"/v1/reports/monthly?{query}")
        except Refused as refused:
            print(f"The month's report could not be read: {refused}", file=sys.stderr)
            return False
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
    """Makes the team and its budgets; `hard` gives code 10 USD and a ladder, `generous` more than it can use."""
    def budget(feature, limit_usd, **more):
        purser.send("PUT", f"/v1/budgets/{urllib.parse.quote(f'{team}/{feature}', safe='')}", {
            "scope": {"team": team, "feature": feature}, "period": "month", "time_zone": "UTC",
            "limit_usd": limit_usd, "enforcement": "hard", **more})

    purser.send("PUT", f"/v1/teams/{urllib.parse.quote(team, safe='')}", {})
    if kind == "hard":
        purser.send("PUT", f"/v1/ladders/{urllib.parse.quote(team, safe='')}/code",
                    {"models": ["gpt-4o", "gpt-4o-mini"]})
        budget("code", "10", downgrade_at=0.8, alert_at=[0.5, 0.8, 1.0])
    else:
        budget("code", "100000")
    budget("conv", "100000")


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=data, metavar="DIR",
                        help="where the two CSV files are (default: ../shared/data beside the checkout)")
    parser.add_argument("--setup", choices=["generous", "hard"],
                        help="make the team and its budgets first; needs a token of the role admin")
    parser.add_argument("--team", default="azure", help="the team that makes the calls (default: azure)")
    parser.add_argument("--clients", type=int, default=16, metavar="N", help="concurrent clients (default: 16)")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N calls; 0 with --setup only sets up")
    parser.add_argument("--hold-seconds", type=int, metavar="S", help="how long a hold may live (default: 600)")
    parser.add_argument("--max-output", type=int, default=0, metavar="N",
                        help="declare at least N output tokens a call (default: just what it generated)")
    parser.add_argument("--journal", type=Path, default=Path("replay.journal"), metavar="FILE",
                        help="where acknowledged answers are noted (default: replay.journal)")
    parser.add_argument("--resume", action="store_true", help="send only what the journal has no answer for")
    options = parser.parse_args()
    options.url = os.environ.get("PURSER_URL", "http://127.0.0.1:8080")
    if not 1 <= options.clients <= 1024:
        parser.error("--clients must be 1 to 1024")
    return parser, options


def main():
    parser, options = parse()
    token = os.environ.get("PURSER_TOKEN")
    if not token:
        parser.error("PURSER_TOKEN is not set: a token of the role admin or router")
    try:
        replay = Replay(options, token)
    except FileExistsError:
        parser.error(f"{options.journal} is there from another replay: go on with --resume, or remove it")
    except OSError as failure:
        parser.error(f"{failure.filename}: {failure.strerror}")
    if options.setup:
        try:
            set_up(Purser(options.url, token, threading.Event()), options.team, options.setup)
        except Refused as refused:
            sys.exit(f"Could not set up: {refused}")
    return 0 if replay.report(replay.run()) else 1


if __name__ == "__main__":
    sys.exit(main())
