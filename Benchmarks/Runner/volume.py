"""Measures large amounts: rows written in a second, what a full ledger costs, what a large configuration costs."""
import time
from statistics import median

BODIES_AT_ONCE, COPIED = 4, 500_000
BUDGETS, OPEN_HOLDS, HOLDING_CONNECTIONS = 100_000, 50_000, 16
REPORTS = 10
REPLICAS, CHANGES = 3, 10
# Copies both tables in one transaction, one after the other, as the server writes them too.
COPY = """
BEGIN;
COPY ledger FROM '{folder}/ledger' (FORMAT binary);
COPY entry_key FROM '{folder}/entry_key' (FORMAT binary);
COMMIT;
"""


def usage(bench):
    with bench.deployment() as deployment:
        servers = deployment.fresh_servers()
        make_empty_copy(deployment)
        for _ in range(bench.rounds):
            ours = bench.load(servers, "usage", deployment.token, connections=BODIES_AT_ONCE).yield_per_second
            yield ours, rows_copied_per_second(deployment)


def make_empty_copy(deployment):
    """Creates another database with the same tables and indexes."""
    deployment.sql("CREATE DATABASE copy")
    deployment.command("migrate", "--database-url", deployment.database_named("copy"))
    deployment.sql("SELECT ensure_month(date_trunc('month', now() AT TIME ZONE 'UTC')::date)", "copy")


def rows_copied_per_second(deployment):
    """Copies the newest rows that the server wrote into the empty copy; returns the rows per second of that COPY."""
    folder = deployment.shared_folder()
    newest = f"(SELECT entry_id FROM ledger ORDER BY entry_id DESC LIMIT {COPIED})"
    for table in "ledger", "entry_key":
        # COPY reads a partitioned table only through a query.
        deployment.sql(f"COPY (SELECT * FROM {table} WHERE entry_id IN {newest}) TO '{folder}/{table}' (FORMAT binary)")
    deployment.sql("TRUNCATE ledger, entry_key", "copy")
    start = time.monotonic()
    deployment.sql(COPY.format(folder=folder), "copy")
    seconds = time.monotonic() - start
    return int(deployment.sql("SELECT count(*) FROM ledger", "copy")) / seconds


def full_settle(bench):
    full = bench.filled_deployment(bench.entries)
    with bench.deployment() as empty:
        for _ in range(bench.rounds):
            yield settlements(bench, full), settlements(bench, empty)


def settlements(bench, deployment):
    return bench.load(deployment.fresh_servers(), "settle", deployment.token, seconds=bench.seconds / 2).requests_per_second


def report(name, query=""):
    """Measures a report of a full ledger beside that of one with a hundredth of the entries."""
    def measure(bench):
        full, small = bench.filled_deployment(bench.entries), bench.filled_deployment(bench.entries // 100)
        for _ in range(bench.rounds):
            yield milliseconds_to_report(full, name, query), milliseconds_to_report(small, name, query)
    return measure


def milliseconds_to_report(deployment, name, query):
    month = deployment.sql("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')")
    path = f"/v1/reports/{name}?month={month}{query}"
    return 1000 * median(deployment.seconds_to_answer("GET", path) for _ in range(REPORTS))


def memory(bench):
    with bench.deployment(budgets=BUDGETS) as deployment:
        for _ in range(bench.rounds):
            servers = deployment.fresh_servers()
            bench.load(
                servers, "authorize", deployment.token, calls=OPEN_HOLDS, users=BUDGETS, connections=HOLDING_CONNECTIONS)
            yield servers[0].resident_bytes / 1e6, None


def change(bench):
    """The longest of some changes, each of one budget and sent to the next server. It is answered once all act on it."""
    with bench.deployment(budgets=BUDGETS) as deployment:
        deployment.fresh_servers(REPLICAS)
        for start in range(0, bench.rounds * CHANGES, CHANGES):
            yield 1000 * max(seconds_to_change(deployment, number) for number in range(start, start + CHANGES)), None


def seconds_to_change(deployment, number):
    budget = {"scope": {"team": "bench", "user": f"u{number}"}, "period": "month", "limit_usd": str(1_000 + number)}
    return deployment.seconds_to_answer("PUT", f"/v1/budgets/user%2Fu{number}", budget, number % REPLICAS)
