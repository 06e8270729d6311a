"""Settings files, and the graphs that they ask for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from swiftavatar_train.core.paths import CONFIGS, ROOT
from swiftavatar_train.flow.graph import PACKAGE, Stage, in_order
from swiftavatar_train.flow.settings import load_settings, of_stage, sha256_of, without_paths
from swiftavatar_train.flow.stages import DEFAULT, declare

FILES = sorted(CONFIGS.glob("*.toml"))


def graph(name: str, **tables: dict) -> dict[str, Stage]:
    config = load_settings(CONFIGS / f"{name}.toml")
    for table, settings in tables.items():
        config[table] = config.get(table, {}) | settings
    return declare(config)


def written(folder: Path, text: str) -> Path:
    (folder / "settings.toml").write_text(f'extends = "{CONFIGS / "default.toml"}"\n{text}')
    return folder / "settings.toml"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_settings_file_has_what_its_stages_read(file: Path) -> None:
    config = load_settings(file)
    stages = declare(config)
    in_order(stages, list(stages))
    wanted = list(stages) if file.stem in ("default", "comparison") else in_order(stages, [DEFAULT])
    for name in wanted:
        if name != "comparison" and name != "comparators" or file.stem == "comparison":
            found = of_stage(config, stages[name].tables, stages[name].engine)
            assert not [setting for setting in stages[name].settings if setting not in found], name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_stages_name_functions_that_are_there(file: Path) -> None:
    for stage in declare(load_settings(file)).values():
        source = (PACKAGE / f"{stage.module.replace('.', '/')}.py").read_text()
        assert f"\ndef {stage.function}(cfg: dict, work: Path)" in source, stage.name


def test_no_two_stages_write_one_file() -> None:
    outputs = [output for stage in graph("default").values() for output in stage.outputs]
    assert len(outputs) == len(set(outputs))


def test_paths_are_relative_to_the_file_they_stand_in(tmp_path: Path) -> None:
    config = load_settings(written(tmp_path, '[common]\nphotos = "mine"\n'))
    assert config["common"]["photos"] == str(tmp_path / "mine")
    assert config["common"]["engines"] == str(ROOT / "configs/engines")


def test_the_hash_of_settings_does_not_depend_on_where_things_lie(tmp_path: Path) -> None:
    """What a manifest says of its settings can be looked up on any machine."""
    default, moved = load_settings(CONFIGS / "default.toml"), load_settings(written(tmp_path, '[common]\nphotos = "mine"\n'))
    assert default != moved and sha256_of(without_paths(default)) == sha256_of(without_paths(moved))
    assert sha256_of(without_paths(default)) != sha256_of(without_paths(load_settings(written(tmp_path, "[common]\nseed = 2\n"))))


@pytest.mark.parametrize(("text", "error"), [
    ("[generator]\nstep_64 = 3\n", r"unknown setting step_64 in \[generator\]; did you mean steps_64\?"),
    ("[generater]\nlr = 3\n", r"unknown table \[generater\]; did you mean generator\?"),
    ("[avatars.alter]\navatar = 3\n", r"unknown setting avatar in \[avatars\]; did you mean avatars\?"),
    ('[restore]\nprovides = ["pairs"]\n', "no bundle has what stage pairs makes"),
    ('[common]\ntargets = []\n', "names no engine"),
])
def test_what_would_change_nothing_is_an_error(tmp_path: Path, text: str, error: str) -> None:
    with pytest.raises(SystemExit, match=error):
        declare(load_settings(written(tmp_path, text)))


def test_files_that_are_none_are_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no.toml: there is no such settings file"):
        load_settings(tmp_path / "no.toml")
    (tmp_path / "bad.toml").write_text("[common")
    with pytest.raises(SystemExit, match="bad.toml: is no TOML"):
        load_settings(tmp_path / "bad.toml")
    (tmp_path / "loose.toml").write_text("seed = 1\n")
    with pytest.raises(SystemExit, match="seed stands in no table"):
        load_settings(tmp_path / "loose.toml")


def test_settings_of_an_engine_change_its_stages_alone() -> None:
    config = load_settings(CONFIGS / "default.toml")
    stages = declare(config)
    counts = {engine: of_stage(config, stages[f"avatars:{engine}"].tables, engine)["avatars"] for engine in ("tiktok", "alter")}
    assert counts == {"tiktok": 6000, "alter": 10000}


def test_every_engine_of_the_bundle_has_all_of_it() -> None:
    stages = graph("default")
    assert {"export-avatar-generator:tiktok", "export-avatar-generator:alter", "heads:alter"} <= set(in_order(stages, ["export"]))
    assert stages["export"].given["with_variants"] == ["alter", "tiktok"]


def test_another_engine_joins_what_ships() -> None:
    """Only its own stages train, and pairs need the generator and readers."""
    stages = graph("shipped", common={"targets": ["tiktok", "alter", "new"], "makehuman": ""},
                   restore={"provides": ["face-nets", "parser", "generator", "export-generator", "export-avatar-generator:tiktok",
                                         "export-avatar-generator:alter", "attributes", "distil", "fusion", "variants"]})
    trained = {name for name in in_order(stages, ["export"]) if not stages[name].restored}
    assert trained == {"data", "avatars:tiktok", "readers", "avatars:new", "avatar-generator:new", "export-avatar-generator:new", "pairs:new",
                       "heads:new", "export"}


def test_nothing_trains_in_what_ships() -> None:
    stages = graph("shipped")
    trained = {name for name in in_order(stages, [DEFAULT]) if not stages[name].restored}
    assert trained == {"data", "export", "evaluate"}


def test_makehuman_heads_are_asked_for_by_settings_not_by_files() -> None:
    assert "makehuman" in in_order(graph("default"), [DEFAULT])
    without = graph("default", common={"makehuman": ""})
    assert "makehuman" not in without and without["readers"].given["with_makehuman"] is False


def test_a_training_begins_at_what_ships_where_the_settings_say_so() -> None:
    stages = graph("default", **{"avatar-generator": {"from_restored": True}})
    assert "restored-avatar-generator:alter" in stages["avatar-generator:alter"].needs
    assert stages["restored-avatar-generator:alter"].outputs == ("restored/avatar_generator/alter.pt",)


def test_nothing_reads_what_is_measured_beside_the_way_to_a_bundle() -> None:
    """So it makes no difference when that is run."""
    stages = graph("default")
    needed = {need for name, stage in stages.items() for need in stage.needs if name not in ("comparison", "comparators")}
    assert not needed & {"cross-domain", "ablation", "comparators", "comparison", "evaluate"}


def test_one_more_fold_is_another_training_and_another_join() -> None:
    assert all("folds" in graph("default")[name].settings for name in ("attributes", "fusion"))


def test_joining_needs_answers_to_unseen_photos_which_no_bundle_has() -> None:
    with pytest.raises(SystemExit, match="list fusion too"):
        graph("default", restore={"bundle": "bundle", "provides": ["attributes"]})


def test_photos_are_cut_where_the_settings_name_clones() -> None:
    """Then all that reads photos reads those; a given folder is read as it is."""
    given, cut = graph("default"), graph("default", photos={"clones": "clones"})
    readers = {name for name, stage in given.items() if "photos" in stage.settings}
    assert readers == {"data", "ablation", "comparators", "comparison"} and "photos" not in given
    assert {name for name, stage in cut.items() if "photos" in stage.needs} == readers
    assert {name for name, stage in cut.items() if stage.given.get("photos") == "photos"} == readers
    assert not [file for stage in cut.values() for file in stage.files if file.startswith("photos/")]
    assert {"labels/sources.csv", "labels/pictures.csv", "labels/excluded.csv", "labels/train.csv"} < set(cut["photos"].files)
    assert {"labels/excluded.csv", "labels/duplicates.csv"} < set(given["data"].files)


def test_a_photo_that_is_left_out_and_people_are_seen_in_a_given_folder_too() -> None:
    from swiftavatar_train.core.folds import person_folds
    from swiftavatar_train.photos.tables import people, person_groups

    who, groups = people({}), person_groups()
    names = np.array(sorted(name for name in groups if name.startswith("train/")))
    fold = dict(zip(names, person_folds(np.array([who[name] for name in names]), np.array([name.split("/")[1] for name in names]))))
    assert all(fold[one] == fold[two] for one in names for two in names if groups[one] == groups[two])
