"""The browser ring's fixtures, for every module in this folder."""

from tests.browser.harness import bridge_peer, browser, desk, local_page, playwright, visitor, web_pages

__all__ = ["bridge_peer", "browser", "desk", "local_page", "playwright", "visitor", "web_pages"]
