"""`swiftavatar report`: the page, in a browser."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from browser import check_fits, check_quiet, chromium, resize
from program import files_below, sentence, swiftavatar

HOSTILE = "</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def results(fast: tuple[Path, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight avatars (two with other glasses), four failures, and files that are not ours."""
    folder = tmp_path_factory.mktemp("results")
    for number in range(8):
        place = folder / "deep" if number == 7 else folder
        place.mkdir(exist_ok=True)
        for preview in ("avatar", "sheet"):
            shutil.copy(fast[0] / f"astronaut.{preview}.png", place)
        result = json.loads(json.dumps(fast[1]))
        result["attributes"]["glasses"] = "eyeglasses" if number < 2 else "none"
        result["confidence"]["discrete"] = dict.fromkeys(result["confidence"]["discrete"], 0.05 if number < 3 else 0.95)
        result["warnings"] = [HOSTILE]
        (place / f"p{number}.avatar.json").write_text(json.dumps(result))
    failed = {key: fast[1][key] for key in ("schema", "tool", "models", "options", "input")}
    for name, code in (("x", "no_face"), ("y", "truncated"), ("<b>z", "no_face")):
        document = {**failed, "status": code, "error": {"code": code, "message": f"{name}.jpg: {HOSTILE}"}}
        (folder / f"{name}.error.json").write_text(json.dumps(document))
    (folder / "cut.avatar.json").write_text('{"schema": "swiftavatar.resu')
    (folder / "other.json").write_text('{"schema": "something else"}')
    return folder


@pytest.fixture(scope="module")
def page(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    run = swiftavatar("report", results, "-o", "report.html", "--json", cwd=folder)
    assert run.json["statuses"] == {"no_face": 2, "ok": 8, "truncated": 1, "unreadable": 1}
    return folder / "report.html"


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with chromium(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture(params=["phone", "desktop"])
def opened(driver: Any, page: Path, request: pytest.FixtureRequest) -> Any:
    resize(driver, request.param)
    driver.get(page.as_uri())
    if request.param == "phone":
        driver.find_element(By.CSS_SELECTOR, "#filters > summary").click()
    return driver


def names(driver: Any) -> list[str]:
    return [card.get_attribute("title") for card in driver.find_elements(By.CSS_SELECTOR, "#gallery .card")]


def choose(driver: Any, facet: str, value: str) -> None:
    box = driver.find_element(By.CSS_SELECTOR, f"#facets input[name='{facet}'][value='{value}']")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)
    box.click()


def test_page_shows_all_and_loads_nothing(opened: Any) -> None:
    assert len(names(opened)) == 8
    assert len(opened.find_elements(By.CSS_SELECTOR, "#failure-list li")) == 4
    assert "12 results: 8 avatars, 4 failures" in opened.find_element(By.ID, "summary").text
    opened.execute_script("for (const image of document.images) image.loading = 'eager'")
    opened.execute_async_script("Promise.all([...document.images].map(i => i.decode())).then(arguments[0])")
    assert all(image.get_property("naturalWidth") >= 128 for image in opened.find_elements(By.CSS_SELECTOR, "#gallery img"))
    check_fits(opened)
    check_quiet(opened)


def test_markup_in_files_is_text(opened: Any) -> None:
    assert not opened.find_elements(By.CSS_SELECTOR, "img[src=x], #failure-list b b")
    assert HOSTILE in opened.find_element(By.ID, "failure-list").text


def test_filters_change_what_is_shown(opened: Any) -> None:
    choose(opened, "glasses", "eyeglasses")
    assert names(opened) == ["p0", "p1"]
    assert not opened.find_element(By.ID, "failures").is_displayed()
    choose(opened, "glasses", "none")
    assert len(names(opened)) == 8
    opened.find_element(By.ID, "clear").click()
    choose(opened, "status", "no_face")
    assert names(opened) == [] and len(opened.find_elements(By.CSS_SELECTOR, "#failure-list li")) == 2
    opened.find_element(By.ID, "clear").click()
    opened.find_element(By.ID, "search").send_keys("deep")
    assert names(opened) == ["deep/p7"]


def test_histogram_counts_and_filters(opened: Any) -> None:
    opened.execute_script("const m = document.getElementById('measure'); m.value = [...m.options].find(o => o.value.startsWith('discrete/')).value;"
                          "m.dispatchEvent(new Event('change'))")
    bars = opened.find_elements(By.CSS_SELECTOR, "#bars button")
    assert [bar.text for bar in bars] == ["3", *[""] * 8, "5"]
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", bars[0])
    bars[0].click()
    assert names(opened) == ["p0", "p1", "p2"]


def test_an_avatar_by_keyboard(opened: Any) -> None:
    opened.execute_script("document.querySelector('#gallery .card').focus()")
    opened.switch_to.active_element.send_keys(Keys.ENTER)
    dialog = opened.find_element(By.ID, "detail")
    assert dialog.is_displayed() and HOSTILE in dialog.text and "glasses" in dialog.text
    opened.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    assert opened.find_element(By.ID, "detail-title").text == "p0"
    check_fits(opened)
    opened.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not dialog.is_displayed()


def test_pictures_only_from_beside_the_json(results: Path, fast: tuple[Path, Any], tmp_path: Path) -> None:
    """A result that names a file elsewhere, or a link, gets no picture."""
    (tmp_path / "out").mkdir()
    for name, path in (("up", f"../../{results.name}/astronaut.avatar.png"), ("link", "link.avatar.png")):
        result = json.loads(json.dumps(fast[1]))
        result["previews"] = {"avatar": {"path": path, "sha256": "0" * 64}}
        (tmp_path / f"out/{name}.avatar.json").write_text(json.dumps(result))
    os.symlink(results / "astronaut.avatar.png", tmp_path / "out/link.avatar.png")
    swiftavatar("report", "out", cwd=tmp_path)
    text = (tmp_path / "report.html").read_text()
    assert "data:image/webp" not in text and text.count("there is no such picture beside the JSON") == 2


def test_hostile_json_does_not_stop_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "deep.avatar.json").write_text("[" * 1_000_000)
    (out / "types.avatar.json").write_text(json.dumps({"schema": "swiftavatar.result/1", "status": "ok", "avatar": 7, "confidence": [],
                                                       "attributes": {"glasses": {"a": 1}}, "previews": "x", "warnings": {"a": 1}}))
    (out / "status.avatar.json").write_text(json.dumps({"schema": "swiftavatar.result/1", "status": 5}))
    (out / "list.avatar.json").write_text("[]")
    os.mkfifo(out / "pipe.avatar.json")
    Path(os.fsdecode(os.fsencode(out) + b"/\xff.avatar.json")).write_text("{")
    run = swiftavatar("report", "out", "--json", cwd=tmp_path)
    assert run.json["statuses"] == {"ok": 1, "unreadable": 4}


def test_nothing_to_report_and_nowhere_to_write(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    swiftavatar("report", "out", cwd=tmp_path)
    assert files_below(tmp_path) == ["report.html"]
    sentence(swiftavatar("report", "gone", cwd=tmp_path, status=2), "gone")
    (tmp_path / "results").mkdir()
    run = swiftavatar("report", "out", "-o", "no/where.html", "-q", cwd=tmp_path, status=5)
    sentence(run, "no/where.html")
