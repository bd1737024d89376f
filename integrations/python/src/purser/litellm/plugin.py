"""The plugin: LiteLLM's hooks around a call."""
from __future__ import annotations

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional

from litellm.integrations.custom_logger import CustomLogger

from ..async_client import AsyncClient
from ..call import Call
from ..call_request import CallRequest
from ..errors import ApiError, Denied
from ..shapes import SHAPES, Shape
from ..wire import field, plain
from .identity import attribution_of, metadata_name
from .models import Directory, Group
from .refusal import refusal, setup_problem
from .settings import PluginSettings
from .usage import purser_usage

log = logging.getLogger("purser")

ROUTES = {
    "completion": "/chat/completions", "acompletion": "/chat/completions", "embeddings": "/embeddings",
    "embedding": "/embeddings", "aembedding": "/embeddings", "responses": "/responses", "aresponses": "/responses",
    "anthropic_messages": "/v1/messages"}
CALL_KEY = "purser_call"
# What a caller may send to have another model tried, which would undo a verdict.
FALLBACKS = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks")
MOST_MODELS = 64


@dataclass
class Pending:
    """A call that was admitted and not told of yet."""

    call: Call
    began: float


class Plugin(CustomLogger):  # type: ignore[misc]
    """Each hook stands in this class itself: LiteLLM skips inherited ones."""

    def __init__(self) -> None:
        super().__init__()
        self._client: Optional[AsyncClient] = None
        self._settings, self._directory = PluginSettings(), Directory()
        self._pending: "OrderedDict[str, Pending]" = OrderedDict()

    @property
    def client(self) -> AsyncClient:
        """The connection to Purser, made in the event loop that uses it."""
        if self._client is None:
            self._settings = PluginSettings.of_environment()
            self._client = AsyncClient(
                on_unreachable=self._settings.on_unreachable, queue_path=self._settings.queue_path or None)
        return self._client

    # Before the call --------------------------------------------------------------------------------------------------

    async def async_pre_call_hook(
        self, user_api_key_dict: Any, cache: Any, data: Dict[str, Any], call_type: str,
    ) -> Any:
        """Authorizes a call, and makes `data` say what the verdict does; raises an HTTP error for a denial."""
        shape = SHAPES.get(ROUTES.get(call_type, ""))
        if shape is None or not data.get("model"):
            return data
        client = self.client
        self._settle_the_forgotten()
        asked, groups = self._directory.named(str(data["model"])), self._directory.groups_of(user_api_key_dict)
        try:
            call = await client.open(self._request(shape, data, user_api_key_dict, asked, groups))
        except Denied as denied:
            raise refusal(denied, self._settings) from denied
        except ApiError as error:
            raise setup_problem(error) from error
        self._apply(call, shape, data, groups)
        place = metadata_name(data)
        data[place] = {**(data.get(place) or {}), CALL_KEY: call.request.request_id}
        self._pending[call.request.request_id] = Pending(call, time.monotonic())
        return data

    def _request(
        self, shape: Shape, data: Dict[str, Any], key: Any, asked: Group, groups: "list[Group]",
    ) -> CallRequest:
        seen = {**data, "model": asked.model}
        tokens = shape.estimate(seen).tokens
        models = list(OrderedDict.fromkeys([asked.model, *(group.model for group in groups)]))
        fields = {"provider": asked.provider, "max_output_tokens": shape.output_limit(data),
                  "bounds": shape.bounds(data, tokens) or None, "hold_seconds": self._settings.hold_seconds,
                  "models": models if len(models) <= MOST_MODELS else None}
        attribution = attribution_of(key, data, self._settings.sources).over(self.client.settings.attribution)
        return CallRequest(asked.model, tokens, attribution,
                           fields={name: value for name, value in fields.items() if value is not None})

    def _apply(self, call: Call, shape: Shape, data: Dict[str, Any], groups: "list[Group]") -> None:
        verdict = call.verdict
        if verdict is None:
            return
        if verdict.is_downgrade:
            lower = next((group for group in groups if group.model == verdict.model), None)
            if lower is None:
                call.void()
                sentence = f"The ladder leads to {verdict.model}, which this key cannot call."
                raise refusal(Denied(sentence, "model_not_allowed", verdict), self._settings)
            data["model"] = lower.name
            for name in FALLBACKS:
                data.pop(name, None)
            data["disable_fallbacks"] = True
        declared = shape.output_limit(data)
        if verdict.max_output_tokens is not None and (declared is None or verdict.max_output_tokens < declared):
            shape.limit_output(data, verdict.max_output_tokens)

    # After the call ---------------------------------------------------------------------------------------------------

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """Settles. LiteLLM may tell this twice, and tells of streams that a client left, with what came of them."""
        pending = self._take(call_key(kwargs.get("litellm_params") or {}))
        if pending is None:
            return
        told = kwargs.get("standard_logging_object") or {}
        if kwargs.get("cache_hit"):
            pending.call.void()
            return
        usage = plain(field(told.get("metadata") or {}, "usage_object")) or plain(field(response_obj, "usage"))
        if not usage:
            pending.call.settle_input("ok")
            return
        by = self._directory.served_by(told, kwargs)
        was_other = (by.model, by.provider) != (pending.call.model, pending.call.request.fields.get("provider"))
        pending.call.settle(
            purser_usage(usage), usage_format="purser", model=by.model if was_other else None,
            provider=by.provider if was_other else None, provider_request_id=identifier(field(response_obj, "id")))

    async def async_log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """One attempt failed; LiteLLM may try again, so this ends nothing."""

    async def async_post_call_failure_hook(
        self, request_data: Dict[str, Any], original_exception: Exception, user_api_key_dict: Any,
        traceback_str: Optional[str] = None,
    ) -> None:
        """The call failed for good. It comes for denied calls as well, of which nothing is pending."""
        pending = self._take(call_key(request_data))
        if pending is not None:
            pending.call.leave(cause_of(original_exception))

    # Bookkeeping ------------------------------------------------------------------------------------------------------

    def _take(self, key: Optional[str]) -> Optional[Pending]:
        return self._pending.pop(key, None) if key else None

    def _settle_the_forgotten(self) -> None:
        """Some streams end without any event. Once their hold has expired, they are settled at their input."""
        now = time.monotonic()
        while self._pending:
            key, oldest = next(iter(self._pending.items()))
            if now - oldest.began < self._settings.hold_seconds:
                return
            log.warning("LiteLLM told no end of call %s; it is settled at its input.", key)
            self._pending.pop(key).call.settle_input("error")


def call_key(data: Mapping[str, Any]) -> Optional[str]:
    """Which call a request or an event belongs to."""
    for place in ("litellm_metadata", "metadata"):
        inner = data.get(place)
        if isinstance(inner, Mapping) and inner.get(CALL_KEY):
            return str(inner[CALL_KEY])
    return None


def cause_of(error: Exception) -> BaseException:
    """LiteLLM gives every error a status, timeouts too: its class tells those that may have been billed."""
    if type(error).__name__ in ("Timeout", "APITimeoutError"):
        return TimeoutError()
    if type(error).__name__ == "APIConnectionError":
        return ConnectionError()
    return error


def identifier(id: Any) -> Optional[str]:
    return id if isinstance(id, str) and 0 < len(id.encode()) <= 256 else None
