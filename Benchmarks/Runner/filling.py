"""Fills a ledger with entries of this month, as servers would write them, to measure reports and a ledger's size."""
import sys
import time
from pathlib import Path

CHUNK = 1_000_000
SCRIPT = Path(__file__).with_name("filling.sql").read_text()


def fill(deployment, entries, database="purser"):
    """Indexes the entry keys at the end: indexing these scattered ids one by one would take an hour."""
    start = time.monotonic()
    before, chunk, after = SCRIPT.split("-- then\n")
    deployment.sql(before, database)
    for first in range(0, entries, CHUNK):
        end = min(first + CHUNK, entries)
        deployment.sql(chunk.format(first=first, last=end - 1), database)
        print(f"  {end:,} of {entries:,} entries, {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    for statement in after.split(";\n"):
        if statement.strip():
            deployment.sql(statement, database)
    print(f"  {entries:,} entries took {time.monotonic() - start:.0f} s", file=sys.stderr)
