"""Where photos come from: every source becomes a data set of the columns `path` and, if the source has them, `bytes`."""

from __future__ import annotations

from pathlib import PurePosixPath

import pyarrow.fs
import ray.data

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"}


def located(uri: str) -> tuple[pyarrow.fs.FileSystem, str]:
    """A path (relative ones too) or URI (s3://, gs://, file:// …) as pyarrow reads it."""
    if "://" in uri:
        return pyarrow.fs.FileSystem.from_uri(uri)
    return pyarrow.fs.LocalFileSystem(), uri


def read_photo(uri: str) -> bytes:
    """Raises OSError where it cannot be read."""
    system, path = located(uri)
    with system.open_input_stream(path) as stream:
        return bytes(stream.read())


def read_source(source: str, blocks: int) -> ray.data.Dataset:
    """`source` is a folder (with all below it) or bucket prefix, a Parquet file or folder.parquet with a column `path` and
    perhaps `bytes`, or a text file of paths or URIs, one a line. At least `blocks` blocks, if there are so many photos."""
    system, path = located(source)
    kind = PurePosixPath(path).suffix
    if kind == ".parquet":
        photos = ray.data.read_parquet(path, filesystem=system)
        names = set(photos.schema().names)
        if "path" not in names:
            raise SystemExit(f"{source}: has no column path, but {', '.join(sorted(names))}; rename one.")
        return photos.select_columns([name for name in ("path", "bytes") if name in names]).repartition(blocks)
    if system.get_file_info(path).type == pyarrow.fs.FileType.Directory:
        prefix = source.removesuffix(path) if "://" in source else ""
        files = system.get_file_info(pyarrow.fs.FileSelector(path, recursive=True))
        paths = [prefix + file.path for file in files if file.is_file and PurePosixPath(file.path).suffix.lower() in SUFFIXES]
    else:
        paths = read_photo(source).decode(errors="surrogateescape").splitlines()
    if not paths:
        raise SystemExit(f"{source}: no photo was found.")
    listed = [{"path": path} for path in sorted(filter(None, paths))]
    return ray.data.from_items(listed, override_num_blocks=min(blocks, len(listed)))
