"""What upstream accounts own: uploads, affinity to the credential, tokens apart.

The simulator shows a resource to the key that made it and to no other, so that
whatever works here with several keys in the pool went to the right one.
"""

import hashlib
import json
import os

import pytest
from google import genai
from google.genai import errors, types
from harness import MODEL, TOKEN, call, is_gemini_error, native_body

OTHER = "sk-e2e-other-token-0123456789abcdef"
KEYS = ",".join(f"AIza-e2e-key-{n}" for n in ("one", "two", "three", "four"))
MIB = 1 << 20


def start(servers, simulator, folder=None, **environment):
    settings = {"GEMINI_API_KEYS": KEYS, "ALLOWED_TOKENS": f"{TOKEN},{OTHER}"}
    return servers.gateway(simulator, folder=folder, **(settings | environment))


@pytest.fixture
def gateway(servers, simulator):
    return start(servers, simulator)


def client_of(gateway, token=TOKEN, base=""):
    options = types.HttpOptions(base_url=gateway.url + base, api_version="v1beta")
    return genai.Client(api_key=token, http_options=options)


def native(gateway, method, path, body=None, token=TOKEN, **headers):
    return call(gateway, method, path, body, {"x-goog-api-key": token, **headers})


def write_file(folder, size, name="data.bin"):
    path = folder / name
    path.write_bytes(os.urandom(size))
    return path


def upload_raw(gateway, content=b"hello", token=TOKEN, mime="text/plain"):
    answer = native(
        gateway, "POST", "/upload/v1beta/files", content, token,
        **{"X-Goog-Upload-Protocol": "raw", "Content-Type": mime},
    )
    assert answer.status == 200, answer
    return answer.json["file"]


def ask_about(uri, mime="text/plain"):
    parts = [{"text": "What is this?"}, {"fileData": {"fileUri": uri, "mimeType": mime}}]
    return {"contents": [{"role": "user", "parts": parts}]}


GENERATE = f"/v1beta/models/{MODEL}:generateContent"


@pytest.mark.parametrize("base", ["", "/gemini"])
def test_p55_a_file_of_several_chunks_is_used_with_many_keys_in_the_pool(gateway, tmp_path, base):
    client = client_of(gateway, base=base)
    path = write_file(tmp_path, 20 * MIB + 17)
    file = client.files.upload(file=path, config={"display_name": "big", "mime_type": "text/plain"})
    assert file.state == types.FileState.ACTIVE and file.size_bytes == 20 * MIB + 17
    assert client.files.get(name=file.name).display_name == "big"
    assert file.uri.startswith("https://generativelanguage.googleapis.com/")
    for _ in range(6):  # more often than there are keys
        assert client.models.generate_content(model=MODEL, contents=[file, "What is it?"]).text
    assert client.models.count_tokens(model=MODEL, contents=[file, "What is it?"]).total_tokens
    # Each byte arrived, in order.
    assert native(gateway, "GET", "/v1beta/" + file.name).json["sha256Hash"] == hashlib.sha256(
        path.read_bytes()
    ).hexdigest()
    assert [each.name for each in client.files.list()] == [file.name]
    client.files.delete(name=file.name)
    assert list(client.files.list()) == []
    with pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model=MODEL, contents=[file, "What is it?"])
    assert caught.value.code == 404


def test_files_of_one_token_can_be_used_together(gateway):
    files = [upload_raw(gateway) for _ in range(5)]
    parts = [{"fileData": {"fileUri": file["uri"]}} for file in files]
    body = {"contents": [{"role": "user", "parts": [*parts, {"text": "Compare."}]}]}
    assert native(gateway, "POST", GENERATE, body).status == 200


def test_files_of_different_accounts_are_refused_by_name(gateway, simulator):
    first = upload_raw(gateway)
    key = next(r["key"] for r in simulator.requests() if r["target"].startswith("/upload"))
    # That key must rest, so that what is made next goes elsewhere.
    simulator.fault("quota-minute", {"key": key})
    cache = {"model": "models/" + MODEL, **native_body("A long text.")}
    assert native(gateway, "POST", "/v1beta/cachedContents", cache).status == 200
    second = upload_raw(gateway)
    body = ask_about(first["uri"])
    body["contents"][0]["parts"].append({"fileData": {"fileUri": second["uri"]}})
    answer = native(gateway, "POST", GENERATE, body)
    assert answer.status == 400 and is_gemini_error(answer)
    assert first["name"] in answer.text and second["name"] in answer.text


