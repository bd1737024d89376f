"""What the provider answers in OpenAI's shapes."""

import json


class OpenAIRoutes:
    """Chat completions, responses and embeddings, of a handler."""

    def chat(self):
        output = self.output_tokens(self.body.get("max_completion_tokens") or self.body.get("max_tokens"))
        usage = {
            "prompt_tokens": self.input_tokens,
            "completion_tokens": output,
            "total_tokens": self.input_tokens + output,
            "prompt_tokens_details": {"cached_tokens": self.input_tokens // 4},
            "completion_tokens_details": {"reasoning_tokens": 2},
        }
        self.server.bill(self.body["model"], self.input_tokens, output, self.input_tokens // 4)
        head = {"id": "chatcmpl-1", "created": 1, "model": self.body["model"]}
        tool = bool(self.body.get("tools"))
        if not self.body.get("stream"):
            call = {"id": "t1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
            message = {
                "role": "assistant",
                "content": None if tool else "".join(self.words(output)),
                **({"tool_calls": [call]} if tool else {}),
            }
            if self.body.get("response_format"):
                message["content"] = json.dumps({"city": "Ulm"})
            return self.answer(
                {
                    **head,
                    "object": "chat.completion",
                    "usage": usage if self.fault != "mute" else None,
                    "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if tool else "stop"}],
                }
            )
        head["object"] = "chat.completion.chunk"
        deltas = [{"content": word} for word in self.words(output)]
        chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        if (self.body.get("stream_options") or {}).get("include_usage") and self.fault != "mute":
            chunks.append({**head, "choices": [], "usage": usage})
        self.stream([(None, chunk) for chunk in chunks] + [(None, "[DONE]")])

    def respond(self):
        output = self.output_tokens(self.body.get("max_output_tokens"))
        usage = {
            "input_tokens": self.input_tokens,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": output,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": self.input_tokens + output,
        }
        self.server.bill(self.body["model"], self.input_tokens, output)
        text = "".join(self.words(output))
        response = {
            "id": f"resp_{len(self.server.billed)}",
            "object": "response",
            "created_at": 1,
            "model": self.body["model"],
            "status": "completed",
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "usage": usage,
            "output": [
                {
                    "type": "message",
                    "id": "m1",
                    "role": "assistant",
                    "status": "completed",
                    "content": [{"type": "output_text", "text": text, "annotations": []}],
                }
            ],
        }
        if not self.body.get("stream"):
            return self.answer(response)
        begun = {**response, "status": "in_progress", "output": [], "usage": None}
        place = {"item_id": "m1", "output_index": 0, "content_index": 0}
        item = {**response["output"][0], "content": []}
        part = {"type": "output_text", "text": "", "annotations": []}
        events = [
            {"type": "response.created", "response": begun},
            {"type": "response.output_item.added", "output_index": 0, "item": item},
            {"type": "response.content_part.added", "part": part, **place},
        ]
        events += [
            {"type": "response.output_text.delta", "delta": word, "logprobs": [], **place}
            for word in self.words(output)
        ]
        events.append({"type": "response.completed", "response": response})
        self.stream([(event["type"], {**event, "sequence_number": number}) for number, event in enumerate(events)])

    def embeddings(self):
        self.server.bill(self.body["model"], self.input_tokens, 0)
        self.answer(
            {
                "object": "list",
                "model": self.body["model"],
                "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}],
                "usage": {"prompt_tokens": self.input_tokens, "total_tokens": self.input_tokens},
            }
        )
