"""The example's alerts: Prometheus reads them, each speaks of figures that are there, and the page says what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from portal.operation.figures import Figures
from portal.operation.upkeep import Upkeep
from portal.revocation import outlook
from portal.signatures.trust import Trust
from portal.web import notices
from portal.web.keys import REFUSAL
from tests.unit import portal_pki as pki
from tests.unit.portal_world import world

DOCS = Path(__file__).parents[2] / "docs"
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((DOCS / "examples" / "card-bridge-portal-alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]
_METRIC = re.compile(r"\b(?:portal|card_bridge)_[a-z_]+\b|\bup\b")
_SELECTOR = re.compile(r"([a-z_]+)\{([^}]*)\}")
_OF_PROMETHEUS = {"job", "instance"}


@pytest.fixture
async def labels(tmp_path: Path) -> dict[str, set[str]]:
    """Every figure that there is, with its labels: the portal's own and those of fetch-crls."""
    async with world(tmp_path) as made:
        settings = made.portal.settings
        figures = Figures(settings, made.store, Trust(settings.trust))
        app = web.Application(middlewares=[figures.counted])
        app.router.add_get("/", _refusing)
        async with TestClient(TestServer(app)) as client:
            await client.get("/")
        own = (await figures.text() + await Upkeep(settings, made.store).text(ready=True)).decode()
    texts = own, outlook.metrics([outlook.Standing("ca.crl", pki.NOW, pki.NOW)], frozenset({"ca.crl"}), pki.NOW)
    samples = [each for text in texts for one in text_string_to_metric_families(text) for each in one.samples]
    return {each.name: set(each.labels) for each in samples} | {"up": set()}


async def _refusing(request: web.Request) -> web.Response:
    request[REFUSAL] = "internal"
    return web.Response()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
async def test_an_alert_speaks_of_figures_that_are_there(rule: dict[str, Any], labels: dict[str, set[str]]) -> None:
    named = set(_METRIC.findall(rule["expr"]))
    assert named
    assert named <= labels.keys()
    for metric, chosen in _SELECTOR.findall(rule["expr"]):
        assert set(re.findall(r"(\w+)=~?", chosen)) <= labels[metric] | _OF_PROMETHEUS
    told = re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])
    assert set(told) <= set[str]().union(*(labels[metric] for metric in named))


def test_each_alert_has_its_answer_and_a_weight() -> None:
    page = (DOCS / "portal-operation.md").read_text("utf-8")
    for rule in ALERTS:
        assert f"`{rule['alert']}`" in page
        assert rule["labels"]["severity"] in ("page", "ticket")


def test_the_codes_that_count_as_errors_are_ones_that_exist() -> None:
    (named,) = (re.findall(r'code=~"([a-z_|]+)"', rule["expr"]) for rule in ALERTS if rule["alert"] == "PortalErrors")
    assert set(named[0].split("|")) <= notices.codes()


async def test_no_figure_names_a_person(labels: dict[str, set[str]]) -> None:
    """Labels are of closed sets: routes of the table, codes, states, issuers and files of the settings."""
    assert set[str]().union(*labels.values()) <= {
        *("route", "method", "status", "code", "state", "issuer", "version", "le", "file"),
    }
