"""Whose call it is: team, feature, user, run, tags and metadata, from several places."""
from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Dict, Iterator, Mapping, Optional

HEADERS = {f"x-purser-{name}": name for name in ("team", "feature", "user", "run")}


@dataclass(frozen=True)
class Attribution:
    """Whose money a call spends and what it is for.

    `team` must be there in Purser. `run` ties the calls of one agent run, and a fallback to the call it replaces.
    `tags` are at most 16 labels, `metadata` is kept with the entry as it comes (4 KiB of JSON).
    """

    team: Optional[str] = None
    feature: Optional[str] = None
    user: Optional[str] = None
    run: Optional[str] = None
    tags: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def over(self, other: Attribution) -> Attribution:
        """This one where it says something, else `other`; tags and metadata are joined."""
        return Attribution(
            self.team or other.team, self.feature or other.feature, self.user or other.user, self.run or other.run,
            {**other.tags, **self.tags}, {**other.metadata, **self.metadata})

    def body(self) -> Dict[str, Any]:
        """Its fields of a request; what is not said is left out."""
        fields = {"team": self.team, "feature": self.feature, "user": self.user, "run": self.run,
                  "tags": dict(self.tags), "metadata": dict(self.metadata)}
        return {name: value for name, value in fields.items() if value}


_current: ContextVar[Attribution] = ContextVar("purser_attribution", default=Attribution())


def current_attribution() -> Attribution:
    """What the `attribution` blocks around this code say."""
    return _current.get()


@contextmanager
def attribution(
    *, team: Optional[str] = None, feature: Optional[str] = None, user: Optional[str] = None,
    run: Optional[str] = None, tags: Optional[Mapping[str, str]] = None,
    metadata: Optional[Mapping[str, Any]] = None,
) -> Iterator[Attribution]:
    """Attributes every call that is made inside the block; blocks nest, and tasks started inside inherit it.

        with purser.attribution(feature="summaries", run="agent-7"):
            openai.chat.completions.create(…)
    """
    inner = Attribution(team, feature, user, run, tags or {}, metadata or {}).over(_current.get())
    token = _current.set(inner)
    try:
        yield inner
    finally:
        _current.reset(token)


def from_headers(headers: Mapping[str, Any]) -> Attribution:
    """What headers of one call say: `x-purser-team`, `-feature`, `-user`, `-run`, and `x-purser-tag-KEY`."""
    said = Attribution()
    for name, value in headers.items():
        lower = name.lower()
        if lower in HEADERS:
            field_said: Dict[str, Any] = {HEADERS[lower]: str(value)}
            said = replace(said, **field_said)
        elif lower.startswith("x-purser-tag-"):
            said = replace(said, tags={**said.tags, lower[len("x-purser-tag-"):]: str(value)})
    return said


def is_attribution_header(name: str) -> bool:
    return name.lower().startswith("x-purser-")
