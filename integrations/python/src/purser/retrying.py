"""When a request to Purser is sent again.

Every request of this package may be: the same `request_id` gets the same hold, the same settlement or event counts
once, a void or an extension says the same again. So a lost answer and a 503 are retried until the time is over; what
Purser refuses for good is not.
"""
from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Any, Mapping, Optional

import httpx

from .errors import ApiError, Unreachable

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 1.0
# 408: it did not arrive in time. 429 and 502–504: a balancer in front, or Purser over capacity or without its database.
TRANSIENT_STATUSES = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Failure:
    """One attempt without a lasting answer."""

    detail: str
    maybe_received: bool
    retry_after_seconds: Optional[float] = None

    @classmethod
    def of_transport(cls, error: httpx.TransportError) -> Failure:
        never_sent = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout))
        return cls(str(error) or type(error).__name__, not never_sent)

    @classmethod
    def of_response(cls, response: httpx.Response) -> Optional[Failure]:
        """None where the answer is one that lasts, good or bad."""
        if response.status_code not in TRANSIENT_STATUSES:
            return None
        detail = object_of(response).get("detail") or f"status {response.status_code}"
        return cls(str(detail), True, seconds_of(response.headers.get("retry-after")))


class Attempts:
    """The attempts of one request, which share `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._deadline = time.monotonic() + seconds
        self._pause_seconds = FIRST_PAUSE_SECONDS
        self._maybe_received = False

    def timeout_seconds(self) -> float:
        return max(self._deadline - time.monotonic(), 0.01)

    def pause_after(self, failure: Failure) -> float:
        """Returns how many seconds to wait before the next attempt; raises `Unreachable` when there is no time left."""
        self._maybe_received = self._maybe_received or failure.maybe_received
        # Jitter, so that the callers that one restart cut do not all come back at once.
        pause = max(self._pause_seconds * random.uniform(0.5, 1), failure.retry_after_seconds or 0)
        if time.monotonic() + pause >= self._deadline:
            raise Unreachable(failure.detail, self._maybe_received)
        self._pause_seconds = min(self._pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        return pause


def answer_of(response: httpx.Response) -> Mapping[str, Any]:
    """The JSON of a good answer; raises `ApiError` for a refusal, `Unreachable` where Purser is not what answers."""
    answer = object_of(response)
    # A gateway's page, or its 404, is no refusal of Purser's: what was sent must be kept.
    if not answer or not response.is_success and "code" not in answer:
        raise Unreachable(
            f"something else answers at {response.url.host}, with status {response.status_code}", maybe_received=True)
    if not response.is_success:
        raise ApiError(response.status_code, answer)
    return answer


def object_of(response: httpx.Response) -> Mapping[str, Any]:
    """The JSON object of an answer; empty where it has none."""
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def seconds_of(header: Optional[str]) -> Optional[float]:
    return float(header) if header and header.isdigit() else None
