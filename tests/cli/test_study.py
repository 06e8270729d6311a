"""`swiftavatar study`: the page answered in a browser, and the table of the answers."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import time
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from selenium.webdriver.common.by import By

from browser import check_fits, check_quiet, chromium, resize
from program import ROOT, read_rgb, sentence, swiftavatar, write_image

PHOTO_COUNT = 4
COLOURS = {"ours": (0, 160, 0), "base line": (0, 0, 200)}  # B, G, R of each method's avatars


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos and two methods' avatars; of one photo a method has none."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "photos").mkdir()
    for number in range(PHOTO_COUNT + 1):
        write_image(folder / f"photos/p{number}.jpg", np.roll(read_rgb(), 40 * number, axis=1))
        for method, colour in COLOURS.items():
            (folder / method).mkdir(exist_ok=True)
            if number < PHOTO_COUNT or method == "ours":
                write_image(folder / method / f"p{number}.avatar.png", np.full((512, 512, 3), colour, np.uint8))
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> Path:
    run = swiftavatar("study", "build", "--photos", "photos", "ours=ours", "base line=base line", "--seed", "1", "--json", cwd=folder)
    assert run.json["photos"] == PHOTO_COUNT and "p4.jpg" in run.stderr
    return folder / "study.html"


def begin(driver: Any, page: Path, name: str) -> None:
    driver.get(page.as_uri())
    driver.execute_script("localStorage.clear()")
    driver.refresh()
    driver.find_element(By.ID, "name").send_keys(name)
    driver.find_element(By.CSS_SELECTOR, "#begin button").click()


def pictures(driver: Any) -> list[str]:
    """The methods as they stand on the page, told apart by the colour of their avatars."""
    colours = driver.execute_async_script("""
        const done = arguments[0], images = [...document.querySelectorAll("#avatars img")];
        Promise.all(images.map(i => i.decode())).then(() => done(images.map(i => {
          const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
          context.drawImage(i, 0, 0); return [...context.getImageData(99, 99, 1, 1).data]; })))""")
    return ["ours" if green > red else "base line" for red, green, *_ in colours]


def wait_for(driver: Any, count: str) -> None:
    for _ in range(100):
        if driver.find_element(By.ID, "count").text == count:
            return
        time.sleep(0.05)
    raise AssertionError(driver.find_element(By.ID, "count").text)


def pick(driver: Any, method: str) -> None:
    driver.find_elements(By.CSS_SELECTOR, "#avatars button")[pictures(driver).index(method)].click()


def press(driver: Any, key: str) -> None:
    driver.execute_script("document.activeElement.blur()")
    driver.find_element(By.TAG_NAME, "body").send_keys(key)


def saved(driver: Any, folder: Path, name: str) -> Any:
    """The page's answers, kept as `folder`/`name`: Chromium may take back a download when it ends soon after."""
    driver.find_element(By.ID, "save").click()
    for _ in range(100):
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):  # not there yet, or not whole
            text = (folder / "downloads" / name).read_text()
            answers = json.loads(text)
            (folder / name).write_text(text)
            return answers
        time.sleep(0.05)
    raise AssertionError(f"{name} was not saved")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_answered_to_the_end_and_scored(page: Path, tmp_path: Path, size: str) -> None:
    with chromium(tmp_path) as driver:
        resize(driver, size)
        begin(driver, page, "Anna <b>")
        check_fits(driver)
        wait_for(driver, f"1 of {PHOTO_COUNT}")
        shown = driver.execute_script("return document.body.innerText + [...document.querySelectorAll('#ask, #ask *')]"
                                      ".map(e => [...e.attributes].filter(a => a.name !== 'src').map(a => a.value).join()).join()")
        assert "ours" not in shown and "base line" not in shown
        assert base64.b64encode(b"base line").decode() in page.read_text() and "base line" not in page.read_text()
        pick(driver, "ours")
        wait_for(driver, f"2 of {PHOTO_COUNT}")
        order = pictures(driver)
        driver.refresh()  # what was answered is kept
        wait_for(driver, f"2 of {PHOTO_COUNT}")
        assert pictures(driver) == order
        press(driver, str(order.index("ours") + 1))
        wait_for(driver, f"3 of {PHOTO_COUNT}")
        driver.find_element(By.ID, "back").click()
        wait_for(driver, f"2 of {PHOTO_COUNT}")
        assert driver.find_elements(By.CSS_SELECTOR, "#avatars button")[order.index("ours")].get_attribute("aria-pressed") == "true"
        pick(driver, "base line")  # a change of mind
        wait_for(driver, f"3 of {PHOTO_COUNT}")
        check_fits(driver)
        pick(driver, "ours")
        wait_for(driver, f"4 of {PHOTO_COUNT}")
        pick(driver, "ours")
        time.sleep(0.4)
        assert f"{PHOTO_COUNT} of {PHOTO_COUNT} photos answered" in driver.find_element(By.ID, "answered").text
        check_fits(driver)
        check_quiet(driver)
        answers = saved(driver, tmp_path, "answers-Anna-b.json")
    jsonschema.validate(answers, json.loads((ROOT / "docs/study.schema.json").read_text()))
    assert answers["finished"] and len({answer["photo"] for answer in answers["answers"]}) == PHOTO_COUNT
    table = swiftavatar("study", "score", "answers-Anna-b.json", "--json", cwd=tmp_path).json
    assert [(row["name"], row["chosen"], row["n"]) for row in table["methods"]] == [("ours", 3, 4), ("base line", 1, 4)]
    assert table["by_volunteer"][0]["name"] == "Anna <b>"


