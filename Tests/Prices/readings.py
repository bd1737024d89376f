"""Where Purser and genai-prices 0.2.3 read a response differently, why, and who is right.

The first item of READINGS that matches a difference explains it.
"""
from dataclasses import dataclass
from typing import Callable


@dataclass
class Reading:
    form: object
    response: dict
    # The name in genai-prices of what is counted differently; empty where one of the two reads nothing.
    name: str
    ours: object
    theirs: object

    @property
    def usage(self):
        response = self.response.get("response", self.response)
        return response.get("usage") or response.get("usageMetadata") or response.get("meta")


@dataclass
class Known:
    id: str
    right: str
    reason: str
    explains: Callable


def lists_searches(case):
    return any(item["type"] == "web_search_call" for item in case.response.get("output", []))


def of_anthropic_elsewhere(case):
    return case.form.flavour == "anthropic" and case.form.provider in ("google", "aws", "azure")


def has_modality(case, modality):
    return any(
        part["modality"] == modality
        for name in ("promptTokensDetails", "cacheTokensDetails") for part in case.usage.get(name, []))


READINGS = [
    Known(
        "searches of OpenAI's tool", "Purser",
        "a response lists the calls of its tools beside its usage, and OpenAI charges each search; genai-prices reads the "
        "usage alone",
        lambda case: case.name == "web_searches" and lists_searches(case) and case.theirs == 0),
    Known(
        "searches in Gemini's answer", "Purser",
        "an answer that is grounded lists its searches, and Google charges each; genai-prices reads the usage alone",
        lambda case: case.name == "web_searches" and case.theirs == 0 and any(
            "groundingMetadata" in candidate for candidate in case.response.get("candidates", []))),
    Known(
        "searches of Anthropic's models elsewhere", "Purser",
        "on Vertex AI and Bedrock genai-prices does not read server_tool_use, which it reads of Anthropic itself",
        lambda case: of_anthropic_elsewhere(case) and case.name == "web_searches" and case.theirs == 0),
    Known(
        "thinking of Anthropic's models elsewhere", "both",
        "on Vertex AI and Bedrock genai-prices does not read thinking_tokens; they are in the output and cost what it does",
        lambda case: of_anthropic_elsewhere(case) and case.name == "output_reasoning_tokens" and case.theirs == 0),
    Known(
        "compactions", "Purser",
        "Anthropic's totals leave out the pass that compacts a conversation, which it charges; genai-prices reads no passes",
        lambda case: case.name in ("input_tokens", "output_tokens") and case.ours - case.theirs == sum(
            iteration[case.name] for iteration in case.usage.get("iterations", []) if iteration["type"] == "compaction")),
    Known(
        "documents", "both",
        "genai-prices counts the pages of documents as images, Purser as the rest of the prompt; Google names no price of "
        "theirs, and where it charges for images what it does for text, both cost the same",
        lambda case: case.name in ("input_image_tokens", "cache_image_read_tokens") and has_modality(case, "DOCUMENT")
        and case.ours < case.theirs),
    Known(
        "cached video", "both",
        "no price is known of it but that of the cache, so that Purser counts it as that alone; genai-prices also among "
        "the video, and prices it as cached",
        lambda case: case.name in ("input_video_tokens", "cache_video_read_tokens") and has_modality(case, "VIDEO")
        and case.ours < case.theirs),
    Known(
        "seconds of audio", "Purser", "Mistral counts the audio of a prompt by its seconds, which genai-prices does not read",
        lambda case: case.name == "audio_input_seconds" and case.ours == case.usage["prompt_audio_seconds"]),
    Known(
        "what Cohere cached", "Purser",
        "genai-prices reads the billed units alone, and cached_tokens stand beside them",
        lambda case: case.form.name == "Cohere, chat" and case.name == "cache_read_tokens" and case.theirs == 0),
    Known(
        "images that Cohere embedded", "Purser", "genai-prices does not read the image_tokens among the billed units",
        lambda case: case.form.name == "Cohere, embeddings" and case.theirs == 0
        and case.ours == case.usage["billed_units"]["image_tokens"]),
    Known(
        "images in xAI's prompts", "both",
        "genai-prices does not read image_tokens; they are in the prompt and cost what it does",
        lambda case: case.form.provider == "x-ai" and case.name == "input_image_tokens" and case.theirs == 0),
    Known(
        "Perplexity's fee", "Purser",
        "a call pays one fee by the size of its search context, which genai-prices does not read",
        lambda case: case.form.name == "Perplexity" and case.name == f"web_searches_{case.usage['search_context_size']}"),
    Known(
        "DeepSeek's first form", "Purser",
        "prompt_cache_hit_tokens without prompt_tokens_details, as DeepSeek answered at first; genai-prices reads the latter",
        lambda case: case.form.provider == "deepseek" and case.name == "cache_read_tokens" and case.theirs == 0
        and not case.usage.get("prompt_tokens_details")),
    Known(
        "what Cerebras cached", "Purser",
        "genai-prices does not read cached_tokens of Cerebras, which charges them as any of the prompt",
        lambda case: case.form.provider == "cerebras" and case.name == "cache_read_tokens" and case.theirs == 0),
]
