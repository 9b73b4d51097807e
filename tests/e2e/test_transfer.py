"""Moving house: what one instance exports works in another, and what other gateways left
behind is taken in."""

import base64
import json
import sqlite3
import subprocess

import pytest
from harness import ADMIN, BINARY, MODEL, TOKEN, call, chat
from test_admin import Admin, error

PASSPHRASE = "correct horse battery"
KEYS = ["AIzaSyMove-first-key-000000000000000001", "AIzaSyMove-second-key-00000000000000002"]


def export(admin, passphrase=PASSPHRASE):
    return admin("POST", "/export", {"password": ADMIN, "passphrase": passphrase})


def take_in(admin, document, status=200, **more):
    if isinstance(document, bytes):
        body = {"document_base64": base64.b64encode(document).decode()}
    else:
        body = {"document": document}
    return admin("POST", "/import", body | more, status=status)


def count(report, kind, outcome):
    return report["counts"][kind][outcome]


@pytest.fixture
def full(servers, simulator):
    """An instance with something of everything."""
    gateway = servers.gateway(simulator, GEMINI_API_KEYS=None, ALLOWED_TOKENS=None)
    admin = Admin(gateway)
    for number, key in enumerate(KEYS):
        admin(
            "POST", "/credentials",
            {"key": key, "name": f"key {number}", "weight": number + 1, "note": "of the old house"},
            status=201,
        )
    made = admin(
        "POST", "/tokens", {"name": "laptop", "limits": {"requests_per_minute": 500}}, status=201
    ).json
    admin.token_text = made["text"]
    admin("PUT", "/settings/pool.max_failures", {"value": 7}, status=200)
    admin("PUT", "/aliases/house-model", {"model": MODEL}, status=200)
    assert chat(gateway, token=admin.token_text).status == 200
    return admin


def test_what_is_exported_works_elsewhere(servers, simulator, full, tmp_path):
    document = export(full)
    assert document.status == 200 and "attachment" in document.headers["content-disposition"]
    for secret in (*KEYS, full.token_text, full.token_text[4:12], "laptop", "old house", ADMIN):
        assert secret not in document.text
    holds = document.json["holds"]
    assert holds["credentials"] == 2 and holds["tokens"] >= 1 and holds["aliases"] == 1

    # Another machine, with a master key of its own, and nothing in it.
    def start():
        return servers.gateway(
            simulator, folder=tmp_path / "other", GEMINI_API_KEYS=None, ALLOWED_TOKENS=None
        )

    gateway = start()
    other = Admin(gateway)
    assert chat(gateway, token=full.token_text).status == 401
    dry = take_in(other, document.text, passphrase=PASSPHRASE, dry_run=True).json
    assert count(dry, "credential", "added") == 2 and dry["dry_run"]
    assert other.get("/credentials")["total"] == 0, "a dry run changes nothing"

    report = take_in(other, document.text, passphrase=PASSPHRASE).json
    assert report["document"] == "wasat_export" and count(report, "credential", "added") == 2
    # At once, and after a restart.
    for _ in range(2):
        assert chat(gateway, token=full.token_text).status == 200
        assert chat(gateway, token=full.token_text, model="house-model").status == 200
        listed = other.get("/credentials")["items"]
        assert [c["name"] for c in listed] == ["key 0", "key 1"]
        assert [c["weight"] for c in listed] == [1, 2] and listed[0]["note"] == "of the old house"
        assert other.get("/settings/pool.max_failures")["value"] == "7"
        limits = [t["limits"] for t in other.get("/tokens")["items"] if t["name"] == "laptop"]
        assert limits == [{"requests_per_minute": 500}]
        gateway.stop()
        gateway = start()
        other = Admin(gateway)
    again = take_in(other, document.text, passphrase=PASSPHRASE).json
    assert count(again, "credential", "skipped") == 2 and count(again, "token", "added") == 0

    # What came here can move on, too.
    third = servers.gateway(simulator, GEMINI_API_KEYS=None, ALLOWED_TOKENS=None)
    take_in(Admin(third), export(other).text, passphrase=PASSPHRASE)
    assert chat(third, token=full.token_text).status == 200


def test_what_the_environment_gives_moves_too(servers, simulator, gateway):
    document = export(Admin(gateway)).text
    other = servers.gateway(simulator, GEMINI_API_KEYS=None, ALLOWED_TOKENS=None)
    take_in(Admin(other), document, passphrase=PASSPHRASE)
    assert chat(other, token=TOKEN).status == 200
    # At home it is the environment's, and stays so.
    report = take_in(Admin(gateway), document, passphrase=PASSPHRASE).json
    assert count(report, "credential", "skipped") == 2 and count(report, "credential", "added") == 0


