"""The routes of providers that are metered, and how each says model, output and usage."""
from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Dict, Iterable, Mapping, Optional, Tuple, Type

from .prompt_estimate import Estimate, prompt_estimate
from .stream_meters import ChatMeter, MessagesMeter, ResponsesMeter, StreamMeter
from .wire import field, plain, responses_usage

Body = Dict[str, Any]


class Shape(ABC):
    """One route. Bodies are the JSON objects that the SDK sends; `usage_format` is Purser's name of what it answers."""

    path: str
    usage_format: str
    output_fields: Tuple[str, ...] = ()
    """Where a body says the most output; the last one is used where it says none."""
    meter: Type[StreamMeter] = StreamMeter

    @abstractmethod
    def estimate(self, body: Body) -> Estimate:
        """The prompt's tokens."""

    def answers(self, body: Body) -> int:
        """How many answers one call brings, each with the most output."""
        return 1

    def output_limit(self, body: Body) -> Optional[int]:
        """The most output of the whole call; None where the body says none."""
        limit = next((body[name] for name in self.output_fields if isinstance(body.get(name), int)), None)
        return None if limit is None else limit * self.answers(body)

    def limit_output(self, body: Body, tokens: int) -> None:
        """Makes the body say the most output."""
        if self.output_fields:
            name = next((name for name in self.output_fields if body.get(name) is not None), self.output_fields[-1])
            body[name] = max(tokens // self.answers(body), 1)

    def bounds(self, body: Body, input_tokens: int) -> Dict[str, int]:
        """What else the call may use at the most."""
        return {}

    def ask_for_usage(self, body: Body) -> bool:
        """Makes a stream tell its usage; True where the caller did not ask for the chunk that does."""
        return False

    def usage(self, answer: Any) -> Optional[Mapping[str, Any]]:
        """The usage of a whole answer, as the provider gave it; None where it gave none."""
        return plain(field(answer, "usage"))


class Chat(Shape):
    path, usage_format, meter = "/chat/completions", "openai.chat", ChatMeter
    output_fields = ("max_completion_tokens", "max_tokens", "max_completion_tokens")

    def estimate(self, body: Body) -> Estimate:
        tools = list(body.get("tools") or ()) + list(body.get("functions") or ())
        return prompt_estimate(body["model"], [body.get("messages"), body.get("prediction")], tools,
                               body.get("response_format"))

    def answers(self, body: Body) -> int:
        return body.get("n") or 1

    def ask_for_usage(self, body: Body) -> bool:
        options = dict(body.get("stream_options") or {})
        was_asked = bool(options.get("include_usage"))
        body["stream_options"] = {**options, "include_usage": True}
        return not was_asked


class Responses(Shape):
    path, usage_format, meter = "/responses", "openai.responses", ResponsesMeter
    output_fields = ("max_output_tokens",)

    def estimate(self, body: Body) -> Estimate:
        estimate = prompt_estimate(body["model"], [body.get("instructions"), body.get("input")], body.get("tools"),
                                   body.get("text"))
        for name in ("previous_response_id", "conversation", "prompt"):
            if body.get(name):
                estimate.unseen.append(f"what {name} names, which is kept at the provider")
        return estimate

    def usage(self, answer: Any) -> Optional[Mapping[str, Any]]:
        return responses_usage(answer)


class Embeddings(Shape):
    path, usage_format = "/embeddings", "openai.chat"

    def estimate(self, body: Body) -> Estimate:
        return prompt_estimate(body["model"], [body.get("input")])


class Messages(Shape):
    path, usage_format, meter = "/v1/messages", "anthropic", MessagesMeter
    output_fields = ("max_tokens",)

    def estimate(self, body: Body) -> Estimate:
        schema = [body.get("output_config"), body.get("output_format")]
        return prompt_estimate(body["model"], [body.get("system"), body.get("messages")], body.get("tools"),
                               [part for part in schema if part])

    def bounds(self, body: Body, input_tokens: int) -> Dict[str, int]:
        bounds: Dict[str, int] = {}
        ttls = set(cache_ttls(body))
        # Unless the body asks for it, nothing is written to the cache, and the input need not be held at that price.
        if "1h" not in ttls:
            bounds["cache_write_tokens"] = input_tokens if ttls else 0
        searches = [tool for tool in body.get("tools") or () if str(field(tool, "type")).startswith("web_search")]
        if searches and all(isinstance(field(tool, "max_uses"), int) for tool in searches):
            bounds["web_searches"] = sum(field(tool, "max_uses") for tool in searches)
        return bounds


def cache_ttls(value: Any) -> Iterable[str]:
    """How long each part of a prompt that is to be cached is kept."""
    if isinstance(value, Mapping):
        control = value.get("cache_control")
        if isinstance(control, Mapping):
            yield str(control.get("ttl") or "5m")
        for inner in value.values():
            yield from cache_ttls(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from cache_ttls(inner)


SHAPES: Mapping[str, Shape] = {shape.path: shape for shape in (Chat(), Responses(), Embeddings(), Messages())}
