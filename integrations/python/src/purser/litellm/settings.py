"""The plugin's settings, from the environment."""
from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import Dict, Mapping, Sequence

# Where each name of a call is looked for, first found. A key's own team comes before what its holder says, so that
# nobody spends the money of others.
DEFAULT_SOURCES: Mapping[str, Sequence[str]] = {
    "team": ("key.metadata.purser_team", "key.team_alias", "key.team_id", "header.x-purser-team", "metadata.team"),
    "feature": ("header.x-purser-feature", "metadata.feature", "key.metadata.purser_feature", "key.key_alias"),
    "user": ("header.x-purser-user", "metadata.user", "key.end_user_id", "key.user_id"),
    "run": ("header.x-purser-run", "metadata.run", "data.litellm_session_id", "data.litellm_trace_id"),
}


@dataclass(frozen=True)
class PluginSettings:
    """`deny_status` answers a denied call; 429 does, with `Retry-After`, where money is there within `soon_seconds`."""

    deny_status: int = 402
    soon_seconds: int = 60
    hold_seconds: int = 600
    sources: Mapping[str, Sequence[str]] = field(default_factory=lambda: DEFAULT_SOURCES)
    on_unreachable: str = "deny"
    queue_path: str = ""

    @classmethod
    def of_environment(cls) -> PluginSettings:
        """Raises `ValueError` for what cannot be read."""
        environment = os.environ
        said = json.loads(environment.get("PURSER_LITELLM_SOURCES") or "{}")
        sources: Dict[str, Sequence[str]] = {**DEFAULT_SOURCES, **said}
        if not set(sources) <= set(DEFAULT_SOURCES):
            raise ValueError(f"PURSER_LITELLM_SOURCES maps {', '.join(DEFAULT_SOURCES)}.")
        return cls(
            int(environment.get("PURSER_LITELLM_DENY_STATUS") or 402),
            int(environment.get("PURSER_LITELLM_SOON_SECONDS") or 60),
            int(environment.get("PURSER_LITELLM_HOLD_SECONDS") or 600), sources,
            environment.get("PURSER_ON_UNREACHABLE") or "deny", environment.get("PURSER_QUEUE_PATH") or "")
