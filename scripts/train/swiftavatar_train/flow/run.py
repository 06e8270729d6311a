"""Runs the stages of a graph in a work folder, each when its stamp says that it must.

A stamp (WORK/stamps/STAGE.json) names what a stage's outputs were made of: its settings, the hashes of its inputs, its code, and
whether it finished. A stage runs when one of these differs from what they are now, so never on half-finished or stale inputs; its
checkpoints (WORK/scratch/STAGE) are gone on with only while all is as it was when they were made. What a run takes the place of is
moved to WORK/superseded/STAGE.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import importlib
import json
import multiprocessing
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .graph import PACKAGE, Hashes, Stage, code_sha256, in_order
from .settings import PATHS, Config, of_stage, sha256_of, without_paths

# Settings that change how fast a result comes, not which: they are in the stamp, but no reason to run again. Paths are not either,
# but what lies there is an input.
NO_REASON = {"threads", "workers", "device", "save_seconds", "restored", "most_missing"}


@dataclass
class State:
    """`kind`: fresh, missing, stale, unfinished, foreign (made by something else), blocked (an input from elsewhere is not there).
    `why`: for a person."""

    kind: str
    why: str


class Flow:
    def __init__(self, config: Config, stages: dict[str, Stage], work: Path, trust_code: bool = False) -> None:
        self.config, self.stages, self.work, self.trust_code = config, stages, work, trust_code
        self.hashes = Hashes(work / "stamps" / "hashes.json")
        self.states: dict[str, State] = {}

    # -- stamps -------------------------------------------------------------------------------------------------------

    def stamp_path(self, name: str) -> Path:
        return self.work / "stamps" / f"{name.replace(':', '_')}.json"

    def scratch(self, name: str) -> Path:
        return self.work / "scratch" / name.replace(":", "_")

    def read_stamp(self, name: str) -> dict | None:
        path = self.stamp_path(name)
        return json.loads(path.read_text()) if path.exists() else None

    def write_stamp(self, name: str, stamp: dict) -> None:
        path = self.stamp_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(stamp, indent=1) + "\n")
        part.replace(path)

    def settings(self, stage: Stage) -> dict:
        """All that the stage reads. A missing one is an error, as is one that it does not name."""
        tables = of_stage(self.config, stage.tables, stage.engine)
        missing = [name for name in stage.settings if name not in tables]
        if missing:
            raise SystemExit(f"stage {stage.name}: no setting {missing[0]} in [{'], ['.join(stage.tables)}]")
        given = {name: str(self.work / str(value)) if name in PATHS else value for name, value in stage.given.items()}
        return {name: tables[name] for name in stage.settings} | given

    def expected(self, stage: Stage) -> dict:
        """The stamp's part that says what the stage's outputs would be made of now. Of an input that is not there yet: null."""
        inputs = {}
        for need in stage.needs:
            for output in self.stages[need].outputs:
                inputs[output] = self.hashes.of(self.work / output)
        for name, path in stage.files.items():
            inputs[name] = self.hashes.of(path)
        settings = without_paths(self.settings(stage)) | {"function": f"{stage.module}.{stage.function}"}
        return {"settings": settings, "inputs": inputs, "code": code_sha256(stage.module)}

    def difference(self, stamp: dict, expected: dict) -> str:
        """What differs, in words; empty where nothing does that is a reason to run."""
        then, now = stamp["settings"], json.loads(json.dumps(expected["settings"]))
        changed = [key for key in sorted(then.keys() | now.keys()) if key not in NO_REASON and then.get(key) != now.get(key)]
        if changed:
            return f"setting {changed[0]} was {json.dumps(then.get(changed[0]))}, is {json.dumps(now.get(changed[0]))}"
        then, now = stamp["inputs"], expected["inputs"]
        changed = [key for key in sorted(then.keys() | now.keys()) if then.get(key) != now.get(key)]
        if changed:
            return f"input {changed[0]} is another"
        return "its code is another" if stamp["code"] != expected["code"] and not self.trust_code else ""

    def state(self, name: str) -> State:
        if name not in self.states:
            self.states[name] = self.find_state(self.stages[name])
        return self.states[name]

    def find_state(self, stage: Stage) -> State:
        waits = [need for need in stage.needs if self.state(need).kind != "fresh"]
        expected, stamp = self.expected(stage), self.read_stamp(stage.name)
        lacking = [path for name, path in stage.files.items() if expected["inputs"][name] is None]
        if lacking:
            return State("blocked", f"needs {lacking[0]}, which is not there")
        there = [output for output in stage.outputs if (self.work / output).exists()]
        if stamp is None:
            if there:
                return State("foreign", f"{self.work / there[0]} was not made by this flow; move it away first")
            return State("missing", f"waits for {waits[0]}" if waits else "")
        different = self.difference(stamp, expected)
        if different:
            return State("stale", different)
        if waits:
            return State("stale", f"{waits[0]} is {self.state(waits[0]).kind}")
        if not stamp["finished"]:
            return State("unfinished", self.progress(stage.name))
        lost = [output for output in stage.outputs if stamp["outputs"].get(output) != self.hashes.of(self.work / output)]
        return State("stale", f"{lost[0]} is not what the stage wrote") if lost else State("fresh", "")

    def progress(self, name: str) -> str:
        file = self.scratch(name) / "progress.json"
        if not file.exists():
            return "stopped before its first checkpoint"
        found = json.loads(file.read_text())
        return f"{found['training']}: step {found['step']} of {found['steps']}"

    # -- running ------------------------------------------------------------------------------------------------------

    def run(self, wanted: list[str], dry: bool = False) -> None:
        """The wanted stages and what they need, where they must run. `dry`: says only which, and of those that are named and can
        tell what they would make."""
        with contextlib.nullcontext() if dry else self.locked():
            for name in in_order(self.stages, wanted):
                state = self.state(name)
                if state.kind == "fresh":
                    continue
                if state.kind in ("foreign", "blocked") and not dry:
                    raise SystemExit(f"stage {name}: {state.why}")
                print(f"{'would run' if dry else 'run'} {name}{f' ({state.why})' if state.why else ''}", flush=True)
                if not dry:
                    self.run_stage(self.stages[name], state)
                elif name in wanted and self.stages[name].preview:
                    self.preview(self.stages[name])
        if not dry:
            self.hashes.save()

    def preview(self, stage: Stage) -> None:
        module = importlib.import_module(f"{PACKAGE.name}.{stage.module}")
        getattr(module, stage.preview)(self.settings(stage), self.work)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        self.work.mkdir(parents=True, exist_ok=True)
        with open(self.work / "lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SystemExit(f"{self.work}: another run is at work here; wait for its end or give another --work") from None
            yield

    def run_stage(self, stage: Stage, state: State) -> None:
        scratch, started = self.scratch(stage.name), time.monotonic()
        if state.kind != "unfinished":
            self.move_away(stage)
        for folder in (scratch, *((self.work / output).parent for output in stage.outputs)):
            folder.mkdir(parents=True, exist_ok=True)
        stamp = self.expected(stage) | {"stage": stage.name, "revision": revision(), "finished": False,
                                        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
        self.write_stamp(stage.name, stamp)
        cfg = self.settings(stage) | {"scratch": str(scratch), "made_by": self.origins(stage), "config_sha256": sha256_of(without_paths(self.config))}
        execute(stage, cfg, self.work)
        outputs = {output: self.hashes.of(self.work / output) for output in stage.outputs}
        absent = [output for output, found in outputs.items() if found is None]
        if absent:
            raise RuntimeError(f"stage {stage.name} did not write {absent[0]}")
        self.write_stamp(stage.name, stamp | {"finished": True, "outputs": outputs, "seconds": round(time.monotonic() - started)})
        shutil.rmtree(scratch)
        self.hashes.save()
        self.states.clear()

    def move_away(self, stage: Stage) -> None:
        """What was made of other things: outputs and checkpoints go to one folder, in which the last ones of this stage lie."""
        superseded = self.work / "superseded" / stage.name.replace(":", "_")
        there = [(self.work / output, output) for output in stage.outputs] + [(self.scratch(stage.name), "scratch")]
        there = [(path, name) for path, name in there if path.exists() and (path.is_file() or any(path.iterdir()))]
        if there:
            shutil.rmtree(superseded, ignore_errors=True)
        for path, name in there:
            (superseded / name).parent.mkdir(parents=True, exist_ok=True)
            path.rename(superseded / name)

    def origins(self, stage: Stage) -> dict[str, dict]:
        """Output -> the stage that made it, and its stamp, for all that the stage needs."""
        found = {}
        for need in stage.needs:
            stamp = self.read_stamp(need) or {}
            name = sha256_of({key: stamp.get(key) for key in ("settings", "inputs", "code")})[:16]
            found |= {output: {"stage": need, "stamp": name, "restored": self.stages[need].restored} for output in self.stages[need].outputs}
        return found

    # -- status -------------------------------------------------------------------------------------------------------

    def status(self, wanted: list[str]) -> str:
        """One line a stage: its state, what it needs, and why it would run."""
        lines = []
        for name in in_order(self.stages, wanted):
            state, needs = self.state(name), ", ".join(self.stages[name].needs)
            lines.append(f"{state.kind:10}  {name}{f' <- {needs}' if needs else ''}{f'  ({state.why})' if state.why else ''}")
        return "\n".join(lines)


def execute(stage: Stage, cfg: dict, work: Path) -> None:
    """In a process of its own: threads of one stage's libraries do not live on in processes that another one forks, which would wait
    for them for ever; and OpenGL does not bear TensorBoard beside it."""
    process = multiprocessing.get_context("spawn").Process(target=call, args=(stage, cfg, work))
    process.start()
    try:
        process.join()
    finally:
        if process.is_alive():
            process.terminate()
            process.join()
    if process.exitcode:
        raise SystemExit(f"stage {stage.name} failed")


def call(stage: Stage, cfg: dict, work: Path) -> None:
    """Everything random that a stage does not seed itself follows from the seed, too."""
    module = importlib.import_module(f"{PACKAGE.name}.{stage.module}")
    import torch
    torch.manual_seed(cfg.get("seed", 0))
    getattr(module, stage.function)(cfg, work)


def revision() -> str:
    """The commit of the sources, with a + where they were changed since; for a person, for the code itself is hashed."""
    git = ["git", "-C", str(PACKAGE)]
    found = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
    if found.returncode:
        return "unknown"
    changed = subprocess.run([*git, "status", "--porcelain", "--", "."], capture_output=True, text=True, check=False)
    return found.stdout.strip() + ("+" if changed.stdout.strip() else "")
