"""Where Purser is, whose calls these are, and what happens when it does not answer."""
from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Dict, Optional
from urllib.parse import urlsplit

from .attribution import Attribution

DEFAULT_URL = "http://127.0.0.1:8080"
POLICIES = ("admit", "deny")


@dataclass(frozen=True)
class Settings:
    """`token` is in no text of this object, so that none reaches a log by it.

    `authorize_seconds` is the time for a verdict, retries included; `wait_ms` of a call comes on top. `request_seconds`
    is that of any other request.
    """

    url: str
    token: str = field(repr=False)
    attribution: Attribution
    on_unreachable: str
    authorize_seconds: float
    request_seconds: float

    @classmethod
    def of(
        cls, url: Optional[str], token: Optional[str], attribution: Attribution, on_unreachable: str,
        authorize_seconds: float, request_seconds: float,
    ) -> Settings:
        """What is not given comes from the environment; raises `ValueError` for what cannot work."""
        url = url or os.environ.get("PURSER_URL") or DEFAULT_URL
        token = token or os.environ.get("PURSER_TOKEN")
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"Purser's address must begin with http:// or https://, not {url!r}.")
        if not token:
            raise ValueError("Purser needs a router's token: set PURSER_TOKEN, or give token=….")
        if on_unreachable not in POLICIES:
            raise ValueError(f"on_unreachable is 'admit' or 'deny', not {on_unreachable!r}.")
        fallback = Attribution(team=os.environ.get("PURSER_TEAM") or None)
        return cls(
            url.rstrip("/"), token, attribution.over(fallback), on_unreachable, authorize_seconds, request_seconds)

    def headers(self) -> Dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "User-Agent": "purser-python"}
