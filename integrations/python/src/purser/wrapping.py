"""`wrap`: clients of the OpenAI and Anthropic SDKs that ask before each call and tell what it used.

The seam is the SDK client's `post`. It is a documented method (for endpoints that the SDK does not know yet), and all
of `create`, `parse`, `stream` and the beta helpers end in it, of every version. Above it there would be a dozen methods
to follow; below it, in the HTTP transport, the SDK's own retries would each be a call of their own, and the HTTP
library itself has changed between versions. So each call has one hold, however often the SDK sends it.
"""
from __future__ import annotations

import copy
import inspect
from typing import Any, Mapping, Optional, Sequence, TypeVar, Union
from urllib.parse import urlsplit

from .async_client import AsyncClient
from .attribution import Attribution
from .client import Client
from .meter import Meter
from .metered_stream import metered_parse, metered_stream
from .sending import Sending
from .stream_watch import StreamWatch

SdkClient = TypeVar("SdkClient")

# Of clients that speak to a cloud's own offer the model's name alone would mean its maker's.
_CLOUDS = {"Azure": "azure", "Bedrock": "bedrock", "Vertex": "vertex_ai"}
_MAKERS = {"api.openai.com": "openai", "api.anthropic.com": "anthropic"}


def wrap(
    client: SdkClient, purser: Union[Client, AsyncClient, None] = None, *, team: Optional[str] = None,
    feature: Optional[str] = None, user: Optional[str] = None, run: Optional[str] = None,
    tags: Optional[Mapping[str, str]] = None, metadata: Optional[Mapping[str, Any]] = None,
    provider: Optional[str] = None, models: Optional[Sequence[str]] = None, min_output_tokens: Optional[int] = None,
    hold_seconds: Optional[int] = None, wait_ms: Optional[int] = None,
) -> SdkClient:
    """A client of the same kind, on the same connections, each of whose calls is authorized and settled.

        openai = purser.wrap(OpenAI(), team="search")

    A denied call raises `Denied`. A downgraded one goes to the verdict's model, with at most the verdict's output.
    `purser` is the connection to Purser to use (a `Client` for synchronous clients, an `AsyncClient` for asynchronous
    ones); one with the settings of the environment is made unless given. It is the `purser` of the answer, to flush or
    close.

    `team`, `feature`, … are those of calls that name no others, by an `attribution` block or by `extra_headers` such as
    `x-purser-run`. `provider` is needed where neither the client's class nor its address tells who sells the model.
    `models` are those that this client can call. The others are as in `CallFields`.
    """
    kind: Any = type(client)
    post = getattr(kind, "post", None)
    if post is None or not hasattr(kind, "copy"):
        raise TypeError(f"wrap takes clients of the openai and anthropic packages, not {kind.__name__}.")
    is_async = inspect.iscoroutinefunction(post)
    purser = purser if purser is not None else (AsyncClient() if is_async else Client())
    if isinstance(purser, AsyncClient) is not is_async:
        raise TypeError(f"{kind.__name__} needs a purser.{'AsyncClient' if is_async else 'Client'}.")
    cloud = next((name for part, name in _CLOUDS.items() if part in kind.__name__), None)
    maker = _MAKERS.get(str(urlsplit(str(getattr(client, "base_url", ""))).hostname))
    meter = Meter(
        purser, Attribution(team, feature, user, run, tags or {}, metadata or {}), provider or cloud or maker,
        says_provider=provider is not None or cloud is not None,
        fields={"models": list(models) if models else None, "min_output_tokens": min_output_tokens,
                "hold_seconds": hold_seconds, "wait_ms": wait_ms})
    metered = _async_kind(kind, purser, meter) if isinstance(purser, AsyncClient) else _sync_kind(kind, purser, meter)
    # `copy` makes a client of its own class with the same settings. Called on a twin of the new class, it makes a new
    # one whose resources know the new `post`, also in versions that make them at once.
    twin: Any = copy.copy(client)
    twin.__class__ = metered
    wrapped: SdkClient = twin.copy()
    return wrapped


def _sync_kind(kind: Any, connection: Client, meter: Meter) -> Any:
    class Metered(kind):  # type: ignore[misc]
        purser = connection

        def post(self, path: str, *, body: Any = None, options: Any = None, **rest: Any) -> Any:
            is_stream = bool(rest.get("stream"))
            sending = meter.begin(path, body, options or {}, is_stream)
            if sending is None:
                return super().post(path, body=body, options=options or {}, **rest)
            sending.admit(connection.open(sending.request))
            try:
                answer = super().post(path, body=sending.body, options=sending.options, **rest)
            except BaseException as error:
                sending.fail(error)
                raise
            return _answered(sending, answer)

    return _named_like(Metered, kind)


def _async_kind(kind: Any, connection: AsyncClient, meter: Meter) -> Any:
    class Metered(kind):  # type: ignore[misc]
        purser = connection

        async def post(self, path: str, *, body: Any = None, options: Any = None, **rest: Any) -> Any:
            is_stream = bool(rest.get("stream"))
            sending = meter.begin(path, body, options or {}, is_stream)
            if sending is None:
                return await super().post(path, body=body, options=options or {}, **rest)
            sending.admit(await connection.open(sending.request))
            try:
                answer = await super().post(path, body=sending.body, options=sending.options, **rest)
            except BaseException as error:
                sending.fail(error)
                raise
            return _answered(sending, answer)

    return _named_like(Metered, kind)


def _answered(sending: Sending, answer: Any) -> Any:
    raw = getattr(answer, "http_response", None)
    if sending.is_stream:
        watch = StreamWatch(sending)
        return metered_stream(answer, watch) if raw is None else metered_parse(answer, watch)
    sending.settle_answer(answer if raw is None else raw.json())
    return answer


def _named_like(metered: Any, kind: Any) -> Any:
    metered.__name__, metered.__qualname__, metered.__module__ = kind.__name__, kind.__qualname__, kind.__module__
    return metered
