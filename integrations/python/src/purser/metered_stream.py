"""Streams of the SDKs that watch what passes through them.

A stream keeps its class's public face (`isinstance`, `response`, `close`, iteration), so that the SDKs' own helpers
work on it: its class becomes a subclass that overrides only the public protocol.
"""
from __future__ import annotations

import functools
import inspect
import weakref
from typing import Any, AsyncIterator, Iterator

from .stream_watch import StreamWatch


def metered_stream(stream: Any, watch: StreamWatch) -> Any:
    """The same stream, watched. A stream that is dropped without being closed ends its call too."""
    kind: Any = type(stream)
    is_async = hasattr(kind, "__anext__")
    stream.__class__ = _async_kind(kind) if is_async else _sync_kind(kind)
    stream.purser_watch = watch
    _watch_response(stream.response, watch, "aclose" if is_async else "close")
    weakref.finalize(stream, watch.abandon)
    return stream


def _watch_response(response: Any, watch: StreamWatch, close: str) -> None:
    """Notices when a helper of the SDK closes the response under the stream."""
    closing = getattr(response, close)

    @functools.wraps(closing)
    def closed(*arguments: Any, **options: Any) -> Any:
        watch.abandon()
        return closing(*arguments, **options)

    setattr(response, close, closed)


@functools.lru_cache(maxsize=None)
def _sync_kind(kind: Any) -> Any:
    class Metered(kind):  # type: ignore[misc]
        purser_watch: StreamWatch

        def __next__(self) -> Any:
            watch = self.purser_watch
            while True:
                watch.is_reading = True
                try:
                    event = super().__next__()
                except StopIteration:
                    watch.end()
                    raise
                except BaseException as error:
                    watch.break_off(error)
                    raise
                finally:
                    watch.is_reading = False
                if watch.shows(event):
                    return event

        def __iter__(self) -> Iterator[Any]:
            while True:
                try:
                    event = next(self)
                except StopIteration:
                    return
                yield event

    return _named_like(Metered, kind)


@functools.lru_cache(maxsize=None)
def _async_kind(kind: Any) -> Any:
    class Metered(kind):  # type: ignore[misc]
        purser_watch: StreamWatch

        async def __anext__(self) -> Any:
            watch = self.purser_watch
            while True:
                watch.is_reading = True
                try:
                    event = await super().__anext__()
                except StopAsyncIteration:
                    watch.end()
                    raise
                except BaseException as error:
                    watch.break_off(error)
                    raise
                finally:
                    watch.is_reading = False
                if watch.shows(event):
                    return event

        async def __aiter__(self) -> AsyncIterator[Any]:
            while True:
                try:
                    event = await self.__anext__()
                except StopAsyncIteration:
                    return
                yield event

    return _named_like(Metered, kind)


def _named_like(metered: Any, kind: Any) -> Any:
    metered.__name__, metered.__qualname__, metered.__module__ = kind.__name__, kind.__qualname__, kind.__module__
    return metered


def metered_parse(raw: Any, watch: StreamWatch) -> Any:
    """A raw response (`with_raw_response`) whose `parse` gives a metered stream."""
    parse = raw.parse

    def parsed(*arguments: Any, **options: Any) -> Any:
        stream = parse(*arguments, **options)
        return _awaited(stream, watch) if inspect.isawaitable(stream) else metered_stream(stream, watch)

    raw.parse = parsed
    return raw


async def _awaited(stream: Any, watch: StreamWatch) -> Any:
    return metered_stream(await stream, watch)
