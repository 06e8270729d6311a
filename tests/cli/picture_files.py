"""Pictures of every kind as files: Pillow's own, and those that it cannot write, made byte by byte.

Each is the example photo's face at a small size. `truth` is what a reader should show where the file was made here; for
Pillow's files, `seen_by_pillow` tells.
"""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

from program import PHOTO

Array = np.ndarray[Any, Any]
SIZE = (75, 52)  # odd, so that rows end within bytes and blocks
ORIENTATION = 0x0112


@dataclass
class Picture:
    """A file; `truth` is RGB, None where Pillow's reading counts; `refused` where the program should name it."""
    name: str
    data: bytes
    truth: Array | None = None
    refused: bool = False


def source() -> Array:
    """RGB, without symmetry."""
    with Image.open(PHOTO) as photo:
        face = photo.convert("RGB").crop((140, 20, 340, 160)).resize(SIZE, Image.Resampling.LANCZOS)
    return np.asarray(face)


def alpha_plane() -> Array:
    """From clear at the left to opaque in the middle."""
    row = np.clip(np.linspace(0, 510, SIZE[0]), 0, 255)
    return np.tile(row, (SIZE[1], 1)).astype(np.uint8)


def over_white(rgb: Array, alpha: Array) -> Array:
    weight = alpha[..., None] / 255
    return np.rint(rgb * weight + 255 * (1 - weight)).astype(np.uint8)


def quantized(levels: Array, bits: int) -> Array:
    """Levels of 8 bits as they come back from samples of `bits`."""
    most = (1 << bits) - 1
    return np.rint(np.rint(levels * (most / 255)) * (255 / most)).astype(np.uint8)


def grey(rgb: Array) -> Array:
    return np.asarray(Image.fromarray(rgb).convert("L"))


def as_rgb(plane: Array) -> Array:
    return np.repeat(plane[..., None], 3, axis=2)


def stored_for(rgb: Array, orientation: int) -> Image.Image:
    """What a camera stores so that Exif's `orientation` shows it upright."""
    way = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
           5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
           8: Image.Transpose.ROTATE_270}.get(orientation)
    image = Image.fromarray(rgb)
    return image if way is None else image.transpose(way)


