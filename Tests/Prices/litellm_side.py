"""Asks litellm what a usage costs."""

import os
from datetime import datetime, timezone

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: E402

litellm.suppress_debug_info = True
from litellm import _internal_context  # noqa: E402
from litellm.types.utils import (  # noqa: E402
    CacheCreationTokenDetails, CachedTokensDetails, CompletionTokensDetailsWrapper, PromptTokensDetailsWrapper, Usage)

MAP = os.path.join(os.path.dirname(litellm.__file__), "model_prices_and_context_window_backup.json")

# The provider of a call, where it differs from the label in the map.
PROVIDERS = {"bedrock_converse": "bedrock", "fireworks_ai-embedding-models": "fireworks_ai"}


def provider(entry):
    label = entry["litellm_provider"]
    return "vertex_ai" if label.startswith("vertex_ai-") else PROVIDERS.get(label, label)


def usage_object(usage, provider_):
    part = usage.parts.get
    unit = usage.units.get
    inputs = sum(quantity for name, quantity in usage.parts.items() if name in INPUT_NAMES)
    outputs = sum(usage.parts.values()) - inputs
    written = {ttl: part(name, 0) for ttl, name in WRITES.items()}
    read = {"audio_tokens": part("cache_read_audio_tokens", 0), "image_tokens": part("cache_read_image_tokens", 0)}
    details = PromptTokensDetailsWrapper(
        text_tokens=usage.input_tokens - inputs,
        cached_tokens=part("cache_read_tokens", 0) + sum(read.values()),
        audio_tokens=part("audio_input_tokens", 0) + read["audio_tokens"],
        image_tokens=part("image_input_tokens", 0) + read["image_tokens"],
        video_tokens=part("video_input_tokens", 0),
        cache_creation_tokens=sum(written.values()),
        cache_creation_token_details=CacheCreationTokenDetails(
            ephemeral_5m_input_tokens=written["5m"], ephemeral_1h_input_tokens=written["1h"],
            ephemeral_12h_input_tokens=written["12h"]) if any(written.values()) else None,
        image_count=unit("images"), audio_length_seconds=unit("audio_input_seconds"),
        video_length_seconds=unit("video_input_seconds"))
    if any(read.values()):
        details.cached_tokens_details = CachedTokensDetails(**read)
    extra = {"inference_geo": usage.region} if usage.region and provider_ in ("anthropic", "bedrock") else {}
    if usage.tier == "fast":
        extra["speed"] = "fast"
    return Usage(
        prompt_tokens=usage.input_tokens, completion_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens, prompt_tokens_details=details,
        completion_tokens_details=CompletionTokensDetailsWrapper(
            text_tokens=usage.output_tokens - outputs, reasoning_tokens=part("reasoning_tokens", 0),
            audio_tokens=part("audio_output_tokens", 0), image_tokens=part("image_output_tokens", 0),
            video_tokens=part("video_output_tokens", 0)), **extra)


WRITES = {"5m": "cache_write_tokens", "1h": "cache_write_1h_tokens", "12h": "cache_write_12h_tokens"}
INPUT_NAMES = {
    *WRITES.values(), "cache_read_tokens", "cache_read_audio_tokens", "cache_read_image_tokens", "audio_input_tokens",
    "image_input_tokens", "video_input_tokens"}


def cost(name, entry, usage):
    """Returns the cost in USD: the sum of litellm's input and output costs."""
    call = {"embedding": "embedding"}.get(entry.get("mode"), "completion")
    tier = usage.tier if usage.tier in ("flex", "priority", "ultrafast") else None
    _internal_context._billing_time.set(datetime.fromisoformat(usage.moment).astimezone(timezone.utc))
    both = litellm.cost_per_token(
        model=name, custom_llm_provider=provider(entry), usage_object=usage_object(usage, provider(entry)), service_tier=tier,
        data_residency=usage.region if provider(entry) == "openai" and usage.region else None,
        vertex_location="us-east5" if usage.region == "regional" else None,
        call_type="retrieve_batch" if usage.tier == "batch" else call)
    return sum(both)