def test_the_wrong_passphrase_changes_nothing(full):
    document = export(full).text
    before = full.get("/credentials")
    answer = take_in(full, document, passphrase="correct horse batterie", status=400)
    assert answer.json["error"]["field"] == "passphrase"
    answer = take_in(full, document, status=400)
    assert answer.json["error"]["field"] == "passphrase"
    assert full.get("/credentials")["items"] == before["items"]


def test_an_export_of_a_newer_wasat_says_so(full):
    document = json.loads(export(full).text) | {"wasat_export": 9, "made_by": "8.0.0"}
    answer = take_in(full, json.dumps(document), passphrase=PASSPHRASE, status=400)
    text = answer.json["error"]["message"]
    assert "newer Wasat 8.0.0" in text and "format 9" in text and "up to 1" in text, text


def test_a_damaged_export_changes_nothing(full):
    document = export(full).text
    middle = document.index('"sealed":"') + 40
    swapped = "A" if document[middle] != "A" else "B"
    for damaged in (document[:-100], document[:middle] + swapped + document[middle + 1 :]):
        answer = take_in(full, damaged, passphrase=PASSPHRASE, status=400)
        assert "damaged" in answer.json["error"]["message"], answer


def test_replacing_removes_what_the_export_lacks(full):
    document = export(full).text
    full("POST", "/credentials", {"key": "AIzaSyMove-third-key-0000000000000003"}, status=201)
    full("PUT", "/aliases/later", {"model": MODEL}, status=200)
    full("PUT", "/settings/pool.max_attempts", {"value": 3}, status=200)
    merged = take_in(full, document, passphrase=PASSPHRASE).json
    assert count(merged, "credential", "removed") == 0
    report = take_in(full, document, passphrase=PASSPHRASE, mode="replace").json
    assert count(report, "credential", "removed") == 1 and count(report, "alias", "removed") == 1
    assert full.get("/credentials")["total"] == 2
    assert full.get("/settings/pool.max_attempts")["origin"] == "default"
    assert chat(full.server, token=full.token_text).status == 200


def test_an_export_wants_the_password_again(full):
    answer = full("POST", "/export", {"password": "not this one", "passphrase": PASSPHRASE})
    assert answer.status == 403 and error(answer) == "wrong_password"
    assert full("POST", "/export", {"passphrase": PASSPHRASE}).status == 400
    assert export(full, "short").json["error"]["field"] == "passphrase"
    assert call(full.server, "POST", "/api/admin/v1/export", {}).status == 401
    actions = [entry["action"] for entry in full.get("/audit")["items"]]
    assert "everything.export" in actions


def test_environment_files_of_other_gateways(servers, simulator):
    gateway = servers.gateway(simulator, GEMINI_API_KEYS=None, ALLOWED_TOKENS=None)
    admin = Admin(gateway)
    report = take_in(
        admin,
        f"# the old one\nexport GEMINI_API_KEYS='{KEYS[0]},{KEYS[0]}'\nAPI_KEYS=[\"{KEYS[1]}\"]\n"
        "ALLOWED_TOKENS=[\"sk-moved-token-0123456789\"]\nMAX_FAILURES=4   # then rest\n"
        "MAX_RETRIES=many\nPORT=8000\nAUTH_TOKEN=old-password-123\nUPLOAD_PROVIDER=smms\n",
    ).json
    assert report["document"] == "environment_file"
    assert count(report, "credential", "added") == 2 and count(report, "token", "added") == 1
    assert count(report, "setting", "added") == 1
    told = {item["what"]: item["why"] for item in report["items"] if item["why"]}
    assert "whole number" in told["pool.max_attempts"]
    assert "machine" in told["listen.port"] and told["UPLOAD_PROVIDER"]
    assert "admin_password" in told["admin password"]
    assert chat(gateway, token="sk-moved-token-0123456789").status == 200
    assert admin.get("/settings/pool.max_failures")["value"] == "4"
    for secret in (*KEYS, "sk-moved-token", "old-password"):
        assert secret not in json.dumps(report)
    Admin(gateway)  # with the password of here


