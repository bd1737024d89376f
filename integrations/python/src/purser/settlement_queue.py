"""Tells Purser in the background what calls used, until it has said that it recorded it."""
from __future__ import annotations

import atexit
import json
import logging
import queue
import random
import sqlite3
import threading
import time
import weakref
from pathlib import Path
from typing import Any, List, Mapping, Union

import httpx

from .delivery import deliver
from .errors import Unreachable
from .forking import renew_in_children
from .outbox import DeadLetter, Outbox
from .settings import Settings

log = logging.getLogger("purser")

BATCH_ENTRIES = 1_000
GATHER_SECONDS = 0.05
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 30.0


class SettlementQueue:
    """An outbox and the thread that empties it, in batches, for as long as it takes.

    It is a thread for asynchronous callers too: it goes on when their event loop is busy or has ended, and putting an
    entry costs them some microseconds. What Purser refuses for good becomes a dead letter and one line in the log.
    `max_entries` bounds the queue by admitting no further calls when it `is_full`; what calls have used is always
    taken.
    """

    def __init__(self, settings: Settings, path: Union[str, Path, None] = None, max_entries: int = 100_000) -> None:
        self._settings, self._path, self._max_entries = settings, path, max_entries
        self._begin()
        _open_queues.add(self)
        renew_in_children(self)

    def _begin(self) -> None:
        self._outbox = Outbox(self._path)
        # Putting into a SimpleQueue is reentrant: see Outbox.
        self._wake: "queue.SimpleQueue[None]" = queue.SimpleQueue()
        self._idle, self._closing = threading.Condition(), False
        self._thread: Union[threading.Thread, None] = None
        self._start = threading.RLock()
        self._is_told = False
        if len(self._outbox):
            self._ensure_thread()

    def renew(self) -> None:
        """In a forked child: its own connection and thread. What waits in memory stays the parent's."""
        # SQLite's connection must not be closed in a child, which would drop the parent's locks: it is kept, unused.
        _parents_outboxes.append(self._outbox)
        self._begin()

    def __len__(self) -> int:
        """How many entries wait."""
        return len(self._outbox)

    @property
    def is_full(self) -> bool:
        return len(self._outbox) >= self._max_entries

    def put(self, kind: str, key: str, body: Mapping[str, Any]) -> None:
        """Takes an entry; never blocks on Purser and never refuses."""
        try:
            self._outbox.put(kind, key, body)
        except sqlite3.Error as error:
            # The call has been paid for, so its answer must not be lost to a full disk.
            log.error("The queue cannot be written (%s). Purser is not told: %s %s", error, kind, json.dumps(body))
            return
        if self._closing:
            log.error("A call ended after its client was closed. With queue_path, Purser is told at the next start.")
            return
        self._ensure_thread()
        self._wake.put(None)

    def dead_letters(self) -> List[DeadLetter]:
        """What Purser refused for good."""
        return self._outbox.dead_letters()

    def flush(self, timeout_seconds: float = 30) -> bool:
        """Waits until Purser has recorded everything; False where it has not in that time."""
        deadline = time.monotonic() + timeout_seconds
        self._wake.put(None)
        with self._idle:
            while len(self._outbox):
                remaining = deadline - time.monotonic()
                if remaining <= 0:
                    return False
                self._idle.wait(remaining)
        return True

    def close(self, timeout_seconds: float = 5) -> None:
        """Flushes and ends the thread. What is left stays in the file for the next start, or is lost and logged."""
        if self._closing:
            return
        if self._thread is not None and not self.flush(timeout_seconds):
            log.error("Purser has not recorded %d settlements and reports. With queue_path, they are sent at the next "
                      "start.", len(self._outbox))
        self._closing = True
        self._wake.put(None)
        if self._thread is not None:
            self._thread.join(timeout_seconds)
        _open_queues.discard(self)

    def _ensure_thread(self) -> None:
        with self._start:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="purser-settlements", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        pause_seconds = FIRST_PAUSE_SECONDS
        with httpx.Client(base_url=self._settings.url, headers=self._settings.headers(),
                          timeout=self._settings.request_seconds) as http:
            while not self._closing:
                if not len(self._outbox):
                    self._wake.get()
                    # What comes in the next moment goes with the same request.
                    time.sleep(GATHER_SECONDS)
                if self._deliver_batch(http):
                    pause_seconds = FIRST_PAUSE_SECONDS
                else:
                    time.sleep(pause_seconds * random.uniform(0.5, 1))
                    pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    def _deliver_batch(self, http: httpx.Client) -> bool:
        """Sends the oldest entries; False where there is nothing to do but wait."""
        entries = self._outbox.first(BATCH_ENTRIES)
        try:
            delivery = deliver(entries, lambda path, body: http.post(path, json=body))
        except Unreachable as error:
            # Once, until it answers again: a log with a line a second helps nobody.
            if not self._is_told:
                log.warning("%d settlements and reports wait: %s", len(self._outbox), error)
            self._is_told = True
            return False
        except Exception:
            # Nothing is known of the entries, so they wait: a thread that ended here would forget them in silence.
            log.exception("%d settlements and reports wait after an error of this program.", len(self._outbox))
            return False
        self._is_told = False
        self._outbox.remove(delivery.delivered)
        for letter in delivery.refused:
            self._outbox.bury(letter)
            log.error("Purser refused to record a call (%s of %s…): %s (%s). It is kept as a dead letter.",
                      letter.entry.kind, letter.entry.key[:16], letter.detail, letter.code)
        with self._idle:
            self._idle.notify_all()
        return len(delivery.delivered) + len(delivery.refused) == len(entries)


_parents_outboxes: List[Outbox] = []
_open_queues: "weakref.WeakSet[SettlementQueue]" = weakref.WeakSet()


@atexit.register
def _close_queues() -> None:
    for open_queue in list(_open_queues):
        open_queue.close()
