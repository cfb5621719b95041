"""The page "Runs" in a real browser, with real runs of this server's own folder."""

import re

import numpy as np
from playwright.sync_api import Page, expect

from rnnviz.models import Model, ModelConfig
from rnnviz.models.checkpoint import Checkpoint, save_checkpoint
from rnnviz.training.runs.carry_out import read_answers
from tests.browser.conftest import PHONE
from tests.browser.runs import WILD, Classroom, compare, row

SLOW_MS = 30_000


def look_into(page: Page, name: str) -> None:
    row(page, name).get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_label("Name", exact=True)).to_have_value(name, timeout=SLOW_MS)


def test_a_run_is_renamed_letter_by_letter(visit, classroom: Classroom):
    page = visit()
    look_into(page, "first")
    field = page.get_by_label("Name", exact=True)
    field.fill("<i>mine</i> & *yours*")
    field.press("Enter")
    expect(row(page, "<i>mine</i> & *yours*")).to_be_visible()
    expect(page.get_by_role("heading", name="<i>mine</i> & *yours*")).to_be_visible()
    page.reload()
    expect(row(page, "<i>mine</i> & *yours*")).to_be_visible(timeout=SLOW_MS)


def test_a_deleted_run_is_brought_back(visit, classroom: Classroom):
    page = visit()
    look_into(page, WILD)
    expect(page.get_by_role("heading", name=WILD)).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(row(page, WILD)).to_have_count(0)
    expect(page.get_by_text(re.compile(r"‘<b>wild</b> \*one\* .*’ is deleted\."))).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(row(page, WILD)).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value(WILD)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)


def test_runs_are_compared_and_the_link_shows_the_same_to_others(
    visit, open_page, classroom: Classroom
):
    page = visit()
    compare(page, "first")
    compare(page, WILD)
    chart = page.locator(".js-plotly-plot")
    expect(chart.locator(".legendtext")).to_have_count(2, timeout=SLOW_MS)
    differs = page.locator("table.runs-facts tbody tr").first
    expect(differs).to_have_text(re.compile(r"Cell\s*GRU\s*RNN"))
    expect(page.locator("table.runs-facts thead").first).to_contain_text(WILD)
    page.get_by_text("seconds", exact=True).click()
    # As a list: for a moment the chart before and the one after stand side by side.
    expect(chart.locator(".xtitle")).to_have_text(["seconds of training"], timeout=SLOW_MS)
    expect(page).to_have_url(re.compile(f"runs={classroom.first},{classroom.wild}&axis=seconds"))
    address = page.url.partition("localhost")[2].partition("/")[2]
    other = open_page(path=f"/{address}")
    expect(other.locator(".js-plotly-plot .legendtext")).to_have_count(2, timeout=SLOW_MS)
    expect(row(other, "first")).to_contain_text("opened by a link")
    row(other, "first").get_by_role("button", name="first").click()
    expect(other.get_by_text("you can look at it, but not change it")).to_be_visible()
    expect(other.get_by_role("button", name=re.compile("Delete"))).to_have_count(0)


def test_a_click_in_the_confusion_matrix_shows_pictures_that_open_in_draw(
    visit, classroom: Classroom
):
    answers = read_answers(classroom.files(classroom.first))
    wrong = answers["label"] != answers["answer"]
    pairs = np.column_stack([answers["label"], answers["answer"]])[wrong]
    cells, counts = np.unique(pairs, axis=0, return_counts=True)
    # Another cell than the fullest one, which is shown at first.
    label, answer = map(int, cells[np.argsort(counts)[0]])
    page = visit(f"/runs?run={classroom.first}")
    chart = page.locator(".js-plotly-plot")
    area = chart.locator(".nsewdrag").bounding_box(timeout=SLOW_MS)
    assert area is not None
    chart.scroll_into_view_if_needed()
    area = chart.locator(".nsewdrag").bounding_box()
    assert area is not None
    x = area["x"] + area["width"] * (answer + 0.5) / 10
    y = area["y"] + area["height"] * (label + 0.5) / 10
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    expect(page.get_by_text(f"{label}, wrongly read as {answer}")).to_be_visible(timeout=SLOW_MS)
    behind = answers["index"][(answers["label"] == label) & (answers["answer"] == answer)]
    pictures = page.locator(".runs-gallery a")
    expect(pictures).to_have_count(min(len(behind), 24))
    with page.expect_popup() as opened:
        pictures.first.click()
    draw = opened.value
    card = draw.locator(".room .card")
    expect(card).to_have_count(1, timeout=SLOW_MS)
    expect(card).to_contain_text("first")
    expect(card).to_have_attribute("aria-label", re.compile(f"answers {answer}$"))
    assert f"models=run-{classroom.first}" in draw.url
    expect(draw.get_by_text(re.compile(rf"Example \d+ of .*: a {label}\."))).to_be_visible()


def test_the_table_is_sorted_and_filtered_without_a_word_to_the_server(visit):
    page = visit()
    names = page.locator(".runs-table tbody button.name")
    page.get_by_role("button", name="Cell", exact=True).click()
    expect(names.first).to_have_text("first")
    page.get_by_role("button", name="Cell", exact=True).click()
    expect(names.first).to_have_text(WILD)
    head = page.get_by_role("columnheader", name=re.compile("^Cell"))
    expect(head).to_have_attribute("aria-sort", "descending")
    page.get_by_label("Filter the runs").fill("gru first")
    expect(names).to_have_text(["first"])
    page.get_by_label("Filter the runs").fill("nothing like that")
    expect(names).to_have_count(0)
    expect(page.get_by_text(re.compile(r"0 of \d+ runs match"))).to_be_visible()


def test_a_network_is_brought_along_and_is_there_after_a_reload(visit, tmp_path):
    config = ModelConfig("columns", "rnn", 5)
    path = tmp_path / "from home.safetensors"
    save_checkpoint(Checkpoint("x", config, Model(config).state_dict()), path)
    page = visit()
    page.get_by_role("button", name="Bring a network").click()
    page.locator("input[type=file]").set_input_files(path)
    expect(row(page, "from home")).to_contain_text("Brought along", timeout=SLOW_MS)
    page.reload()
    expect(row(page, "from home")).to_be_visible(timeout=SLOW_MS)


def test_on_a_phone_the_table_is_a_list_that_fits(visit):
    page = visit(viewport=PHONE, touch=True)
    compare(page, "first")
    expect(page.locator(".js-plotly-plot .legendtext")).to_have_count(1, timeout=SLOW_MS)
    look_into(page, "first")
    page.get_by_label("Sort by").select_option(label="Test")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
    box = row(page, "first").bounding_box()
    assert box is not None and box["width"] <= PHONE["width"]