def test_orders_differ_between_volunteers_and_places(page: Path, tmp_path: Path) -> None:
    with chromium(tmp_path) as driver:
        driver.get(page.as_uri())
        orders = driver.execute_script("""
          return Array.from({length: 200}, (_, v) => { session = {volunteer: {id: "v" + v}};
            return [shuffled(study.items.length, chance(study.seed, "v" + v, "photos")).join(""), order_of(0).join("")]; })""")
    assert len({photos for photos, _ in orders}) == 24  # each order of four photos comes up
    assert 70 <= sum(avatars == "01" for _, avatars in orders) <= 130


def answer_file(path: Path, who: str, choices: list[str], methods: tuple[str, ...] = ("a", "b"), **changes: Any) -> Path:
    document = {"schema": "swiftavatar.study/1", "study": {"id": "s", "seed": 1, "question": "?", "photos": len(choices), "methods": methods},
                "volunteer": {"id": who, "name": ""}, "started": "2026-01-01T00:00:00Z", "saved": "2026-01-01T00:10:00Z",
                "finished": True, "answers": [{"photo": f"p{i}", "order": methods, "choice": choice, "ms": 2000}
                                              for i, choice in enumerate(choices)]}
    path.write_text(json.dumps({**document, **changes}))
    return path


def test_shares_intervals_and_pairs(tmp_path: Path) -> None:
    methods = ("a", "b", "c")
    for number in range(6):
        answer_file(tmp_path / f"{number}.json", f"v{number}", ["a"] * 6 + ["b"] * 3 + ["c"], methods)
    files = [f"{number}.json" for number in range(6)]
    table = swiftavatar("study", "score", *files, "--json", cwd=tmp_path).json
    assert (table["volunteers"], table["answers"]) == (6, 60)
    first = table["methods"][0]
    assert (first["name"], first["chosen"], first["share"]) == ("a", 36, 0.6)
    # Wilson's interval of 36 of 60; the photos decide here, so drawing ten of them anew gives a wider one.
    assert first["interval"][0] < 0.4737 and first["interval"][1] > 0.7142
    assert [(pair["one"], pair["other"], pair["n"]) for pair in table["pairs"]] == [("a", "b", 54), ("a", "c", 42), ("b", "c", 24)]
    assert table["places"] == [36, 18, 6]
    text = swiftavatar("study", "score", *files, cwd=tmp_path).stdout.decode()
    markdown = swiftavatar("study", "score", *files, "--format", "markdown", cwd=tmp_path).stdout.decode()
    assert "0.600" in text and "| a | 36 | 0.600 |" in markdown and "| a | b | 0.667 |" in markdown


