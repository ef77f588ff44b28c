"""Policy: above every file and --config; read from the registry's form; what it gets wrong ends the start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge import settings
from bridge.settings import MACHINE_ONLY, LayerName, Settings, SettingsError, Source, custody, places, registry
from bridge.settings.layers import Layer, merge
from bridge.settings.registry import Key, Kind, Value

PLACE = r"HKLM\SOFTWARE\Policies\CardBridge"
PORTAL, OTHER = "https://portal.example", "https://other.example"


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The policy file of a Linux without other settings."""
    monkeypatch.setattr(custody, "OWNERS", {os.geteuid()})
    monkeypatch.setattr(places, "policy_file", lambda: tmp_path / "policy.toml")
    monkeypatch.setattr(places, "machine_file", lambda: tmp_path / "machine.toml")
    monkeypatch.setattr(places, "user_file", lambda: tmp_path / "user.toml")
    return tmp_path / "policy.toml"


def layer(name: LayerName, **values: object) -> Layer:
    return Layer(Source(name, name.value), {key.replace("__", "."): value for key, value in values.items()})


def section(name: str, *, keys: dict[str, Key] | None = None, **values: Value) -> Key:
    """The root of a registry's settings with one section."""
    return Key({}, {name: Key(values, keys or {})})


def text(data: object) -> Value:
    return Value(Kind.REG_SZ, data)


def number(data: int) -> Value:
    return Value(Kind.REG_DWORD, data)


def listed(*items: str) -> Key:
    """As policies write it; the registry hands 10 out before 2."""
    return Key({str(n): text(item) for n, item in sorted(enumerate(items, 1), key=lambda pair: str(pair[0]))}, {})


def of(root: Key) -> dict[str, object]:
    return registry.settings_of(PLACE, root)


def test_policy_is_above_every_file(policy: Path) -> None:
    for name, port in (("policy", 22481), ("machine", 22482), ("user", 22483)):
        policy.with_name(f"{name}.toml").write_text(f"[bridge]\nport = {port}\n", encoding="utf-8")
    loaded = settings.load()
    assert loaded.bridge.port == 22481
    assert dict(loaded.sources) == {"bridge.port": Source(LayerName.POLICY, str(policy))}


def test_policy_is_above_a_file_that_was_named_by_hand(policy: Path) -> None:
    policy.write_text("[pin]\nstop_at = 3\n", encoding="utf-8")
    named = policy.with_name("named.toml")
    named.write_text("[pin]\nstop_at = 1\nperson = false\n", encoding="utf-8")
    loaded = settings.load(named)
    assert (loaded.pin.stop_at, loaded.pin.person) == (3, False)


def test_the_layers_stand_in_their_order() -> None:
    order = [LayerName.USER, LayerName.INSTALLER, LayerName.MACHINE, LayerName.POLICY]
    for count in range(1, len(order) + 1):
        given = [layer(name, bridge__port=22480 + n) for n, name in enumerate(order[:count])]
        assert merge(given).bridge.port == 22480 + count - 1
        assert merge(given).source("bridge.port") == order[count - 1].value


@pytest.mark.parametrize("name", [LayerName.MACHINE, LayerName.INSTALLER, LayerName.POLICY])
def test_a_list_that_an_administrator_fixes_is_the_administrators_alone(name: LayerName) -> None:
    for below in (LayerName.USER, LayerName.CONFIG):
        own = layer(below, origins__allowed=(OTHER,), origins__development=True, bridge__language="en")
        loaded = merge([own, layer(name, origins__locked=True)])
        assert loaded.origins == settings.OriginSettings(locked=True)
        assert loaded.bridge.language == "en"
    given = layer(LayerName.INSTALLER, origins__allowed=(PORTAL,))
    assert merge([given, layer(name, origins__locked=True)]).origins.allowed == (PORTAL,)


def test_a_named_file_may_fix_its_own_list() -> None:
    assert merge([layer(LayerName.CONFIG, origins__locked=True, origins__allowed=(OTHER,))]).origins.allowed == (OTHER,)


@pytest.mark.parametrize("key", sorted(MACHINE_ONLY))
def test_policy_decides_over_pins_and_a_user_does_not(key: str) -> None:
    with pytest.raises(SettingsError, match="may stand in a policy"):
        merge([layer(LayerName.USER, **{key: ("x",)})])
    assert merge([layer(LayerName.POLICY, **{key: ("x",)})]).source(key) == "policy"


