"""Purser's answers as values. Money is a Decimal in USD, never a float; times are aware datetimes."""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Mapping, Optional, Tuple

Json = Mapping[str, Any]


@dataclass(frozen=True)
class ApiWarning:
    """Something that an answer does not leave unsaid: `code` for programs, `message` for people."""

    code: str
    message: str

    @classmethod
    def of(cls, json: Json) -> ApiWarning:
        return cls(str(json.get("code")), str(json.get("message")))


@dataclass(frozen=True)
class Reason:
    """Why a call was not admitted as asked. `message` is one sentence that a team lead understands."""

    code: str
    message: str
    budget: Optional[str]
    resets_at: Optional[datetime]
    retry_after_seconds: Optional[int]

    @classmethod
    def of(cls, json: Json) -> Reason:
        return cls(json["code"], json["message"], json.get("budget"), moment(json.get("resets_at")),
                   json.get("retry_after_seconds"))


@dataclass(frozen=True)
class BudgetState:
    """How a budget stands after a verdict, in its own `unit`: `usd`, `tokens` or `calls`.

    `remaining` is limit − spent − held; it is negative where more came in than was held.
    """

    id: str
    enforcement: str
    unit: str
    limit: Decimal
    spent: Decimal
    held: Decimal
    remaining: Decimal
    resets_at: Optional[datetime]

    @classmethod
    def of(cls, json: Json) -> BudgetState:
        unit = next(unit for unit in ("usd", "tokens", "calls") if f"limit_{unit}" in json)
        limit, spent, held, remaining = (
            Decimal(str(json[f"{name}_{unit}"])) for name in ("limit", "spent", "held", "remaining"))
        return cls(json["id"], json["enforcement"], unit, limit, spent, held, remaining, moment(json.get("resets_at")))


@dataclass(frozen=True)
class Verdict:
    """May the call be made, and how. Call `model` with at most `max_output_tokens`, unless `is_denied`.

    `verdict` is `admit`, `downgrade` or `deny`. `hold_id` is what to settle, void or extend; None on a deny and on a
    dry run. `estimated_cost_usd` is what is held: the worst case. `reason` is None on an admit.
    """

    verdict: str
    request_id: str
    hold_id: Optional[str]
    model: Optional[str]
    provider: Optional[str]
    max_output_tokens: Optional[int]
    estimated_cost_usd: Optional[Decimal]
    expires_at: Optional[datetime]
    reason: Optional[Reason]
    budgets: Tuple[BudgetState, ...]
    warnings: Tuple[ApiWarning, ...]

    @property
    def is_denied(self) -> bool:
        return self.verdict not in ("admit", "downgrade")

    @property
    def is_downgrade(self) -> bool:
        return self.verdict == "downgrade"

    @classmethod
    def of(cls, json: Json) -> Verdict:
        reason = json.get("reason")
        return cls(
            json["verdict"], json["request_id"], json.get("hold_id"), json.get("model"), json.get("provider"),
            json.get("max_output_tokens"), usd(json.get("estimated_cost_usd")), moment(json.get("expires_at")),
            Reason.of(reason) if reason else None, tuple(map(BudgetState.of, json.get("budgets") or ())),
            tuple(map(ApiWarning.of, json.get("warnings") or ())))


@dataclass(frozen=True)
class Receipt:
    """A settled call's ledger entry. `cost_usd` is None where a meter has no price (`unpriced`), never 0.

    `duplicate` says that the same was settled before; `overrun_usd` is what it cost more than was held.
    """

    entry_id: str
    cost_usd: Optional[Decimal]
    model: str
    duplicate: bool
    unpriced: bool
    overrun_usd: Decimal
    warnings: Tuple[ApiWarning, ...]

    @classmethod
    def of(cls, json: Json) -> Receipt:
        return cls(json["entry_id"], usd(json.get("cost_usd")), json["model"], json["duplicate"], json["unpriced"],
                   Decimal(json["overrun_usd"]), tuple(map(ApiWarning.of, json.get("warnings") or ())))


@dataclass(frozen=True)
class Rejection:
    """A usage event that was not recorded: its place in the list, its id, why."""

    index: int
    id: Optional[str]
    code: str
    detail: str

    @classmethod
    def of(cls, json: Json) -> Rejection:
        return cls(json["index"], json.get("id"), json["code"], json["detail"])


@dataclass(frozen=True)
class UsageAnswer:
    """What became of usage events: how many were recorded now and before, and those that were not."""

    accepted: int
    duplicates: int
    rejected: Tuple[Rejection, ...]

    @classmethod
    def of(cls, json: Json) -> UsageAnswer:
        return cls(json["accepted"], json["duplicates"], tuple(map(Rejection.of, json.get("rejected") or ())))


@dataclass(frozen=True)
class QuoteLine:
    """One meter of a quote. `unit_price_usd` and `amount_usd` are None where it has no price."""

    meter: str
    quantity: int
    unit_price_usd: Optional[Decimal]
    amount_usd: Optional[Decimal]

    @classmethod
    def of(cls, json: Json) -> QuoteLine:
        return cls(json["meter"], json["quantity"], usd(json.get("unit_price_usd")), usd(json.get("amount_usd")))


@dataclass(frozen=True)
class Quote:
    """What usage costs. `cost_usd` is None where a line has no price."""

    cost_usd: Optional[Decimal]
    unpriced: bool
    lines: Tuple[QuoteLine, ...]
    warnings: Tuple[ApiWarning, ...]

    @classmethod
    def of(cls, json: Json) -> Quote:
        return cls(usd(json.get("cost_usd")), json["unpriced"], tuple(map(QuoteLine.of, json["lines"])),
                   tuple(map(ApiWarning.of, json.get("warnings") or ())))


def released_usd(json: Json) -> Decimal:
    """How many USD a void gave back."""
    return Decimal(json["released_usd"])


def expiry_of(json: Json) -> datetime:
    """When an extended hold expires."""
    expires_at = moment(json["expires_at"])
    assert expires_at is not None
    return expires_at


def usd(text: Optional[str]) -> Optional[Decimal]:
    """A decimal text in USD; None stays None, which is not 0."""
    return None if text is None else Decimal(text)


def moment(text: Optional[str]) -> Optional[datetime]:
    """An RFC 3339 time. Python before 3.11 reads neither `Z` nor more than six places of a second."""
    if text is None:
        return None
    seconds = re.sub(r"\.(\d+)", lambda places: "." + places[1][:6].ljust(6, "0"), text)
    return datetime.fromisoformat(seconds.replace("Z", "+00:00"))
