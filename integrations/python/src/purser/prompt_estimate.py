"""How many tokens the prompt of a call has at the most, from the body that an SDK sends. It errs high."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Iterable, List, Mapping, Tuple

from .text_estimate import text_tokens, up

# What chat formats add around a message, around a prompt, and around a tool, rounded up.
MESSAGE_TOKENS, PROMPT_TOKENS, TOOL_TOKENS = 8, 8, 16
# Anthropic puts a text of its own before the first tool; other providers a shorter one.
TOOLS_TOKENS = 600
# The most that an image costs: tiles or patches of its largest size. gpt-4o-mini counts some 33 times as many.
IMAGE_TOKENS, LOW_DETAIL_TOKENS = 5_000, 100
IMAGE_TOKENS_BY_MODEL = {"gpt-4o-mini": (49_000, 3_000)}
# Compressed text of a document has at least so many bytes a token; sound at least so many.
DOCUMENT_BYTES_PER_TOKEN, AUDIO_BYTES_PER_TOKEN = 1, 100

# No tokenizer of Anthropic's models of today is published, so nothing here measures them: a quarter on top.
CLAUDE_PERCENT = 125

# Fields of a part that hold no words of the prompt.
_SILENT = {"type", "role", "id", "cache_control", "detail", "status", "index"}


@dataclass
class Estimate:
    """`tokens` of what can be seen. `unseen` names what cannot: a document by its address, a conversation at the
    provider.
    """

    tokens: int = PROMPT_TOKENS
    unseen: List[str] = field(default_factory=list)

    def add(self, tokens: int) -> None:
        self.tokens += tokens


def prompt_estimate(model: str, said: Iterable[Any], tools: Any = None, schema: Any = None) -> Estimate:
    """The estimate of messages or texts, of tools, and of the schema that the answer must have."""
    estimate = Estimate()
    images = next((tokens for name, tokens in IMAGE_TOKENS_BY_MODEL.items() if model.startswith(name)),
                  (IMAGE_TOKENS, LOW_DETAIL_TOKENS))
    for part in said:
        _add(part, estimate, images)
    if tools:
        estimate.add(TOOLS_TOKENS)
        for tool in tools if isinstance(tools, (list, tuple)) else [tools]:
            estimate.add(TOOL_TOKENS + _json_tokens(tool))
    if schema:
        estimate.add(TOOL_TOKENS + _json_tokens(schema))
    if "claude" in model:
        estimate.tokens = up(estimate.tokens * CLAUDE_PERCENT, 100)
    return estimate


def _add(part: Any, estimate: Estimate, images: Tuple[int, int]) -> None:
    """Adds what a message, or a part of one, whatever its nesting, has in words and pictures."""
    if part is None or isinstance(part, bool):
        return
    if isinstance(part, str):
        estimate.add(text_tokens(part))
    elif isinstance(part, (list, tuple)):
        # A list of numbers is a text in tokens (embeddings).
        if part and all(isinstance(item, int) for item in part):
            estimate.add(len(part))
        else:
            for item in part:
                _add(item, estimate, images)
    elif isinstance(part, Mapping):
        _add_mapping(part, estimate, images)
    else:
        # SDKs take their own answers as messages of the next call.
        _add(_plain(part), estimate, images)


def _add_mapping(part: Mapping[str, Any], estimate: Estimate, images: Tuple[int, int]) -> None:
    kind = str(part.get("type") or "")
    if "role" in part or kind.endswith(("_call", "_output", "tool_use", "tool_result")):
        estimate.add(MESSAGE_TOKENS)
    if kind in ("image", "image_url", "input_image"):
        inner = part.get("image_url")
        detail = part.get("detail") or (inner.get("detail") if isinstance(inner, Mapping) else None)
        estimate.add(images[1] if detail == "low" else images[0])
    elif kind in ("document", "file", "input_file"):
        _add_document(part, estimate, images)
    elif kind == "input_audio":
        audio = part.get("input_audio") or {}
        estimate.add(up(_decoded_bytes(str(audio.get("data") or "")), AUDIO_BYTES_PER_TOKEN))
    elif kind == "item_reference":
        estimate.unseen.append("an item that is kept at the provider")
    else:
        for name, value in part.items():
            if name not in _SILENT:
                _add(value if not isinstance(value, (int, float)) else str(value), estimate, images)


def _add_document(part: Mapping[str, Any], estimate: Estimate, images: Tuple[int, int]) -> None:
    source = part.get("source") or part.get("file") or part
    source = source if isinstance(source, Mapping) else _plain(source)
    data = source.get("data") or source.get("file_data")
    if source.get("type") == "text" or source.get("type") == "content":
        _add(data or source.get("content"), estimate, images)
    elif data:
        estimate.add(_decoded_bytes(str(data)) // DOCUMENT_BYTES_PER_TOKEN)
    else:
        estimate.unseen.append("a document that is named by its address or id")


def _decoded_bytes(base64: str) -> int:
    return up(len(base64) * 3, 4)


def _json_tokens(value: Any) -> int:
    return text_tokens(json.dumps(value, default=_plain, ensure_ascii=False))


def _plain(value: Any) -> Any:
    """The JSON of an SDK's object; the text of anything else."""
    dump = getattr(value, "model_dump", None)
    if dump is not None:
        return dump(mode="json", exclude_none=True)
    return list(value) if isinstance(value, Iterable) else str(value)
