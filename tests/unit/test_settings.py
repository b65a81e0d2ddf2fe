"""Settings: what is given counts, nonsense is refused with a sentence, secrets stay out of it."""

import threading
from pathlib import Path

import pytest

from lms.settings import BadSetting, Settings


def read(home: Path, **given: str) -> Settings:
    return Settings.read({"JEMBATAN_HOME": str(home), **given})


def test_nothing_need_be_set(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'jembatan.sqlite'}"
    assert (settings.public_url, settings.secure, settings.mail_url) == ("http://127.0.0.1:8000", False, "console")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "80 80"),
        ("PORT", "70000"),
        ("UPLOAD_LIMIT_MB", "-1"),
        ("PROXIES", "many"),
        ("DATABASE_URL", "mysql://x/y"),
        ("REDIS_URL", "http://127.0.0.1"),
        ("PUBLIC_URL", "jembatan.example"),
        ("PUBLIC_URL", "https://"),
        ("MAIL_URL", "mail.example:25"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_URL", "file:"),
        ("JITSI_DOMAIN", "https://meet.example"),
        ("JITSI_EVENTS_FROM", "10.0.0.0/8, office"),
        ("JITSI_API_URL", "10.0.0.5:5280"),
        ("JITSI_APPSECRET", "almost right"),
        ("LOG_FORMAT", "xml"),
        ("JEMBATAN_DEBUG", "yes"),
    ],
)
def test_nonsense_is_refused_with_the_settings_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        read(tmp_path, **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_URL", "smpt://sender:hush@mail.example"),
        ("REDIS_URL", "reddis://:hush@127.0.0.1"),
        ("DATABASE_URL", "mysql://jembatan:hush@127.0.0.1/x"),
    ],
)
def test_a_refused_address_is_told_without_its_password(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read(tmp_path, **{name: value})
    assert "hush" not in str(refused.value)
    assert "hush" not in repr(read(tmp_path, SECRET_KEY="hush", JITSI_APP_SECRET="hush"))


def test_processes_that_start_at_once_share_one_key_which_only_the_owner_reads(tmp_path: Path) -> None:
    keys: list[str] = []
    threads = [threading.Thread(target=lambda: keys.append(read(tmp_path).secret_key)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 12 and len(set(keys)) == 1 and len(keys[0]) > 40
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0


def test_an_empty_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    with pytest.raises(BadSetting, match="secret-key"):
        read(tmp_path)
