"""What `wrap` was told, and the beginning of each call: its route, its estimate, whose it is."""
from __future__ import annotations

import logging
from collections import OrderedDict
from typing import Any, Dict, Mapping, Optional, Set

from .attribution import Attribution, current_attribution, from_headers, is_attribution_header
from .base_client import BaseClient
from .call_request import CallRequest
from .sending import Sending
from .shapes import SHAPES, Body, Shape

log = logging.getLogger("purser")

RAW_RESPONSE_HEADER = "x-stainless-raw-response"
INPUT_TOKENS_HEADER = "x-purser-input-tokens"
# How some versions of the SDKs write a field that the caller left out.
UNSAID = ("NotGiven", "Omit")
REMEMBERED_RESPONSES = 10_000
# Routes that cost money and have no verdict yet: told once each, so that nobody believes them counted.
UNMETERED = ("/completions", "/images", "/audio", "/batches", "/fine_tuning", "/v1/messages/batches", "/v1/complete",
             "/realtime", "/videos", "/threads", "/responses/compact")


class Meter:
    """Begins the calls of one wrapped client."""

    def __init__(
        self, purser: BaseClient, attribution: Attribution, provider: Optional[str], says_provider: bool,
        fields: Mapping[str, Any],
    ) -> None:
        self._purser, self._attribution, self._provider, self._fields = purser, attribution, provider, dict(fields)
        if provider and says_provider:
            self._fields["provider"] = provider
        self._tokens_of_responses: "OrderedDict[str, int]" = OrderedDict()
        self._told: Set[str] = set()

    def begin(self, path: str, body: Any, options: Mapping[str, Any], is_stream: bool) -> Optional[Sending]:
        """A call that is to be authorized; None for a route that is not metered."""
        # Older versions of Anthropic's SDK have `?beta=true` in it.
        shape = SHAPES.get(path.partition("?")[0])
        if shape is None or not isinstance(body, Mapping):
            if path.startswith(UNMETERED):
                self._tell_once(path, "Calls of %s are not metered: nothing is held or recorded for them.")
            return None
        headers = dict(options.get("headers") or {})
        if {name.lower(): value for name, value in headers.items()}.get(RAW_RESPONSE_HEADER) == "stream":
            raise TypeError("with_streaming_response cannot be metered: use stream=True, or with_raw_response.")
        sent: Body = {name: value for name, value in {**body, **(options.get("extra_json") or {})}.items()
                      if type(value).__name__ not in UNSAID}
        own = sent.pop("purser", None) or {}
        attribution = Attribution(**own).over(from_headers(headers)).over(current_attribution()).over(self._attribution)
        said = {name: value for name, value in headers.items() if is_attribution_header(name)}
        rest = {name: value for name, value in options.items() if name not in ("extra_json", "headers")}
        if headers:
            rest["headers"] = {name: value for name, value in headers.items() if name not in said}
        input_tokens = self._input_tokens(shape, sent, {name.lower(): value for name, value in said.items()})
        fields: Dict[str, Any] = {**self._fields, "max_output_tokens": shape.output_limit(sent)}
        bounds = {**shape.bounds(sent, input_tokens), **(self._fields.get("bounds") or {})}
        request = CallRequest(
            str(sent["model"]), input_tokens, attribution.over(self._purser.settings.attribution),
            fields={name: value for name, value in {**fields, "bounds": bounds or None}.items() if value is not None})
        return Sending(shape, sent, rest, request, self._provider, is_stream, self.remember)

    def remember(self, id: str, usage: Mapping[str, Any]) -> None:
        """Keeps how long a stored response is, for a call that continues it (`previous_response_id`)."""
        total = (usage.get("usage") or usage).get("total_tokens")
        if isinstance(total, int):
            self._tokens_of_responses[id] = total
            if len(self._tokens_of_responses) > REMEMBERED_RESPONSES:
                self._tokens_of_responses.popitem(last=False)

    def _input_tokens(self, shape: Shape, body: Body, said: Mapping[str, Any]) -> int:
        if INPUT_TOKENS_HEADER in said:
            return int(said[INPUT_TOKENS_HEADER])
        estimate = shape.estimate(body)
        earlier = self._tokens_of_responses.get(str(body.get("previous_response_id")))
        for unseen in estimate.unseen:
            if earlier is None or "previous_response_id" not in unseen:
                self._tell_once(unseen, f"The estimate cannot see %s. The header {INPUT_TOKENS_HEADER} can say it.")
        return estimate.tokens + (earlier or 0)

    def _tell_once(self, what: str, sentence: str) -> None:
        if what not in self._told:
            self._told.add(what)
            log.warning(sentence, what)
