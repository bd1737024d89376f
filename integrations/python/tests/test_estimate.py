"""How far the estimate is from real counts. `python tests/test_estimate.py` prints the table of README.md."""

import quicktok
import anthropic_tokenizer
import pytest
from samples import COMMON, OTHER_LANGUAGES

from purser.prompt_estimate import prompt_estimate
from purser.shapes import SHAPES
from purser.text_estimate import text_tokens

# What OpenAI's models of today and those before use, and what Anthropic published of its own, of Claude 2.
TOKENIZERS = {
    "o200k": lambda text: len(quicktok.get_encoding("o200k_base").encode(text)),
    "cl100k": lambda text: len(quicktok.get_encoding("cl100k_base").encode(text)),
    "Claude 2": lambda text: len(anthropic_tokenizer.encode(text)),
}


def ratios(texts, tokenizer):
    """The estimate as a multiple of the real count: the least, and of all texts together."""
    real, estimated = [TOKENIZERS[tokenizer](text) for text in texts], [text_tokens(text) for text in texts]
    return min(high / exact for high, exact in zip(estimated, real)), sum(estimated) / sum(real)


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
@pytest.mark.parametrize("kind", COMMON)
def test_the_estimate_is_never_low_and_not_twice_too_high(kind, tokenizer):
    least, together = ratios(COMMON[kind], tokenizer)
    assert 1 <= least and together <= 1.75


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_other_languages_are_not_low_for_models_of_today(language):
    least, _ = ratios([OTHER_LANGUAGES[language]], "o200k")
    assert 1 <= least <= 7


def test_what_is_in_a_prompt_counts():
    def estimate(path, **body):
        return SHAPES[path].estimate({"model": "gpt-4o", **body})

    words = "The quick brown fox jumps over the lazy dog. " * 20
    plain = estimate("/chat/completions", messages=[{"role": "user", "content": words}])
    assert plain.tokens >= TOKENIZERS["o200k"](words) + 7
    tool = {"type": "function", "function": {"name": "look", "description": words, "parameters": {"type": "object"}}}
    with_tool = estimate("/chat/completions", messages=[{"role": "user", "content": words}], tools=[tool])
    assert with_tool.tokens - plain.tokens >= TOKENIZERS["o200k"](words)
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 400_000}}
    seen = estimate(
        "/chat/completions", messages=[{"role": "user", "content": [{"type": "text", "text": words}, picture]}]
    )
    assert 1_445 <= seen.tokens - plain.tokens <= 6_000
    call = {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "look", "input": {"at": words}}]}
    assert estimate("/v1/messages", messages=[call], max_tokens=1).tokens >= TOKENIZERS["Claude 2"](words)
    page = {"type": "document", "source": {"type": "url", "url": "https://example.com/a.pdf"}}
    assert estimate("/v1/messages", messages=[{"role": "user", "content": [page]}], max_tokens=1).unseen
    assert estimate("/embeddings", input=[[1, 2, 3], [4]]).tokens >= 4
    assert prompt_estimate("gpt-4o-mini", [[picture]]).tokens > 48_000


if __name__ == "__main__":
    print("| text |", " | ".join(TOKENIZERS), "|\n| --- |", " | ".join("---" for _ in TOKENIZERS), "|")
    for name, texts in {**COMMON, **{language: [text] for language, text in OTHER_LANGUAGES.items()}}.items():
        print(
            f"| {name} |",
            " | ".join("{:.2f} ({:.2f})".format(*reversed(ratios(texts, kind))) for kind in TOKENIZERS),
            "|",
        )
