"""The lines on settings: where they came from, and what they put in the place of our own programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bridge.doctor.check import Check
from bridge.settings import LayerName, Settings

_LAYERS: Final = {
    LayerName.POLICY: ("ポリシー", "policy"),
    LayerName.MACHINE: ("管理者用の設定ファイル", "the machine's file"),
    LayerName.INSTALLER: ("インストール時の指定", "the installation"),
    LayerName.USER: ("利用者の設定ファイル", "the user's file"),
    LayerName.CONFIG: ("--config", "--config"),
}


REPLACED: Final = {
    "pin.window": ("PIN番号入力ダイアログが別のプログラムに置き換えられています", "the PIN window is replaced by"),
    "origins.window": ("サイトの確認画面が別のプログラムに置き換えられています", "the consent window is replaced by"),
    "card.host": ("カードを扱うプログラムが別のものに置き換えられています", "the card host is replaced by"),
}


def replaced(loaded: Settings) -> Iterator[Check]:
    """Programs that are not ours and see PINs or speak for the person."""
    commands = {
        "pin.window": loaded.pin.window,
        "origins.window": loaded.origins.window,
        "card.host": loaded.card.host,
    }
    for key, (ja, en) in REPLACED.items():
        if command := commands[key]:
            program, source = command[0], loaded.source(key)
            yield Check(key, False, f"{ja}: {program}（{source}）", f"{en} {program} ({source})")


def sources(loaded: Settings) -> Iterator[Check]:
    """Where each value came from that is not the default; never what it is."""
    for key, (layer, place) in loaded.sources:
        ja, en = _LAYERS[layer]
        facts = (("key", key), ("layer", layer.value), ("place", place))
        yield Check("setting", True, f"設定 {key}: {ja}（{place}）", f"setting {key}: {en} ({place})", facts)
