"""What streams say of their usage, and how much was heard of those that end early."""
from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional

from .text_estimate import text_tokens
from .wire import field, plain, responses_usage


class StreamMeter:
    """Watches the events of one stream. `usage` is None until the stream has told it."""

    def __init__(self) -> None:
        self.usage: Optional[Mapping[str, Any]] = None
        self.model: Optional[str] = None
        self.id: Optional[str] = None
        self.input_usage: Mapping[str, int] = {}
        """Purser's own fields of the input, where a stream tells it before its end."""
        self.is_failed = False
        self._heard: List[str] = []

    def see(self, event: Any) -> None:
        """Takes one event."""

    def is_usage_chunk(self, event: Any) -> bool:
        """Whether an event says nothing but the usage that we asked for."""
        return False

    def heard_tokens(self) -> int:
        """The tokens of the output that came, estimated high."""
        return text_tokens("".join(self._heard))

    def hear(self, *texts: Any) -> None:
        self._heard += [text for text in texts if isinstance(text, str)]


class ChatMeter(StreamMeter):
    def see(self, event: Any) -> None:
        self.model = field(event, "model") or self.model
        self.id = field(event, "id") or self.id
        self.usage = plain(field(event, "usage")) or self.usage
        for choice in field(event, "choices") or ():
            delta = field(choice, "delta")
            self.hear(field(delta, "content"), field(delta, "refusal"), field(delta, "reasoning_content"))
            for call in field(delta, "tool_calls") or ():
                function = field(call, "function")
                self.hear(field(function, "name"), field(function, "arguments"))

    def is_usage_chunk(self, event: Any) -> bool:
        return field(event, "usage") is not None and not field(event, "choices")


class ResponsesMeter(StreamMeter):
    def see(self, event: Any) -> None:
        kind = str(field(event, "type"))
        response = field(event, "response")
        if response is not None:
            self.model = field(response, "model") or self.model
            self.id = field(response, "id") or self.id
        if kind in ("response.completed", "response.incomplete", "response.failed"):
            self.is_failed = kind == "response.failed"
            self.usage = responses_usage(response)
        elif kind.endswith(".delta"):
            self.hear(field(event, "delta"))


class MessagesMeter(StreamMeter):
    """Anthropic tells the input in its first event, with how long the cache keeps it, and the whole in its last."""

    def __init__(self) -> None:
        super().__init__()
        self._start: Optional[Mapping[str, Any]] = None

    def see(self, event: Any) -> None:
        kind = field(event, "type")
        if kind == "message_start":
            message = field(event, "message")
            self.model, self.id = field(message, "model"), field(message, "id")
            self._start = plain(field(message, "usage"))
            self.input_usage = whole_input(self._start or {})
        elif kind == "message_delta":
            last = plain(field(event, "usage"))
            if last is not None:
                self.usage = {"message_start": self._start, "message_delta": last} if self._start else last
        elif kind == "content_block_delta":
            delta = field(event, "delta")
            self.hear(*(field(delta, name) for name in ("text", "partial_json", "thinking")))


def whole_input(usage: Mapping[str, Any]) -> Dict[str, int]:
    """The input of a `message_start` in Purser's words, where the whole prompt includes what the cache had."""
    def count(name: str) -> int:
        return usage.get(name) or 0

    kept = usage.get("cache_creation") or {}
    hour = kept.get("ephemeral_1h_input_tokens") or 0
    written = count("cache_creation_input_tokens") - hour
    parts = {"cache_read_tokens": count("cache_read_input_tokens"), "cache_write_tokens": written,
             "cache_write_1h_tokens": hour}
    return {"input_tokens": count("input_tokens") + sum(parts.values()),
            **{name: tokens for name, tokens in parts.items() if tokens}}
