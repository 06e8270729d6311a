#!/usr/bin/env python3
"""A program for --render-command: an avatar comes as JSON on stdin, its picture goes to stdout as PNG.

A closed engine would be asked here. This one paints the avatar's first colours as stripes, with the standard library alone.
"""
import json
import struct
import sys
import zlib

request = json.load(sys.stdin)  # {"engine": name, "avatar": {"discrete", "continuous", "colors"}, "size": pixels}
size, colors = request["size"], list(request["avatar"]["colors"].values())
if not colors:
    sys.exit("this engine has no colours")  # stderr: the end of it stands in the error message
stripes = [bytes.fromhex(color[1:7]) for color in colors[:8]]
row = b"\0" + b"".join(stripes[x * len(stripes) // size] for x in range(size))


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


sys.stdout.buffer.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)) +
                        chunk(b"IDAT", zlib.compress(row * size)) + chunk(b"IEND", b""))
