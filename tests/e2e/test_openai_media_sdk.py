"""Embeddings, pictures, speech, transcriptions and files with the openai package from PyPI."""

import base64
import io
import math

import openai
import pytest
from harness import TOKEN
from test_genai_sdk import PIXEL

VECTORS = "gemini-embedding-001"
PICTURES = "gemini-2.5-flash-image"
VOICE = "gemini-2.5-flash-preview-tts"


@pytest.fixture
def client(gateway):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key=TOKEN, max_retries=0)


def wave(seconds=0.1):
    """A WAVE file of silence: 16 bit, mono, 16 kHz."""
    data = bytes(int(16000 * seconds) * 2)
    head = b"WAVEfmt " + (16).to_bytes(4, "little") + b"\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0data" + len(data).to_bytes(4, "little")
    return b"RIFF" + (len(head) + len(data)).to_bytes(4, "little") + head + data


@pytest.mark.parametrize("form", ["base64", "float", None])
def test_embeddings(client, form):
    """Without a form the SDK asks for base64 and decodes it itself."""
    more = {"encoding_format": form} if form else {}
    answer = client.embeddings.create(model=VECTORS, input=["a red star", "a blue star", "two cups of tea"], **more)
    vectors = [one.embedding for one in answer.data]
    if form == "base64":
        vectors = [memoryview(base64.b64decode(v)).cast("f").tolist() if isinstance(v, str) else v for v in vectors]
    assert [one.index for one in answer.data] == [0, 1, 2] and all(len(v) == 3072 for v in vectors)
    alike, other = (sum(a * b for a, b in zip(vectors[0], vectors[i])) for i in (1, 2))
    assert alike > other and answer.usage.prompt_tokens > 0


def test_embeddings_of_fewer_dimensions_have_length_one(client):
    answer = client.embeddings.create(model=VECTORS, input="one star", dimensions=256)
    vector = answer.data[0].embedding
    assert len(vector) == 256 and math.isclose(sum(x * x for x in vector), 1, rel_tol=1e-3)


def test_more_embeddings_than_a_batch_holds(client, simulator):
    answer = client.embeddings.create(model=VECTORS, input=[f"star {i}" for i in range(250)], dimensions=8)
    assert len(answer.data) == 250 and [one.index for one in answer.data] == list(range(250))
    assert len(simulator.requests()) == 3


def test_pictures(client):
    answer = client.images.generate(model=PICTURES, prompt="A star over the sea.", size="1024x1024", response_format="b64_json")
    assert base64.b64decode(answer.data[0].b64_json).startswith(b"\x89PNG")
    edited = client.images.edit(model=PICTURES, image=("a.png", PIXEL, "image/png"), prompt="Make it blue.", response_format="b64_json")
    assert base64.b64decode(edited.data[0].b64_json).startswith(b"\x89PNG")


@pytest.mark.parametrize("form,magic", [("wav", b"RIFF"), ("pcm", b""), ("mp3", b""), ("opus", b"OggS"), ("aac", b"\xff"), ("flac", b"fLaC")])
def test_speech(client, form, magic):
    answer = client.audio.speech.create(model=VOICE, voice="Kore", input="Good evening.", response_format=form)
    sound = answer.read()
    assert len(sound) > 100 and sound.startswith(magic)
    if form == "mp3":
        assert sound[:3] == b"ID3" or sound[0] == 0xFF


def test_transcriptions(client, simulator):
    answer = client.audio.transcriptions.create(model="gemini-2.5-flash", file=("a.wav", io.BytesIO(wave()), "audio/wav"))
    assert answer.text and "audio/wav" in simulator.requests()[-1]["body"]


def test_audio_inside_a_chat(client, simulator):
    data = base64.b64encode(wave()).decode()
    content = [{"type": "text", "text": "What do you hear?"}, {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}]
    answer = client.chat.completions.create(model="gemini-2.5-flash", messages=[{"role": "user", "content": content}])
    assert "recording" in answer.choices[0].message.content


def test_errors_are_typed(client):
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="gemini-0.1-abacus", input="x")
    with pytest.raises(openai.BadRequestError):
        client.audio.speech.create(model=VOICE, voice="Kore", input="x", response_format="ogg-vorbis")
