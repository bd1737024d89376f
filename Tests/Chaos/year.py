#!/usr/bin/env python3
"""A year in an hour: calls go on, and between rounds everything that has a retention is moved into the past.

So keys, ends of holds, windows, leases, verdict counts and alerts pass their retention again and again; what is kept for
more than a year is moved five times as far. One server goes on for the whole run; another is restarted each round. Each
round prints the sizes of the tables, the memory of the first server, the statements a second, and how long maintenance
worked. The run is flat if no figure grows by more than 15 % from its middle third to its last.
"""
import asyncio
import sys
import time

from ageing import age, rows_due
from deployment import Deployment
from flatness import grown, middle_and_last, shown, sizes, tell_line, unsummed
from history import History
from options import parser as options_of
from pairs import Pairs
from table import tell

TEAM, LIMIT_USD, DAILY_BUDGETS = "aged", "9000000", 50
DAYS, LONG_DAYS, ROUNDS, KEYS = 20, 100, 18, 1_000_000
# A short run ages so much at once that what is made in one round is purged in the next.
SHORT_DAYS, SHORT_LONG_DAYS, SHORT_ROUNDS, SHORT_KEYS = 41, 450, 3, 30_000


class Year:
    def __init__(self, deployment, options):
        self.deployment, self.options, self.history = deployment, options, History(deployment, TEAM)
        self.rounds, self.findings, self.pairs, self.ended_seconds = [], [], Pairs(TEAM), 0

    def prepare(self):
        self.deployment.start_database()
        self.deployment.start_replicas([self.deployment.database.url()] * 2)
        self.deployment.admin("PUT", f"/v1/teams/{TEAM}")
        self.deployment.set_budget("team/aged", {"team": TEAM}, LIMIT_USD, period="month")
        for number in range(DAILY_BUDGETS):
            scope = {"team": TEAM, "feature": f"nobody-calls-{number}"}
            self.deployment.set_budget(f"daily/{number}", scope, LIMIT_USD, period="day")
        self.deployment.admin("PUT", "/v1/alerts/year", {"team": TEAM, "webhook": "https://hooks.example.com/purser"})

    def round(self):
        worked, statements, begun = self.maintained(), self.statements(), time.monotonic()
        asyncio.run(self.calls())
        traffic = time.monotonic() - begun
        statements = self.statements() - statements
        self.restart_one()
        age(self.deployment.database, self.options.days, self.options.long_days)
        if due := rows_due(self.deployment.database, self.options.patience):
            self.findings.append(f"{due} rows were still there {self.options.patience:.0f} s after their retention")
        figures = sizes(self.deployment.database) | {
            "memory MB": self.deployment.replicas[0].resident_bytes / 1e6, "statements /s": statements / traffic,
            "maintenance s": self.maintained() - worked, "unsummed k": unsummed(self.deployment.database),
            "keys /s": self.options.keys / traffic, "round takes": time.monotonic() - begun}
        self.rounds.append(figures)
        return figures

    def maintained(self):
        """Seconds of maintenance of all servers, whichever does it, with those of servers that have ended."""
        return self.ended_seconds + sum(map(maintenance_seconds, self.deployment.replicas))

    def statements(self):
        return sum(replica.metrics()["purser_database_statements_total"] for replica in self.deployment.replicas)

    async def calls(self):
        """Reports the round's keys, while some clients authorize and settle one call after another."""
        is_over = asyncio.Event()
        pairs = asyncio.create_task(self.pairs.run(self.deployment.replicas, is_over))
        try:
            await asyncio.to_thread(self.history.report, self.options.keys)
        finally:
            is_over.set()
            await pairs

    def restart_one(self):
        replica = self.deployment.replicas[1]
        self.ended_seconds += maintenance_seconds(replica)
        if code := replica.drain():
            self.findings.append(f"replica 1 ended with {code}")
        replica.start()


def maintenance_seconds(replica):
    return replica.metrics()["purser_maintenance_seconds_total"]


def broken_claims(deployment):
    """What `purser verify` finds, but for ids: entries keep their times, so it still expects the ids that were aged."""
    _, text = deployment.command("verify")
    return [line for line in text.splitlines() if line.startswith("FAILED") and "every id has one entry" not in line]


def main():
    parser = options_of(__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--days", type=int, default=DAYS, help="that go by between two rounds")
    parser.add_argument("--long-days", type=int, default=LONG_DAYS, help="for what is kept for more than a year")
    parser.add_argument("--keys", type=int, default=KEYS, help="made in each round")
    parser.add_argument("--patience", type=float, default=300, help="seconds for retention to catch up, each round")
    parser.add_argument("--short", action="store_true", help="some three minutes, to try it; its verdict says little")
    options = parser.parse_args()
    if options.rounds < 3:
        parser.error("three rounds are the least")
    if options.short:
        options.rounds, options.days, options.long_days, options.keys = (
            SHORT_ROUNDS, SHORT_DAYS, SHORT_LONG_DAYS, SHORT_KEYS)
    with Deployment(options.purser) as deployment:
        year = Year(deployment, options)
        year.prepare()
        for number in range(options.rounds):
            line = {"round": number + 1, "days": (number + 1) * options.days} | shown(year.round())
            if number == 0:
                print("  ".join(line), flush=True)
            tell_line(line, line)
        middle, last = middle_and_last(year.rounds)
        for name, figures in ("middle third", middle), ("last third", last):
            tell_line(line, {"round": name, "days": ""} | shown(figures))
        print(f"\n  {year.history.reported} calls reported, {year.pairs.settled} authorized and settled; "
              f"{year.pairs.unavailable + year.history.unavailable} × 503")
        findings = [*year.findings, *year.pairs.findings, *broken_claims(deployment)]
        if options.short:
            print("  too short to say whether anything grows")
        else:
            findings += grown(middle, last)
        tell(findings, deployment.folder / "broken.txt")
        deployment.keeps_folder = bool(findings)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
