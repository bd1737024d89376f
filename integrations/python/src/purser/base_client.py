"""What the synchronous and the asynchronous client have in common."""
from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping, Optional, Union

from .attribution import Attribution
from .call_request import CallRequest
from .errors import Unreachable
from .forking import renew_in_children
from .settings import Settings
from .settlement_queue import SettlementQueue

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .call_request import CallFields


log = logging.getLogger("purser")

AWAY_SECONDS = 1.0
MEANWHILE = {"admit": "admitted and reported later", "deny": "denied"}


class BaseClient(ABC):
    """The settings of a client.

    `url`, `token` and `team` come from `PURSER_URL` (http://127.0.0.1:8080 unless set), `PURSER_TOKEN` and
    `PURSER_TEAM` unless given. `team`, `feature`, `user`, `tags` and `metadata` are those of calls that name no others.

    `on_unreachable` is what happens to a call when Purser does not answer: "deny" raises `Denied`; "admit" lets it be
    made and reports what it used later. `queue_path` is a SQLite file for what Purser has not recorded yet, which then
    survives a restart of the router; without it that is kept in memory. `queue_entries` bounds it: calls are denied
    while so many wait. `authorize_seconds` is how long a verdict may take, retries included, `request_seconds` any
    other answer.
    """

    def __init__(
        self, url: Optional[str] = None, token: Optional[str] = None, team: Optional[str] = None, *,
        feature: Optional[str] = None, user: Optional[str] = None, tags: Optional[Mapping[str, str]] = None,
        metadata: Optional[Mapping[str, Any]] = None, on_unreachable: str = "deny",
        queue_path: Union[str, Path, None] = None, queue_entries: int = 100_000, authorize_seconds: float = 2,
        request_seconds: float = 30,
    ) -> None:
        usual = Attribution(team, feature, user, None, tags or {}, metadata or {})
        self.settings = Settings.of(url, token, usual, on_unreachable, authorize_seconds, request_seconds)
        self.queue = SettlementQueue(self.settings, queue_path, queue_entries)
        self._away_until, self._is_away = 0.0, False
        self._connect()
        renew_in_children(self)

    def renew(self) -> None:
        """In a forked child: connections of its own."""
        self._connect()

    def note_away(self, error: Unreachable) -> None:
        """Purser did not answer: for a moment no call asks again, so that not each waits for nothing."""
        if not self._is_away:
            log.warning("%s. Until it does, calls are %s.", error, MEANWHILE[self.settings.on_unreachable])
        self._is_away, now = True, time.monotonic()
        # A call that was not asked for that reason does not make the moment longer.
        if now >= self._away_until:
            self._away_until = now + AWAY_SECONDS

    def note_answer(self) -> None:
        """Purser answered: when it does not the next time, that is told again."""
        self._is_away = False

    def refuse_while_away(self) -> None:
        """Raises `Unreachable` in that moment."""
        if time.monotonic() < self._away_until:
            raise Unreachable("it did not a moment ago", maybe_received=False)

    @abstractmethod
    def _connect(self) -> None:
        """Makes the connections to Purser, in each process anew."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.settings.url!r})"

    def request(self, model: str, input_tokens: int, **fields: Unpack[CallFields]) -> CallRequest:
        """A call to be authorized, attributed to the team of this client unless it names another."""
        return CallRequest.of(model, input_tokens, self.settings.attribution, **fields)
