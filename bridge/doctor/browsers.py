"""Whether browsers let pages reach this computer: the policies on access to the loopback network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from bridge.doctor.check import Check
from bridge.doctor.policies import Family, Found

# LocalNetworkAccess…: their name before the loopback network became a permission of its own.
_ALLOWED: Final = ("LoopbackNetworkAllowedForUrls", "LocalNetworkAccessAllowedForUrls")
_BLOCKED: Final = ("LoopbackNetworkBlockedForUrls", "LocalNetworkAccessBlockedForUrls")


def examine(found: Iterable[Found], origins: Sequence[str]) -> Iterator[Check]:
    """`origins`: the sites that the bridge lets in, as far as settings name them."""
    for each in found:
        yield _line(each, origins)


def _line(found: Found, origins: Sequence[str]) -> Check:
    name = found.browser.name
    if found.broken:
        files = ", ".join(found.broken)
        return Check(
            "browser_policy",
            False,
            f"{name}: ポリシーのファイルを読み取れません: {files}。管理者に直してもらってください。",
            f"{name}: this policy file cannot be read: {files}. Have the administrator mend it.",
        )
    if stopped := _stopped(found, origins):
        return Check(
            "browser_policy",
            False,
            f"{name}: ポリシー {stopped} が、サイトからこのPCのソフトへの接続を止めています。"
            "電子入札のサイトを外すよう、管理者に依頼してください。",
            f"{name}: the policy {stopped} keeps sites from programs on this computer. Have the administrator take the "
            "e-bidding sites out of it.",
        )
    count = len({_plain(each) for each in _sites(found, _ALLOWED)})
    if count:
        return Check(
            "browser_policy",
            True,
            f"{name}: ポリシーが{count}件のサイトに、たずねずに接続を許しています",
            f"{name}: the policy lets sites connect unasked: {count}",
        )
    return Check(
        "browser_policy",
        True,
        f"{name}: 接続のポリシーはありません。サイトごとに一度、ブラウザの確認で「許可」を押します",
        f"{name}: no policy on connections; the browser asks once for each site, press Allow",
    )


def _stopped(found: Found, origins: Sequence[str]) -> str:
    """The policy that blocks everybody or one of these sites; empty: none."""
    if found.browser.family is Family.FIREFOX:
        return ""
    for name in _BLOCKED:
        listed = _sites(found, (name,))
        if any(_covers(pattern, origin) for pattern in listed for origin in (*origins, "")):
            return name
    return ""


def _covers(pattern: str, origin: str) -> bool:
    """Of Chromium's patterns those that administrators write: everybody, one origin, a host with all below it."""
    host = origin.partition("://")[2].partition(":")[0]
    pattern = _plain(pattern)
    bare = pattern.removeprefix("https://")
    suffix = bare.removeprefix("[*.]")
    below = bare.startswith("[*.]") and (host == suffix or host.endswith(f".{suffix}"))
    return pattern in ("*", "https://*") or (bool(origin) and (pattern == origin or bare == host or below))


def _plain(pattern: str) -> str:
    """As origins are written: Chromium takes every port for meant where none is named, so that lists name it."""
    return pattern.rstrip("/").removesuffix(":443")


def _sites(found: Found, names: Sequence[str]) -> list[str]:
    if found.browser.family is Family.FIREFOX:
        access = found.values.get("LocalNetworkAccess")
        listed = access.get("SkipDomains") if isinstance(access, dict) and names is _ALLOWED else None
        return [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    lists = [found.values.get(name) for name in names]
    return [each for listed in lists if isinstance(listed, list) for each in listed if isinstance(each, str)]