def seen_by_pillow(data: bytes) -> Array:
    """Upright RGB over white."""
    with Image.open(io.BytesIO(data)) as opened:
        image = ImageOps.exif_transpose(opened)
    if image.mode.startswith("I"):
        return as_rgb(np.rint(np.asarray(image).astype(np.uint32) / 257).astype(np.uint8))
    if image.mode == "LAB":
        image = ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), outputMode="RGB")
    if image.has_transparency_data:
        rgba = np.asarray(image.convert("RGBA"))
        return over_white(rgba[..., :3], rgba[..., 3])
    return np.asarray(image.convert("RGB"))


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif_of(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif.tobytes()


# JPEG, WebP, AVIF: Pillow writes all kinds

def jpegs() -> Iterator[Picture]:
    image = Image.fromarray(source())
    for mode, quality, subsampling, progressive, restarts in itertools.product(
            ("RGB", "L", "CMYK"), (60, 95), (0, 1, 2), (False, True), (0, 3)):
        if mode == "L" and subsampling:
            continue
        name = f"{mode}-{quality}-{subsampling}-{progressive}-{restarts}.jpg"
        yield Picture(name, saved(image.convert(mode), "JPEG", quality=quality, subsampling=subsampling,
                                  progressive=progressive, restart_marker_blocks=restarts))
    for orientation in range(1, 9):
        yield Picture(f"turned-{orientation}.jpg", saved(stored_for(source(), orientation), "JPEG", exif=exif_of(orientation)))
    plain = saved(image, "JPEG")
    first = 4 + int.from_bytes(plain[4:6], "big")
    yield Picture("stray.jpg", plain[:first] + b"stray\xff\x00bytes" + plain[first:], seen_by_pillow(plain))
    yield Picture("unended.jpg", plain[:-2], seen_by_pillow(plain))


def webps() -> Iterator[Picture]:
    for alpha, lossless, quality in itertools.product((False, True), (False, True), (30, 90)):
        image = Image.fromarray(np.dstack([source(), alpha_plane()]) if alpha else source())
        yield Picture(f"{alpha}-{lossless}-{quality}.webp", saved(image, "WEBP", lossless=lossless, quality=quality))
    for orientation in range(1, 9):
        yield Picture(f"turned-{orientation}.webp", saved(stored_for(source(), orientation), "WEBP", exif=exif_of(orientation)))


def avifs() -> Iterator[Picture]:
    def avif(image: Image.Image, **options: Any) -> bytes:
        return saved(image, "AVIF", quality=90, speed=10, max_threads=1, **options)

    for subsampling, span, alpha in itertools.product(("4:4:4", "4:2:2", "4:2:0", "4:0:0"), ("full", "limited"), (False, True)):
        image = Image.fromarray(np.dstack([source(), alpha_plane()]) if alpha else source())
        for premultiplied in (False, True) if alpha else (False,):
            yield Picture(f"{subsampling.replace(':', '')}-{span}-{alpha}-{premultiplied}.avif",
                          avif(image, subsampling=subsampling, range=span, alpha_premultiplied=premultiplied))
    for orientation in range(1, 9):
        yield Picture(f"turned-{orientation}.avif", avif(stored_for(source(), orientation), exif=exif_of(orientation)))


# PNG

def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(samples: Array, bits: int, colour_type: int, *chunks: bytes) -> bytes:
    """`samples`: rows x columns x channels, of `bits`."""
    height, width = samples.shape[:2]
    rows = [bytes([0]) + packed(row, bits, ">") for row in samples]
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + b"".join(chunks) \
        + png_chunk(b"IDAT", zlib.compress(b"".join(rows))) + png_chunk(b"IEND", b"")


def packed(samples: Array, bits: int, order: str) -> bytes:
    """A row's samples, most significant bit first, filled up to a byte."""
    flat = samples.reshape(-1)
    if bits == 16:
        return flat.astype(f"{order}u2").tobytes()
    if bits == 8:
        return flat.astype(np.uint8).tobytes()
    digits = (flat[:, None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(digits.astype(np.uint8)).tobytes()


def samples_of(levels: Array, bits: int) -> Array:
    return np.rint(levels * (((1 << bits) - 1) / 255)).astype(np.uint32)


def pngs() -> Iterator[Picture]:
    rgb, alpha = source(), alpha_plane()
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = Image.fromarray(np.dstack([rgb, alpha])).convert("L" if mode == "I;16" else mode)
        if mode == "I;16":
            image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
        yield Picture(f"pillow-{mode.replace(';', '')}.png", saved(image, "PNG"))
    for bits in (1, 2, 4, 8, 16):
        yield Picture(f"grey-{bits}.png", png(samples_of(grey(rgb), bits)[..., None], bits, 0), as_rgb(quantized(grey(rgb), bits)))
    for bits in (8, 16):
        both = np.dstack([grey(rgb), alpha])
        yield Picture(f"grey-alpha-{bits}.png", png(samples_of(both, bits), bits, 4), over_white(as_rgb(grey(rgb)), alpha))
        yield Picture(f"rgb-{bits}.png", png(samples_of(rgb, bits), bits, 2), rgb)
        yield Picture(f"rgba-{bits}.png", png(samples_of(np.dstack([rgb, alpha]), bits), bits, 6), over_white(rgb, alpha))
    for bits in (1, 2, 4, 8):
        indices, colours = palette(rgb, bits)
        plte = png_chunk(b"PLTE", colours.tobytes())
        clear = png_chunk(b"tRNS", b"\0")
        truth = colours[indices]
        yield Picture(f"palette-{bits}.png", png(indices[..., None], bits, 3, plte), truth)
        yield Picture(f"palette-clear-{bits}.png", png(indices[..., None], bits, 3, plte, clear),
                      np.where((indices == 0)[..., None], 255, truth).astype(np.uint8))
    for bits, gamma in itertools.product((8, 16), (1.0, 0.7, 0.55, 0.45455)):
        # The levels that, with this gamma, show the photo.
        light = np.where(rgb / 255 <= 0.04045, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4)
        chunk = png_chunk(b"gAMA", struct.pack(">I", round(gamma * 100000)))
        yield Picture(f"gamma-{gamma}-{bits}.png", png(samples_of(light ** gamma * 255, bits), bits, 2, chunk), rgb)
    for orientation in range(1, 9):
        turned = np.asarray(stored_for(rgb, orientation))
        exif = exif_of(orientation).removeprefix(b"Exif\0\0")
        digits = b"\nexif\n%8d\n%s\n" % (len(exif), exif.hex().encode())
        for name, chunk in (("eXIf", png_chunk(b"eXIf", exif)),
                            ("raw", png_chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(digits))),
                            ("xmp", png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x tiff:Orientation=\"%d\"/>" % orientation))):
            yield Picture(f"turned-{name}-{orientation}.png", png(turned, 8, 2, chunk), rgb)


def palette(rgb: Array, bits: int) -> tuple[Array, Array]:
    """Indices and 2^bits colours."""
    image = Image.fromarray(rgb).quantize(1 << bits, dither=Image.Dither.NONE)
    colours = np.zeros((1 << bits, 3), np.uint8)
    found = np.array(image.getpalette() or [], np.uint8).reshape(-1, 3)[:1 << bits]
    colours[:len(found)] = found
    return np.asarray(image), colours


# BMP

def bmp(pixels: bytes, bits: int, *, header: int = 40, compression: int = 0, masks: tuple[int, ...] = (),
        colours: Array | None = None, top_down: bool = False) -> bytes:
    width, height = SIZE
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, -height if top_down else height, 1, bits, compression, 0, 2835, 2835, 0, 0)
    mask_bytes = b"".join(struct.pack("<I", mask) for mask in masks)
    info = info + mask_bytes if header <= 40 else (info + mask_bytes).ljust(header, b"\0")
    table = b""
    if colours is not None:
        entry = b"" if header == 12 else b"\0"
        table = b"".join(bytes(colour[::-1]) + entry for colour in colours)
    start = 14 + len(info) + len(table)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + info + table + pixels


