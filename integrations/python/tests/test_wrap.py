"""Wrapped clients of the real SDKs: every way to call is authorized, and settled as the provider bills it."""

import asyncio

import anthropic
import openai
import pytest
from pydantic import BaseModel
from wrapped import HELLO, agrees, anthropic_client, chat, message, openai_client

import purser


class City(BaseModel):
    city: str


LOOK = {"type": "object", "properties": {"at": {"type": "integer"}}}
CHAT = {"model": "gpt-4o", "messages": HELLO}
MESSAGE = {"model": "claude-opus-4-5", "messages": HELLO, "max_tokens": 60}


def until_done(manager):
    with manager as stream:
        return list(stream)


OPENAI = {
    "chat": lambda o: chat(o, max_tokens=50),
    "chat without a limit": chat,
    "chat streamed": lambda o: list(chat(o, stream=True)),
    "chat.stream": lambda o: until_done(o.chat.completions.stream(**CHAT)),
    "chat.parse": lambda o: o.chat.completions.parse(**CHAT, response_format=City).choices[0].message.parsed.city,
    "beta chat.parse": lambda o: o.beta.chat.completions.parse(**CHAT, response_format=City),
    "chat with tools": lambda o: chat(
        o, tools=[{"type": "function", "function": {"name": "look", "parameters": LOOK}}]
    ),
    "raw chat": lambda o: o.chat.completions.with_raw_response.create(**CHAT).parse(),
    "raw chat streamed": lambda o: list(o.chat.completions.with_raw_response.create(**CHAT, stream=True).parse()),
    "responses": lambda o: o.responses.create(model="gpt-4o", input="hello", max_output_tokens=50),
    "responses streamed": lambda o: list(o.responses.create(model="gpt-4o", input="hello", stream=True)),
    "responses.stream": lambda o: until_done(o.responses.stream(model="gpt-4o", input="hello")),
    "embeddings": lambda o: o.embeddings.create(model="text-embedding-3-small", input=["hello", "world"]),
    "with_options": lambda o: chat(o.with_options(timeout=1)),
}
ANTHROPIC = {
    "messages": message,
    "messages streamed": lambda a: list(message(a, stream=True)),
    "messages.stream": lambda a: until_done(a.messages.stream(**MESSAGE)),
    "beta messages": lambda a: a.beta.messages.create(**MESSAGE),
    "messages with tools": lambda a: message(a, tools=[{"name": "look", "input_schema": LOOK}]),
}


@pytest.mark.parametrize("name", OPENAI)
def test_openai(name, client, team, provider):
    team.budget(1)
    wrapped = openai_client(provider, client)
    assert isinstance(wrapped, openai.OpenAI) and OPENAI[name](wrapped)
    [entry] = agrees(client, team, provider, 1)
    assert entry["status"] == "ok"


@pytest.mark.parametrize("name", ANTHROPIC)
def test_anthropic(name, client, team, provider):
    team.budget(1)
    wrapped = anthropic_client(provider, client)
    assert isinstance(wrapped, anthropic.Anthropic) and ANTHROPIC[name](wrapped)
    [entry] = agrees(client, team, provider, 1)
    assert entry["status"] == "ok"


def test_async_clients(url, token, team, provider):
    async def run():
        async with purser.AsyncClient(url, token, team.name) as client:
            o = openai_client(provider, client, openai.AsyncOpenAI)
            a = anthropic_client(provider, client, anthropic.AsyncAnthropic)
            await chat(o)
            async for _ in await chat(o, stream=True):
                pass
            async with o.chat.completions.stream(**CHAT) as stream:
                assert (await stream.get_final_completion()).choices
            await o.responses.create(model="gpt-4o", input="hello")
            async with o.responses.stream(model="gpt-4o", input="hello") as stream:
                await stream.get_final_response()
            await o.embeddings.create(model="text-embedding-3-small", input="hello")
            await message(a)
            async with a.messages.stream(**MESSAGE) as stream:
                await stream.get_final_message()
            await asyncio.to_thread(agrees, client, team, provider, 8)

    team.budget(1)
    asyncio.run(run())


def test_azure(client, team, provider):
    """The deployment in the address is that of the verdict, and the prices are Azure's."""
    team.budget("0.005")
    team.ladder("azure/gpt-4o", "azure/gpt-4o-mini")
    azure = openai.AzureOpenAI(api_key="k", azure_endpoint=provider.url, api_version="2024-10-21")
    chat(purser.wrap(azure, client), max_tokens=1000)
    [entry] = agrees(client, team, provider, 1)
    assert (entry["provider"], entry["model"]) == ("azure", "gpt-4o-mini")
    assert provider.requests[0]["path"].startswith("/openai/deployments/gpt-4o-mini/")


def test_the_usage_chunk_is_hidden_unless_asked_for(client, team, provider):
    team.budget(1)
    wrapped = openai_client(provider, client)
    hidden = list(chat(wrapped, stream=True))
    shown = list(chat(wrapped, stream=True, stream_options={"include_usage": True}))
    assert all(chunk.choices for chunk in hidden) and len(shown) == len(hidden) + 1 and shown[-1].usage
    agrees(client, team, provider, 2)


def test_what_cannot_be_metered_is_refused_or_told(client, team, provider, caplog):
    team.budget(1)
    wrapped = openai_client(provider, client)
    with pytest.raises(TypeError, match="with_streaming_response"):
        with wrapped.chat.completions.with_streaming_response.create(**CHAT):
            pass
    with pytest.raises(openai.NotFoundError):
        wrapped.images.generate(prompt="a coin")
    assert "not metered" in caplog.text
    with pytest.raises(TypeError, match="wrap takes"):
        purser.wrap(object(), client)
