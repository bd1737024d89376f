"""Whose call it is, from LiteLLM's key, the request's metadata and its headers."""
from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Optional, Sequence

from ..attribution import Attribution
from ..wire import field

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._:/@+|=-]")


def metadata_name(data: Mapping[str, Any]) -> str:
    """Where LiteLLM keeps its own metadata of a request: it depends on the route."""
    return "litellm_metadata" if "litellm_metadata" in data else "metadata"


def attribution_of(key: Any, data: Mapping[str, Any], sources: Mapping[str, Sequence[str]]) -> Attribution:
    """The first source of each name that says something. Characters that Purser has in no name become `-`."""
    said: Dict[str, Any] = {}
    for name, paths in sources.items():
        found = next((value for value in (_look(path, key, data) for path in paths) if value), None)
        if found:
            said[name] = _NOT_IN_NAMES.sub("-", found)[:128]
    return Attribution(tags=_tags(data), **said)


def _look(path: str, key: Any, data: Mapping[str, Any]) -> Optional[str]:
    place, _, name = path.partition(".")
    if place == "header":
        headers = field(data.get("proxy_server_request"), "headers") or {}
        found = {header.lower(): value for header, value in headers.items()}.get(name.lower())
    elif place == "metadata":
        found = _in_metadata(data, name)
    else:
        found = key if place == "key" else data
        for part in name.split("."):
            found = field(found, part)
    return str(found) if isinstance(found, (str, int)) and found != "" else None


def _in_metadata(data: Mapping[str, Any], name: str) -> Any:
    """Of the metadata that the caller sent, which lies beside or inside LiteLLM's own."""
    for place in ("metadata", "litellm_metadata"):
        inner = data.get(place)
        if isinstance(inner, Mapping) and inner.get(name) is not None:
            return inner[name]
    return None


def _tags(data: Mapping[str, Any]) -> Dict[str, str]:
    """LiteLLM's tags are words; `key:value` and `key=value` become a tag of that key, others one of their own."""
    tags: Dict[str, str] = {}
    found = _in_metadata(data, "tags")
    for tag in found if isinstance(found, list) else []:
        name, separator, value = re.sub("=", ":", str(tag), count=1).partition(":")
        # LiteLLM adds the caller's program by itself.
        if name and name != "User-Agent" and len(tags) < 16:
            tags[name[:64]] = value[:64] if separator else "true"
    return tags
