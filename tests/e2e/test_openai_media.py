"""OpenAI's embeddings, images, audio and files, by its own SDK, against the simulator."""

import base64
import http.client
import io
import math
import re
import wave

import openai
import pytest
from harness import SLOW, TOKEN, call, poll
from test_admin import Admin

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PCM = b"\0\0\1\0\2\0\3\0" * 3000  # half a second at 24 kHz


def sdk(gateway):
    return openai.OpenAI(base_url=gateway.url + "/v1", api_key=TOKEN, max_retries=0)


@pytest.fixture
def client(gateway):
    return sdk(gateway)


def a_tone():
    out = io.BytesIO()
    with wave.open(out, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(24000)
        writer.writeframes(PCM)
    return out.getvalue()


def test_embeddings_by_default_and_as_numbers_are_the_same(client):
    one = client.embeddings.create(model="text-embedding-3-small", input="Hello")
    same = client.embeddings.create(
        model="text-embedding-3-small", input="Hello", encoding_format="float"
    )
    assert len(one.data[0].embedding) == len(same.data[0].embedding) == 1536
    assert one.data[0].embedding == pytest.approx(same.data[0].embedding, abs=1e-6)
    assert math.sqrt(sum(x * x for x in one.data[0].embedding)) == pytest.approx(1, abs=1e-3)
    assert one.usage.prompt_tokens > 0


def test_long_lists_of_embeddings_keep_their_order(simulator, client):
    texts = [f"text number {number}" for number in range(150)]
    many = client.embeddings.create(model="gemini-embedding-001", input=texts, dimensions=8)
    assert [each.index for each in many.data] == list(range(150))
    last = client.embeddings.create(model="gemini-embedding-001", input=texts[149], dimensions=8)
    assert many.data[149].embedding == pytest.approx(last.data[0].embedding, abs=1e-6)


def test_token_arrays_are_refused_with_a_reason(client):
    with pytest.raises(openai.BadRequestError, match="check_embedding_ctx_length"):
        client.embeddings.create(model="text-embedding-3-small", input=[1, 2, 3])


def test_images(client):
    answer = client.images.generate(
        model="gpt-image-1", prompt="A lion", n=2, size="1536x1024", quality="high"
    )
    assert len(answer.data) == 2
    for image in answer.data:
        assert base64.b64decode(image.b64_json).startswith(b"\x89PNG")
    assert answer.usage.total_tokens > 0


def test_image_edit(client):
    answer = client.images.edit(
        model="gpt-image-1",
        image=[("a.png", PNG, "image/png"), ("b.png", PNG, "image/png")],
        mask=("m.png", PNG, "image/png"),
        prompt="Draw a picture of it with a hat",
    )
    assert base64.b64decode(answer.data[0].b64_json).startswith(b"\x89PNG")


def test_image_stream(client):
    with client.images.generate(model="gpt-image-1", prompt="A lion", stream=True) as events:
        events = list(events)
    assert [event.type for event in events] == ["image_generation.completed"]
    assert base64.b64decode(events[0].b64_json).startswith(b"\x89PNG")


def test_image_links_are_served_for_whoever_has_them(servers, simulator):
    gateway = servers.gateway(simulator, IMAGE_BASE_URL="https://images.example/")
    answer = sdk(gateway).images.generate(
        model="gpt-image-1", prompt="A lion", n=2, response_format="url"
    )
    assert len({image.url for image in answer.data}) == 2
    for image in answer.data:
        assert image.url.startswith("https://images.example/media/")
        page = call(gateway, "GET", image.url.removeprefix("https://images.example"))
        assert page.status == 200 and page.body.startswith(b"\x89PNG")
        assert page.headers["content-type"] == "image/png"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in page.headers["content-security-policy"]
        assert call(gateway, "HEAD", "/media/" + image.url.rsplit("/", 1)[1]).body == b""
    for path in ("/media/", "/media/x.png", "/media/..%2Fwasat.db", "/media/../wasat.db"):
        assert call(gateway, "GET", path).status in (400, 404), path
    assert call(gateway, "POST", "/media/x.png").status == 405


@pytest.mark.parametrize("stream", [False, True])
def test_images_within_chat_are_links_as_well(servers, simulator, stream):
    gateway = servers.gateway(simulator, IMAGE_BASE_URL="https://images.example")
    answer = sdk(gateway).chat.completions.create(
        model="gemini-3.1-flash-image",
        messages=[{"role": "user", "content": "Draw a picture of a lion"}],
        stream=stream,
    )
    if stream:
        text = "".join(chunk.choices[0].delta.content or "" for chunk in answer if chunk.choices)
    else:
        text = answer.choices[0].message.content
    path = re.search(r"!\[image\]\(https://images\.example(/media/[^)]+)\)", text)[1]
    assert call(gateway, "GET", path).body.startswith(b"\x89PNG")


def test_links_begin_and_end_live(servers, simulator):
    gateway = servers.gateway(simulator)
    admin = Admin(gateway)

    def image_url():
        answer = sdk(gateway).images.generate(
            model="gpt-image-1", prompt="A lion", response_format="url"
        )
        return answer.data[0].url

    def put(name, value):
        answer = admin("PUT", f"/settings/media.{name}", {"value": value}, 200)
        assert answer.json["needs_restart"] == []

    assert image_url().startswith("data:")
    assert not (gateway.data / "media").exists()
    put("base_url", "https://images.example/")
    url = image_url()
    assert url.startswith("https://images.example/media/")
    path = url.removeprefix("https://images.example")
    assert call(gateway, "GET", path).status == 200
    put("max_age", "1s")
    poll("the link's end", lambda: call(gateway, "GET", path).status == 404)
    admin("DELETE", "/settings/media.base_url", status=200)
    assert image_url().startswith("data:")


def test_links_end_with_their_time(servers, simulator):
    gateway = servers.gateway(simulator, IMAGE_BASE_URL="https://images.example", MEDIA_MAX_SIZE="1MiB")
    client = sdk(gateway)
    kept = list((gateway.data / "media").iterdir())
    assert kept == []
    client.images.generate(model="gpt-image-1", prompt="A lion", response_format="url")
    kept = list((gateway.data / "media").iterdir())
    assert len(kept) == 1 and kept[0].suffix == ".png"
    assert kept[0].parent.stat().st_mode & 0o077 == 0


def test_speech_in_every_format(client):
    beginnings = {"opus": b"OggS", "aac": b"\xff\xf9", "flac": b"fLaC", "wav": b"RIFF", "mp3": b"\xff"}
    for wanted, beginning in beginnings.items():
        answer = client.audio.speech.create(
            model="tts-1", voice="alloy", input="Hello", response_format=wanted
        )
        assert answer.content.startswith(beginning), wanted
        assert len(answer.content) > 500, wanted
    assert client.audio.speech.create(model="tts-1", voice="alloy", input="Hello").content[0] == 0xFF


def test_wav_tells_its_length(client):
    answer = client.audio.speech.create(
        model="tts-1", voice="nova", input="Hello", response_format="wav"
    )
    pcm = client.audio.speech.create(
        model="tts-1", voice="nova", input="Hello", response_format="pcm"
    )
    with wave.open(io.BytesIO(answer.content)) as reader:
        assert (reader.getnchannels(), reader.getframerate()) == (1, 24000)
        assert reader.readframes(reader.getnframes()) == pcm.content


def test_speech_streams(client):
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="alloy", input="Hello", response_format="pcm"
    ) as answer:
        assert answer.headers["content-type"] == "audio/pcm"
        assert sum(len(piece) for piece in answer.iter_bytes()) > 1000


