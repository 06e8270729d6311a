"""Definitions that want to harm whoever opens them: refused with their place, without a look at what they name, or given up
where drawing them takes too long."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from program import FAST, PHOTO, ROOT, check, sentence, swiftavatar

PLACE = "/canvas/elements/0"


def element(name: str, children: Any = None, **attributes: str) -> dict[str, Any]:
    attributes = {key.replace("_", "-"): value for key, value in attributes.items()}
    return {"type": "element", "name": name, "attributes": attributes, **({"children": children} if children else {})}


def canvas(*elements: Any, width: Any = 10) -> dict[str, Any]:
    return {"canvas": {"width": width, "height": 10, "elements": list(elements)}}


def nested(depth: int) -> dict[str, Any]:
    inner = element("g")
    for _ in range(depth):
        inner = element("g", [inner])
    return canvas(inner)


def component(*elements: Any) -> dict[str, Any]:
    return {"width": 1, "height": 1, "variants": {"a": {"elements": list(elements)}}}


def reference(name: str) -> dict[str, Any]:
    return {"type": "component", "name": name}


def chain(length: int) -> dict[str, Any]:
    """Each component draws the next one: deep without nesting in the file."""
    parts = {f"c{i}": component(reference(f"c{i + 1}")) for i in range(length)}
    return {**canvas(reference("c0")), "components": {**parts, f"c{length}": component(element("g"))}}


def in_attribute(name: str, value: str) -> dict[str, Any]:
    return canvas({"type": "element", "name": "rect", "attributes": {name: value}})


# What the definition says; words of the answer.
HOSTILE = {
    "script": (canvas(element("script", [{"type": "text", "value": "alert(1)"}])), f"{PLACE}/name"),
    "foreign object": (canvas(element("foreignObject")), f"{PLACE}/name"),
    "event handler": (in_attribute("onload", "alert(1)"), f"{PLACE}/attributes/onload"),
    "namespace": (in_attribute("xmlns:xlink", "http://www.w3.org/1999/xlink"), f"{PLACE}/attributes/xmlns:xlink"),
    "tag that ends": (canvas(element("g><script")), f"{PLACE}/name"),
    "attribute that ends": (in_attribute('x"><script>', "1"), "attribute"),
    "CSS import": (canvas(element("style", [{"type": "text", "value": "@import '//example.org/a.css';"}])), f"{PLACE}/children/0"),
    "CSS address": (in_attribute("style", "fill: url(http://example.org/#a)"), f"{PLACE}/attributes/style"),
    "CSS escape": (in_attribute("style", "fill: \\75rl(//example.org)"), f"{PLACE}/attributes/style"),
    "script address": (in_attribute("href", "javascript:alert(1)"), f"{PLACE}/attributes/href"),
    "component in itself": ({**canvas(reference("a")), "components": {"a": component(reference("a"))}}, "/components/a"),
    "component in a ring": ({**canvas(), "components": {"a": component(reference("b")), "b": component(reference("a"))}},
                            "draws itself"),
    "alias of itself": ({**canvas(), "components": {"a": {"extends": "a"}}}, "/components/a/extends"),
    "many levels": (nested(100), "levels"),
    "levels by components": (chain(300), "levels"),
    "a million elements": (canvas(*[element("g")] * 1_000_000), "larger than"),
    "too many elements": (canvas(*[element("g", [element("g")] * 1000)] * 200), "more than 100000 elements"),
    "a chain of use": (canvas(element("defs", [element("g", [element("use", href=f"#l{i + 1}")], id=f"l{i}") for i in range(1000)]),
                              element("use", href="#l0")), "/canvas: ", "levels"),
    "a picture in itself": (canvas(element("g", [element("use", href="#a")], id="a")), "/canvas: ", "draws itself"),
    "a long list": (canvas(*[element("g")] * 2000), "/canvas/elements"),
    "huge canvas": (canvas(width=1e12), "/canvas/width"),
    "negative canvas": (canvas(width=-10), "/canvas/width"),
    "no number": ('{"canvas": {"width": NaN, "height": 10, "elements": []}}', "/canvas"),
    "infinite": ('{"canvas": {"width": 1e999, "height": 10, "elements": []}}', "/canvas"),
    "no number in an attribute": (in_attribute("transform", "scale(NaN)"), f"{PLACE}/attributes/transform"),
    "huge number in an attribute": (in_attribute("transform", "scale(1e300) scale(1e300)"), f"{PLACE}/attributes/transform"),
    "range without end": ({**canvas(), "components": {"a": {**component(), "rotate": {"min": 0, "max": 1e9}}}}, "/components/a/rotate"),
    "entities": ('<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>', "is not valid JSON"),
    "control character": (in_attribute("fill", "\u0001"), f"{PLACE}/attributes/fill"),
}


def refuse(folder: Path, definition: Any, *words: str) -> None:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    (folder / "bad.json").write_text(text)
    run = swiftavatar("engines", "check", "--style-file", "bad.json", "--json", cwd=folder, status=3)
    assert check(run.json)["error"]["code"] == "engine_invalid"
    assert "bad.json: " in sentence(run, *words)


@pytest.mark.parametrize("case", HOSTILE)
def test_refused_with_its_place(tmp_path: Path, case: str) -> None:
    refuse(tmp_path, *HOSTILE[case])


@pytest.mark.parametrize("tag", ["image", "use", "feImage"])
def test_files_and_addresses_are_not_opened(tmp_path: Path, tag: str) -> None:
    """Reading the named pipe would block for ever; the listener would have a visitor."""
    os.mkfifo(tmp_path / "pipe")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        for address in (f"file://{tmp_path}/pipe", "pipe", f"http://127.0.0.1:{listener.getsockname()[1]}/a.svg#b"):
            refuse(tmp_path, canvas(element(tag, href=address)), PLACE)
        for address in (f"url({tmp_path}/pipe#a)", f"url(http://127.0.0.1:{listener.getsockname()[1]}/a.svg#b)"):
            refuse(tmp_path, canvas(element("rect", mask=address)), f"{PLACE}/attributes/mask")
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_entities_stay_text(tmp_path: Path) -> None:
    """What looks like markup inside a text is escaped."""
    words = canvas(element("text", [{"type": "text", "value": '&a;<!ENTITY b SYSTEM "file:///etc/passwd">]]>'}]))
    (tmp_path / "text.json").write_text(json.dumps(words))
    (tmp_path / "avatar.json").write_text("{}")
    swiftavatar("render", "--style-file", "text.json", "--native", "avatar.json", "-o", "out.svg", cwd=tmp_path)
    svg = (tmp_path / "out.svg").read_text()
    assert "&amp;a;&lt;!ENTITY b" in svg
    assert "<!ENTITY" not in svg


def test_file_of_100_megabytes(tmp_path: Path) -> None:
    with open(tmp_path / "bad.json", "wb") as file:
        file.write(b"[")
        file.truncate(100_000_000)
    sentence(swiftavatar("engines", "check", "--style-file", "bad.json", cwd=tmp_path, status=3), "bad.json", "larger than")


@pytest.mark.parametrize("path", ["/dev/zero", "/", "missing.json"])
def test_what_is_no_file(tmp_path: Path, path: str) -> None:
    sentence(swiftavatar("engines", "check", "--style-file", path, cwd=tmp_path, status=3), path)


def test_references_that_multiply_inside_the_picture(tmp_path: Path) -> None:
    """Ten times ten times … of <use> from a short file: what is named counts as often as it is drawn."""
    levels = [element("g", [element("use", href=f"#l{i + 1}") for _ in range(10)], id=f"l{i}") for i in range(9)]
    bomb = canvas(element("defs", [*levels, element("rect", id="l9", width="1", height="1")]), element("use", href="#l0"))
    refuse(tmp_path, bomb, "/canvas: ", "more than 100,000 elements")


ZIGZAG = "M0 0" + "H9H0" * 1000
# A few thousand bytes each; drawn for minutes or longer, or in more memory than there is.
ENDLESS = {
    "dashes": canvas(element("path", stroke="red", stroke_dasharray="0.002", d=ZIGZAG)),
    "dashes in CSS": canvas(element("path", style="stroke: red; stroke-dasharray: 0.002", d=ZIGZAG)),
    "filters": canvas(element("filter", [element("feGaussianBlur", stdDeviation="2")] * 100, id="f"),
                      *[element("rect", width="10", height="10", filter="url(#f)")] * 500),
}


@pytest.mark.parametrize("case", ENDLESS)
def test_endless_drawings_are_given_up(tmp_path: Path, case: str) -> None:
    (tmp_path / "endless.json").write_text(json.dumps(ENDLESS[case]))
    (tmp_path / "avatar.json").write_text("{}")
    run = swiftavatar("render", "--style-file", "endless.json", "--native", "avatar.json", "-o", "out.png", "--render-timeout", 1,
                      cwd=tmp_path, status=1)
    sentence(run, "the avatar was not drawn within 1 s: the engine's definition asks for too much")
    assert not (tmp_path / "out.png").exists()


def test_a_photo_fails_with_its_endless_drawing(tmp_path: Path) -> None:
    """The engine's own definition, but for dashes on the canvas."""
    definition = json.loads((ROOT / "configs/engines/tiktok/definition.json").read_text())
    definition["canvas"]["elements"] += ENDLESS["dashes"]["canvas"]["elements"]
    (tmp_path / "endless").mkdir()
    text = json.dumps(definition)
    (tmp_path / "endless/definition.json").write_text(text)
    semantics = json.loads((ROOT / "configs/engines/tiktok/semantics.json").read_text())
    semantics["definition_sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (tmp_path / "endless/semantics.json").write_text(json.dumps(semantics))
    run = swiftavatar("estimate", PHOTO, "--engine", "endless/definition.json", "--render-timeout", 1, "--json", "--data-dir", ROOT,
                      *FAST, cwd=tmp_path, status=1)
    error = check(run.json)["error"]
    assert error["code"] == "render_failed"
    assert "was not drawn within 1 s" in error["message"]


def test_many_effects_are_drawn(tmp_path: Path) -> None:
    """What is only costly is no fault."""
    faint = element("g", [element("g", [element("rect", width="10", height="10")], opacity="0.5")] * 1000)
    (tmp_path / "costly.json").write_text(json.dumps(canvas(*[faint] * 20)))
    (tmp_path / "avatar.json").write_text("{}")
    swiftavatar("render", "--style-file", "costly.json", "--native", "avatar.json", "-o", "out.png", "--size", 16, cwd=tmp_path)
    assert (tmp_path / "out.png").stat().st_size > 0
