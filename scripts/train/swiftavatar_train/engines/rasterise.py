"""SVG to pixels with librsvg, through ctypes: the same library that the C++ program draws with."""

from __future__ import annotations

import ctypes
from functools import lru_cache

import numpy as np

ARGB32 = 0  # CAIRO_FORMAT_ARGB32: premultiplied, native byte order


class _Rectangle(ctypes.Structure):
    _fields_ = [(name, ctypes.c_double) for name in ("x", "y", "width", "height")]


@lru_cache(maxsize=1)
def _libraries() -> tuple[ctypes.CDLL, ctypes.CDLL, ctypes.CDLL]:
    try:
        rsvg, cairo = ctypes.CDLL("librsvg-2.so.2"), ctypes.CDLL("libcairo.so.2")
        gobject = ctypes.CDLL("libgobject-2.0.so.0")
    except OSError as error:
        raise RuntimeError(f"{error}: install librsvg (Debian: apt-get install librsvg2-2)") from None
    pointer = ctypes.c_void_p
    rsvg.rsvg_handle_new_from_data.restype = pointer
    rsvg.rsvg_handle_new_from_data.argtypes = [ctypes.c_char_p, ctypes.c_size_t, pointer]
    rsvg.rsvg_handle_render_document.restype = ctypes.c_int
    rsvg.rsvg_handle_render_document.argtypes = [pointer, pointer, ctypes.POINTER(_Rectangle), pointer]
    gobject.g_object_unref.argtypes = [pointer]
    cairo.cairo_image_surface_create_for_data.restype = pointer
    cairo.cairo_image_surface_create_for_data.argtypes = [pointer, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int]
    cairo.cairo_create.restype = pointer
    cairo.cairo_create.argtypes = [pointer]
    for name in ("cairo_destroy", "cairo_surface_destroy", "cairo_surface_flush"):
        getattr(cairo, name).argtypes = [pointer]
    return rsvg, cairo, gobject


def rasterise(svg: str, size: int) -> np.ndarray:
    """Draws a square SVG document: uint8 [size, size, 4], RGBA with straight alpha. Raises ValueError if it is no SVG."""
    rsvg, cairo, gobject = _libraries()
    data = svg.encode()
    handle = rsvg.rsvg_handle_new_from_data(data, len(data), None)
    if not handle:
        raise ValueError("librsvg cannot read the SVG document")
    pixels = np.zeros((size, size, 4), np.uint8)
    surface = cairo.cairo_image_surface_create_for_data(pixels.ctypes.data, ARGB32, size, size, size * 4)
    context = cairo.cairo_create(surface)
    done = rsvg.rsvg_handle_render_document(handle, context, ctypes.byref(_Rectangle(0, 0, size, size)), None)
    cairo.cairo_surface_flush(surface)
    cairo.cairo_destroy(context)
    cairo.cairo_surface_destroy(surface)
    gobject.g_object_unref(handle)
    if not done:
        raise ValueError("librsvg cannot draw the SVG document")
    rgba = pixels[..., [2, 1, 0, 3]]
    alpha = rgba[..., 3:].astype(np.uint16)
    if int(alpha.min()) < 255:
        rgb = (rgba[..., :3].astype(np.uint16) * 255 + alpha // 2) // np.maximum(alpha, 1)
        rgba = np.concatenate([np.minimum(rgb, 255).astype(np.uint8), rgba[..., 3:]], axis=-1)
    return np.ascontiguousarray(rgba)
