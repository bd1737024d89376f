"""Draws responses of providers: the usage objects in the forms in which each of them answers.

The forms are those of the providers' API references. What several forms have, and do not have, is drawn too: details that
are absent, null or 0, and totals.
"""
def count(rng, most):
    return rng.choice([0, 1, most, rng.randint(0, most), rng.randint(0, most)]) if most > 0 else 0


def sizes(rng):
    """A prompt and an answer."""
    return rng.randint(1, 10 ** rng.randint(1, 6)), rng.choice([0, 1, rng.randint(2, 100), rng.randint(2, 50_000)])


def some(rng, **fields):
    """Some of the fields; others are absent or null."""
    return {name: value for name, value in fields.items() if rng.random() < 0.8 or rng.random() < 0.5} | {
        name: None for name in fields if rng.random() < 0.05}


def chat(*, cached=True, written=False, audio=False, reasoning=True, beside=None, **more):
    """OpenAI's chat completions, as OpenAI and those answer who took over its form."""
    def draw(rng):
        prompt, answer = sizes(rng)
        details, made = {}, {}
        left = prompt
        if cached:
            details["cached_tokens"] = count(rng, left)
            left -= details["cached_tokens"]
        if written and rng.random() < 0.5:
            details["cache_write_tokens"] = count(rng, left)
            left -= details["cache_write_tokens"]
        if audio:
            details["audio_tokens"] = count(rng, left)
            made["audio_tokens"] = count(rng, answer)
        if reasoning:
            made["reasoning_tokens"] = count(rng, answer - made.get("audio_tokens", 0))
        usage = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
        if details and rng.random() < 0.9:
            usage["prompt_tokens_details"] = details
        if made and rng.random() < 0.9:
            made |= some(rng, accepted_prediction_tokens=0, rejected_prediction_tokens=0)
            usage["completion_tokens_details"] = made
        if beside:
            beside(rng, usage)
        return {"object": "chat.completion", "usage": usage}
    return draw


def responses(*, written=False, searches=False):
    def draw(rng):
        prompt, answer = sizes(rng)
        cached = count(rng, prompt)
        details = {"cached_tokens": cached}
        if written:
            details["cache_write_tokens"] = count(rng, prompt - cached)
        usage = {
            "input_tokens": prompt, "input_tokens_details": details, "output_tokens": answer,
            "output_tokens_details": {"reasoning_tokens": count(rng, answer)}, "total_tokens": prompt + answer}
        response = {"object": "response", "output": [], "usage": usage}
        if searches and rng.random() < 0.3:
            response["output"] = [
                {"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "q"}}
            ] * rng.randint(1, 3)
        return response
    return draw


def embeddings(rng):
    prompt, _ = sizes(rng)
    return {"object": "list", "usage": {"prompt_tokens": prompt, "total_tokens": prompt}}


def images(rng):
    text, image = rng.randint(1, 900), count(rng, 3000)
    made = rng.choice([272, 1056, 4160])
    return {"usage": {
        "input_tokens": text + image, "input_tokens_details": {"text_tokens": text, "image_tokens": image},
        "output_tokens": made, "output_tokens_details": {"image_tokens": made, "text_tokens": 0},
        "total_tokens": text + image + made}}


def realtime(rng):
    text, audio, spoken, written = (rng.randint(0, 5000) for _ in range(4))
    cached_text, cached_audio = count(rng, text), count(rng, audio)
    return {"type": "response.done", "response": {"object": "realtime.response", "usage": {
        "total_tokens": text + audio + spoken + written, "input_tokens": text + audio, "output_tokens": spoken + written,
        "input_token_details": {
            "text_tokens": text, "audio_tokens": audio, "image_tokens": 0, "cached_tokens": cached_text + cached_audio,
            "cached_tokens_details": {"text_tokens": cached_text, "audio_tokens": cached_audio, "image_tokens": 0}},
        "output_token_details": {"text_tokens": written, "audio_tokens": spoken}}}}


def anthropic(searches=True, compactions=True):
    def draw(rng):
        prompt, answer = sizes(rng)
        read, minutes, hour = count(rng, 50_000), count(rng, 5_000), count(rng, 5_000)
        usage = {
            "input_tokens": prompt, "cache_creation_input_tokens": minutes + hour, "cache_read_input_tokens": read,
            "output_tokens": answer, "service_tier": "standard"}
        if rng.random() < 0.8:
            usage["cache_creation"] = {"ephemeral_5m_input_tokens": minutes, "ephemeral_1h_input_tokens": hour}
        if rng.random() < 0.5:
            usage["output_tokens_details"] = {"thinking_tokens": count(rng, answer)}
        usage["server_tool_use"] = None
        if searches and rng.random() < 0.3:
            usage["server_tool_use"] = {"web_search_requests": rng.randint(0, 4), "web_fetch_requests": rng.randint(0, 2)}
        if compactions and rng.random() < 0.1:
            same = {name: usage[name] for name in (
                "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")}
            usage["iterations"] = [
                {"type": "compaction", "input_tokens": rng.randint(1, 150_000), "output_tokens": rng.randint(1, 3_000)},
                {"type": "message", **same}]
        return {"type": "message", "role": "assistant", "usage": usage}
    return draw


def converse(rng):
    prompt, answer = sizes(rng)
    read, minutes, hour = count(rng, 50_000), count(rng, 5_000), count(rng, 5_000)
    usage = {
        "inputTokens": prompt, "outputTokens": answer, "cacheReadInputTokens": read,
        "cacheWriteInputTokens": minutes + hour, "totalTokens": prompt + answer + read + minutes + hour}
    if rng.random() < 0.3:
        usage["totalTokens"] = prompt + answer
    if rng.random() < 0.7:
        usage["cacheDetails"] = [
            {"ttl": ttl, "inputTokens": tokens} for ttl, tokens in (("5m", minutes), ("1h", hour)) if tokens]
    return {"output": {}, "stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": 551}}


