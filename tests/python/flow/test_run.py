"""Stages run when their stamps say so: never on half-finished, stale or foreign things, and not again for nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from swiftavatar_train.flow import run as running
from swiftavatar_train.flow.graph import Hashes, Stage, code_sha256, in_order
from swiftavatar_train.flow.run import Flow

CONFIG = {"common": {"seed": 1, "threads": 2, "targets": ["one"]}, "net": {"steps": 10, "one": {"steps": 20}}}


class Workshop:
    """Stages that write what they read, and a record of which ran."""

    def __init__(self, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.work, self.ran, self.break_in = work, [], ""
        self.content: Callable[[str, dict], str] = lambda name, cfg: f"{name} {cfg.get('steps')}"
        monkeypatch.setattr(running, "execute", self.call)

    def call(self, stage: Stage, cfg: dict, work: Path) -> None:
        self.ran.append(stage.name)
        checkpoint = Path(cfg["scratch"]) / "state"
        self.resumed = checkpoint.exists()
        checkpoint.write_text("half")
        if self.break_in == stage.name:
            (work / stage.outputs[0]).write_text("half")  # what a stopped stage leaves
            raise KeyboardInterrupt
        for output in stage.outputs:
            (work / output).write_text(self.content(stage.name, cfg))

    def flow(self, config: dict = CONFIG, **changes: Stage) -> Flow:
        stages = {"photos": Stage("photos", "core.align", settings=("seed",), files={"photos": self.work / "photos.csv"}, outputs=("cache/photos",)),
                  "net": Stage("net", "core.align", tables=("common", "net"), settings=("steps", "threads"), needs=("photos",), outputs=("net.pt",)),
                  "bundle": Stage("bundle", "core.color", needs=("net",), outputs=("bundle.json",))} | changes
        return Flow(config, stages, self.work / "work")

    def run(self, config: dict = CONFIG, **changes: Stage) -> list[str]:
        """Which stages ran."""
        self.ran.clear()
        self.flow(config, **changes).run(["bundle"])
        return list(self.ran)


@pytest.fixture()
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    (tmp_path / "photos.csv").write_text("anna")
    return Workshop(tmp_path, monkeypatch)


def other(table: str, **settings: object) -> dict:
    return CONFIG | {table: CONFIG[table] | settings}


def test_stages_run_in_order_and_not_again(shop: Workshop) -> None:
    assert shop.run() == ["photos", "net", "bundle"]
    assert shop.run() == []


def test_a_changed_setting_runs_its_stage_and_what_depends_on_it(shop: Workshop) -> None:
    """So no cache and no network of other settings is used: that is what names, counts and times could not tell."""
    shop.run()
    assert "setting steps was 10, is 11" in shop.flow(other("net", steps=11)).status(["bundle"])
    assert shop.run(other("net", steps=11)) == ["net", "bundle"]
    assert (shop.work / "work/superseded/net/net.pt").read_text() == "net 10"
    assert not shop.resumed


def test_what_comes_out_the_same_stops_there(shop: Workshop) -> None:
    shop.run()
    assert shop.run(other("common", seed=2)) == ["photos"]


def test_settings_that_only_change_the_speed_are_no_reason(shop: Workshop) -> None:
    shop.run()
    assert shop.run(other("common", threads=8)) == []


def test_a_changed_input_from_elsewhere_is_seen(shop: Workshop) -> None:
    shop.run()
    (shop.work / "photos.csv").write_text("bert")
    shop.content = lambda name, cfg: f"{name} of bert"
    assert shop.run() == ["photos", "net", "bundle"]


def test_a_stopped_stage_goes_on_and_nothing_uses_what_it_left(shop: Workshop) -> None:
    shop.break_in = "net"
    with pytest.raises(KeyboardInterrupt):
        shop.run()
    assert (shop.work / "work/net.pt").read_text() == "half"
    assert "unfinished" in shop.flow().status(["bundle"])
    shop.break_in = ""
    assert shop.run() == ["net", "bundle"] and (shop.work / "work/net.pt").read_text() == "net 10"


def test_a_stopped_stage_goes_on_from_its_checkpoint_only_with_its_settings(shop: Workshop) -> None:
    for steps, later, resumed in ((50, 50, True), (60, 61, False)):
        shop.break_in = "net"
        with pytest.raises(KeyboardInterrupt):
            shop.run(other("net", steps=steps))
        shop.break_in, shop.ran = "", []
        shop.flow(other("net", steps=later)).run(["net"])
        assert (shop.ran, shop.resumed) == (["net"], resumed)


def test_status_says_how_far_a_stopped_stage_is(shop: Workshop) -> None:
    shop.break_in = "net"
    with pytest.raises(KeyboardInterrupt):
        shop.run()
    (shop.work / "work/scratch/net/progress.json").write_text(json.dumps({"training": "attributes_0", "step": 300, "steps": 800}))
    assert "unfinished  net <- photos  (attributes_0: step 300 of 800)" in shop.flow().status(["bundle"])


def test_an_output_that_somebody_changed_is_made_again(shop: Workshop) -> None:
    shop.run()
    (shop.work / "work/net.pt").write_text("another net")
    assert shop.run() == ["net"]


def test_files_that_no_stage_made_are_neither_used_nor_lost(shop: Workshop) -> None:
    (shop.work / "work").mkdir()
    (shop.work / "work/net.pt").write_text("of some other training")
    with pytest.raises(SystemExit, match="net.pt was not made by this flow; move it away first"):
        shop.run()
    assert (shop.work / "work/net.pt").read_text() == "of some other training"


def test_what_trained_and_what_came_out_of_a_bundle_are_not_the_same(shop: Workshop) -> None:
    shop.run()
    restored = Stage("net", "core.align", "provide_net", tables=("common", "net"), settings=("steps", "threads"), needs=("photos",),
                     outputs=("net.pt",))
    assert shop.flow(net=restored).state("net").why == 'setting function was "core.align.run", is "core.align.provide_net"'


def test_changed_code_is_a_reason_unless_it_is_trusted(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.run()
    monkeypatch.setattr(running, "code_sha256", lambda module: f"{module} as it is now")
    flow = shop.flow()
    assert flow.state("photos").why == "its code is another"
    flow.trust_code, flow.states = True, {}
    assert flow.state("photos").kind == "fresh"
    assert shop.run() == ["photos", "net", "bundle"]


def test_a_missing_input_is_named(shop: Workshop) -> None:
    (shop.work / "photos.csv").unlink()
    with pytest.raises(SystemExit, match="stage photos: needs .*photos.csv, which is not there"):
        shop.run()


def test_a_dry_run_runs_nothing(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.flow().run(["bundle"], dry=True)
    assert shop.ran == [] and capsys.readouterr().out.split("\n")[:2] == ["would run photos", "would run net (waits for photos)"]
    assert not (shop.work / "work/stamps").exists()


def test_two_runs_do_not_share_a_work_folder(shop: Workshop) -> None:
    with shop.flow().locked(), pytest.raises(SystemExit, match="another run is at work here"):
        shop.flow().run(["bundle"])


def test_a_stage_that_writes_too_little_is_not_finished(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "execute", lambda stage, cfg, work: None)
    with pytest.raises(RuntimeError, match="stage photos did not write cache/photos"):
        shop.run()


def test_a_stage_reads_only_the_settings_that_it_names(shop: Workshop) -> None:
    stage = Stage("net", "core.align", tables=("common", "net"), settings=("steps",), engine="one")
    assert shop.flow().settings(stage) == {"steps": 20}  # the engine's own go before those of all engines
    with pytest.raises(SystemExit, match=r"stage net: no setting rate in \[common\], \[net\]"):
        shop.flow().settings(Stage("net", "core.align", tables=("common", "net"), settings=("rate",)))


def test_origins_name_the_stage_and_the_stamp_of_an_input(shop: Workshop) -> None:
    shop.run()
    stamps = [shop.flow().origins(shop.flow().stages["bundle"])["net.pt"]]
    shop.run(other("net", steps=11))
    stamps.append(shop.flow(other("net", steps=11)).origins(shop.flow().stages["bundle"])["net.pt"])
    assert [stamp["stage"] for stamp in stamps] == ["net", "net"] and stamps[0]["stamp"] != stamps[1]["stamp"]


def test_the_order_finds_circles_and_unknown_names() -> None:
    stages = {name: Stage(name, "core.align", needs=(need,)) for name, need in (("a", "b"), ("b", "a"))}
    with pytest.raises(ValueError, match="stages need each other: a -> b -> a"):
        in_order(stages, ["a"])
    with pytest.raises(SystemExit, match="there is no stage c; known are a, b"):
        in_order(stages, ["c"])


def test_code_is_what_it_does_not_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from swiftavatar_train.flow import graph

    monkeypatch.setattr(graph, "PACKAGE", tmp_path)
    (tmp_path / "core").mkdir()

    def sha(helper: str, module: str = "from .helper import f\n") -> str:
        (tmp_path / "core/helper.py").write_text(helper)
        (tmp_path / "core/module.py").write_text(module)
        graph._bare.cache_clear()
        code_sha256.cache_clear()
        return code_sha256("core.module")

    plain = sha("def f():\n    return 1\n")
    assert sha('"""Words."""\n\n\ndef f():\n    """More of them."""\n    return 1  # one\n') == plain
    assert sha("def f():\n    return 2\n") != plain  # in a module that it imports
    code_sha256.cache_clear()


def test_hashes_follow_the_content(tmp_path: Path) -> None:
    hashes = Hashes(tmp_path / "stamps/hashes.json")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/a").write_text("a")
    first = hashes.of(tmp_path / "folder")
    (tmp_path / "folder/b").write_text("b")
    assert hashes.of(tmp_path / "folder") != first and hashes.of(tmp_path / "none") is None
    hashes.save()
    assert Hashes(tmp_path / "stamps/hashes.json").of(tmp_path / "folder") == hashes.of(tmp_path / "folder")


def test_a_stage_that_fails_is_not_finished(tmp_path: Path) -> None:
    """In the process of its own in which stages really run."""
    stage = Stage("broken", "core.align", "no_such_function", outputs=("out",))
    with pytest.raises(SystemExit, match="stage broken failed"):
        Flow(CONFIG, {"broken": stage}, tmp_path).run(["broken"])
    assert json.loads((tmp_path / "stamps/broken.json").read_text())["finished"] is False


def test_a_dry_run_tells_what_a_named_stage_would_make(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Paths that the graph gives are below the work folder."""
    (tmp_path / "clones").mkdir()
    stage = Stage("photos", "photos.stage", preview="tell", settings=("clones", "sets"), outputs=("photos",))
    reader = Stage("data", "core.align", needs=("photos",), given={"photos": "photos"}, outputs=("cache",))
    config = {"common": {"clones": str(tmp_path / "clones"), "sets": ["dev"]}}
    flow = Flow(config, {"photos": stage, "data": reader}, tmp_path / "work")
    assert flow.settings(reader) == {"photos": str(tmp_path / "work/photos")}
    flow.run(["photos"], dry=True)
    assert "would run photos" in (told := capsys.readouterr().out) and "dev: 0 found, 0 there before, 192 missing" in told
    flow.run(["data"], dry=True)
    assert "missing" not in capsys.readouterr().out and not (tmp_path / "work").exists()
