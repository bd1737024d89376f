"""LiteLLM's usage in Purser's words."""
from __future__ import annotations

from typing import Any, Dict, Mapping


def purser_usage(usage: Mapping[str, Any]) -> Dict[str, int]:
    """LiteLLM counts all providers alike, as OpenAI's chat does, with the parts of the cache inside the prompt."""
    def count(*path: str) -> int:
        found: Any = usage
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found if isinstance(found, int) else 0

    hour = count("prompt_tokens_details", "cache_creation_token_details", "ephemeral_1h_input_tokens")
    written = count("cache_creation_input_tokens") or count("prompt_tokens_details", "cache_creation_tokens")
    counts = {
        "input_tokens": count("prompt_tokens"),
        "cache_read_tokens": count("prompt_tokens_details", "cached_tokens") or count("cache_read_input_tokens"),
        "cache_write_tokens": max(written - hour, 0),
        "cache_write_1h_tokens": hour,
        "audio_input_tokens": count("prompt_tokens_details", "audio_tokens"),
        "output_tokens": count("completion_tokens"),
        "reasoning_tokens": count("completion_tokens_details", "reasoning_tokens"),
        "audio_output_tokens": count("completion_tokens_details", "audio_tokens"),
        "web_searches": count("server_tool_use", "web_search_requests"),
    }
    wholes = ("input_tokens", "output_tokens")
    return {name: tokens for name, tokens in counts.items() if tokens or name in wholes}