def bmp_rows(rows: list[bytes], top_down: bool = False) -> bytes:
    whole = [row + b"\0" * (-len(row) % 4) for row in rows]
    return b"".join(whole if top_down else whole[::-1])


def masked(rgb: Array, masks: tuple[int, ...], bits: int) -> tuple[Array, Array]:
    """Pixels by the masks, and what comes back of them."""
    pixels, back = np.zeros(rgb.shape[:2], np.uint32), np.zeros_like(rgb)
    for channel, mask in enumerate(masks[:3]):
        shift = (mask & -mask).bit_length() - 1
        width = (mask >> shift).bit_length()
        pixels |= samples_of(rgb[..., channel], width) << shift
        back[..., channel] = quantized(rgb[..., channel], width)
    return pixels.astype(f"<u{bits // 8}"), back


def run_lengths(indices: Array, bits: int) -> bytes:
    """RLE8 or RLE4: runs of what repeats, and some colours one by one."""
    out = bytearray()
    for row in indices[::-1]:
        x = 0
        while x < len(row):
            same = 1
            while x + same < len(row) and same < 255 and row[x + same] == row[x]:
                same += 1
            few = row[x:x + 3]
            if same < 3 and len(few) == 3:
                out += bytes([0, 3]) + (bytes(few) + b"\0" if bits == 8 else bytes([few[0] << 4 | few[1], few[2] << 4]))
                x += 3
            else:
                value = int(row[x])
                out += bytes([same, value if bits == 8 else value << 4 | value])
                x += same
        out += b"\0\0"
    return bytes(out + b"\0\1")