def test_broken_speech_does_not_look_whole(servers):
    def respond(exchange):
        part = {"inlineData": {"mimeType": "audio/L16;codec=pcm;rate=24000",
                               "data": base64.b64encode(PCM).decode()}}
        exchange.begin_stream()
        exchange.event({"candidates": [{"content": {"parts": [part]}, "index": 0}]})
        exchange.close()

    gateway = servers.gateway(servers.upstream(respond))
    connection = http.client.HTTPConnection(gateway.host, gateway.port, timeout=30 * SLOW)
    connection.request(
        "POST",
        "/v1/audio/speech",
        '{"model": "tts-1", "input": "Hello", "response_format": "pcm"}',
        {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
    )
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        response = connection.getresponse()
        assert response.status == 200
        response.read()


def test_transcription(client):
    file = ("tone.wav", a_tone(), "audio/wav")
    answer = client.audio.transcriptions.create(model="whisper-1", file=file, language="en")
    assert answer.text
    text = client.audio.transcriptions.create(model="whisper-1", file=file, response_format="text")
    assert isinstance(text, str) and text
    events = list(client.audio.transcriptions.create(model="gpt-4o-transcribe", file=file, stream=True))
    assert events[-1].type == "transcript.text.done"
    assert "".join(each.delta for each in events[:-1]) == events[-1].text
    assert client.audio.translations.create(model="whisper-1", file=file).text


def test_a_large_upload_is_transcribed(simulator, client):
    file = ("long.wav", a_tone() + b"\0" * (8 << 20), "audio/wav")
    assert client.audio.transcriptions.create(model="whisper-1", file=file).text


def test_files_belong_to_the_token_that_uploaded_them(servers, simulator):
    other = "sk-e2e-other-token-0123456789abcdef"
    gateway = servers.gateway(
        simulator, ALLOWED_TOKENS=f"{TOKEN},{other}", TOKENS_ALLOW="files"
    )
    client = sdk(gateway)
    made = client.files.create(file=("notes.txt", b"Hello\n\r\0world"), purpose="user_data")
    assert made.id.startswith("file-") and made.bytes == 13 and made.filename == "notes.txt"
    assert made.created_at > 1_600_000_000
    assert client.files.retrieve(made.id).id == made.id
    assert [each.id for each in client.files.list()] == [made.id]
    stranger = openai.OpenAI(base_url=gateway.url + "/v1", api_key=other, max_retries=0)
    assert list(stranger.files.list()) == []
    with pytest.raises(openai.NotFoundError):
        stranger.files.retrieve(made.id)
    assert client.files.delete(made.id).deleted
    assert list(client.files.list()) == []


def test_imagen(servers):
    def respond(exchange):
        assert exchange.target == "/v1beta/models/imagen-4.0-generate-001:predict"
        assert b'"sampleCount":2' in exchange.body
        image = {"mimeType": "image/png", "bytesBase64Encoded": base64.b64encode(PNG).decode()}
        exchange.json(200, {"predictions": [image, image]})

    upstream = servers.upstream(respond)
    gateway = servers.gateway(upstream, IMAGE_BASE_URL="https://images.example")
    answer = sdk(gateway).images.generate(model="imagen-4.0-generate-001", prompt="A lion", n=2)
    assert [base64.b64decode(image.b64_json) for image in answer.data] == [PNG, PNG]
    answer = sdk(gateway).images.generate(
        model="imagen-4.0-generate-001", prompt="A lion", n=2, response_format="url"
    )
    for image in answer.data:
        page = call(gateway, "GET", image.url.removeprefix("https://images.example"))
        assert page.body == PNG
