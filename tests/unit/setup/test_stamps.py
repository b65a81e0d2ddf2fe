"""Stamps: what makes a second start instant must never make it wrong."""

from pathlib import Path

import pytest

from setup import place, python_packages


@pytest.fixture(autouse=True)
def own_stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "STAMPS", tmp_path / "stamps.json")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requirement files installed, in order; nothing is."""
    names: list[str] = []
    monkeypatch.setattr(python_packages, "install_locked", lambda file, fetch_uv: names.append(file.name))
    monkeypatch.setattr(python_packages, "make_environment", lambda: None)
    return names


def test_a_stamp_is_read_back_and_keeps_its_neighbours() -> None:
    place.stamp("npm", "one")
    place.stamp("python", "two")
    assert (place.stamped("npm"), place.stamped("python"), place.stamped("vendor")) == ("one", "two", "")


def test_a_broken_stamp_file_counts_as_none() -> None:
    place.STAMPS.write_text("{")
    assert place.stamped("npm") == ""
    place.stamp("npm", "one")
    assert place.stamped("npm") == "one"


def test_a_fingerprint_changes_with_content_and_with_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "ROOT", tmp_path)
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    two.write_text("b")
    first = place.fingerprint([one, two])
    assert place.fingerprint([two, one]) != first
    two.write_text("c")
    assert place.fingerprint([one, two]) != first


def test_packages_are_installed_once(installed: list[str]) -> None:
    python_packages.install_python_packages(dev=False)
    python_packages.install_python_packages(dev=False)
    assert installed == ["requirements.txt"]


def test_the_packages_of_the_tests_serve_the_platform_too(installed: list[str]) -> None:
    python_packages.install_python_packages(dev=True)
    python_packages.install_python_packages(dev=False)
    assert installed == ["requirements-dev.txt"]


def test_the_platforms_packages_do_not_serve_the_tests(installed: list[str]) -> None:
    python_packages.install_python_packages(dev=False)
    python_packages.install_python_packages(dev=True)
    assert installed == ["requirements.txt", "requirements-dev.txt"]
