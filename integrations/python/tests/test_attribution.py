"""Whose call it is, from the nearest place that says it; what continues an earlier call."""

from wrapped import agrees, chat, openai_client

import purser


def test_attribution_comes_from_the_nearest_place(client, team, provider):
    team.budget(1)
    wrapped = openai_client(provider, client, feature="usual", tags={"env": "prod"})
    with purser.attribution(feature="inner", run="run-7"):
        chat(wrapped, extra_headers={"x-purser-user": "ada", "x-mine": "1"})
        chat(wrapped, extra_body={"purser": {"feature": "own"}, "seed": 4})
    chat(wrapped)
    entries = sorted(agrees(client, team, provider, 3), key=lambda entry: entry["occurred_at"])
    assert [(entry.get("feature"), entry.get("run"), entry.get("user")) for entry in entries] == [
        ("inner", "run-7", "ada"),
        ("own", "run-7", None),
        ("usual", None, None),
    ]
    assert all(entry["tags"] == {"env": "prod"} for entry in entries)
    for request in provider.requests:
        assert "purser" not in request["body"]
        assert not any(name.lower().startswith("x-purser") for name in request["headers"])
    assert provider.requests[0]["headers"]["x-mine"] == "1" and provider.requests[1]["body"]["seed"] == 4


def test_a_stored_response_counts_as_input(client, team, provider, caplog):
    team.budget(1)
    wrapped = openai_client(provider, client)
    first = wrapped.responses.create(model="gpt-4o", input="hello " * 500)
    held, opening = [], client.open
    client.open = lambda request: held.append(request.input_tokens) or opening(request)
    wrapped.responses.create(model="gpt-4o", input="and then?", previous_response_id=first.id)
    assert held[0] >= first.usage.total_tokens and not caplog.records
    wrapped.responses.create(model="gpt-4o", input="and then?", previous_response_id="resp_unknown")
    assert "cannot see" in caplog.text
