"""Where Node.js has to be downloaded, uv is not: both would lift a first set-up over its 150 MB."""

from pathlib import Path

import pytest

from setup import node, python_packages


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Commands that would have been run, by what they install; uv is nowhere yet."""
    seen: list[str] = []

    def run(command: list[object]) -> bool:
        seen.append(Path(str(command[-1])).name)
        return False

    monkeypatch.setattr(python_packages, "VENV", tmp_path)
    monkeypatch.setattr(python_packages.shutil, "which", lambda name: None)
    monkeypatch.setattr(python_packages, "run_quietly", run)
    monkeypatch.setattr(python_packages, "call", lambda command, why: seen.append(Path(str(command[-1])).name))
    return seen


def test_without_node_the_packages_come_by_pip_alone(calls: list[str]) -> None:
    python_packages.install_locked(python_packages.CORE, fetch_uv=node.system_npm() is not None)
    assert calls == ["requirements.txt"]


def test_uv_is_fetched_where_it_may_be(calls: list[str]) -> None:
    python_packages.install_locked(python_packages.CORE, fetch_uv=True)
    assert calls == ["uv.txt", "requirements.txt"]


@pytest.mark.parametrize(("version", "found"), [("v16.20.0", None), ("v18.0.0", "/usr/bin/npm"), ("", None)])
def test_a_node_too_old_does_not_count(monkeypatch: pytest.MonkeyPatch, version: str, found: str | None) -> None:
    class Told:
        stdout = version

    monkeypatch.setattr(node.shutil, "which", lambda name: "/usr/bin/npm")
    monkeypatch.setattr(node.subprocess, "run", lambda *args, **options: Told())
    assert node.system_npm() == found
