"""OpenAI's Responses API with the openai package from PyPI, against the simulator."""

import json

import openai
import pydantic
import pytest
from harness import MODEL, TOKEN
from test_openai_sdk import PIXEL

THIRD = "gemini-3-flash-preview"
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False},
    "strict": True,
}
SKY = {"Paris": "grey", "Kyoto": "blue", "Oslo": "Oslo is dark"}


@pytest.fixture
def client(gateway):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key=TOKEN, max_retries=0)


def last_body(simulator):
    return json.loads(simulator.requests()[-1]["body"])


def test_text_and_usage(client):
    answer = client.responses.create(
        model=MODEL, instructions="Be brief.", input="exactly: hello there", max_output_tokens=1000, temperature=0.5, metadata={"a": "b"}
    )
    assert answer.output_text == "hello there" and answer.status == "completed"
    assert answer.id.startswith("resp_") and answer.model == MODEL and answer.metadata == {"a": "b"}
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


def test_stream(client):
    events = list(client.responses.create(model=MODEL, input="Tell me a long story.", stream=True))
    kinds = [event.type for event in events]
    assert kinds[:2] == ["response.created", "response.in_progress"] and kinds[-1] == "response.completed"
    assert [event.sequence_number for event in events] == list(range(len(events)))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert kinds.count("response.output_text.delta") >= 3 and events[-1].response.output_text == text
    assert events[-1].response.usage.output_tokens > 0


def trip(simulator):
    calls = [{"functionCall": {"name": "get_weather", "args": {"city": city}}} for city in SKY]
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


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("model", [MODEL, THIRD])
@pytest.mark.parametrize("memory", ["the client's", "ours"])
def test_tools_in_parallel_with_reasoning(client, simulator, streamed, model, memory):
    """The history comes from the client with encrypted reasoning, or by previous_response_id."""
    trip(simulator)
    stored = memory == "ours"
    settings = {"model": model, "tools": [WEATHER], "reasoning": {"effort": "high", "summary": "auto"}, "store": stored}
    if not stored:
        settings["include"] = ["reasoning.encrypted_content"]
    history = [{"role": "user", "content": "TASK-TRIP"}]
    news, previous, seen = history, None, []
    for turn in range(3):
        given = {"previous_response_id": previous, "input": news} if stored and previous else {"input": history}
        if streamed:
            with client.responses.stream(**given, **settings) as stream:
                answer = stream.get_final_response()
        else:
            answer = client.responses.create(**given, **settings)
        calls = [item for item in answer.output if item.type == "function_call"]
        if calls:
            reasoning = answer.output[0]
            assert reasoning.type == "reasoning" and "two" in reasoning.summary[0].text
            assert stored or any(item.type == "reasoning" and item.encrypted_content for item in answer.output)
        seen += [json.loads(item.arguments) for item in calls]
        news = [{"type": "function_call_output", "call_id": item.call_id, "output": SKY[json.loads(item.arguments)["city"]]} for item in calls]
        history = history + [item.to_dict() for item in answer.output] + news
        previous = answer.id
    assert seen == [{"city": city} for city in SKY]
    assert answer.output_text == "Kyoto it is."
    assert answer.usage.input_tokens_details.cached_tokens == 12, "p56 cached tokens are told"


