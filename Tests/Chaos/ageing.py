"""Moves rows into the past, and waits until those that are past their retention have gone."""
import time
from pathlib import Path

STATEMENT_SECONDS = 900
AGEING = Path(__file__).with_name("ageing.sql").read_text()
DUE = """
SELECT (SELECT count(*) FROM entry_key WHERE recorded_at < now() - interval '40 days')
    + (SELECT count(*) FROM hold_end WHERE ended_at < now() - interval '40 days')
    + (SELECT count(*) FROM budget_window WHERE ends_at < now() - interval '430 days')
    + (SELECT count(*) FROM verdict_count WHERE day < CURRENT_DATE - 430)
    + (SELECT count(*) FROM alert WHERE crossed_at < now() - interval '100 days')
"""


def age(database, days, long_days):
    """`long_days` is for what is kept for more than a year."""
    database.sql(
        AGEING.replace("LONG_DAYS", str(long_days)).replace("DAYS", str(days)), seconds=STATEMENT_SECONDS)
    # The rows that ageing has left behind are its own, not the deployment's.
    database.sql("VACUUM (ANALYZE)", seconds=STATEMENT_SECONDS)


def rows_due(database, patience_seconds):
    """Waits until no rows are past their retention, and returns how many still are when patience ends."""
    deadline = time.monotonic() + patience_seconds
    while (due := int(database.sql(DUE, seconds=STATEMENT_SECONDS))) and time.monotonic() < deadline:
        time.sleep(1)
    database.sql("VACUUM", seconds=STATEMENT_SECONDS)
    return due
