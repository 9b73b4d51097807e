"""The anthropic package from PyPI, against the simulator."""

import base64
import json

import anthropic
import pydantic
import pytest
from harness import MODEL, TOKEN
from test_genai_sdk import PIXEL

THIRD = "gemini-3-flash-preview"
PICTURE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": base64.b64encode(PIXEL).decode()}}
WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False},
}


def ask(content):
    return [{"role": "user", "content": content}]


def client_of(gateway, base="", **options):
    options = {"auth_token": TOKEN, "max_retries": 0} | options
    return anthropic.Anthropic(base_url=gateway.url + base, **options)


@pytest.fixture
def client(gateway):
    return client_of(gateway)


def last_body(simulator):
    return json.loads(simulator.requests()[-1]["body"])


@pytest.mark.parametrize("base", ["", "/v1", "/anthropic"])
@pytest.mark.parametrize("credential", ["auth_token", "api_key"])
def test_base_urls_and_credentials(gateway, base, credential):
    client = anthropic.Anthropic(base_url=gateway.url + base, max_retries=0, **{credential: TOKEN})
    answer = client.messages.create(model=MODEL, max_tokens=1000, messages=ask("Say hello."))
    assert answer.content[0].text


def test_text_and_usage(client, simulator):
    answer = client.messages.create(
        model=MODEL,
        max_tokens=1000,
        system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        messages=ask("exactly: hello there"),
        extra_body={"temperature": 0.5, "top_k": 20},  # older SDKs have them
        stop_sequences=["END"],
        metadata={"user_id": "somebody"},
    )
    assert answer.type == "message" and answer.role == "assistant" and answer.id.startswith("msg_")
    assert answer.model == MODEL and answer.stop_reason == "end_turn"
    assert answer.content[0].text == "hello there"
    assert answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0
    config = last_body(simulator)["generationConfig"]
    assert config["topK"] == 20 and config["stopSequences"] == ["END"]


def test_stream(client):
    with client.messages.stream(model=MODEL, max_tokens=4000, messages=ask("Tell me a long story.")) as stream:
        events = list(stream)
        message = stream.get_final_message()
    kinds = [event.type for event in events]
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop"
    assert kinds.count("content_block_delta") >= 3
    assert message.stop_reason == "end_turn" and len(message.content[0].text) > 20
    assert message.usage.input_tokens > 0 and message.usage.output_tokens > 0


def test_a_name_of_anthropic_s(client, simulator):
    answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=1000, messages=ask("Say hello."))
    assert answer.model == "claude-sonnet-4-5" and "models/gemini" in simulator.requests()[-1]["target"]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("model", [MODEL, THIRD])
def test_p02_p06_tools_in_parallel_with_thoughts(client, simulator, streamed, model):
    """What the model said goes back as it came: signatures stand where they stood."""
    calls = [{"functionCall": {"name": "get_weather", "args": {"city": city}}} for city in ("Paris", "Kyoto", "Oslo")]
    thought = {"thought": True, "text": "**Both**\n\nI ask for two."}
    simulator.script(
        "TASK-TRIP",
        [
            {"parts": [thought, *calls[:2]]},
            {"expect": ["grey", "blue"], "parts": [thought, {"text": "One more."}, calls[2]]},
            {"expect": "Oslo", "cachedTokens": 12, "parts": [{"text": "Kyoto it is."}]},
        ],
        exact=True,
    )
    messages = ask("TASK-TRIP")
    settings = {"model": model, "max_tokens": 4000, "tools": [WEATHER], "thinking": {"type": "enabled", "budget_tokens": 2000}}
    seen = []
    for _ in range(3):
        if streamed:
            with client.messages.stream(messages=messages, **settings) as stream:
                answer = stream.get_final_message()
        else:
            answer = client.messages.create(messages=messages, **settings)
        uses = [block for block in answer.content if block.type == "tool_use"]
        assert answer.stop_reason == ("tool_use" if uses else "end_turn")
        if uses:
            thinking = answer.content[0]
            assert thinking.type == "thinking" and "two" in thinking.thinking and thinking.signature
        seen += [use.input for use in uses]
        messages.append({"role": "assistant", "content": [block.to_dict() for block in answer.content]})
        sky = {"Paris": "grey", "Kyoto": "blue", "Oslo": "Oslo is dark"}
        messages += ask([{"type": "tool_result", "tool_use_id": use.id, "content": sky[use.input["city"]]} for use in uses])
    assert seen == [{"city": "Paris"}, {"city": "Kyoto"}, {"city": "Oslo"}]
    assert answer.content[-1].text == "Kyoto it is."
    assert answer.usage.cache_read_input_tokens == 12, "p56 cached tokens are told"


def test_p01_a_client_that_drops_the_thinking(client, simulator):
    """Where a client throws thinking blocks away, what was signed is remembered."""
    simulator.script(
        "TASK-FORGETFUL",
        [
            {"parts": [{"functionCall": {"name": "get_weather", "args": {"city": "Paris"}}}]},
            {"expect": "grey", "parts": [{"text": "Stay in."}]},
        ],
        exact=True,
    )
    settings = {"model": THIRD, "max_tokens": 4000, "tools": [WEATHER]}
    answer = client.messages.create(messages=ask("TASK-FORGETFUL"), **settings)
    uses = [block for block in answer.content if block.type == "tool_use"]
    messages = ask("TASK-FORGETFUL") + [
        {"role": "assistant", "content": [{"type": "tool_use", "id": use.id, "name": use.name, "input": use.input} for use in uses]},
        *ask([{"type": "tool_result", "tool_use_id": uses[0].id, "content": "grey"}]),
    ]
    assert client.messages.create(messages=messages, **settings).content[-1].text == "Stay in."


