"""Fills a ledger with entries of this month as if servers had written them, for reports and for what size costs."""
import sys
import time
from pathlib import Path

CHUNK = 1_000_000
SCRIPT = Path(__file__).with_name("filling.sql").read_text()


def fill(office, entries):
    """Keys are indexed at the end, in one go: as scattered as real ids are, they would take an hour one by one."""
    start = time.monotonic()
    before, chunk, after = SCRIPT.split("-- then\n")
    office.sql(before)
    for first in range(0, entries, CHUNK):
        end = min(first + CHUNK, entries)
        office.sql(chunk.format(first=first, last=end - 1))
        print(f"  {end:,} of {entries:,} entries, {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    for statement in after.split(";\n"):
        if statement.strip():
            office.sql(statement)
    print(f"  {entries:,} entries took {time.monotonic() - start:.0f} s", file=sys.stderr)