def test_databases_of_gemini_balance(servers, simulator, tmp_path):
    python = tmp_path / "balance.db"
    with sqlite3.connect(python) as database:
        database.execute("CREATE TABLE t_settings (id INTEGER PRIMARY KEY, key TEXT, value TEXT)")
        database.execute("INSERT INTO t_settings (key, value) VALUES ('API_KEYS', ?)",
                         [json.dumps([KEYS[0]])])
        database.execute("INSERT INTO t_settings (key, value) VALUES ('ALLOWED_TOKENS', ?)",
                         [json.dumps(["sk-balance-token-0123456789"])])
    following = tmp_path / "next.db"
    with sqlite3.connect(following) as database:
        database.execute("CREATE TABLE ApiKey (key TEXT, failCount INTEGER, enabled BOOLEAN)")
        database.execute("INSERT INTO ApiKey VALUES (?, 0, 0)", [KEYS[1]])
    gateway = servers.gateway(simulator, GEMINI_API_KEYS=None, ALLOWED_TOKENS=None)
    admin = Admin(gateway)
    assert count(take_in(admin, python.read_bytes()).json, "credential", "added") == 1
    assert chat(gateway, token="sk-balance-token-0123456789").status == 200
    take_in(admin, following.read_bytes())
    states = [c["state"] for c in admin.get("/credentials")["items"]]
    assert sorted(states) == ["disabled", "ready"]
    truncated = take_in(admin, python.read_bytes()[:5000], status=400)
    assert "database" in truncated.json["error"]["message"]


def test_accounts_that_cannot_be_used_yet_are_kept(full):
    account = {"team_id": "t-1", "secure_c_ses": "CSE.secret", "host_c_oses": "", "csesidx": "42"}
    report = take_in(full, json.dumps({"accounts": [account]})).json
    assert report["document"] == "enterprise_accounts"
    take_in(full, json.dumps({"projectId": "p", "credentials": {"refresh_token": "hush"}}))
    kept = {c["provider"]: c for c in full.get("/credentials?state=needs_person")["items"]}
    assert set(kept) == {"enterprise", "code_assist"}
    assert "cannot use" in kept["enterprise"]["reason"]
    assert chat(full.server, token=full.token_text).status == 200
    # And they move on with everything else.
    assert export(full).json["holds"]["credentials"] == 4
    assert "CSE.secret" not in json.dumps(kept)


def test_documents_of_no_known_kind_are_refused(full):
    for document in ("", "{}", "[1]", "Dear reader", b"\x00\x01", b"\x89PNG\r\n"):
        message = take_in(full, document, status=400).json["error"]["message"]
        assert "known" in message.lower(), message
    assert full("POST", "/import", {}).status == 400
    assert take_in(full, "A=1", mode="burn", status=400).json["error"]["field"] == "mode"
    replacing = take_in(full, f"GEMINI_API_KEYS={KEYS[0]}", mode="replace", status=400)
    assert replacing.json["error"]["field"] == "mode"


def wasat(folder, *arguments, passphrase=PASSPHRASE, status=0):
    environment = {"PATH": "/usr/bin:/bin"}
    if passphrase:
        environment["WASAT_PASSPHRASE"] = passphrase
    done = subprocess.run(
        [BINARY, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
        timeout=120, stdin=subprocess.DEVNULL, start_new_session=True,
    )
    assert done.returncode == status, done
    return done


def test_the_commands_do_the_same(servers, simulator, tmp_path, full):
    (tmp_path / "export.json").write_text(export(full).text)
    (tmp_path / ".env").write_text(f"GEMINI_API_KEYS={KEYS[0]},AIzaSyMove-third-key-0000000000003\n")
    dry = wasat(tmp_path, "import", "--data-dir", "new", "--dry-run", "export.json")
    assert "credential added: 2" in dry.stdout and "dry run" in dry.stdout
    done = wasat(tmp_path, "import", "--data-dir", "new", "export.json", ".env")
    assert "credential skipped: 1" in done.stdout
    refused = wasat(
        tmp_path, "import", "--data-dir", "new", "export.json", passphrase="not the right one",
        status=1,
    )
    assert "passphrase" in refused.stderr
    assert "WASAT_PASSPHRASE" in wasat(
        tmp_path, "import", "--data-dir", "new", "export.json", passphrase=None, status=1
    ).stderr
    gateway = servers.gateway(
        simulator, GEMINI_API_KEYS=None, ALLOWED_TOKENS=None, WASAT_DATA_DIR=str(tmp_path / "new")
    )
    assert chat(gateway, token=full.token_text).status == 200
    assert Admin(gateway).get("/credentials")["total"] == 3
    gateway.stop()
    wasat(tmp_path, "export", "--data-dir", "new", "moved.json")
    moved = tmp_path / "moved.json"
    assert moved.stat().st_mode & 0o777 == 0o600
    assert json.loads(moved.read_text())["holds"]["credentials"] == 3
    wasat(tmp_path, "export", "--data-dir", "new", "moved.json", status=1)  # never over a file
