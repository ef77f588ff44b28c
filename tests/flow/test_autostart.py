"""`card-bridge autostart`: switched, said, and started as a desktop starts it."""

from __future__ import annotations

from pathlib import Path

from tests.flow.test_link import command, person  # noqa: F401 - a fixture

OFF = "The bridge does not start when you log on. Start it before you use it.\n"


def on(place: Path) -> str:
    return f"The bridge starts when you log on. ({place})\n"


def test_a_person_switches_it_and_the_doctor_says_so(person: dict[str, str]) -> None:  # noqa: F811
    place = Path(person["XDG_CONFIG_HOME"]) / "autostart/card-bridge.desktop"
    assert command(person, "autostart", "status") == (1, OFF, "")
    assert command(person, "autostart", "on") == (0, on(place), "")
    assert command(person, "autostart", "status") == (0, on(place), "")
    assert f"OK  {on(place)}".replace(person["HOME"], "~") in command(person, "doctor")[1]
    assert command(person, "autostart", "off") == (0, OFF, "")
    assert command(person | {"LANG": "ja_JP.UTF-8"}, "autostart", "status")[1].startswith("サインインしても")
    assert f"OK  {OFF}" in command(person, "doctor")[1]
