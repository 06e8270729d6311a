"""Rasterises SVG text with the system's librsvg, the library that the program draws with."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, c_char_p, c_double, c_int, c_size_t, c_void_p
from functools import cache
from types import SimpleNamespace

import numpy as np

ARGB32 = 0


class Rectangle(ctypes.Structure):
    _fields_ = [(name, c_double) for name in ("x", "y", "width", "height")]


@cache
def library() -> SimpleNamespace:
    rsvg, cairo, gobject = (ctypes.CDLL(name) for name in ("librsvg-2.so.2", "libcairo.so.2", "libgobject-2.0.so.0"))

    def function(owner: ctypes.CDLL, name: str, result: object, *arguments: object) -> object:
        found = getattr(owner, name)
        found.restype, found.argtypes = result, arguments
        return found

    return SimpleNamespace(
        read=function(rsvg, "rsvg_handle_new_from_data", c_void_p, c_char_p, c_size_t, c_void_p),
        draw=function(rsvg, "rsvg_handle_render_document", c_int, c_void_p, c_void_p, POINTER(Rectangle), c_void_p),
        surface=function(cairo, "cairo_image_surface_create", c_void_p, c_int, c_int, c_int),
        context=function(cairo, "cairo_create", c_void_p, c_void_p),
        flush=function(cairo, "cairo_surface_flush", None, c_void_p),
        data=function(cairo, "cairo_image_surface_get_data", POINTER(ctypes.c_uint8), c_void_p),
        end_surface=function(cairo, "cairo_surface_destroy", None, c_void_p),
        end_context=function(cairo, "cairo_destroy", None, c_void_p),
        end_handle=function(gobject, "g_object_unref", None, c_void_p))


def rasterise(svg: str, width: int = 256, height: int = 256) -> np.ndarray:
    """[height, width, 4], BGRA multiplied by alpha, as cairo keeps it: nothing is rounded a second time."""
    rsvg = library()
    text = svg.encode()
    handle = rsvg.read(text, len(text), None)
    assert handle, f"librsvg cannot read {svg[:200]}"
    surface = rsvg.surface(ARGB32, width, height)
    context = rsvg.context(surface)
    drawn = rsvg.draw(handle, context, byref(Rectangle(0, 0, width, height)), None)
    rsvg.flush(surface)
    pixels = np.ctypeslib.as_array(rsvg.data(surface), (height, width, 4)).copy()
    rsvg.end_context(context)
    rsvg.end_surface(surface)
    rsvg.end_handle(handle)
    assert drawn, f"librsvg cannot draw {svg[:200]}"
    return pixels