def test_another_token_sees_nothing_of_it(gateway):
    file = upload_raw(gateway)
    name = "/v1beta/" + file["name"]
    for method, path, body in [
        ("GET", name, None),
        ("DELETE", name, None),
        ("GET", name.replace("files", "%66iles"), None),
        ("GET", name.replace("/files/", "/files%2F"), None),
        ("GET", name + ":download?alt=media", None),
        ("POST", GENERATE, ask_about(file["uri"])),
        ("POST", GENERATE, ask_about(file["name"])),
        ("POST", GENERATE.replace("generateContent", "streamGenerateContent"), ask_about(file["uri"])),
        ("POST", GENERATE, json.dumps(ask_about(file["uri"])).replace("files", "f\\u0069les")),
        ("POST", GENERATE, json.dumps(ask_about(file["uri"])).replace("fileUri", "file_ur\\u0069")),
        ("POST", GENERATE.replace("generateContent", "countTokens"), ask_about(file["uri"])),
        ("POST", GENERATE.replace("generateContent", "batchGenerateContent"),
         {"batch": {"inputConfig": {"fileName": file["name"]}}}),
        ("POST", "/v1beta/cachedContents", {"model": "models/" + MODEL, **ask_about(file["uri"])}),
    ]:
        answer = native(gateway, method, path, body, OTHER)
        assert answer.status == 404 and is_gemini_error(answer), (method, path, answer)
    assert native(gateway, "GET", "/v1beta/files", token=OTHER).json == {}
    assert native(gateway, "GET", name).status == 200
    assert native(gateway, "POST", GENERATE, ask_about(file["uri"])).status == 200


def test_files_that_anybody_may_read_need_no_owner(gateway):
    for uri in ["https://www.youtube.com/watch?v=abc", "https://example.com/files/a.pdf", "gs://b/files/x"]:
        assert native(gateway, "POST", GENERATE, ask_about(uri)).status == 200, uri


def test_what_only_looks_like_a_file_is_none(gateway):
    body = native_body("Where is files/abc, fileUri files/abc, cachedContents/x?")
    body["contents"] += [
        {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"fileUri": "files/abc"}}}]},
        {"role": "user", "parts": [{"functionResponse": {
            "name": "f", "response": {"fileData": {"fileUri": "files/abc"}, "cachedContent": "x"}}}]},
    ]
    body["tools"] = [{"functionDeclarations": [{"name": "f", "description": "d", "parametersJsonSchema": {
        "type": "object", "properties": {"fileUri": {"type": "string", "enum": ["files/abc"]}}}}]}]
    assert native(gateway, "POST", GENERATE, body).status == 200