def test_each_type_is_read_from_the_registry() -> None:
    origins = [f"https://{n}.example" for n in range(12)]
    modules = Value(Kind.REG_MULTI_SZ, ["/a.dll", "profiles"])
    root = Key({}, {
        "bridge": Key({"port": number(22490), "language": text("en")}, {}),
        "Origins": Key({"Locked": number(1), "development": number(0)}, {"allowed": listed(*origins)}),
        "card": Key({"host_deadline_seconds": number(90), "modules": modules}, {}),
    })  # fmt: skip
    assert of(root) == {
        "bridge.port": 22490,
        "bridge.language": "en",
        "origins.locked": True,
        "origins.development": False,
        "origins.allowed": tuple(origins),
        "card.host_deadline_seconds": 90.0,
        "card.modules": ("/a.dll", "profiles"),
    }
    assert type(of(root)["card.host_deadline_seconds"]) is float
    assert type(of(root)["origins.locked"]) is bool


def test_what_a_policy_left_behind_counts_for_nothing() -> None:
    assert of(Key({}, {"origins": Key({}, {"allowed": Key({}, {})}), "pin": Key({}, {})})) == {}


def test_the_installers_lists_are_one_text() -> None:
    told = section("origins", allowed=text(f"{PORTAL}; {OTHER};"))
    place = r"HKLM\SOFTWARE\Card Bridge\Settings"
    assert registry.settings_of(place, told, split=True) == {"origins.allowed": (PORTAL, OTHER)}
    with pytest.raises(SettingsError, match="REG_MULTI_SZ"):
        of(told)


@pytest.mark.parametrize(
    ("root", "en", "ja"),
    [
        (Key({"port": number(1)}, {}), "unknown section [port]; known: bridge", "[port] という項目はありません"),
        (section("brigde", port=number(1)), "unknown section [brigde]", "[brigde] という項目はありません"),
        (
            section("origins", lockd=number(1)),
            "unknown key origins.lockd; known: allowed",
            "origins.lockd という設定は",
        ),
        (
            section("origins", keys={"allow": listed(PORTAL)}),
            "unknown key origins.allow;",
            "origins.allow という設定は",
        ),
        (section("origins", locked=text("1")), "origins.locked must be 0 or 1 as REG_DWORD", "REG_DWORD の 0 または 1"),
        (section("origins", locked=number(2)), "origins.locked must be 0 or 1 as REG_DWORD", "REG_DWORD の 0 または 1"),
        (section("bridge", port=text("22480")), "bridge.port must be an integer as REG_DWORD", "整数（REG_DWORD）"),
        (section("bridge", port=number(80)), "bridge.port must be 0 or from 1024 to 65535", "0または1024〜65535"),
        (section("bridge", language=number(1)), "bridge.language must be a string as REG_SZ", "文字列（REG_SZ）"),
        (section("bridge", language=Value(2, "ja")), "bridge.language must be a string", "文字列（REG_SZ）"),
        (section("bridge", language=text("fr")), "bridge.language must be ja, en or auto", "ja、en、auto のいずれか"),
        (section("origins", allowed=text(PORTAL)), "origins.allowed must be a key whose values", "origins.allowed は"),
        (section("origins", keys={"allowed": Key({"a": text(PORTAL)}, {})}), "named 1, 2, 3", "1、2、3"),
        (section("origins", keys={"allowed": Key({"1": number(1)}, {})}), "named 1, 2, 3", "1、2、3"),
        (section("origins", keys={"allowed": Key({}, {"1": listed(PORTAL)})}), "named 1, 2, 3", "1、2、3"),
        (section("origins", keys={"locked": listed("1")}), "origins.locked must be 0 or 1", "origins.locked は"),
        (section("origins", keys={"allowed": listed("portal")}), "a list of origins such as", "オリジンの一覧"),
        (section("card", modules=Value(Kind.REG_MULTI_SZ, ["p11.dll"])), "a list of full paths", "フルパスまたは"),
    ],
)
def test_a_policy_that_is_wrong_is_named_in_both_languages(root: Key, en: str, ja: str) -> None:
    with pytest.raises(SettingsError) as caught:
        of(root)
    for language, said in (("en", en), ("ja", ja)):
        assert caught.value.text(language).startswith(f"{PLACE}: ")
        assert said in caught.value.text(language)


def test_a_wrong_policy_file_ends_the_start_and_lets_nothing_through(policy: Path) -> None:
    policy.write_text("[origins]\nlockd = true\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"policy\.toml: unknown key origins\.lockd"):
        settings.load()


def test_no_registry_is_no_policy(policy: Path) -> None:
    assert not policy.exists()
    assert settings.load() == Settings()
