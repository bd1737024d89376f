"""Moves the wall clock of servers, so that a month ends when a test wants it to. PostgreSQL's clock stays as it is."""
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from processes import run


class MovedClock:
    """`rolls_at` is the moment of the monotonic clock at which the month ends for servers with `environment`."""

    def __init__(self, folder, seconds):
        """The month ends in so many seconds."""
        library = folder / "clock.so"
        run("cc", "-shared", "-fPIC", "-O2", "-o", library, Path(__file__).with_name("clock.c"))
        now = datetime.now(timezone.utc)
        following = (now.replace(day=1) + timedelta(days=32)).strftime("%Y-%m-01T00:00:00+00:00")
        shift = round((datetime.fromisoformat(following) - now).total_seconds() - seconds)
        self.rolls_at = time.monotonic() + (datetime.fromisoformat(following) - now).total_seconds() - shift
        self.environment = {"LD_PRELOAD": str(library), "CLOCK_SHIFT_SECONDS": str(shift)}