def test_tool_choice(client):
    settings = {"model": MODEL, "max_tokens": 1000, "messages": ask("Hello."), "tools": [WEATHER]}
    for choice in ({"type": "any"}, {"type": "tool", "name": "get_weather"}):
        answer = client.messages.create(tool_choice=choice, **settings)
        assert answer.stop_reason == "tool_use" and answer.content[-1].name == "get_weather"
    assert client.messages.create(tool_choice={"type": "none"}, **settings).stop_reason == "end_turn"


def test_p20_pictures_and_documents_even_in_tool_results(client, simulator):
    pdf = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQK"}}
    client.messages.create(model=MODEL, max_tokens=1000, messages=ask([PICTURE, pdf, {"type": "text", "text": "What is it?"}]))
    types = [part["inlineData"]["mimeType"] for part in last_body(simulator)["contents"][0]["parts"] if "inlineData" in part]
    assert types == ["image/png", "application/pdf"]
    messages = ask("Look.") + [
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Paris"}}]},
        *ask([{"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "see"}, PICTURE]}]),
    ]
    for model in (MODEL, THIRD):
        client.messages.create(model=model, max_tokens=1000, messages=messages, tools=[WEATHER])
        assert PICTURE["source"]["data"] in simulator.requests()[-1]["body"]


class Star(pydantic.BaseModel):
    name: str
    magnitude: float
    companions: list[str]


def test_structured_output(client):
    answer = client.messages.parse(model=MODEL, max_tokens=1000, messages=ask("Describe the star Wasat."), output_format=Star)
    assert isinstance(answer.parsed_output, Star)


def test_web_search(client):
    answer = client.messages.create(
        model=MODEL, max_tokens=2000, messages=ask("Who wrote about Wasat?"), tools=[{"type": "web_search_20250305", "name": "web_search"}]
    )
    kinds = [block.type for block in answer.content]
    assert kinds[:2] == ["server_tool_use", "web_search_tool_result"], kinds
    cited = [citation for block in answer.content if block.type == "text" for citation in block.citations or []]
    assert cited and cited[0].url.startswith("https://")
    assert answer.usage.server_tool_use.web_search_requests == 1


def test_p60_tokens_are_counted_with_all_that_counts(client, simulator):
    def count(**more):
        return client.messages.count_tokens(model=THIRD, **({"messages": ask("How many?")} | more)).input_tokens

    bare = count()
    assert bare > 0
    assert count(system="A long system prompt, of a good many words.") > bare
    assert count(tools=[WEATHER]) > bare
    assert count(messages=ask([PICTURE, {"type": "text", "text": "How many?"}])) >= bare + 258


def test_p60_models_and_their_windows(client):
    models = {model.id: model for model in client.models.list(limit=1000)}
    assert models[MODEL].type == "model" and models[MODEL].max_input_tokens == 1048576
    assert client.models.retrieve(MODEL).id == MODEL
    page = client.models.list(limit=2)
    assert len(page.data) == 2 and page.has_more and len(page.get_next_page().data) == 2


def test_errors_are_typed(gateway, simulator, client):
    def fails(kind, status, type, client=client, **more):
        settings = {"model": MODEL, "max_tokens": 100, "messages": ask("Hi.")} | more
        with pytest.raises(kind) as caught:
            client.messages.create(**settings)
        error = caught.value
        assert error.status_code == status and error.body["error"]["type"] == type, error
        assert error.request_id
        return error

    fails(anthropic.AuthenticationError, 401, "authentication_error", client_of(gateway, auth_token="nobody"))
    fails(anthropic.NotFoundError, 404, "not_found_error", model="gemini-0.1-abacus")
    fails(anthropic.BadRequestError, 400, "invalid_request_error", messages=[])
    simulator.fault("too-long", times=1)
    assert "prompt is too long" in fails(anthropic.BadRequestError, 400, "invalid_request_error").message
    simulator.fault("quota-minute", {"model": "2.5-pro"})
    limited = fails(anthropic.RateLimitError, 429, "rate_limit_error", model="gemini-2.5-pro")
    assert int(limited.response.headers["retry-after"]) > 0
    simulator.fault("overloaded", {"model": "3-pro"})
    fails(anthropic.APIStatusError, 529, "overloaded_error", model="gemini-3-pro-preview")


def test_what_is_refused_at_first_is_tried_again(gateway, simulator):
    """What the gateway's own attempts do not mend, the SDK's retries do."""
    simulator.fault("internal")
    settings = {"model": THIRD, "max_tokens": 100, "messages": ask("exactly: fine")}
    with pytest.raises(anthropic.InternalServerError):
        client_of(gateway).messages.create(**settings)
    attempts = len(simulator.requests())
    simulator.no_faults()
    simulator.fault("internal", times=attempts)
    answer = client_of(gateway, max_retries=3).messages.create(**settings)
    assert answer.content[0].text == "fine" and len(simulator.requests()) == 2 * attempts + 1


@pytest.mark.parametrize("fault", ["error-event", "torn", "no-reason", "reset"])
def test_p28_p29_an_unfinished_stream_is_an_error(client, simulator, fault):
    simulator.fault(fault)
    with pytest.raises(anthropic.APIError):
        with client.messages.stream(model=MODEL, max_tokens=4000, messages=ask("A long story.")) as stream:
            for _ in stream:
                pass