def test_everything_is_still_there_after_a_restart(servers, simulator, tmp_path):
    folder = tmp_path / "durable"
    gateway = start(servers, simulator, folder)
    file = upload_raw(gateway)
    client = client_of(gateway)
    cache = client.caches.create(model=MODEL, config={"contents": ["A long text."], "ttl": "600s"})
    started = native(
        gateway, "POST", "/upload/v1beta/files", {"file": {"displayName": "half"}},
        **{"X-Goog-Upload-Protocol": "resumable", "X-Goog-Upload-Command": "start",
           "X-Goog-Upload-Header-Content-Type": "text/plain"},
    )
    url = started.headers["x-goog-upload-url"].removeprefix(gateway.url)
    gateway.stop()
    gateway = start(servers, simulator, folder)
    for _ in range(4):
        assert native(gateway, "POST", GENERATE, ask_about(file["uri"])).status == 200
        assert native(gateway, "POST", GENERATE, native_body(cachedContent=cache.name)).status == 200
    assert native(gateway, "GET", "/v1beta/" + file["name"], token=OTHER).status == 404
    # The upload that had begun goes on, and needs no token: its address is enough.
    piece = {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"}
    answer = call(gateway, "POST", url, b"the rest", piece)
    assert answer.status == 200 and answer.headers["x-goog-upload-status"] == "final", answer
    names = {each["name"] for each in native(gateway, "GET", "/v1beta/files").json["files"]}
    assert names == {file["name"], answer.json["file"]["name"]}


def test_upload_addresses_are_ours_and_cannot_be_forged(gateway):
    started = native(
        gateway, "POST", "/upload/v1beta/files", {"file": {}},
        **{"X-Goog-Upload-Protocol": "resumable", "X-Goog-Upload-Command": "start"},
    )
    assert started.headers["x-goog-upload-status"] == "active"
    assert started.headers["x-goog-upload-chunk-granularity"] == "8388608"
    url = started.headers["x-goog-upload-url"]
    assert url.startswith(gateway.url + "/upload/v1beta/files?upload_id=")
    path = url.removeprefix(gateway.url)
    query = {"X-Goog-Upload-Command": "query"}
    assert call(gateway, "POST", path, b"", query).headers["x-goog-upload-size-received"] == "0"
    at = path.index("upload_id=") + 60
    forged = path[:at] + ("0" if path[at] != "0" else "1") + path[at + 1 :]
    for wrong in [
        forged,
        path.replace("/files?", "/fileSearchStores/x:uploadToFileSearchStore?"),
        path.split("upload_id=")[0] + "upload_id=sim-1",
        path.split("upload_id=")[0] + "upload_id=zz",
    ]:
        answer = call(gateway, "POST", wrong, b"", query)
        assert answer.status == 404 and is_gemini_error(answer), wrong
    assert call(gateway, "POST", path, b"", query | {"x-goog-api-key": OTHER}).status == 404
    assert call(gateway, "POST", path, b"", query | {"x-goog-api-key": TOKEN}).status == 200
    # Piece by piece, asked in between, then given up.
    piece = {"X-Goog-Upload-Command": "upload", "X-Goog-Upload-Offset": "0"}
    assert call(gateway, "POST", path, b"x" * 1000, piece).headers["x-goog-upload-status"] == "active"
    assert call(gateway, "PUT", path, b"", query).headers["x-goog-upload-size-received"] == "1000"
    cancel = {"X-Goog-Upload-Command": "cancel"}
    assert call(gateway, "POST", path, b"", cancel).headers["x-goog-upload-status"] == "cancelled"
    assert call(gateway, "POST", path, b"", query).status == 404


def test_upload_addresses_name_the_host_that_clients_see(servers, simulator):
    begin = {
        "X-Goog-Upload-Protocol": "resumable", "X-Goog-Upload-Command": "start",
        "X-Forwarded-Proto": "https", "X-Forwarded-Host": "gateway.example.com",
    }
    for trusted, origin in [("127.0.0.0/8", "https://gateway.example.com/upload/"), (None, "http://127.0.0.1:")]:
        gateway = start(servers, simulator, TRUSTED_PROXIES=trusted)
        answer = native(gateway, "POST", "/upload/v1beta/files", {"file": {}}, **begin)
        assert answer.headers["x-goog-upload-url"].startswith(origin)


def test_multipart_uploads(gateway):
    content = (
        b'--b\r\nContent-Type: application/json\r\n\r\n{"file":{"displayName":"two parts"}}\r\n'
        b"--b\r\nContent-Type: text/csv\r\n\r\na,b\r\n--b--\r\n"
    )
    answer = native(
        gateway, "POST", "/upload/v1beta/files", content,
        **{"X-Goog-Upload-Protocol": "multipart", "Content-Type": "multipart/related; boundary=b"},
    )
    assert answer.json["file"]["displayName"] == "two parts"
    assert answer.json["file"]["mimeType"] == "text/csv" and answer.json["file"]["sizeBytes"] == "3"
    assert native(gateway, "GET", "/v1beta/" + answer.json["file"]["name"]).status == 200


@pytest.mark.once  # sanitizers keep what was freed
def test_a_large_upload_is_never_held(gateway, tmp_path):
    client = client_of(gateway)
    client.files.upload(file=write_file(tmp_path, MIB), config={"mime_type": "text/plain"})
    before = gateway.resident_kib()
    size = 64 * MIB
    answer = native(
        gateway, "POST", "/upload/v1beta/files", b"\0" * size,
        **{"X-Goog-Upload-Protocol": "raw", "Content-Type": "application/octet-stream"},
    )
    assert answer.json["file"]["sizeBytes"] == str(size)
    assert gateway.resident_kib() - before < 16 * 1024


def test_lists_have_pages_and_show_a_token_its_own(gateway):
    mine = [upload_raw(gateway)["name"] for _ in range(7)]
    theirs = [upload_raw(gateway, token=OTHER)["name"] for _ in range(2)]
    seen, query = [], "?pageSize=3"
    for _ in range(3):
        page = native(gateway, "GET", "/v1beta/files" + query).json
        seen += [file["name"] for file in page["files"]]
        query = "?pageSize=3&pageToken=" + page.get("nextPageToken", "")
    assert seen == mine[::-1] and "nextPageToken" not in page
    listed = native(gateway, "GET", "/v1beta/files", token=OTHER).json["files"]
    assert sorted(file["name"] for file in listed) == sorted(theirs)
    assert native(gateway, "GET", "/v1beta/files?pageToken=nonsense").json == {}


def test_caches(gateway):
    client = client_of(gateway)
    file = upload_raw(gateway)
    contents = [types.Content(role="user", parts=[types.Part.from_uri(file_uri=file["uri"], mime_type="text/plain")])]
    cache = client.caches.create(model=MODEL, config={"contents": contents, "ttl": "600s"})
    for _ in range(5):
        answer = client.models.generate_content(model=MODEL, contents="Hi.", config={"cached_content": cache.name})
        assert answer.text
    assert client.caches.update(name=cache.name, config={"ttl": "1200s"}).expire_time > cache.expire_time
    assert [each.name for each in client.caches.list()] == [cache.name]
    stranger = client_of(gateway, OTHER)
    assert list(stranger.caches.list()) == []
    client.caches.delete(name=cache.name)
    with pytest.raises(errors.ClientError):
        client.caches.get(name=cache.name)


def test_batches_from_a_file_leave_a_file(gateway):
    client = client_of(gateway)
    file = upload_raw(gateway, mime="application/jsonl")
    batch = client.batches.create(model=MODEL, src=file["name"])
    assert [each.name for each in client.batches.list()] == [batch.name]
    while batch.state.name != "JOB_STATE_SUCCEEDED":
        batch = client.batches.get(name=batch.name)
    assert client.files.download(file=batch.dest.file_name)
    stranger = client_of(gateway, OTHER)
    with pytest.raises(errors.ClientError):
        stranger.batches.get(name=batch.name)
    client.batches.delete(name=batch.name)
    assert list(client.batches.list()) == []


def test_videos_are_made_polled_and_downloaded(gateway):
    # The SDK does this for Vertex alone; Gemini's REST API has it.
    model = "/v1beta/models/veo-3.0-generate-001"
    body = {"instances": [{"prompt": "A cat."}]}
    name = native(gateway, "POST", model + ":predictLongRunning", body).json["name"]
    client = client_of(gateway)
    operation = client.operations.get(types.GenerateVideosOperation(name=name))
    while not operation.done:
        operation = client.operations.get(operation)
    video = operation.response.generated_videos[0].video
    assert len(client.files.download(file=video)) == 300_000
    listed = native(gateway, "GET", "/v1beta/models/veo-3.0-generate-001/operations").json
    assert [each["name"] for each in listed["operations"]] == [name]
    path = video.uri.removeprefix("https://generativelanguage.googleapis.com")
    assert native(gateway, "GET", path).status == 200
    assert native(gateway, "GET", path, token=OTHER).status == 404
    assert native(gateway, "GET", "/v1beta/" + name, token=OTHER).status == 404


def test_file_search_stores(gateway, tmp_path):
    client = client_of(gateway)
    store = client.file_search_stores.create(config={"display_name": "library"})
    path = write_file(tmp_path, 9 * MIB)
    operation = client.file_search_stores.upload_to_file_search_store(
        file_search_store_name=store.name, file=path, config={"mime_type": "text/plain"}
    )
    while not operation.done:
        operation = client.operations.get(operation)
    documents = list(client.file_search_stores.documents.list(parent=store.name))
    assert len(documents) == 1
    assert client.file_search_stores.documents.get(name=documents[0].name).name == documents[0].name
    tools = [{"fileSearch": {"fileSearchStoreNames": [store.name]}}]
    for _ in range(5):
        assert native(gateway, "POST", GENERATE, native_body(tools=tools)).status == 200
    assert native(gateway, "POST", GENERATE, native_body(tools=tools), OTHER).status == 404
    assert native(gateway, "GET", f"/v1beta/{store.name}/documents", token=OTHER).status == 404
    file = upload_raw(gateway)
    assert native(gateway, "POST", f"/v1beta/{store.name}:importFile", {"fileName": file["name"]}).status == 200
    foreign = upload_raw(gateway, token=OTHER)
    refused = native(gateway, "POST", f"/v1beta/{store.name}:importFile", {"fileName": foreign["name"]})
    assert refused.status == 404
    client.file_search_stores.delete(name=store.name, config={"force": True})
    assert native(gateway, "GET", "/v1beta/fileSearchStores").json == {}


@pytest.mark.parametrize("stream", [False, True])
def test_interactions_go_on_where_they_began(gateway, stream):
    body = {"model": MODEL, "input": "Hi.", "stream": stream}
    answer = native(gateway, "POST", "/v1beta/interactions", body)
    assert answer.status == 200
    if stream:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.text.endswith("data: [DONE]\n\n")
        id_ = json.loads(answer.text.split("data: ")[1].split("\n")[0])["interaction"]["id"]
    else:
        id_ = answer.json["id"]
    for _ in range(5):
        following = {"model": MODEL, "input": "And?", "previous_interaction_id": id_}
        assert native(gateway, "POST", "/v1beta/interactions", following).status == 200
        assert native(gateway, "GET", "/v1beta/interactions/" + id_).json["id"] == id_
    assert native(gateway, "POST", "/v1beta/interactions", following, OTHER).status == 404
    assert native(gateway, "GET", "/v1beta/interactions/" + id_, token=OTHER).status == 404
    assert native(gateway, "POST", f"/v1beta/interactions/{id_}/cancel", {}).status == 200
    assert native(gateway, "DELETE", "/v1beta/interactions/" + id_).status == 200
    assert native(gateway, "GET", "/v1beta/interactions/" + id_).status == 404


def test_an_owner_that_is_out_of_use_is_named_and_no_other_is_tried(gateway, simulator):
    file = upload_raw(gateway)
    key = next(r["key"] for r in simulator.requests() if r["target"].startswith("/upload"))
    simulator.fault("key-suspended", {"key": key})
    native(gateway, "GET", "/v1beta/" + file["name"])
    answer = native(gateway, "POST", GENERATE, ask_about(file["uri"]))
    assert answer.status == 503 and "owns" in answer.json["error"]["message"]
    assert {r["key"] for r in simulator.requests() if file["name"] in str(r)} == {key}
    assert native(gateway, "POST", GENERATE, native_body()).status == 200
    # What cannot be read now is left out of the list, not lost.
    assert native(gateway, "GET", "/v1beta/files").json == {"files": []}


def test_an_owner_that_rests_says_for_how_long(gateway, simulator):
    file = upload_raw(gateway)
    key = next(r["key"] for r in simulator.requests() if r["target"].startswith("/upload"))
    simulator.fault("quota-minute", {"key": key})
    answer = native(gateway, "POST", GENERATE, ask_about(file["uri"]))
    assert answer.status == 429 and int(answer.headers["retry-after"]) > 0
    assert {r["key"] for r in simulator.requests() if ":generateContent" in r["target"]} == {key}


def test_tokens_allow_each_kind_by_itself(servers, simulator):
    gateway = start(servers, simulator)
    for method, path in [
        ("POST", "/v1alpha/auth_tokens"),
        ("GET", "/v1beta/tunedModels"),
        ("POST", "/v1beta/webhooks"),
        ("GET", "/v1beta/corpora"),
    ]:
        answer = native(gateway, method, path, {} if method == "POST" else None)
        assert answer.status == 403 and "TOKENS_ALLOW" in answer.text, path
    gateway = start(servers, simulator, TOKENS_ALLOW="caches ephemeral_tokens,other")
    assert native(gateway, "GET", "/v1beta/files").status == 403
    assert native(gateway, "GET", "/v1beta/cachedContents").status == 200
    assert native(gateway, "GET", "/v1beta/webhooks").status == 404  # the upstream's own
    minted = native(gateway, "POST", "/v1alpha/auth_tokens", {"uses": 1})
    assert minted.status == 200 and minted.json["name"].startswith("auth_tokens/")
    gateway = start(servers, simulator, WASAT_TOKENS_ALLOW_RAW="true")
    assert native(gateway, "GET", "/v1beta/files").status == 200
    assert native(gateway, "POST", "/v1alpha/auth_tokens", {}).status == 200
