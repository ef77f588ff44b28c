"""Write docs/error-codes.ja.md and docs/error-codes.md: every code that people may meet, in the words that they see.

Needs Node.js, which reads the client's own table.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from bridge.explain import callers, explanation
from certs import errors as certificates
from portal import texts as portal

ROOT = Path(__file__).parents[1]
DOCS = {"ja": ROOT / "docs/error-codes.ja.md", "en": ROOT / "docs/error-codes.md"}
_INTRO = {
    "ja": "# エラー一覧\n\n画面・ログ・`card-bridge` の出力に出るコードの一覧です。"
    "文は画面に出るものと同じで、`make codes` が作ります。\n"
    "手元では `card-bridge explain コード` でも読めます。",
    "en": "# Error codes\n\nEvery code on a screen, in a log or in the output of `card-bridge`. "
    "The sentences are those that people see; `make codes` writes this page.\n"
    "`card-bridge explain CODE` tells the same.",
}
_PARTS = {
    "ja": (
        "カードブリッジ", "ページとブラウザ", "このパソコンの証明書（`card-bridge certs`）", "電子入札のサイト",
        "従来の電子入札補助アプリのコード",
    ),
    "en": (
        "The bridge", "Page and browser", "This computer's certificates (`card-bridge certs`)", "The portal",
        "Codes of the earlier helper",
    ),
}  # fmt: skip
_HEAD = {
    "ja": ("コード", "何が起きたか", "次にすること", "連絡先"),
    "en": ("code", "what happened", "what to do next", "whom to call"),
}
_OLD_HEAD = {"ja": ("コード", "意味", "カードブリッジのコード"), "en": ("code", "meaning", "codes of the bridge")}


def main() -> None:
    for language, place in DOCS.items():
        place.write_text(page(language), encoding="utf-8")


def page(language: str) -> str:
    """The whole list in ja or en, as Markdown."""
    tables = (_bridge(language), _client(language), _certificates(language), _portal(language), _old(language))
    parts = [f"## {title}\n\n{table}" for title, table in zip(_PARTS[language], tables, strict=True)]
    return "\n\n".join([_INTRO[language], *parts]) + "\n"


def _bridge(language: str) -> str:
    explained = (explanation.explain(code, language) for code in explanation.codes())
    rows = ((f"`{e.code}`", f"{e.title}: {e.detail}", e.help, explanation.called(e.code, language)) for e in explained)
    return _table(_HEAD[language], rows)


def _client(language: str) -> str:
    rows = ((f"`{code}`", f"{text[0]}: {text[1]}", text[2]) for code, text in _causes(language))
    return _table(_HEAD[language][:3], rows)


def _causes(language: str) -> Iterator[tuple[str, list[str]]]:
    source = (ROOT / "client/card-bridge.js").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "causes.mjs")
        script.write_text(f"{source}\nconsole.log(JSON.stringify(CAUSES));\n", encoding="utf-8")
        # S603, S607: our own script, run by the Node.js of the path, as everywhere in this project.
        printed = subprocess.run(["node", script], check=True, capture_output=True, text=True).stdout  # noqa: S607
    table: dict[str, dict[str, list[str]]] = json.loads(printed)
    yield from ((code, languages[language]) for code, languages in table.items())


def _certificates(language: str) -> str:
    kinds = [
        kind
        for _, kind in inspect.getmembers(certificates, inspect.isclass)
        if issubclass(kind, certificates.CertificatesError) and "code" in vars(kind)
    ]
    kinds.sort(key=lambda kind: inspect.getsourcelines(kind)[1])
    place = {"ja": "（ファイル名）", "en": "(file)"}[language]
    return _table(_HEAD[language][:2], ((f"`{kind.code}`", kind(place).text(language)) for kind in kinds))


def _portal(language: str) -> str:
    told = ((code, portal.text(code, language)) for code in portal.ordered_codes())
    short = callers.table()["short"][language]
    rows = ((f"`{code}`", f"{text.title}: {text.detail}", text.help, short[portal.whom(code)]) for code, text in told)
    return _table(_HEAD[language], rows)


def _old(language: str) -> str:
    entries = (explanation.explain_old(code, language) for code in explanation.old_codes())
    return _table(_OLD_HEAD[language], ((e.code, e.text, ", ".join(f"`{code}`" for code in e.codes)) for e in entries))


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heading = tuple(head)
    lines = [heading, ("---",) * len(heading), *(tuple(cell.replace("|", "\\|") for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    main()
