"""The verdict is what is sent. Each of these fails where it is ignored."""

import pytest
from wrapped import agrees, anthropic_client, ask, chat, message, openai_client

import purser


@pytest.mark.parametrize(
    "send, dear, cheap",
    [
        (lambda o, a: chat(o, max_tokens=1000), "gpt-4o", "gpt-4o-mini"),
        (
            lambda o, a: list(o.responses.create(model="gpt-4o", input="hi", max_output_tokens=1000, stream=True)),
            "gpt-4o",
            "gpt-4o-mini",
        ),
        (lambda o, a: message(a, max_tokens=400), "claude-opus-4-5", "claude-haiku-4-5"),
    ],
)
def test_a_downgrade_goes_to_the_model_of_the_verdict(send, dear, cheap, client, team, provider):
    team.ladder(dear, cheap)
    team.budget("0.005")
    send(openai_client(provider, client), anthropic_client(provider, client))
    [entry] = agrees(client, team, provider, 1)
    assert provider.billed[0]["model"] == cheap and entry["model"] == cheap


@pytest.mark.parametrize(
    "send",
    [
        lambda o, a: chat(o),
        lambda o, a: list(chat(o, stream=True)),
        lambda o, a: o.responses.create(model="gpt-4o", input="hello"),
        lambda o, a: o.embeddings.create(model="text-embedding-3-small", input="word " * 100),
        lambda o, a: message(a, stream=True),
    ],
)
def test_a_denied_call_is_not_sent(send, client, team, provider):
    team.budget("0.000001")
    with pytest.raises(purser.Denied) as denied:
        send(openai_client(provider, client), anthropic_client(provider, client))
    assert denied.value.budget == team.name and provider.requests == []


@pytest.mark.parametrize(
    "send, field",
    [
        (lambda o, a: chat(o, max_tokens=3000), "max_tokens"),
        (lambda o, a: chat(o), "max_completion_tokens"),
        (lambda o, a: o.responses.create(model="gpt-4o", input="hi say=5000"), "max_output_tokens"),
        (lambda o, a: message(a, max_tokens=3000), "max_tokens"),
    ],
)
def test_the_output_is_what_was_held_for(send, field, client, team, provider):
    team.budget("0.01")
    send(
        openai_client(provider, client, min_output_tokens=10), anthropic_client(provider, client, min_output_tokens=10)
    )
    assert 10 <= provider.requests[0]["body"][field] < 1000
    agrees(client, team, provider, 1)


def test_several_answers_share_the_output(client, team, provider):
    team.budget("0.02")
    chat(openai_client(provider, client, min_output_tokens=10), ask("hi"), n=4, max_tokens=5000)
    assert provider.requests[0]["body"]["max_tokens"] <= 500


def test_a_ladder_that_leaves_the_provider_is_told(client, team, provider):
    team.ladder("gpt-4o", "claude-haiku-4-5")
    team.budget("0.006")
    with pytest.raises(purser.Denied) as denied:
        chat(openai_client(provider, client), max_tokens=1000)
    assert denied.value.code == "wrong_provider" and provider.requests == []
    agrees(client, team, provider, 0)
