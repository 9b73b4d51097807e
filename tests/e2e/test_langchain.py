"""LangChain from PyPI: its chat models, and its agent on top of each."""

import pydantic
import pytest
from harness import MODEL, TOKEN
from langchain.agents import create_agent
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_google_genai import ChatGoogleGenerativeAI
from langchain_openai import ChatOpenAI

THIRD = "gemini-3-flash-preview"


def google(url, model, token):
    return ChatGoogleGenerativeAI(model=model, google_api_key=token, base_url=url, max_retries=0)


def chat(url, model, token):
    return ChatOpenAI(model=model, api_key=token, base_url=url + "/v1", max_retries=0, stream_usage=True)


def responses(url, model, token):
    return ChatOpenAI(model=model, api_key=token, base_url=url + "/v1", max_retries=0, use_responses_api=True)


def claude(url, model, token):
    return ChatAnthropic(model=model, api_key=token, base_url=url, max_retries=0)


KINDS = [google, chat, responses, claude]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def model_of(request, gateway):
    return lambda model=MODEL, token=TOKEN: request.param(gateway.url, model, token)


def test_text_stream_and_usage(model_of):
    answer = model_of().invoke([SystemMessage("Be brief."), HumanMessage("exactly: hello there")])
    assert answer.text == "hello there" and answer.usage_metadata["output_tokens"] > 0
    whole, count = None, 0
    for chunk in model_of().stream("Tell me a long story."):
        whole = chunk if whole is None else whole + chunk
        count += 1
    assert count >= 3 and len(whole.text) > 20 and whole.usage_metadata["output_tokens"] > 0


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"{city}: {'grey' if city == 'Paris' else 'blue'}"


def test_an_agent_that_works_with_tools(model_of, simulator):
    calls = [{"functionCall": {"name": "get_weather", "args": {"city": city}}} for city in ("Paris", "Kyoto", "Oslo")]
    steps = [
        {"parts": calls[:2]},
        {"expect": ["grey", "blue"], "parts": calls[2:]},
        {"expect": "Oslo", "parts": [{"text": "Kyoto it is."}]},
    ]
    simulator.script("TASK-TRIP", steps, exact=True)
    agent = create_agent(model_of(THIRD), tools=[get_weather])
    messages = agent.invoke({"messages": [HumanMessage("TASK-TRIP")]})["messages"]
    assert messages[-1].text == "Kyoto it is."
    made = [call for message in messages for call in getattr(message, "tool_calls", [])]
    assert [call["args"]["city"] for call in made] == ["Paris", "Kyoto", "Oslo"]
    assert len({call["id"] for call in made}) == 3


class Star(pydantic.BaseModel):
    """A star."""

    name: str
    magnitude: float


def test_structured_output(model_of):
    assert isinstance(model_of().with_structured_output(Star).invoke("Describe the star Wasat."), Star)


def test_errors_are_raised(model_of):
    with pytest.raises(Exception, match="token"):
        model_of(token="nobody").invoke("Hi.")
    with pytest.raises(Exception, match="gemini-0.1-abacus"):
        model_of("gemini-0.1-abacus").invoke("Hi.")
