"""Purser for synchronous routers."""
from __future__ import annotations

import time
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Iterator, Optional, Sequence, Type, Union

import httpx

from . import requests
from .answers import Json, Quote, Receipt, UsageAnswer, Verdict, expiry_of, released_usd
from .base_client import BaseClient
from .call import Call, give_up, judged, refuse_if_full, unjudged
from .call_request import CallFields, CallRequest
from .errors import ApiError, Unreachable, receipt_or_error
from .retrying import Attempts, Failure, answer_of

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from typing_extensions import Self, Unpack

    from .call_request import SettleFields


class Client(BaseClient):
    """A connection to Purser; make one, and share it between threads. `BaseClient` tells its settings.

    The methods raise `ApiError` for what Purser refuses, and `Unreachable` where it does not answer in time, retries
    included.
    """

    def _connect(self) -> None:
        self._http = httpx.Client(base_url=self.settings.url, headers=self.settings.headers())

    # Calls ------------------------------------------------------------------------------------------------------------

    def authorize(self, model: str, input_tokens: int, **fields: Unpack[CallFields]) -> Verdict:
        """May this call be made? Holds its worst case until it is settled, voided or expires."""
        return self.judge(self.request(model, input_tokens, **fields))

    def judge(self, request: CallRequest) -> Verdict:
        """The verdict of a request that was built before; the same request again gets the same hold."""
        return Verdict.of(self._send(requests.authorize(request), self.settings.authorize_seconds))

    def settle(self, hold_id: str, usage: Json, **fields: Unpack[SettleFields]) -> Receipt:
        """Records what a call used, and returns once that is committed. The same again counts once."""
        return Receipt.of(self._send(requests.settle(hold_id, usage, fields)))

    def settle_batch(self, settlements: Sequence[Json]) -> Sequence[Union[Receipt, ApiError]]:
        """Settles up to 10,000 calls; each result is a receipt, or the error that the single call would have raised."""
        answer = self._send(requests.settle_batch(settlements))
        return [receipt_or_error(result) for result in answer["results"]]

    def void(self, hold_id: str) -> Decimal:
        """Gives back the money of a call that was never made; returns how many USD were held."""
        return released_usd(self._send(requests.void(hold_id)))

    def extend(self, hold_id: str, hold_seconds: int) -> datetime:
        """More time for a hold, from now; returns when it expires. A hold that has ended is an `ApiError` (409)."""
        return expiry_of(self._send(requests.extend(hold_id, hold_seconds)))

    def usage(self, events: Sequence[Json]) -> UsageAnswer:
        """Records calls that were never authorized, up to 10,000. An `id` counts once in its team and source."""
        return UsageAnswer.of(self._send(requests.usage(events)))

    def quote(self, model: str, usage: Json, **fields: Optional[str]) -> Quote:
        """What usage would cost, by `provider`, `service_tier`, `region`, `usage_format`, `at`, `team`."""
        return Quote.of(self._send(requests.quote(model, usage, fields)))

    # A call as a block ------------------------------------------------------------------------------------------------

    @contextmanager
    def call(self, model: str, input_tokens: int, **fields: Unpack[CallFields]) -> Iterator[Call]:
        """One call, from its verdict to its end.

            with purser.call("gpt-4o", input_tokens=1200, max_output_tokens=400) as call:
                answer = send(model=call.model, max_tokens=call.max_output_tokens)
                call.settle(answer.usage)

        Raises `Denied`. A block that is left by an error voids the hold, because what a provider refuses costs nothing;
        but a timeout, a broken connection and a cancellation settle the declared input, because the model may have read
        it. A block that is left without `settle` or `void` settles the declared input too, and says so in the log.
        """
        opened = self.open(self.request(model, input_tokens, **fields))
        try:
            yield opened
        except BaseException as error:
            opened.leave(error)
            raise
        opened.leave(None)

    def open(self, request: CallRequest) -> Call:
        """The admitted call of a request, which its caller must settle or void; raises `Denied`."""
        refuse_if_full(self.queue)
        try:
            self.refuse_while_away()
            verdict = self.judge(request)
        except Unreachable as error:
            self.note_away(error)
            return unjudged(request, error, self.settings.on_unreachable, self.queue)
        except KeyboardInterrupt:
            give_up(request, self.queue)
            raise
        self.note_answer()
        return judged(request, verdict, self.queue)

    # Life -------------------------------------------------------------------------------------------------------------

    def flush(self, timeout_seconds: float = 30) -> bool:
        """Waits until Purser has recorded all that calls used; False where it has not in that time."""
        return self.queue.flush(timeout_seconds)

    def close(self) -> None:
        """Flushes for some seconds and closes the connections."""
        self.queue.close()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def _send(self, request: requests.Request, seconds: Optional[float] = None) -> Json:
        attempts = Attempts((seconds or self.settings.request_seconds) + request.more_seconds)
        while True:
            try:
                response = self._http.post(request.path, json=request.body, timeout=attempts.timeout_seconds())
            except httpx.TransportError as error:
                failure = Failure.of_transport(error)
            else:
                lasting = Failure.of_response(response)
                if lasting is None:
                    return answer_of(response)
                failure = lasting
            time.sleep(attempts.pause_after(failure))