MODALITIES = ("TEXT", "AUDIO", "IMAGE", "VIDEO", "DOCUMENT")


def by_modality(rng, total, among):
    """Splits a total: a modality that is not used is not there."""
    split, left = {}, total
    for modality in rng.sample(among, rng.randint(1, len(among))):
        split[modality] = count(rng, left)
        left -= split[modality]
    split["TEXT"] = split.get("TEXT", 0) + left
    return split


def listed(split):
    return [{"modality": modality, "tokenCount": tokens} for modality, tokens in split.items() if tokens]


def gemini(taken=MODALITIES, made=("TEXT",), caches=True):
    return lambda rng: gemini_response(rng, taken, made, caches)


def gemini_response(rng, taken, made, caches):
    prompt, candidates = sizes(rng)
    thoughts, tools = count(rng, 5_000), count(rng, 500) if rng.random() < 0.2 else 0
    parts = by_modality(rng, prompt, taken)
    cached = {modality: count(rng, tokens) for modality, tokens in parts.items()} if caches and rng.random() < 0.6 else {}
    usage = {
        "promptTokenCount": prompt, "candidatesTokenCount": candidates,
        "totalTokenCount": prompt + candidates + thoughts + tools, "promptTokensDetails": listed(parts)}
    if rng.random() < 0.5:
        usage["candidatesTokensDetails"] = listed(by_modality(rng, candidates, made))
    if thoughts:
        usage["thoughtsTokenCount"] = thoughts
    if sum(cached.values()):
        usage |= {"cachedContentTokenCount": sum(cached.values()), "cacheTokensDetails": listed(cached)}
    if tools:
        usage |= {"toolUsePromptTokenCount": tools, "toolUsePromptTokensDetails": listed({"TEXT": tools})}
    response = {"candidates": [{"index": 0}], "usageMetadata": usage}
    if rng.random() < 0.1:
        response["candidates"][0]["groundingMetadata"] = {"webSearchQueries": ["one", "two"][: rng.randint(1, 2)]}
    return response


def cohere(rng):
    prompt, answer = sizes(rng)
    added = rng.randint(0, 600)
    usage = {
        "billed_units": {"input_tokens": prompt, "output_tokens": answer},
        "tokens": {"input_tokens": prompt + added, "output_tokens": answer}}
    if rng.random() < 0.7:
        usage["cached_tokens"] = count(rng, prompt)
    return {"finish_reason": "COMPLETE", "usage": usage}


def cohere_embeddings(rng):
    units = {"input_tokens": rng.randint(1, 5_000)}
    if rng.random() < 0.2:
        units = {"input_tokens": 0, "image_tokens": rng.randint(1, 5_000)}
    return {"response_type": "embeddings_by_type", "meta": {"api_version": {"version": "2"}, "billed_units": units}}


def groq(rng, usage):
    usage |= {"queue_time": 0.037, "prompt_time": 0.0006, "completion_time": 0.46, "total_time": 0.46}


def mistral(rng, usage):
    usage["num_cached_tokens"] = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    usage["prompt_audio_seconds"] = None


def voxtral(rng, usage):
    """Mistral counts audio by its seconds, and among the tokens of the prompt."""
    mistral(rng, usage)
    if rng.random() < 0.7:
        usage["prompt_audio_seconds"] = rng.randint(1, 600)


def deepseek(rng, usage):
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    usage |= {"prompt_cache_hit_tokens": cached, "prompt_cache_miss_tokens": usage["prompt_tokens"] - cached}
    if rng.random() < 0.2:
        # The form of its first years.
        usage.pop("prompt_tokens_details", None)


def grok(rng, usage):
    """xAI counts reasoning beside the completion, as its total shows, and every token of the prompt by what it is."""
    reasoning = rng.randint(0, 5_000)
    usage["completion_tokens_details"] = {
        "reasoning_tokens": reasoning, "audio_tokens": 0, "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0}
    usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"] + reasoning
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens", 0)
    image = count(rng, usage["prompt_tokens"] - cached) if rng.random() < 0.3 else 0
    usage["prompt_tokens_details"] = {
        "text_tokens": usage["prompt_tokens"] - image, "audio_tokens": 0, "image_tokens": image, "cached_tokens": cached}
    usage["num_sources_used"] = 0


def perplexity(rng, usage):
    usage |= {"search_context_size": rng.choice(["low", "medium", "high"])}


def research(rng, usage):
    usage |= {
        "citation_tokens": rng.randint(0, 20_000), "num_search_queries": rng.randint(1, 30),
        "reasoning_tokens": rng.randint(0, 90_000)}


def openrouter(rng, usage):
    usage |= {"cost": 0.01, "is_byok": False}
