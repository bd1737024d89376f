"""What can go wrong between a router and Purser, as exceptions."""
from __future__ import annotations

from datetime import datetime
from typing import Any, Mapping, Optional, Sequence, Union

from .answers import Receipt, Verdict


class PurserError(Exception):
    """The base of all errors of this package."""


class ApiError(PurserError):
    """Purser refused a request for good: the same request would be refused again (RFC 9457).

    `status` is the HTTP status, `code` is for programs (`unknown_team`, `idempotency_conflict`, …), `detail` is the
    sentence for people. `errors` names the fields that are to blame (`pointer`, `detail`), `entry` is the ledger entry
    that stands where a settlement contradicts it.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code: str = str(problem.get("code") or "unknown")
        self.detail: str = str(problem.get("detail") or f"Purser answered with status {status}.")
        self.errors: Sequence[Mapping[str, str]] = tuple(problem.get("errors") or ())
        self.entry: Optional[Mapping[str, Any]] = problem.get("entry")
        super().__init__(f"{self.detail} ({status} {self.code})")


class Unreachable(PurserError):
    """Purser gave no answer in the time that there was, or said that it cannot work now (503).

    `maybe_received` is False where no connection was made: then Purser certainly knows nothing of the request.
    """

    def __init__(self, detail: str, maybe_received: bool) -> None:
        self.detail, self.maybe_received = detail, maybe_received
        super().__init__(f"Purser does not answer: {detail}")


class Denied(PurserError):
    """The call must not be made. The text is a sentence that can be shown to people.

    `code` is the reason's code, as Purser gives it, or one of this package: `purser_unreachable`, `queue_full`,
    `wrong_provider`. `budget` is the budget that bound, `resets_at` the end of its window, `retry_after_seconds` when
    it may be worth asking again. `verdict` is None where Purser did not answer.
    """

    def __init__(self, message: str, code: str, verdict: Optional[Verdict] = None) -> None:
        reason = verdict.reason if verdict else None
        self.message, self.code, self.verdict = message, code, verdict
        self.budget: Optional[str] = reason.budget if reason else None
        self.resets_at: Optional[datetime] = reason.resets_at if reason else None
        self.retry_after_seconds: Optional[int] = reason.retry_after_seconds if reason else None
        super().__init__(message)

    @classmethod
    def by(cls, verdict: Verdict) -> Denied:
        """The error of a verdict that denies."""
        reason = verdict.reason
        if reason is None:
            return cls("Purser denied the call and gave no reason.", "unknown", verdict)
        return cls(reason.message, reason.code, verdict)


def receipt_or_error(result: Mapping[str, Any]) -> Union[Receipt, ApiError]:
    """One result of a batch of settlements."""
    return Receipt.of(result) if "entry_id" in result else ApiError(result["status"], result)
