"""What the provider answers in Anthropic's shapes."""


class AnthropicRoutes:
    """Messages, of a handler."""

    def messages(self):
        output = self.output_tokens(self.body["max_tokens"])
        usage = {
            "input_tokens": self.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
            "output_tokens": output,
            "service_tier": "standard",
        }
        self.server.bill(self.body["model"], self.input_tokens, output)
        message = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": self.body["model"],
            "stop_sequence": None,
            "stop_reason": "end_turn",
            "usage": usage,
            "content": [{"type": "text", "text": "".join(self.words(output))}],
        }
        if not self.body.get("stream"):
            return self.answer(message)
        begun = {**message, "content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
        events = [
            {"type": "message_start", "message": begun},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        ]
        events += [
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
            for word in self.words(output)
        ]
        events += [
            {"type": "content_block_stop", "index": 0},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn", "stop_sequence": None},
                "usage": {"output_tokens": output},
            },
            {"type": "message_stop"},
        ]
        self.stream([(event["type"], event) for event in events])