def bmps() -> Iterator[Picture]:
    rgb = source()
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        yield Picture(f"pillow-{mode}.bmp", saved(Image.fromarray(rgb).convert(mode), "BMP"))
    for header, bits in itertools.product((12, 40, 52, 56, 64, 108, 124), (1, 4, 8)):
        indices, colours = palette(rgb, bits)
        rows = bmp_rows([packed(row, bits, "<") for row in indices])
        yield Picture(f"palette-{header}-{bits}.bmp", bmp(rows, bits, header=header, colours=colours), colours[indices])
    for header, top_down in itertools.product((12, 40, 52, 56, 64, 108, 124), (False, True)):
        if header > 12 or not top_down:
            rows = bmp_rows([row[:, ::-1].tobytes() for row in rgb], top_down)
            yield Picture(f"bgr-{header}-{top_down}.bmp", bmp(rows, 24, header=header, top_down=top_down), rgb)
    kinds = {16: ((0x7C00, 0x03E0, 0x001F), (0xF800, 0x07E0, 0x001F), (0x0F00, 0x00F0, 0x000F), (0x001F, 0x07E0, 0xF800)),
             32: ((0xFF0000, 0xFF00, 0xFF), (0xFF, 0xFF00, 0xFF0000), (0xFF000000, 0xFF0000, 0xFF00), (0x3FF00000, 0xFFC00, 0x3FF))}
    for header, bits in itertools.product((40, 52, 56, 108, 124), (16, 32)):
        for number, masks in enumerate(kinds[bits]):
            pixels, truth = masked(rgb, masks, bits)
            rows = bmp_rows([row.tobytes() for row in pixels])
            yield Picture(f"masks-{header}-{bits}-{number}.bmp", bmp(rows, bits, header=header, compression=3, masks=masks), truth)
            if number == 0:
                yield Picture(f"plain-{header}-{bits}.bmp", bmp(rows, bits, header=header), truth)
    alpha = alpha_plane().astype("<u4") << 24
    pixels, _ = masked(rgb, kinds[32][0], 32)
    rows = bmp_rows([row.tobytes() for row in pixels | alpha])
    for header in (56, 108, 124):
        masks = (*kinds[32][0], 0xFF000000)
        yield Picture(f"alpha-{header}.bmp", bmp(rows, 32, header=header, compression=3, masks=masks), over_white(rgb, alpha_plane()))
    for bits, header in itertools.product((4, 8), (40, 108, 124)):
        indices, colours = palette(rgb, bits)
        yield Picture(f"runs-{bits}-{header}.bmp", bmp(run_lengths(indices, bits), bits, header=header, compression=3 - bits // 4,
                                                       colours=colours), colours[indices])


# TIFF

def tiff(samples: Array, bits: int, photometric: int, *, order: str = "<", planar: bool = False, tile: int = 0, extra: int | None = None,
         rows: int = 11, colours: Array | None = None, more: dict[int, tuple[str, list[int]]] | None = None) -> bytes:
    """`samples`: rows x columns x channels, of `bits`; in strips of `rows`, or in square tiles of `tile`."""
    height, width, channels = samples.shape
    planes = [samples[..., i:i + 1] for i in range(channels)] if planar else [samples]
    pieces: list[bytes] = []
    for plane in planes:
        if tile:
            padded = np.pad(plane, ((0, -height % tile), (0, -width % tile), (0, 0)))
            for y, x in itertools.product(range(0, height, tile), range(0, width, tile)):
                pieces.append(b"".join(packed(row, bits, order) for row in padded[y:y + tile, x:x + tile]))
        else:
            for y in range(0, height, rows):
                pieces.append(b"".join(packed(row, bits, order) for row in plane[y:y + rows]))
    tags: dict[int, tuple[str, list[int]]] = {
        256: ("I", [width]), 257: ("I", [height]), 258: ("H", [bits] * channels), 259: ("H", [1]), 262: ("H", [photometric]),
        277: ("H", [channels]), 284: ("H", [2 if planar else 1]), **(more or {})}
    offsets, counts = (324, 325) if tile else (273, 279)
    tags[offsets], tags[counts] = ("I", [0] * len(pieces)), ("I", [len(piece) for piece in pieces])
    if tile:
        tags[322], tags[323] = ("H", [tile]), ("H", [tile])
    else:
        tags[278] = ("I", [rows])
    if extra is not None:
        tags[338] = ("H", [extra])
    if colours is not None:
        tags[320] = ("H", [int(value) * 257 for value in colours.T.reshape(-1)])
    def content(values: tuple[str, list[int]]) -> bytes:
        return struct.pack(f"{order}{len(values[1])}{values[0]}", *values[1])
    start = 8 + 2 + 12 * len(tags) + 4
    data_at = start + sum(len(content(values)) for values in tags.values() if len(content(values)) > 4)
    tags[offsets] = ("I", [data_at + sum(map(len, pieces[:i])) for i in range(len(pieces))])
    directory, outside = b"", b""
    for tag, values in sorted(tags.items()):
        value = content(values)
        directory += struct.pack(f"{order}HHI", tag, {"B": 1, "H": 3, "I": 4}[values[0]], len(values[1]))
        if len(value) > 4:
            directory += struct.pack(f"{order}I", start + len(outside))
            outside += value
        else:
            directory += value.ljust(4, b"\0")
    magic = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 8)
    return magic + struct.pack(f"{order}H", len(tags)) + directory + b"\0\0\0\0" + outside + b"".join(pieces)


