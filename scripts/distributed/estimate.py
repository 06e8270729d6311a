#!/usr/bin/env python3
"""Face photos in, a Parquet folder of avatars out, on a Ray cluster: docs/distributed.md.

    python scripts/distributed/estimate.py photos -o results.parquet --workers 2 -- --engine tiktok --inversion none
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

import pyarrow.dataset
import ray
import ray.data

import swiftavatar_ray
from swiftavatar_ray.photos import located, read_source
from swiftavatar_ray.worker import Worker

OUR_OPTIONS = {"-o", "--output", "--previews", "--json", "--jsonl", "--files-from", "--follow", "--results", "--shard", "--dry-run",
               "--fail-fast", "--max-failures", "--recursive"}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Runs swiftavatar estimate on a Ray cluster.",
                                     epilog="What follows -- are options of swiftavatar estimate.")
    parser.add_argument("source", help="folder or bucket URI, Parquet file (columns path, perhaps bytes), or text file of paths or URIs")
    parser.add_argument("-o", "--output", required=True, help="folder or URI for the Parquet files of results; must not exist yet")
    parser.add_argument("--workers", type=int, default=1, help="programs that run at the same time (default 1)")
    parser.add_argument("--cpus", type=int, default=1, help="cores for each, its --jobs (default 1)")
    parser.add_argument("--gpus", type=float, default=0, help="GPUs for each (default 0)")
    parser.add_argument("--batch", type=int, default=32, help="photos that a worker gets at a time (default 32)")
    parser.add_argument("--previews", default="avatar", help="pictures to keep, as columns: avatar,face,domain,sheet or none (default avatar)")
    parser.add_argument("--program", help="swiftavatar on every machine (default: the one in PATH)")
    parser.add_argument("--address", help="the cluster (default: $RAY_ADDRESS, else one on this machine alone)")
    ours, options = sys.argv[1:], []
    if "--" in ours:
        options, ours = ours[ours.index("--") + 1:], ours[:ours.index("--")]
    chosen = parser.parse_args(ours)
    for option in options:
        if option.split("=")[0] in OUR_OPTIONS:
            parser.error(f"{option} is this script's business, not to be given behind --")
    chosen.options = options
    chosen.program = chosen.program or shutil.which("swiftavatar")
    if not chosen.program:
        parser.error("swiftavatar is not in PATH; name it with --program")
    if "://" not in chosen.output and Path(chosen.output).exists():
        parser.error(f"{chosen.output} is there already; name another folder or remove it")
    return chosen


def run(args: argparse.Namespace) -> int:
    address = args.address or os.environ.get("RAY_ADDRESS")
    # Workers elsewhere have no checkout: the package travels with the job.
    modules = {"py_modules": [str(Path(swiftavatar_ray.__file__).parent)]}
    if address:
        ray.init(address=address, runtime_env=modules)
    else:
        # One core more, for reading and writing: the workers hold theirs until the end, and Ray would wait for ever.
        ray.init(num_cpus=args.workers * args.cpus + 1, include_dashboard=False, runtime_env=modules)
    previews = [] if args.previews == "none" else args.previews.split(",")
    photos = read_source(args.source, blocks=2 * args.workers)
    results = photos.map_batches(
        Worker, fn_constructor_args=(args.program, [*args.options, "--jobs", str(args.cpus)], previews), batch_size=args.batch,
        batch_format="pyarrow", compute=ray.data.ActorPoolStrategy(size=args.workers), num_cpus=args.cpus, num_gpus=args.gpus)
    results.write_parquet(args.output)
    system, path = located(args.output)
    statuses = pyarrow.dataset.dataset(path, filesystem=system).to_table(columns=["status"])["status"]
    for count in statuses.value_counts().to_pylist():
        print(f"{count['counts']}\t{count['values']}")
    return 0 if statuses.unique().to_pylist() == ["ok"] else 1


def main() -> int:
    """0: every photo has an avatar; 1: some have none; 70: the job as a whole failed."""
    args = arguments()
    try:
        return run(args)
    except Exception as error:  # of Ray, of a source or of an output that cannot be reached
        print(f"estimate.py: the job failed: {(str(error).strip() or repr(error)).splitlines()[-1]}", file=sys.stderr)
        return 70


if __name__ == "__main__":
    sys.exit(main())
