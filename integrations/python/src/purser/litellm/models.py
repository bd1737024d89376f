"""LiteLLM's model groups and the names of the price book."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Mapping, Optional

import litellm

from ..wire import field

# A bare name means its maker's own API; what others sell is named with them.
_MAKERS = {"openai", "anthropic", "gemini", "text-completion-openai"}
_PURSERS_NAME = {"bedrock_converse": "bedrock", "azure_text": "azure"}
_ALL_MODELS = {"all-proxy-models", "all-team-models", "*"}


@dataclass(frozen=True)
class Group:
    """A name that callers use, and what stands behind it: the model, and who sells it where that is not its maker."""

    name: str
    model: str
    provider: Optional[str]


def groups_of(router: Any, key: Any) -> List[Group]:
    """The groups that a key may call."""
    allowed = set(field(key, "models") or ()) or _ALL_MODELS
    team_allowed = set(field(key, "team_models") or ()) or _ALL_MODELS
    groups: List[Group] = []
    for deployment in (router.get_model_list() if router is not None else None) or ():
        name = deployment["model_name"]
        may = all(name in names or names & _ALL_MODELS for names in (allowed, team_allowed))
        if may and all(group.name != name for group in groups):
            groups.append(_group(name, deployment))
    return groups


def group_named(name: str, router: Any) -> Group:
    """The group of a name; of one that the router does not know, the model of that name."""
    deployments = (router.get_model_list(model_name=name) if router is not None else None) or ()
    return _group(name, deployments[0] if deployments else {"litellm_params": {"model": name}})


def served_by(told: Mapping[str, Any], kwargs: Mapping[str, Any], router: Any) -> Group:
    """What served a call, by the deployment that LiteLLM's log names: another than was chosen, where it fell back."""
    for deployment in (router.get_model_list() if router is not None else None) or ():
        if told.get("model_id") and field(deployment.get("model_info") or {}, "id") == told["model_id"]:
            return _group(deployment["model_name"], deployment)
    model, provider = sold(str(kwargs.get("model")), kwargs.get("custom_llm_provider"))
    return Group(model, model, provider)


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
