"""One admitted call, from its verdict to what is told of it: once, whatever comes."""
from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional

from .answers import Verdict
from .call_request import CallRequest
from .ending import Ending, ending_of
from .errors import Denied, Unreachable
from .requests import said
from .settlement_queue import SettlementQueue

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .call_request import SettleFields

log = logging.getLogger("purser")

USAGE_SOURCE = "purser-python"


class Call:
    """A call that may be made: send `model` with at most `max_output_tokens`, then `settle` what it used.

    The first of `settle`, `settle_input` and `void` counts; later ones do nothing. All return at once: the settlement
    queue tells Purser. `verdict` is None where Purser did not answer and `on_unreachable` is "admit"; such a call is
    reported as usage later.
    """

    def __init__(self, request: CallRequest, verdict: Optional[Verdict], queue: SettlementQueue) -> None:
        self.request, self.verdict, self._queue = request, verdict, queue
        self.model: str = (verdict.model if verdict else None) or request.model
        self.max_output_tokens: Optional[int] = (
            verdict.max_output_tokens if verdict else request.fields.get("max_output_tokens"))
        self._began, self._occurred_at = time.monotonic(), datetime.now(timezone.utc)
        self._ended, self._end = False, threading.RLock()

    @property
    def is_ended(self) -> bool:
        """Whether it was settled or voided."""
        return self._ended

    def settle(self, usage: Mapping[str, Any], **fields: Unpack[SettleFields]) -> None:
        """Tells what the call used: the provider's usage object as it came, or Purser's own.

        The call's latency is measured here unless `latency_ms` says it.
        """
        if self._ends():
            fields.setdefault("latency_ms", int((time.monotonic() - self._began) * 1000))
            self._tell({"usage": dict(usage), **said(fields)})

    def settle_input(self, status: str = "error") -> None:
        """Settles at the declared input: the least that a call costs whose prompt a model may have read."""
        usage = {"input_tokens": self.request.input_tokens, "output_tokens": 0}
        self.settle(usage, usage_format="purser", status=status)

    def void(self) -> None:
        """Gives the money back of a call that was not made, cost nothing, or was answered from a cache."""
        if self._ends() and self.verdict is not None and self.verdict.hold_id:
            self._queue.put("void", self.verdict.hold_id, {"hold_id": self.verdict.hold_id})

    def extend(self, hold_seconds: int) -> None:
        """Asks for more time for the hold, from now."""
        if self.verdict is not None and self.verdict.hold_id and not self._ended:
            hold_id = self.verdict.hold_id
            self._queue.put("extend", hold_id, {"hold_id": hold_id, "hold_seconds": hold_seconds})

    def leave(self, error: Optional[BaseException]) -> None:
        """Ends a call whose block is left: see `Client.call`."""
        if self._ended:
            return
        if error is None:
            log.warning("Call %s was left without settle or void; it is settled at its input.", self.request.request_id)
            self.settle_input("error")
            return
        ending = ending_of(error)
        if ending is Ending.COST_NOTHING:
            self.void()
        else:
            self.settle_input(ending.value)

    def _ends(self) -> bool:
        with self._end:
            ended, self._ended = self._ended, True
        return not ended

    def _tell(self, told: Dict[str, Any]) -> None:
        if self.verdict is None:
            event = {"id": self.request.request_id, "source": USAGE_SOURCE,
                     "occurred_at": self._occurred_at.isoformat(timespec="milliseconds"), "model": self.model,
                     **self.request.attribution.body(), **told}
            for name in ("provider", "service_tier", "region"):
                if name not in event and name in self.request.fields:
                    event[name] = self.request.fields[name]
            # An event has no field for it, and one that is not known would be refused.
            event.pop("metadata", None)
            self._queue.put("usage", self.request.request_id, event)
        elif self.verdict.hold_id:
            self._queue.put("settle", self.verdict.hold_id, {"hold_id": self.verdict.hold_id, **told})


def judged(request: CallRequest, verdict: Verdict, queue: SettlementQueue) -> Call:
    """The call that a verdict admits; raises `Denied`."""
    if verdict.is_denied:
        raise Denied.by(verdict)
    return Call(request, verdict, queue)


def unjudged(request: CallRequest, error: Unreachable, on_unreachable: str, queue: SettlementQueue) -> Call:
    """The call that nobody judged, where the router admits such calls; else raises `Denied`."""
    if error.maybe_received:
        give_up(request, queue)
    if on_unreachable == "deny":
        raise Denied(f"{error}. Calls are denied meanwhile.", "purser_unreachable") from error
    return Call(request, None, queue)


def give_up(request: CallRequest, queue: SettlementQueue) -> None:
    """The router stopped waiting for a verdict: what Purser may hold for it meanwhile is given back."""
    queue.put("release", request.request_id, request.body())


def refuse_if_full(queue: SettlementQueue) -> None:
    if queue.is_full:
        raise Denied("Too many settlements wait for Purser. Calls are denied until it has recorded them.", "queue_full")
