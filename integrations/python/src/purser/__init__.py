"""Purser's client for Python: ask before each LLM call, tell what it used. See README.md."""
from .answers import ApiWarning, BudgetState, Quote, QuoteLine, Reason, Receipt, Rejection, UsageAnswer, Verdict
from .async_client import AsyncClient
from .attribution import Attribution, attribution, current_attribution
from .call import Call
from .call_request import CallRequest
from .client import Client
from .errors import ApiError, Denied, PurserError, Unreachable
from .outbox import DeadLetter
from .settlement_queue import SettlementQueue
from .wrapping import wrap

__all__ = [
    "ApiError", "ApiWarning", "AsyncClient", "Attribution", "BudgetState", "Call", "CallRequest", "Client",
    "DeadLetter", "Denied", "PurserError", "Quote", "QuoteLine", "Reason", "Receipt", "Rejection", "SettlementQueue",
    "Unreachable", "UsageAnswer", "Verdict", "attribution", "current_attribution", "wrap",
]
