"""What may disturb a deployment: each goes on for some seconds and returns a few words about how it went.

A disturbance that is under way at the end of its time is waited for, within bounds of its own.
"""
import os
import subprocess
import threading
import time
from contextlib import contextmanager

REPORTS, CREDITS = ("credits", "invoice", "models", "monthly"), 10
PAUSE_SECONDS, LATE_SECONDS, TOLD = 1, 60, 80
MONTHS_AHEAD = 14


def each_second(seconds, act):
    """Does `act` once a second; returns how often, how long the slowest took, and what failed."""
    until, slowest, count, failures = time.monotonic() + seconds, 0, 0, []
    while (begun := time.monotonic()) < until:
        try:
            act(count)
        except (OSError, RuntimeError) as problem:
            failures.append(str(problem)[:TOLD])
        count, slowest = count + 1, max(slowest, time.monotonic() - begun)
        time.sleep(max(0, min(begun + PAUSE_SECONDS, until) - time.monotonic()))
    failed = f", {len(failures)} failed: {failures[0]}" if failures else ""
    return f"{count}, the slowest {slowest:.2f} s{failed}"


def budget_made(side, seconds):
    """The first counts the traffic's calls, the others are of teams of the filled ledger."""
    def make(number):
        if number == 0:
            side.set_budget("disturb/bench", {"team": "bench", "feature": "chat"}, 1_000_000)
        else:
            side.request("PUT", f"/v1/teams/team-{number}")
            side.set_budget(f"disturb/team-{number}", {"team": f"team-{number}"}, 1_000_000)
    return each_second(seconds, make)


@contextmanager
def somebody_reading(side, seconds):
    reader = subprocess.Popen(
        ["psql", "-XAtq", "-d", side.url, "-c",
         f"BEGIN; LOCK TABLE ledger IN ACCESS SHARE MODE; SELECT pg_sleep({seconds}); COMMIT"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        time.sleep(PAUSE_SECONDS)
        yield
        reader.wait(seconds + LATE_SECONDS)
    finally:
        reader.kill()
        reader.wait()


def month_made(side, seconds):
    """The partitions of a month to come are made while somebody reads the ledger."""
    with somebody_reading(side, seconds):
        begun = time.monotonic()
        side.sql(f"SELECT ensure_month((date_trunc('month', now()) + interval '{MONTHS_AHEAD} months')::date)")
        took = time.monotonic() - begun
    return f"took {took:.2f} s"


def midnight(side, seconds):
    """The servers' month ends while somebody reads the ledger. Needs servers with a moved clock."""
    left = side.clock.rolls_at - time.monotonic()
    if left < PAUSE_SECONDS:
        return "failed: the month had ended before"
    with somebody_reading(side, left + seconds):
        pass
    entries = side.sql("SELECT count(*) FROM ledger WHERE booking_month > date_trunc('month', now())::date")
    return f"{entries} entries of the new month"


def server_started(side, seconds):
    def start_and_stop(_):
        with side.serve() as server:
            time.sleep(PAUSE_SECONDS)
            server.stop()
    return each_second(seconds, start_and_stop)


def verified(side, seconds):
    begun = time.monotonic()
    with subprocess.Popen(
            side.command("verify"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=os.environ | side.environment, start_new_session=True) as verify:
        try:
            verify.wait(seconds)
            time.sleep(max(0, begun + seconds - time.monotonic()))
            return f"ended in time with {verify.returncode}"
        except subprocess.TimeoutExpired:
            return "cut short"
        finally:
            verify.kill()


def reports_read(side, seconds):
    """The reports that read most, all at once and each once a second, where a provider was paid in advance."""
    today = time.gmtime()
    for number in range(CREDITS):
        side.request("PUT", f"/v1/credits/disturb-{number}", {
            "provider": "openai", "amount_usd": "1000", "valid_from": time.strftime("%Y-%m-01", today)})
    told = []

    def read(name):
        path = f"/v1/reports/{name}?month={time.strftime('%Y-%m', today)}"
        told.append(f"{name} {each_second(seconds, lambda _: side.request('GET', path))}")

    readers = [threading.Thread(target=read, args=(name,)) for name in REPORTS]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return "; ".join(sorted(told))


def configuration_changed(side, seconds):
    scope = {"team": "bench", "feature": "nobody-calls-this"}
    return each_second(seconds, lambda number: side.set_budget("disturb/nobody", scope, 1_000 + number))


def token_revoked(side, seconds):
    tokens = [side.new_token()["id"] for _ in range(round(seconds) + 1)]
    return each_second(seconds, lambda number: side.request("DELETE", f"/v1/tokens/{tokens[number]}"))


ALL = {
    "budgets": budget_made, "month": month_made, "servers": server_started, "verify": verified, "reports": reports_read,
    "configuration": configuration_changed, "tokens": token_revoked,
    "midnight": midnight}
