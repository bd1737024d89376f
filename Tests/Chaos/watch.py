"""Reads the budget windows and leases in PostgreSQL many times a second, without going through a proxy."""
import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass

from sql import Refused, Session

PAUSE_SECONDS = 0.04
# Catches every grant that exceeds a limit, also between two looks.
TRIGGER = """
CREATE TABLE broken_grant (window_id bigint, limit_amount bigint, spent bigint, leased_before bigint, leased bigint,
    at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION note_broken_grant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO broken_grant
    SELECT window_id, limit_amount, spent, OLD.leased, leased FROM window_total
    WHERE window_id = NEW.window_id AND spent + leased > limit_amount;
    RETURN NULL;
END $$;
CREATE TRIGGER note_broken_grant AFTER UPDATE ON budget_window FOR EACH ROW
    WHEN (NEW.leased > OLD.leased) EXECUTE FUNCTION note_broken_grant();
"""
# A window of one value is named after it. Older versions have no such windows, and no column for them.
VALUE = "COALESCE(to_jsonb(w) ->> 'value', '')"
NAME = f"b.id || COALESCE(':' || NULLIF({VALUE}, ''), '')"
LOOK = f"""
SELECT {NAME}, w.limit_amount, w.spent, w.leased, l.replica_id, l.amount, extract(epoch FROM r.heartbeat_at)
FROM budget b JOIN window_total w USING (budget_number)
    LEFT JOIN (lease l JOIN replica r USING (replica_id))
        ON l.window_id = w.window_id AND (l.amount > 0 OR r.state = 'live')
WHERE w.leased > 0 OR {VALUE} = ''
"""


@dataclass(slots=True)
class Window:
    """One window at one look; `leases` by replica id."""
    asked_at: float
    seen_at: float
    limit: int
    spent: int
    leased: int
    leases: dict[int, int]


class Watch:
    """`windows[budget]` has the looks at a budget, in order; `heartbeats[replica id]` the heartbeats that were seen."""

    def __init__(self, find_primary):
        self.find_primary = find_primary
        self.windows, self.heartbeats = defaultdict(list), defaultdict(list)

    async def run(self):
        session = None
        while True:
            try:
                session = session or await Session.open(self.find_primary().port)
                self.take(time.time(), await session.query(LOOK, seconds=2))
                await asyncio.sleep(PAUSE_SECONDS)
            except (OSError, EOFError, TimeoutError, Refused):
                if session:
                    session.close()
                session = None
                await asyncio.sleep(PAUSE_SECONDS)

    def take(self, asked_at, rows):
        seen_at, windows = time.time(), {}
        for budget, limit, spent, leased, replica, amount, heartbeat in rows:
            if budget not in windows:
                windows[budget] = Window(asked_at, seen_at, int(limit), int(spent), int(leased), {})
            if replica:
                windows[budget].leases[int(replica)] = int(amount)
                beats = self.heartbeats[int(replica)]
                if not beats or beats[-1] < float(heartbeat):
                    beats.append(float(heartbeat))
        for budget, window in windows.items():
            self.windows[budget].append(window)
