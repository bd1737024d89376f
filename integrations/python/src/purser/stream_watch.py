"""Settles a stream when it ends, however it does."""
from __future__ import annotations

import time
from typing import Any

from .ending import Ending, ending_of
from .sending import Sending

DEFAULT_HOLD_SECONDS = 600


class StreamWatch:
    """What a metered stream tells its call. The first end counts: exhausted, broken, closed or dropped."""

    def __init__(self, sending: Sending) -> None:
        self._sending, self._meter = sending, sending.shape.meter()
        self._hold_seconds: int = sending.request.fields.get("hold_seconds", DEFAULT_HOLD_SECONDS)
        self._held_at, self._has_begun = time.monotonic(), False
        self.is_reading = False
        """While it is, the SDK closes the response by itself."""

    def shows(self, event: Any) -> bool:
        """Takes an event; False where the caller did not ask for it."""
        self._has_begun = True
        self._meter.see(event)
        self._keep_hold()
        return not (self._sending.hides_usage and self._meter.is_usage_chunk(event))

    def end(self) -> None:
        self._sending.settle_stream(self._meter, "ok")

    def break_off(self, error: BaseException) -> None:
        if not self._has_begun:
            self._sending.fail(error)
            return
        ending = ending_of(error)
        # Output had begun, and is billed whatever the error says.
        self._sending.settle_stream(self._meter, "error" if ending is Ending.COST_NOTHING else ending.value)

    def abandon(self) -> None:
        """The caller wants no more of it."""
        if not self.is_reading:
            self._sending.settle_stream(self._meter, "cancelled")

    def _keep_hold(self) -> None:
        now = time.monotonic()
        if now - self._held_at > self._hold_seconds / 2:
            self._held_at = now
            self._sending.call.extend(self._hold_seconds)