def tiffs() -> Iterator[Picture]:
    rgb, alpha = source(), alpha_plane()
    image = Image.fromarray(np.dstack([rgb, alpha]))
    for mode, compression in itertools.product(("1", "L", "LA", "P", "RGB", "RGBA", "I;16", "LAB"),
                                               ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "zstd")):
        if mode == "I;16":
            made = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
        elif mode == "LAB":
            made = ImageCms.profileToProfile(image.convert("RGB"), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB")
        else:
            made = image.convert(mode)
        yield Picture(f"pillow-{mode.replace(';', '')}-{compression}.tif", saved(made, "TIFF", compression=compression),
                      rgb if mode == "LAB" else None)
    for mode in ("L", "RGB", "YCbCr"):
        yield Picture(f"pillow-jpeg-{mode}.tif", saved(image.convert("RGB").convert(mode), "TIFF", compression="jpeg", quality=90))
    yield Picture("pillow-ycbcr.tif", saved(image.convert("RGB").convert("YCbCr"), "TIFF"))
    for compression in ("group3", "group4"):
        yield Picture(f"pillow-{compression}.tif", saved(image.convert("1"), "TIFF", compression=compression))
    yield Picture("cmyk.tif", saved(image.convert("RGB").convert("CMYK"), "TIFF"), refused=True)

    layouts = [{"order": order, "tile": tile} for order in "<>" for tile in (0, 16)]
    for number, layout in enumerate(layouts):
        for bits in (1, 2, 4, 8, 16):
            plane = samples_of(grey(rgb), bits)[..., None]
            truth = as_rgb(quantized(grey(rgb), bits))
            most = (1 << bits) - 1
            yield Picture(f"black-is-zero-{bits}-{number}.tif", tiff(plane, bits, 1, **layout), truth)
            yield Picture(f"white-is-zero-{bits}-{number}.tif", tiff(most - plane, bits, 0, **layout), truth)
            for planar in (False, True):
                yield Picture(f"rgb-{bits}-{planar}-{number}.tif", tiff(samples_of(rgb, bits), bits, 2, planar=planar, **layout),
                              quantized(rgb, bits))
        for bits in (1, 2, 4, 8):
            indices, colours = palette(rgb, bits)
            yield Picture(f"palette-{bits}-{number}.tif", tiff(indices[..., None], bits, 3, colours=colours, **layout), colours[indices])
        for bits, planar, extra in itertools.product((8, 16), (False, True), (None, 0, 1, 2)):
            colour = np.rint(rgb * (alpha[..., None] / 255)) if extra == 1 else rgb
            truth = rgb if extra == 0 else over_white(rgb, alpha)
            samples = samples_of(np.dstack([colour, alpha]), bits)
            yield Picture(f"alpha-{bits}-{planar}-{extra}-{number}.tif", tiff(samples, bits, 2, planar=planar, extra=extra, **layout), truth)
        for bits in (8, 16):
            samples = samples_of(np.dstack([grey(rgb), alpha]), bits)
            yield Picture(f"grey-alpha-{bits}-{number}.tif", tiff(samples, bits, 1, extra=2, **layout), over_white(as_rgb(grey(rgb)), alpha))
    for orientation, kind in itertools.product(range(1, 9), "BHI"):
        turned = np.asarray(stored_for(rgb, orientation))
        yield Picture(f"turned-{orientation}-{kind}.tif", tiff(turned, 8, 2, more={274: (kind, [orientation])}), rgb)


def foreign() -> Iterator[Picture]:
    """Formats that the program should refuse by name."""
    image = Image.fromarray(source())
    for kind, mode in (("PPM", "RGB"), ("PPM", "L"), ("PPM", "1"), ("TGA", "RGB"), ("TGA", "L"), ("PCX", "RGB"), ("PCX", "L"), ("GIF", "P"),
                       ("ICO", "RGB"), ("JPEG2000", "RGB"), ("DDS", "RGB"), ("SGI", "RGB"), ("EPS", "RGB"), ("PDF", "RGB"), ("ICNS", "RGB")):
        yield Picture(f"{kind}-{mode}", saved(image.convert(mode), kind), refused=True)


FAMILIES = {"jpeg": jpegs, "webp": webps, "avif": avifs, "png": pngs, "bmp": bmps, "tiff": tiffs, "foreign": foreign}
