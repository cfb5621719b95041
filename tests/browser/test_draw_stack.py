"""A network of several layers that reads both ways, brought along to the page "Draw"."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

import rnnviz
from rnnviz.analysis.variants import fresh_model
from tests.browser.test_draw import ready


@pytest.fixture
def stack(tmp_path) -> Path:
    config = rnnviz.ModelConfig("rows", "lstm", 8, layers=2, directions=2)
    path = tmp_path / "stack.safetensors"
    weights = fresh_model(config, 0).state_dict()
    rnnviz.save_checkpoint(rnnviz.Checkpoint("stack", config, weights), path)
    return path


def bring(page: Page, path: Path) -> Locator:
    """Return the card of an uploaded network."""
    ready(page)
    page.get_by_role("button", name="Networks").first.click()
    # Until the menu has been filled, the field may be put up anew and forget what it was given.
    field = page.locator("input[type=file]").first
    expect(field).to_be_attached()
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")
    field.set_input_files(path)
    card = page.locator(".room .card").filter(has_text="both ways")
    expect(card).to_have_count(1, timeout=30_000)
    # At once: the menu that goes away is not to take the network along.
    page.keyboard.press("Escape")
    return card


def test_layers_and_directions_are_told_apart(page, stack):
    card = bring(page, stack)
    expect(card.locator(".kind")).to_contain_text("2 directions · 2 layers of 8 units")
    card.get_by_label("Layer", exact=True).select_option(label="2")
    card.get_by_label("Unit", exact=True).fill("5")
    card.get_by_role("button", name="Pin").click()
    unit = page.locator(".room section.unit")
    expect(unit.locator("h3")).to_have_text(re.compile("layer 2, unit 5$"))
    expect(unit.locator(".place")).to_have_text(re.compile("read forwards"))
    before = unit.locator(".formula").inner_text()
    card.get_by_label("Corner or direction").select_option(label="backwards")
    expect(unit.locator(".place")).to_have_text(re.compile("read backwards"))
    # The other direction has weights and numbers of its own.
    assert unit.locator(".formula").inner_text() != before


def test_a_unit_that_a_layer_lacks_is_not_pinned(page, stack):
    card = bring(page, stack)
    card.get_by_label("Unit", exact=True).fill("8")
    card.get_by_role("button", name="Pin").click()
    expect(page.locator(".room section.unit")).to_be_hidden()
