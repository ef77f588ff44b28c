"""What accessibility checks need of a page: axe-core, where Tab leads, and whether everything stays in sight.

Scripts run by the browser's own protocol, which needs no leave of the page: the pages keep their strict policy.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

from playwright.async_api import Page

AXE: Final = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

_RUN = """async tags => {
  const options = { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] };
  const { violations } = await axe.run(document, options);
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) =>
    `${id}: ${help}: ${target.join(" ")}: ${failureSummary}`));
}"""

# Where a person stands: the skip link is the first of them, and Tab goes on from there.
_FROM_THE_TOP = "document.querySelector('.skip').focus()"
_REACHABLE = """() => {
  const shown = element => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[inert]");
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  window.reachable = all.filter(each => shown(each) && !each.disabled && each.tabIndex >= 0 && each.type !== "hidden");
  return window.reachable.map(each => (each.labels?.[0] ?? each).innerText.trim() || each.id);
}"""
_STOP = """() => {
  const here = document.activeElement;
  const style = getComputedStyle(here);
  const box = here.getBoundingClientRect();
  const [line] = here.getClientRects();
  const [top, bottom] = [Math.max(line.top, 0), Math.min(line.bottom, innerHeight)]; // of a long table: what is seen
  const hit = document.elementFromPoint((line.left + line.right) / 2, (top + bottom) / 2);
  const fixed = element => element && (getComputedStyle(element).position === "fixed" || fixed(element.parentElement));
  return {
    place: window.reachable.indexOf(here),
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    in_sight: here.contains(hit) || (hit?.contains(here) ?? false),
    floats: Boolean(fixed(here)),
    top: box.top + scrollY, bottom: box.bottom + scrollY, left: box.left, right: box.right,
  };
}"""
_CUT = """() => [...document.querySelectorAll("body *")].filter(each => {
  const style = getComputedStyle(each);
  const scrolls = style.overflowX === "auto" && each.tabIndex >= 0; // a table: by keys as well (WCAG 2.1 SC 1.4.10)
  const meant = each.closest(".unseen") || style.clipPath !== "none" || each.tagName === "INPUT" || scrolls;
  return !meant && style.overflowX !== "visible" && each.scrollWidth > each.clientWidth + 1;
}).map(each => each.outerHTML.slice(0, 120))"""
_ADOPT = """css => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
}"""


_EDGES = """() => [...document.querySelectorAll(".button, input, select, textarea")].filter(each => {
  const style = getComputedStyle(each);
  const edge = style.borderTopStyle === "solid" && parseFloat(style.borderTopWidth) >= 1;
  return each.type !== "hidden" && each.type !== "checkbox" && each.checkVisibility() && !edge;
}).map(each => each.outerHTML.slice(0, 120))"""


class Stop(NamedTuple):
    """One press of Tab: which of the page's controls has the focus, and how it is seen. Boxes in CSS px of the page."""

    place: int
    outline: float
    in_sight: bool
    """Nothing covers its middle."""
    floats: bool
    """It stands on the window, not on the page: its place says nothing about order."""
    top: float
    bottom: float
    left: float
    right: float

    def follows(self, before: Stop) -> bool:
        """Whether eyes find it after the other one: within it, lower, or in the same row and further right."""
        if self.top >= before.top and self.bottom <= before.bottom and before.left <= self.left < before.right:
            return True  # in a table that scrolls
        same_row = self.top < before.bottom and before.top < self.bottom
        return self.left >= before.right - 1 if same_row else self.top >= before.bottom - 1


async def violations(page: Page) -> list[str]:
    """What axe-core finds in the page as it stands, one line a finding."""
    if not await page.evaluate("'axe' in globalThis"):  # a script of half a megabyte, once a page
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = await page.evaluate(_RUN, list(RULES))
    return found


async def reachable(page: Page) -> list[str]:
    """What a keyboard must reach, in the document's order, by label or text."""
    names: list[str] = await page.evaluate(_REACHABLE)
    return names


async def walk(page: Page, length: int) -> list[Stop]:
    """From the top of the page, `length` stops: the skip link, and one Tab for each further one."""
    await page.evaluate(_FROM_THE_TOP)
    stops = [await _stop(page)]
    for _ in range(length - 1):
        await page.keyboard.press("Tab")
        stops.append(await _stop(page))
    return stops


async def _stop(page: Page) -> Stop:
    facts: dict[str, Any] = await page.evaluate(_STOP)
    return Stop(**facts)


async def overflow(page: Page) -> int:
    """CSS px that a person would have to scroll sideways."""
    width: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(0, width)


async def cut(page: Page) -> list[str]:
    """Elements that hide part of their own text."""
    found: list[str] = await page.evaluate(_CUT)
    return found


async def edges(page: Page) -> list[str]:
    """Controls without an edge where a person's colours take the place of the page's, and what is current unmarked."""
    await page.emulate_media(forced_colors="active")
    found: list[str] = await page.evaluate(_EDGES)
    await page.emulate_media(forced_colors="none")
    return found


async def restyle(page: Page, css: str) -> None:
    """A person's own style sheet over the page's."""
    await page.evaluate(_ADOPT, css)
