"""Purser for asynchronous routers."""
from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING, AsyncIterator, Optional, Sequence, Type, Union

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


class AsyncClient(BaseClient):
    """A connection to Purser; make one in an event loop. `BaseClient` tells its settings.

    The methods raise `ApiError` for what Purser refuses, and `Unreachable` where it does not answer in time, retries
    included.
    """

    def _connect(self) -> None:
        self._http = httpx.AsyncClient(base_url=self.settings.url, headers=self.settings.headers())

    # Calls ------------------------------------------------------------------------------------------------------------

    async def authorize(self, model: str, input_tokens: int, **fields: Unpack[CallFields]) -> Verdict:
        """May this call be made? Holds its worst case until it is settled, voided or expires."""
        return await self.judge(self.request(model, input_tokens, **fields))

    async def judge(self, request: CallRequest) -> Verdict:
        """The verdict of a request that was built before; the same request again gets the same hold."""
        return Verdict.of(await self._send(requests.authorize(request), self.settings.authorize_seconds))

    async def settle(self, hold_id: str, usage: Json, **fields: Unpack[SettleFields]) -> Receipt:
        """Records what a call used, and returns once that is committed. The same again counts once."""
        return Receipt.of(await self._send(requests.settle(hold_id, usage, fields)))

    async def settle_batch(self, settlements: Sequence[Json]) -> Sequence[Union[Receipt, ApiError]]:
        """Settles up to 10,000 calls; each result is a receipt, or the error that the single call would have raised."""
        answer = await self._send(requests.settle_batch(settlements))
        return [receipt_or_error(result) for result in answer["results"]]

    async def void(self, hold_id: str) -> Decimal:
        """Gives back the money of a call that was never made; returns how many USD were held."""
        return released_usd(await self._send(requests.void(hold_id)))

    async def extend(self, hold_id: str, hold_seconds: int) -> datetime:
        """More time for a hold, from now; returns when it expires. A hold that has ended is an `ApiError` (409)."""
        return expiry_of(await self._send(requests.extend(hold_id, hold_seconds)))

    async def usage(self, events: Sequence[Json]) -> UsageAnswer:
        """Records calls that were never authorized, up to 10,000. An `id` counts once in its team and source."""
        return UsageAnswer.of(await self._send(requests.usage(events)))

    async def quote(self, model: str, usage: Json, **fields: Optional[str]) -> Quote:
        """What usage would cost, by `provider`, `service_tier`, `region`, `usage_format`, `at`, `team`."""
        return Quote.of(await self._send(requests.quote(model, usage, fields)))

    # A call as a block ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def call(self, model: str, input_tokens: int, **fields: Unpack[CallFields]) -> AsyncIterator[Call]:
        """One call, from its verdict to its end.

            async with purser.call("gpt-4o", input_tokens=1200, max_output_tokens=400) as call:
                answer = send(model=call.model, max_tokens=call.max_output_tokens)
                call.settle(answer.usage)

        Raises `Denied`. A block that is left by an error voids the hold, because what a provider refuses costs nothing;
        but a timeout, a broken connection and a cancellation settle the declared input, because the model may have read
        it. A block that is left without `settle` or `void` settles the declared input too, and says so in the log.
        """
        opened = await self.open(self.request(model, input_tokens, **fields))
        try:
            yield opened
        except BaseException as error:
            opened.leave(error)
            raise
        opened.leave(None)

    async def open(self, request: CallRequest) -> Call:
        """The admitted call of a request, which its caller must settle or void; raises `Denied`."""
        refuse_if_full(self.queue)
        try:
            self.refuse_while_away()
            verdict = await self.judge(request)
        except Unreachable as error:
            self.note_away(error)
            return unjudged(request, error, self.settings.on_unreachable, self.queue)
        except asyncio.CancelledError:
            give_up(request, self.queue)
            raise
        self.note_answer()
        return judged(request, verdict, self.queue)

    # Life -------------------------------------------------------------------------------------------------------------

    async def flush(self, timeout_seconds: float = 30) -> bool:
        """Waits until Purser has recorded all that calls used; False where it has not in that time."""
        return await asyncio.to_thread(self.queue.flush, timeout_seconds)

    async def close(self) -> None:
        """Flushes for some seconds and closes the connections."""
        await asyncio.to_thread(self.queue.close)
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType],
    ) -> None:
        await self.close()

    async def _send(self, request: requests.Request, seconds: Optional[float] = None) -> Json:
        attempts = Attempts((seconds or self.settings.request_seconds) + request.more_seconds)
        while True:
            try:
                response = await self._http.post(request.path, json=request.body, timeout=attempts.timeout_seconds())
            except httpx.TransportError as error:
                failure = Failure.of_transport(error)
            else:
                lasting = Failure.of_response(response)
                if lasting is None:
                    return answer_of(response)
                failure = lasting
            await asyncio.sleep(attempts.pause_after(failure))
