"""What is still to be told to Purser, in a SQLite file that survives the router, or in memory."""
from __future__ import annotations

import json
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, List, Mapping, Sequence, Union

_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    UNIQUE (kind, key));
CREATE TABLE IF NOT EXISTS dead_letters (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, code TEXT NOT NULL,
    detail TEXT NOT NULL, refused_at REAL NOT NULL);
"""


@dataclass(frozen=True)
class Entry:
    """One thing to tell. `key` is what Purser knows it by: the hold's id, or the event's.

    Kinds are `settle`, `void`, `extend`, `usage`, and `release`: the request of a call whose verdict never came, so
    that a hold that Purser may have made for it is given back.
    """

    number: int
    kind: str
    key: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class DeadLetter:
    """What Purser refused for good, and why. It stays in the file until somebody deletes it."""

    entry: Entry
    code: str
    detail: str


class Outbox:
    """A queue in the order of arrival. Any thread may use it.

    A file is written ahead (WAL) without waiting for the disk at each entry: it outlives the router's death at any
    moment, while a power cut may take the last of it. Several processes may share a file: what two of them send counts
    once in Purser.
    """

    def __init__(self, path: Union[str, Path, None] = None) -> None:
        # Reentrant, because a stream that the garbage collector finds settles in the middle of anything.
        self._lock = threading.RLock()
        self._database = sqlite3.connect(
            str(path) if path else ":memory:", isolation_level=None, check_same_thread=False, timeout=30)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        self._length: int = self._database.execute("SELECT count(*) FROM outbox").fetchone()[0]

    def __len__(self) -> int:
        """How many entries wait. Of what other processes do in a shared file this may know only later."""
        return self._length

    def put(self, kind: str, key: str, body: Mapping[str, Any]) -> None:
        """Keeps an entry. One with the same key is there once: the first stands."""
        with self._lock:
            written = self._database.execute(
                "INSERT OR IGNORE INTO outbox (kind, key, body) VALUES (?, ?, ?)",
                (kind, key, json.dumps(body, separators=(",", ":"))))
            self._length += written.rowcount

    def first(self, limit: int) -> List[Entry]:
        """The oldest entries, all of one kind, so that they fit one request."""
        with self._lock:
            rows = self._database.execute(
                "SELECT number, kind, key, body FROM outbox "
                "WHERE kind = (SELECT kind FROM outbox ORDER BY number LIMIT 1) ORDER BY number LIMIT ?",
                (limit,)).fetchall()
            if not rows:
                self._length = 0
        return [Entry(number, kind, key, json.loads(body)) for number, kind, key, body in rows]

    def remove(self, entries: Sequence[Entry]) -> None:
        """Forgets what Purser has recorded."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.executemany("DELETE FROM outbox WHERE number = ?", [(entry.number,) for entry in entries])
            self._database.execute("COMMIT")
            self._length = max(self._length - len(entries), 0)

    def bury(self, letter: DeadLetter) -> None:
        """Moves what was refused for good to the dead letters."""
        entry = letter.entry
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute(
                "INSERT OR REPLACE INTO dead_letters VALUES (?, ?, ?, ?, ?, ?, ?)",
                (entry.number, entry.kind, entry.key, json.dumps(entry.body), letter.code, letter.detail, time.time()))
            self._database.execute("DELETE FROM outbox WHERE number = ?", (entry.number,))
            self._database.execute("COMMIT")
            self._length = max(self._length - 1, 0)

    def dead_letters(self) -> List[DeadLetter]:
        with self._lock:
            rows = self._database.execute(
                "SELECT number, kind, key, body, code, detail FROM dead_letters ORDER BY number").fetchall()
        return [DeadLetter(Entry(number, kind, key, json.loads(body)), code, detail)
                for number, kind, key, body, code, detail in rows]

    def close(self) -> None:
        with self._lock:
            self._database.close()
