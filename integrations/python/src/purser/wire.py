"""Reading what SDKs answer: their objects and plain JSON alike, of any version."""
from __future__ import annotations

from typing import Any, Mapping, Optional


def field(value: Any, name: str) -> Any:
    """A field of an SDK's object or of JSON; None where there is none."""
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)


def plain(value: Any) -> Optional[Mapping[str, Any]]:
    """The JSON of an SDK's object with the fields that the provider sent, those included that the SDK does not know."""
    if value is None or isinstance(value, Mapping):
        return value
    json: Mapping[str, Any] = value.model_dump(mode="json", exclude_unset=True)
    return json


def responses_usage(answer: Any) -> Optional[Mapping[str, Any]]:
    """The usage of an answer of OpenAI's responses.

    Of its output only the kinds of built-in tools are told: they are charged for and counted nowhere else.
    """
    usage = plain(field(answer, "usage"))
    tools = [
        {"type": field(item, "type"), "status": field(item, "status"), "container_id": field(item, "container_id"),
         "action": {"type": field(field(item, "action"), "type")}}
        for item in field(answer, "output") or () if str(field(item, "type")) in _CHARGED_TOOLS]
    return {"usage": usage, "output": tools} if usage and tools else usage


_CHARGED_TOOLS = ("web_search_call", "file_search_call", "code_interpreter_call")
