"""The meeting server's files name each setting once, hold no secret, and keep to what a safe server needs."""

import re
from pathlib import Path

import pytest

from lms.settings import JITSI_SETTINGS

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "jitsi"
COMPOSE = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
TEMPLATE = (FOLDER / "env.template").read_text(encoding="utf-8")
LUA = (FOLDER / "jembatan.cfg.lua").read_text(encoding="utf-8")
GIVEN = dict(re.findall(r"^([A-Z_]+)=(.*)$", TEMPLATE, re.MULTILINE))


def test_the_template_and_the_compose_file_name_the_same_settings() -> None:
    # Read by compose itself.
    assert set(re.findall(r"\$\{([A-Z_]+)\}", COMPOSE)) | {"COMPOSE_PROFILES"} == set(GIVEN)


def test_what_the_event_component_reads_is_given_to_its_container() -> None:
    prosody = COMPOSE.partition("  prosody:")[2].partition("  jicofo:")[0]
    for name in re.findall(r"ENV_([A-Z_]+)", LUA.split("\n", 3)[3]):
        assert f"      {name}: ${{{name}}}" in prosody


def test_what_the_finalize_script_reads_is_given_to_jibri_and_it_is_not_started_unasked() -> None:
    jibri = COMPOSE.partition("  jibri:")[2]
    script = (FOLDER / "finalize.sh").read_text(encoding="utf-8")
    for name in set(re.findall(r"\$\{([A-Z_]+):\?", script)):
        assert f"      {name}: ${{{name}}}" in jibri
    assert "profiles: [recording]" in jibri
    assert "./finalize.sh:/usr/local/bin/jembatan-finalize:ro" in jibri
    assert "JIBRI_FINALIZE_RECORDING_SCRIPT_PATH: /usr/local/bin/jembatan-finalize" in jibri
    assert (GIVEN["ENABLE_RECORDING"], GIVEN["COMPOSE_PROFILES"]) == ("0", "")


def test_no_secret_is_in_the_files() -> None:
    assert {name: value for name, value in GIVEN.items() if "SECRET" in name or "PASSWORD" in name} == {
        "JITSI_APP_SECRET": "",
        "JITSI_EVENTS_SECRET": "",
        "JICOFO_AUTH_PASSWORD": "",
        "JVB_AUTH_PASSWORD": "",
        "JIBRI_XMPP_PASSWORD": "",
        "JIBRI_RECORDER_PASSWORD": "",
    }


@pytest.mark.parametrize(
    "line",
    [
        'ENABLE_AUTO_OWNER: "0"',
        'ENABLE_GUESTS: "0"',
        'JWT_ALLOW_EMPTY: "0"',
        "AUTH_TYPE: jwt",
        "XMPP_MUC_MODULES: token_affiliation",
        "JWT_ACCEPTED_AUDIENCES: jitsi",
        'JICOFO_ENABLE_AUTH: "0"',
        "${JEMBATAN_URL}/jitsi/reservations",
    ],
)
def test_what_keeps_the_right_people_in_the_right_room_is_set(line: str) -> None:
    assert line in COMPOSE


def test_nothing_that_ends_meetings_or_tells_identities_is_loaded() -> None:
    for module in ("muc_end_meeting", "muc_allowners", "muc_wait_for_host", "presence_identity"):
        assert module not in COMPOSE


def test_only_sound_and_picture_are_open_to_everybody() -> None:
    lists = re.findall(r"ports: \[(.*)\]", COMPOSE)
    ports = [port.strip() for one in lists for port in one.split(",")]
    assert [port for port in ports if "127.0.0.1" not in port] == ['"${JVB_PORT}:${JVB_PORT}/udp"']


def test_the_page_for_administrators_names_every_setting() -> None:
    page = (FOLDER.parents[1] / "docs" / "jitsi.md").read_text(encoding="utf-8")
    ours = (*JITSI_SETTINGS, "JITSI_SERVERS_FILE")
    assert [name for name in ours if f"`{name}`" not in page] == []
    # Nor does it tell of one that nobody reads; the image's tag is compose's own.
    told = set(re.findall(r"\bJITSI_[A-Z_]+\b", page)) - {"JITSI_IMAGE_VERSION", "JITSI_APPSECRET", "JITSI_"}
    assert told - set(ours) == set()
