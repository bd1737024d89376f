"""How a call ended that raised an error, by what is known of it: did the model perhaps read the prompt?"""
from __future__ import annotations

import asyncio
import enum
from typing import Iterator, Set


class Ending(enum.Enum):
    """The values are Purser's call statuses."""

    COST_NOTHING = "nothing"
    """The provider refused it, or it never arrived: providers bill nothing for that."""
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    ERROR = "error"
    """The connection broke after the request was sent: the provider may have billed it."""


# Told by name, because the SDKs bring their own HTTP library, and another one with another version.
_NEVER_ARRIVED = {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "ConnectionRefusedError"}
_TIMEOUTS = {"TimeoutException", "ReadTimeout", "WriteTimeout", "APITimeoutError", "TimeoutError"}
_BROKEN = {"APIConnectionError", "TransportError", "ConnectionError"}
_CANCELLATIONS = (asyncio.CancelledError, GeneratorExit, KeyboardInterrupt, SystemExit)


def ending_of(error: BaseException) -> Ending:
    """How a call ended that raised `error` before any of its answer was there."""
    if isinstance(error, _CANCELLATIONS):
        return Ending.CANCELLED
    if isinstance(getattr(error, "status_code", None), int):
        return Ending.COST_NOTHING
    names = set(names_of(error))
    if names & _NEVER_ARRIVED:
        return Ending.COST_NOTHING
    if names & _TIMEOUTS:
        return Ending.TIMEOUT
    if names & _BROKEN:
        return Ending.ERROR
    return Ending.COST_NOTHING


def names_of(error: BaseException) -> Iterator[str]:
    """The names of the classes of an error and of what caused it."""
    seen: Set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        for kind in type(cause).__mro__:
            yield kind.__name__
        cause = cause.__cause__
