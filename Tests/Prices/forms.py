"""The forms of usage that are drawn, each with its provider and a model that both sides have the same rates of."""
import random
from dataclasses import dataclass
from typing import Callable

from book import PROVIDERS
from responses import (
    anthropic, chat, cohere, cohere_embeddings, converse, deepseek, embeddings, gemini, grok, groq, images, mistral,
    openrouter, perplexity, realtime, research, responses, voxtral)


@dataclass
class Form:
    name: str
    # The provider and the flavour of its API, by their names in genai-prices.
    provider: str
    flavour: str
    model: str
    draw: Callable
    # Where the format cannot be told from the field names.
    format: str = ""

    @property
    def seller(self):
        """The provider in the price book."""
        if (self.provider, self.flavour) == ("google", "anthropic"):
            return "vertex_ai"
        return PROVIDERS.get(self.provider, self.provider)


FORMS = [
    Form("OpenAI, chat", "openai", "chat", "gpt-5", chat()),
    Form("OpenAI, chat with cache writes", "openai", "chat", "gpt-5.6-sol", chat(written=True)),
    Form("OpenAI, chat with audio", "openai", "chat", "gpt-audio", chat(audio=True, reasoning=False)),
    Form("OpenAI, responses", "openai", "responses", "gpt-5", responses(searches=True)),
    Form("OpenAI, responses with cache writes", "openai", "responses", "gpt-5.6-sol", responses(written=True)),
    Form("OpenAI, embeddings", "openai", "embeddings", "text-embedding-3-small", embeddings),
    Form("OpenAI, images", "openai", "images", "gpt-image-1.5", images),
    Form("OpenAI, realtime", "openai", "realtime", "gpt-realtime", realtime),
    Form("Azure, chat", "azure", "chat", "gpt-5", chat(audio=False)),
    Form("Anthropic, messages", "anthropic", "default", "claude-haiku-4-5", anthropic()),
    Form("Anthropic, chat", "anthropic", "chat", "claude-haiku-4-5", chat(reasoning=False, cached=False)),
    Form("Vertex AI, Anthropic", "google", "anthropic", "claude-haiku-4-5", anthropic(compactions=False)),
    Form("Gemini", "google", "default", "gemini-2.5-flash", gemini()),
    Form("Gemini, images", "google", "default", "gemini-2.5-flash-image",
         gemini(("TEXT", "IMAGE"), ("TEXT", "IMAGE"), caches=False)),
    Form("Gemini, chat", "google", "chat", "gemini-2.5-flash", chat()),
    Form("Bedrock, Converse", "aws", "default", "amazon.nova-pro-v1:0", converse),
    Form("Bedrock, InvokeModel", "aws", "anthropic", "anthropic.claude-3-5-haiku-20241022-v1:0",
         anthropic(searches=False, compactions=False)),
    Form("Mistral", "mistral", "default", "codestral-2508", chat(beside=mistral)),
    Form("Mistral, audio", "mistral", "default", "voxtral-small-24b-2507", chat(beside=voxtral)),
    Form("Cohere, chat", "cohere", "default", "command-a-03-2025", cohere),
    Form("Cohere, embeddings", "cohere", "embeddings", "embed-v4.0", cohere_embeddings),
    Form("Groq", "groq", "default", "openai/gpt-oss-120b", chat(beside=groq)),
    Form("xAI, chat", "x-ai", "chat", "grok-4-0709", chat(beside=grok)),
    Form("xAI, responses", "x-ai", "responses", "grok-4-0709", responses()),
    Form("DeepSeek", "deepseek", "chat", "deepseek-v4-flash", chat(beside=deepseek)),
    Form("Perplexity", "perplexity", "default", "sonar-pro", chat(cached=False, reasoning=False, beside=perplexity)),
    Form("Perplexity, research", "perplexity", "default", "sonar-deep-research",
         chat(cached=False, reasoning=False, beside=research)),
    Form("OpenRouter", "openrouter", "chat", "openai/gpt-5", chat(beside=openrouter, written=True)),
    Form("Fireworks", "fireworks", "chat", "accounts/fireworks/models/gpt-oss-120b", chat()),
    Form("Cerebras", "cerebras", "chat", "gpt-oss-120b", chat()),
    Form("Moonshot", "moonshotai", "chat", "kimi-k2-0905-preview", chat()),
]


def drawn(form, number, seed):
    for index in range(number):
        rng = random.Random(f"{seed} {form.name} {index}")
        response = form.draw(rng)
        response["modelVersion" if form.flavour == "default" and form.provider == "google" else "model"] = form.model
        yield response
