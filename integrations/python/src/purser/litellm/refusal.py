"""How a call that must not be made is answered."""
from __future__ import annotations

from typing import Any, Dict

from fastapi import HTTPException

from ..errors import ApiError, Denied
from .settings import PluginSettings

UNREACHABLE_STATUS, SETUP_STATUS = 503, 500


def refusal(denied: Denied, settings: PluginSettings) -> HTTPException:
    """402, unless set otherwise. SDKs send a 429 again, which helps only where money is there soon."""
    detail: Dict[str, Any] = {
        "error": denied.message, "type": "budget_denied", "code": denied.code, "budget": denied.budget,
        "resets_at": denied.resets_at.isoformat() if denied.resets_at else None,
        "retry_after_seconds": denied.retry_after_seconds}
    seconds = denied.retry_after_seconds
    if denied.verdict is None:
        return HTTPException(UNREACHABLE_STATUS, detail, headers={"Retry-After": "1"})
    if seconds is not None and seconds <= settings.soon_seconds:
        return HTTPException(429, detail, headers={"Retry-After": str(max(seconds, 1))})
    return HTTPException(settings.deny_status, detail)


def setup_problem(error: ApiError) -> HTTPException:
    """Purser refuses to judge: the proxy's token, or a team that there is not."""
    status = 422 if error.status == 422 else SETUP_STATUS
    return HTTPException(status, {"error": error.detail, "type": "purser_setup", "code": error.code})
