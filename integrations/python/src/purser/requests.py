"""The requests to Purser, the same for the synchronous and the asynchronous client."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Sequence

from .call_request import CallRequest

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    """One POST. `more_seconds` is what it may take longer than others."""

    path: str
    body: Json
    more_seconds: float = 0


def authorize(call: CallRequest) -> Request:
    return Request("/v1/authorize", call.body(), call.fields.get("wait_ms", 0) / 1000)


def settle(hold_id: str, usage: Json, fields: Json) -> Request:
    return Request("/v1/settle", {"hold_id": hold_id, "usage": dict(usage), **said(fields)})


def settle_batch(settlements: Sequence[Json]) -> Request:
    return Request("/v1/settle/batch", {"settlements": list(settlements)})


def void(hold_id: str) -> Request:
    return Request("/v1/void", {"hold_id": hold_id})


def extend(hold_id: str, hold_seconds: int) -> Request:
    return Request("/v1/extend", {"hold_id": hold_id, "hold_seconds": hold_seconds})


def usage(events: Sequence[Json]) -> Request:
    return Request("/v1/usage", {"events": list(events)})


def quote(model: str, usage: Json, fields: Json) -> Request:
    return Request("/v1/quote", {"model": model, "usage": dict(usage), **said(fields)})


def said(fields: Mapping[str, Optional[Any]]) -> Dict[str, Any]:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}
