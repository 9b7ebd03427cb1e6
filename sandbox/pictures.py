"""Pictures without a library: one to send, and how large one is."""

import struct
import zlib


def sample_picture(side: int = 96) -> bytes:
    """Return a small valid PNG: a soft red patch on skin colour."""
    rows = bytearray()
    for y in range(side):
        rows.append(0)
        for x in range(side):
            near = max(0, 60 - ((x - side // 2) ** 2 + (y - side // 2) ** 2) // 12)
            rows += bytes((224, 180 - near, 160 - near))

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    picture = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(rows)))
    return b"\x89PNG\r\n\x1a\n" + picture + chunk(b"IEND", b"")


def size_of(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels of a PNG or JPEG, a common size for anything else."""
    if data.startswith(b"\x89PNG") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    position = 2
    while data.startswith(b"\xff\xd8") and position + 9 < len(data):
        marker, length = struct.unpack(">HH", data[position : position + 4])
        if 0xFFC0 <= marker <= 0xFFC3:
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return width, height
        position += 2 + length
    return 1280, 960