def test_what_was_stored_can_be_fetched_and_deleted(client):
    answer = client.responses.create(model=MODEL, input="exactly: keep this")
    assert client.responses.retrieve(answer.id).output_text == "keep this"
    follow = client.responses.create(model=MODEL, input="And?", previous_response_id=answer.id)
    assert follow.previous_response_id == answer.id
    client.responses.delete(answer.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(answer.id)
    with pytest.raises((openai.NotFoundError, openai.BadRequestError)):
        client.responses.create(model=MODEL, input="And?", previous_response_id=answer.id)


def test_what_is_not_stored_is_not_kept(client):
    answer = client.responses.create(model=MODEL, input="Hello.", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(answer.id)


def test_a_response_belongs_to_its_token(gateway, servers, simulator):
    both = servers.gateway(simulator, ALLOWED_TOKENS=f"{TOKEN},sk-e2e-somebody-else-0123456789")
    mine, theirs = (
        openai.OpenAI(base_url=both.url + "/v1", api_key=key, max_retries=0) for key in (TOKEN, "sk-e2e-somebody-else-0123456789")
    )
    answer = mine.responses.create(model=MODEL, input="A secret.")
    with pytest.raises(openai.NotFoundError):
        theirs.responses.retrieve(answer.id)


def test_images_and_files(client, simulator):
    content = [
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_image", "image_url": PIXEL, "detail": "auto"},
        {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjQK"},
    ]
    assert client.responses.create(model=MODEL, input=[{"role": "user", "content": content}]).output_text
    types = [part["inlineData"]["mimeType"] for part in last_body(simulator)["contents"][0]["parts"] if "inlineData" in part]
    assert types == ["image/png", "application/pdf"]


class Star(pydantic.BaseModel):
    name: str
    magnitude: float
    companions: list[str]


def test_structured_output(client):
    answer = client.responses.parse(model=MODEL, input="Describe the star Wasat.", text_format=Star)
    assert isinstance(answer.output_parsed, Star)


def test_web_search(client):
    answer = client.responses.create(model=MODEL, input="Who wrote about Wasat?", tools=[{"type": "web_search"}])
    kinds = [item.type for item in answer.output]
    assert "web_search_call" in kinds
    message = answer.output[kinds.index("message")]
    cited = message.content[0].annotations
    assert cited and cited[0].type == "url_citation" and cited[0].end_index <= len(answer.output_text)


def test_custom_tools(client, simulator):
    simulator.script("TASK-CUSTOM", [{"parts": [{"functionCall": {"name": "shell", "args": {"input": "ls -l"}}}]}, {"expect": "total 0", "parts": [{"text": "Empty."}]}])
    settings = {"model": THIRD, "tools": [{"type": "custom", "name": "shell", "description": "Runs a command."}]}
    answer = client.responses.create(input="TASK-CUSTOM", **settings)
    call = next(item for item in answer.output if item.type == "custom_tool_call")
    assert call.name == "shell" and call.input == "ls -l"
    output = [{"type": "custom_tool_call_output", "call_id": call.call_id, "output": "total 0"}]
    assert client.responses.create(input=output, previous_response_id=answer.id, **settings).output_text == "Empty."


def test_an_answer_that_was_cut_is_incomplete(client, simulator):
    simulator.fault("max-tokens", times=1)
    answer = client.responses.create(model=MODEL, input="A long story.")
    assert answer.status == "incomplete" and answer.incomplete_details.reason == "max_output_tokens"


def test_errors_are_typed(gateway, simulator, client):
    nobody = openai.OpenAI(base_url=gateway.url + "/v1", api_key="nobody", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        nobody.responses.create(model=MODEL, input="Hi.")
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model="gemini-0.1-abacus", input="Hi.")
    simulator.fault("too-long", times=1)
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(model=MODEL, input="Hi.")
    assert caught.value.code == "context_length_exceeded"
    simulator.fault("quota-minute", {"model": "2.5-pro"})
    with pytest.raises(openai.RateLimitError) as caught:
        client.responses.create(model="gemini-2.5-pro", input="Hi.")
    assert int(caught.value.response.headers["retry-after"]) > 0


@pytest.mark.parametrize("fault", ["error-event", "torn", "no-reason", "reset"])
def test_p28_p29_an_unfinished_stream_does_not_complete(client, simulator, fault):
    simulator.fault(fault)
    kinds = []
    try:
        for event in client.responses.create(model=MODEL, input="A long story.", stream=True):
            kinds.append(event.type)
    except openai.APIError:
        pass
    assert "response.completed" not in kinds
