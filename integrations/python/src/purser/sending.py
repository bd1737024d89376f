"""One call of a wrapped client: what is asked, sent and told. It does no I/O, so both kinds of clients share it."""
from __future__ import annotations

import logging
import re
from typing import Any, Callable, Dict, Mapping, Optional

from .call import Call
from .call_request import CallRequest
from .errors import Denied
from .shapes import Body, Shape
from .stream_meters import StreamMeter
from .wire import field

log = logging.getLogger("purser")

_SNAPSHOT = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")


class Sending:
    """`body` and `options` are what goes to the provider, as copies; the caller's stay as they are.

    `provider` is the one that the client speaks to, where that is known. `remember` takes the id of each answer and its
    usage.
    """

    def __init__(
        self, shape: Shape, body: Body, options: Dict[str, Any], request: CallRequest, provider: Optional[str],
        is_stream: bool, remember: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        self.shape, self.body, self.options, self.request, self.provider = shape, body, options, request, provider
        self.is_stream, self._remember = is_stream, remember
        self.hides_usage = shape.ask_for_usage(body) if is_stream else False
        self._call: Optional[Call] = None

    @property
    def call(self) -> Call:
        assert self._call is not None
        return self._call

    def admit(self, call: Call) -> None:
        """Makes the body say what the verdict does; raises `Denied` where this client cannot send that."""
        self._call, verdict = call, call.verdict
        if verdict is None:
            return
        if verdict.is_downgrade and verdict.model:
            if self.provider and verdict.provider and verdict.provider != self.provider:
                call.void()
                raise Denied(
                    f"The ladder leads to {verdict.model} of {verdict.provider}, which this client of {self.provider} "
                    "cannot call. Give wrap the models that it can: models=[…].", "wrong_provider", verdict)
            self.body["model"] = verdict.model
        declared = self.shape.output_limit(self.body)
        if verdict.max_output_tokens is not None and (declared is None or verdict.max_output_tokens < declared):
            self.shape.limit_output(self.body, verdict.max_output_tokens)

    def fail(self, error: BaseException) -> None:
        """The SDK gave up, its own retries included, and brought nothing of an answer."""
        self.call.leave(error)

    def settle_answer(self, answer: Any) -> None:
        """Settles a whole answer."""
        usage = self.shape.usage(answer)
        if usage is None:
            log.warning("The answer of %s tells no usage; the call is settled at its input.", self.body.get("model"))
            self.call.settle_input("ok")
            return
        self._settle(usage, self.shape.usage_format, field(answer, "model"), field(answer, "id"), "ok")

    def settle_stream(self, meter: StreamMeter, status: str) -> None:
        """Settles a stream: with its usage, else with its input and as much output as was heard."""
        if meter.usage is not None:
            failed = "error" if meter.is_failed else "ok"
            self._settle(meter.usage, self.shape.usage_format, meter.model, meter.id, failed)
            return
        heard = meter.heard_tokens()
        limit = self.call.max_output_tokens
        usage = {"input_tokens": self.request.input_tokens, **meter.input_usage,
                 "output_tokens": heard if limit is None else min(heard, limit)}
        self._settle(usage, "purser", meter.model, meter.id, status)

    def _settle(self, usage: Mapping[str, Any], usage_format: str, model: Any, id: Any, status: str) -> None:
        if isinstance(id, str):
            self._remember(id, usage)
        served = self.served_model(model)
        self.call.settle(
            usage, usage_format=usage_format, status=status, model=served, provider=self.provider if served else None,
            provider_request_id=id if isinstance(id, str) and 0 < len(id.encode()) <= 256 else None)

    def served_model(self, answered: Any) -> Optional[str]:
        """The model that served the call where it is another than the one that was sent.

        A dated snapshot of it is not: providers answer an alias with one. Of a provider that is not known the name is
        not taken, because gateways answer with names of their own.
        """
        sent = str(self.body.get("model"))
        if self.provider is None or not isinstance(answered, str) or _SNAPSHOT.sub("", answered) in (sent, ""):
            return None
        return None if answered == sent else answered
