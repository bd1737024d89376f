"""Many rows, many budgets: how fast they go in, and what a full ledger and a large office cost."""
import time
from statistics import median

BODIES_AT_ONCE, COPIED = 4, 500_000
BUDGETS, OPEN_HOLDS, HOLDING_CONNECTIONS = 100_000, 50_000, 16
REPORTS = 10
# One after the other in one transaction, as they are written by the server too.
COPY = """
BEGIN;
COPY ledger FROM '{folder}/ledger' (FORMAT binary);
COPY entry_key FROM '{folder}/entry_key' (FORMAT binary);
COMMIT;
"""


def usage(bench):
    with bench.office() as office:
        servers = office.fresh_servers()
        make_empty_copy(office)
        for _ in range(bench.rounds):
            ours = bench.load(servers, "usage", office.token, connections=BODIES_AT_ONCE).yield_per_second
            yield ours, rows_copied_per_second(office)


def make_empty_copy(office):
    """The same tables with the same indexes in another database."""
    office.sql("CREATE DATABASE copy")
    office.command("migrate", "--database-url", office.database_named("copy"))
    office.sql("SELECT ensure_month(date_trunc('month', now() AT TIME ZONE 'UTC')::date)", "copy")


def rows_copied_per_second(office):
    """The newest rows that the server wrote, out and into the empty copy."""
    folder = office.shared_folder()
    newest = f"(SELECT entry_id FROM ledger ORDER BY entry_id DESC LIMIT {COPIED})"
    for table in "ledger", "entry_key":
        # A partitioned table is copied out by a query.
        office.sql(f"COPY (SELECT * FROM {table} WHERE entry_id IN {newest}) TO '{folder}/{table}' (FORMAT binary)")
    office.sql("TRUNCATE ledger, entry_key", "copy")
    start = time.monotonic()
    office.sql(COPY.format(folder=folder), "copy")
    seconds = time.monotonic() - start
    return int(office.sql("SELECT count(*) FROM ledger", "copy")) / seconds


def full_settle(bench):
    full = bench.filled_office(bench.entries)
    with bench.office() as empty:
        for _ in range(bench.rounds):
            yield settlements(bench, full), settlements(bench, empty)


def settlements(bench, office):
    return bench.load(office.fresh_servers(), "settle", office.token, seconds=bench.seconds / 2).requests_per_second


def full_report(bench):
    full, small = bench.filled_office(bench.entries), bench.filled_office(bench.entries // 100)
    for _ in range(bench.rounds):
        yield milliseconds_to_report(full), milliseconds_to_report(small)


def milliseconds_to_report(office):
    month = office.sql("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')")
    return 1000 * median(office.seconds_to_get(f"/v1/reports/monthly?month={month}") for _ in range(REPORTS))


def memory(bench):
    with bench.office(budgets=BUDGETS) as office:
        for _ in range(bench.rounds):
            servers = office.fresh_servers()
            bench.load(
                servers, "authorize", office.token, calls=OPEN_HOLDS, users=BUDGETS, connections=HOLDING_CONNECTIONS)
            yield servers[0].resident_bytes / 1e6, None
