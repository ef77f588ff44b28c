"""Values for each setting that an administrator might choose; ends of ranges where there are some."""

from __future__ import annotations

from typing import Any, Final

from bridge.settings.values import RULES, Choice

_ORIGINS: Final = [tuple(f"https://n{n}.example" for n in range(count)) for count in (1, 11)]
_SWITCH: Final = [True, False]


def samples(folder: str = "/opt/カード ブリッジ/x") -> dict[str, list[Any]]:
    """By key; `folder`: a full path as the system writes it."""
    folders, programs = [folder], [(folder, "--window", "a b"), (folder,)]
    return {
        "bridge.port": [0, 1024, 65535],
        "bridge.language": ["ja", "en", "auto"],
        "bridge.card_notices": _SWITCH,
        "origins.allowed": _ORIGINS,
        "origins.silent": _ORIGINS,
        "origins.expired": _ORIGINS,
        "origins.raw": _ORIGINS,
        "origins.development": _SWITCH,
        "origins.locked": _SWITCH,
        "origins.grants": folders,
        "origins.window": programs,
        "card.modules": [(folder, "profiles")],
        "card.profiles": folders,
        "card.practice": _SWITCH,
        "card.directory": folders,
        "card.host": programs,
        "card.host_deadline_seconds": [1.0, 600.0],
        "pin.stop_at": [1, 9],
        "pin.forbid_last_try": _SWITCH,
        "pin.session_seconds": [0, 3600],
        "pin.window": programs,
        "pin.window_seconds": [30, 600],
        "pin.person": _SWITCH,
        "tls.directory": folders,
        "log.directory": folders,
        "log.level": ["DEBUG", "INFO", "WARNING", "ERROR"],
        "audit.directory": folders,
        "audit.days": [0, 36500],
        "timestamps.url": ["https://tsa.example/tsr", "http://tsa.example:318"],
        "timestamps.trust": folders,
        "timestamps.policy": ["1.2.392.200091.1"],
        "timestamps.proxy": ["http://proxy.example:8080"],
        "timestamps.seconds": [5, 120],
        "contact.agency": ["〇〇市 契約課　083-934-2710", "x" * 200],
        "contact.administrator": ["情報システム課 内線 123"],
        "setup.window": _SWITCH,
        "setup.portal": ["https://practice.example", "https://practice.example:8443"],
    }


def typed(key: str, sample: Any) -> Any:
    """What a policy editor is given for it: a number, a text, lines, or the place in a list of choices."""
    rule = RULES.get(key)
    if isinstance(rule, Choice):
        return rule.words.index(sample)
    return int(sample) if isinstance(sample, float) else sample
