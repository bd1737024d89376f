"""LiteLLM's model groups and the names of the price book."""
from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

import litellm

from ..wire import field

# A bare name means its maker's own API; what others sell is named with them.
_MAKERS = {"openai", "anthropic", "gemini", "text-completion-openai"}
_PURSERS_NAME = {"bedrock_converse": "bedrock", "azure_text": "azure"}
REFRESH_SECONDS = 5.0
_ALL_MODELS = {"all-proxy-models", "all-team-models", "*"}


@dataclass(frozen=True)
class Group:
    """A name that callers use, and what stands behind it: the model, and who sells it where that is not its maker."""

    name: str
    model: str
    provider: Optional[str]


class Directory:
    """What the proxy's router serves. It is read again after some seconds, because LiteLLM copies its whole list each
    time it is asked for.
    """

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._by_name: Dict[str, Group] = {}
        self._by_deployment: Dict[str, Group] = {}

    def groups_of(self, key: Any) -> List[Group]:
        """The groups that a key may call."""
        self._refresh()
        allowed = set(field(key, "models") or ()) or _ALL_MODELS
        team_allowed = set(field(key, "team_models") or ()) or _ALL_MODELS
        return [group for name, group in self._by_name.items()
                if all(name in names or names & _ALL_MODELS for names in (allowed, team_allowed))]

    def named(self, name: str) -> Group:
        """The group of a name; of one that the router does not know, the model of that name."""
        self._refresh()
        return self._by_name.get(name) or _group(name, {"litellm_params": {"model": name}})

    def served_by(self, told: Mapping[str, Any], kwargs: Mapping[str, Any]) -> Group:
        """What served a call, by the deployment that LiteLLM's log names: another than was chosen, where it fell back."""
        known = self._by_deployment.get(str(told.get("model_id")))
        if known is not None:
            return known
        model, provider = sold(str(kwargs.get("model")), kwargs.get("custom_llm_provider"))
        return Group(model, model, provider)

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._read_at < REFRESH_SECONDS:
            return
        self._read_at = now
        router = current_router()
        self._by_name, self._by_deployment = {}, {}
        for deployment in (router.get_model_list() if router is not None else None) or ():
            group = _group(deployment["model_name"], deployment)
            self._by_name.setdefault(group.name, group)
            self._by_deployment[str(field(deployment.get("model_info") or {}, "id"))] = group


def current_router() -> Any:
    """The proxy's router, which there is only inside the proxy."""
    from litellm.proxy import proxy_server

    return proxy_server.llm_router


def _group(name: str, deployment: Mapping[str, Any]) -> Group:
    base = field(deployment.get("model_info") or {}, "base_model")
    sent = str(deployment["litellm_params"]["model"])
    model, provider = sold(sent, deployment["litellm_params"].get("custom_llm_provider"))
    return Group(name, str(base).rpartition("/")[2] if base else model, provider)


def sold(sent: str, provider: Optional[str]) -> "tuple[str, Optional[str]]":
    """The model and who sells it, of a name as LiteLLM sends it (`azure/gpt-4o`)."""
    try:
        model, known, _, _ = litellm.get_llm_provider(sent, custom_llm_provider=provider)
    except Exception:
        # A name that LiteLLM does not know either.
        model, known = sent, provider
    return str(model), None if known is None or known in _MAKERS else _PURSERS_NAME.get(known, known)