def test_unanimous_answers_keep_wilsons_interval(tmp_path: Path) -> None:
    answer_file(tmp_path / "one.json", "v", ["a"] * 10)
    first = swiftavatar("study", "score", "one.json", "--json", cwd=tmp_path).json["methods"][0]
    assert first["interval"] == [pytest.approx(0.7225, abs=1e-3), 1]


@pytest.mark.parametrize(("changes", "word"), [
    ({"schema": "x"}, "holds no answers"), ({"answers": 5}, "answers"), ({"study": {"id": "s", "methods": ["a"]}}, "study.methods"),
    ({"finished": "yes"}, "finished"), ({"volunteer": {"id": "\u001b[2J", "name": ""}}, "volunteer.id"),
    ({"answers": [{"photo": "p", "order": ["a", "b"], "choice": "c", "ms": 1}]}, "answers[0].choice"),
    ({"answers": [{"photo": "p", "order": ["a", "a"], "choice": "a", "ms": 1}]}, "answers[0].order"),
    ({"answers": [{"photo": "p", "order": ["a", "b"], "choice": "a", "ms": 1}] * 2}, "answers[1].photo")])
def test_what_holds_no_answers_is_left_out(tmp_path: Path, changes: dict[str, Any], word: str) -> None:
    answer_file(tmp_path / "bad.json", "w", ["a"], **changes)
    answer_file(tmp_path / "good.json", "v", ["b"])
    run = swiftavatar("study", "score", "bad.json", "good.json", "--json", cwd=tmp_path, status=1)
    sentence(run, "bad.json", word)
    assert run.json["volunteers"] == 1 and run.json["failed"][0]["file"] == "bad.json"


def test_no_json_no_file_same_volunteer_other_methods(tmp_path: Path) -> None:
    (tmp_path / "cut.json").write_text('{"schema": "swift')
    sentence(swiftavatar("study", "score", "cut.json", cwd=tmp_path, status=1), "cut.json")
    sentence(swiftavatar("study", "score", "gone.json", cwd=tmp_path, status=1), "gone.json")
    answer_file(tmp_path / "one.json", "v", ["b"])
    answer_file(tmp_path / "again.json", "v", ["a"])
    sentence(swiftavatar("study", "score", "one.json", "again.json", cwd=tmp_path, status=1), "again.json", "one.json")
    answer_file(tmp_path / "other.json", "w", ["c"], ("a", "c"))
    sentence(swiftavatar("study", "score", "one.json", "other.json", cwd=tmp_path, status=1), "other.json", "other methods")


def test_same_seed_same_page(folder: Path, tmp_path: Path) -> None:
    def built(seed: int) -> bytes:
        swiftavatar("study", "build", "--photos", folder / "photos", f"ours={folder / 'ours'}", f"b={folder / 'base line'}", "--count", "2",
                    "--seed", seed, "-o", tmp_path / "page.html", cwd=tmp_path)
        return (tmp_path / "page.html").read_bytes()

    assert built(1) == built(1) != built(2)


@pytest.mark.parametrize(("methods", "word"), [(["ours"], "NAME=FOLDER"), (["a=ours"], "2 to 9"), (["a=ours", "a=ours"], "twice"),
                                               (["a=ours", "b=gone"], "gone"), (["a=ours", "b=photos"], "no photo")])
def test_wrong_use(folder: Path, methods: list[str], word: str) -> None:
    if word == "no photo":
        shutil.rmtree(folder / "empty", ignore_errors=True)
        (folder / "empty").mkdir()
        methods = ["a=ours", "b=empty"]
    sentence(swiftavatar("study", "build", "--photos", "photos", *methods, "-q", "-o", "x.html", cwd=folder, status=2), word)
    assert not (folder / "x.html").exists()
