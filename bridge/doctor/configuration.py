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


def replaced(loaded: Settings) -> Iterator[Check]:
    """Programs that are not ours and see PINs or speak for the person."""
    if loaded.pin.window:
        program = loaded.pin.window[0]
        source = loaded.source("pin.window")
        yield Check(
            "pin.window",
            False,
            f"PIN番号入力ダイアログが別のプログラムに置き換えられています: {program}（{source}）",
            f"the PIN window is replaced by {program} ({source})",
        )
    if loaded.origins.window:
        program = loaded.origins.window[0]
        source = loaded.source("origins.window")
        yield Check(
            "origins.window",
            False,
            f"サイトの確認画面が別のプログラムに置き換えられています: {program}（{source}）",
            f"the consent window is replaced by {program} ({source})",
        )
    if loaded.card.host:
        program, source = loaded.card.host[0], loaded.source("card.host")
        yield Check(
            "card.host",
            False,
            f"カードを扱うプログラムが別のものに置き換えられています: {program}（{source}）",
            f"the card host is replaced by {program} ({source})",
        )


def sources(loaded: Settings) -> Iterator[Check]:
    """Where each value came from that is not the default; never what it is."""
    for key, (layer, place) in loaded.sources:
        ja, en = _LAYERS[layer]
        facts = (("key", key), ("layer", layer.value), ("place", place))
        yield Check("setting", True, f"設定 {key}: {ja}（{place}）", f"setting {key}: {en} ({place})", facts)
