"""What a router asks before a call."""
from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Sequence, TypedDict

from .attribution import Attribution, current_attribution

if TYPE_CHECKING:
    from typing_extensions import Unpack


class CallFields(TypedDict, total=False):
    """The optional fields of a call, named as in Purser's API (`POST /v1/authorize`).

    `request_id` is a new one unless given. `cached_input_tokens` is the part of the prompt known to be cached.
    `max_output_tokens` is the most that the call may answer, `min_output_tokens` the least that is of use. `bounds`
    are upper bounds of other meters. `models` are those the router can serve. `hold_seconds` is how long the money is
    held (1–3600, else 600), `wait_ms` how long the call may wait for money that calls in flight hold (0–30,000).
    """

    request_id: str
    team: str
    feature: str
    user: str
    run: str
    tags: Mapping[str, str]
    metadata: Mapping[str, Any]
    provider: Optional[str]
    service_tier: Optional[str]
    region: Optional[str]
    cached_input_tokens: Optional[int]
    max_output_tokens: Optional[int]
    min_output_tokens: Optional[int]
    bounds: Optional[Mapping[str, int]]
    models: Optional[Sequence[str]]
    hold_seconds: Optional[int]
    wait_ms: Optional[int]
    dry_run: Optional[bool]


class SettleFields(TypedDict, total=False):
    """The optional fields of a settlement, named as in Purser's API (`POST /v1/settle`).

    `usage_format` where the usage's field names do not tell it. `model`, `provider` and `service_tier` where others
    than the verdict's served the call. `status` is `ok`, `error`, `timeout` or `cancelled`. `provider_cost_usd` and
    `quality` (0 to 1) are decimal texts, `occurred_at` is RFC 3339.
    """

    usage_format: Optional[str]
    model: Optional[str]
    provider: Optional[str]
    service_tier: Optional[str]
    region: Optional[str]
    status: Optional[str]
    provider_request_id: Optional[str]
    provider_cost_usd: Optional[str]
    latency_ms: Optional[int]
    quality: Optional[str]
    attempt: Optional[int]
    occurred_at: Optional[str]


_ATTRIBUTION = ("team", "feature", "user", "run", "tags", "metadata")


@dataclass(frozen=True)
class CallRequest:
    """One call to be authorized. `fields` are the other fields of the body, those that are not None."""

    model: str
    input_tokens: int
    attribution: Attribution
    request_id: str = field(default_factory=lambda: f"py-{uuid.uuid4().hex}")
    fields: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, model: str, input_tokens: int, base: Attribution, **fields: Unpack[CallFields]) -> CallRequest:
        """From what a router says; `attribution` blocks count where it says nothing, and `base` where these do not."""
        said: Dict[str, Any] = {name: value for name, value in fields.items() if value is not None}
        own = Attribution(**{name: said.pop(name) for name in _ATTRIBUTION if name in said})
        request_id = said.pop("request_id", None) or f"py-{uuid.uuid4().hex}"
        return cls(model, input_tokens, own.over(current_attribution()).over(base), request_id, said)

    def body(self) -> Dict[str, Any]:
        return {"request_id": self.request_id, "model": self.model, "input_tokens": self.input_tokens,
                **self.attribution.body(), **self.fields}
