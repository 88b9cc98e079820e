# SPDX-License-Identifier: Apache-2.0
"""Pages for a FAX, as TIFF and PDF, that are told apart after any renderer and any resolution: each is a grid of black
and white cells of its own. And the pages of a TIFF that a FAX machine has received."""
from __future__ import annotations

import dataclasses
import pathlib
import random
import struct
import subprocess
import tempfile

WIDTH, ROWS = 1728, 2292  # A4, 204 by 196 to the inch: what every FAX takes as it is
COLUMNS, LINES = 4, 6
PAPER = (595, 842)        # A4 in points
Cells = list[list[bool]]  # true: black
Rows = list[bytes]        # of a page; a set bit is black


def cells(seed: int) -> Cells:
    """Never all alike."""
    chosen = random.Random(seed)
    dark = set(chosen.sample(range(COLUMNS * LINES), COLUMNS * LINES // 3))
    return [[line * COLUMNS + column in dark for column in range(COLUMNS)] for line in range(LINES)]


def drawn(grid: Cells, noisy_rows: int = 0) -> Rows:
    """A page of 1728 by 2292; with noise at its end, which no coding makes small, it takes long to send."""
    octets = WIDTH // 8 // COLUMNS
    page = [b"".join((b"\xff" if grid[row * LINES // ROWS][column] else b"\x00") * octets
                     for column in range(COLUMNS)) for row in range(ROWS)]
    noise = random.Random(1)
    for row in range(ROWS - noisy_rows, ROWS):
        page[row] = noise.randbytes(WIDTH // 8)
    return page


def grid_of(page: Rows) -> Cells:
    """What the middle of each cell is."""
    def dark(line: int, column: int) -> bool:
        middle = [page[(2 * line + 1) * len(page) // (2 * LINES) + away] for away in (-8, 0, 8)]
        at = (2 * column + 1) * len(page[0]) // (2 * COLUMNS)
        return sum(row[at].bit_count() for row in middle) > 12

    return [[dark(line, column) for column in range(COLUMNS)] for line in range(LINES)]


# --- documents ------------------------------------------------------------------------------------------------------
def tiff(pages: list[Rows]) -> bytes:
    """TIFF 6.0 in the coding of ITU-T T.6."""
    octets = b"II*\0" + struct.pack("<I", 8)
    for place, page in enumerate(pages):
        image = b"".join(page)
        entries = [(256, 4, WIDTH), (257, 4, len(page)), (258, 3, 1), (259, 3, 1), (262, 3, 0), (273, 4, 0),
                   (277, 3, 1), (278, 4, len(page)), (279, 4, len(image)), (282, 5, 0), (283, 5, 0), (296, 3, 2)]
        behind = len(octets) + 2 + 12 * len(entries) + 4
        values = {273: behind + 16, 282: behind, 283: behind + 8}
        octets += struct.pack("<H", len(entries))
        octets += b"".join(struct.pack("<HHII", tag, kind, 1, values.get(tag, value)) for tag, kind, value in entries)
        octets += struct.pack("<I", 0 if place + 1 == len(pages) else behind + 16 + len(image))
        octets += struct.pack("<IIII", 204, 1, 196, 1) + image
    return copied(octets, "-c", "g4")


def pdf(grids: list[Cells]) -> bytes:
    """Cells as rectangles of vectors, for a renderer to draw."""
    width, height = PAPER[0] / COLUMNS, PAPER[1] / LINES
    kids = " ".join(f"{3 + 2 * place} 0 R" for place in range(len(grids)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(grids)} >>"]
    for place, grid in enumerate(grids):
        drawing = "\n".join(f"{column * width:.2f} {PAPER[1] - (line + 1) * height:.2f} {width:.2f} {height:.2f} re f"
                            for line, row in enumerate(grid) for column, dark in enumerate(row) if dark)
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAPER[0]} {PAPER[1]}] "
                       f"/Contents {4 + 2 * place} 0 R /Resources << >> >>")
        objects.append(f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream")
    text, offsets = "%PDF-1.4\n", []
    for number, written in enumerate(objects, 1):
        offsets.append(len(text))
        text += f"{number} 0 obj\n{written}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    return (f"{text}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
            f"<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(text)}\n%%EOF\n").encode("ascii")


# --- what was received ----------------------------------------------------------------------------------------------
def copied(octets: bytes, *options: str) -> bytes:
    """By tiffcp, which nobody here wrote."""
    with tempfile.TemporaryDirectory() as directory:
        before, after = pathlib.Path(directory, "before.tif"), pathlib.Path(directory, "after.tif")
        before.write_bytes(octets)
        subprocess.run(["tiffcp", *options, "-f", "msb2lsb", "-r", "100000", str(before), str(after)],
                       stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=30)
        return after.read_bytes()


@dataclasses.dataclass(frozen=True)
class _Directory:
    tags: dict[int, int]
    next: int


def _directory(octets: bytes, at: int) -> _Directory:
    count = struct.unpack_from("<H", octets, at)[0]
    tags = {}
    for place in range(count):
        tag, kind, _, value = struct.unpack_from("<HHII", octets, at + 2 + 12 * place)
        tags[tag] = value & 0xFFFF if kind == 3 else value
    return _Directory(tags, struct.unpack_from("<I", octets, at + 2 + 12 * count)[0])


def pages_of(received: bytes) -> list[Rows]:
    """Of a TIFF in any coding."""
    octets = copied(received, "-c", "none", "-L")
    pages, at = [], struct.unpack_from("<I", octets, 4)[0]
    while at:
        found = _directory(octets, at)
        width, begin, black_is_zero = found.tags[256] // 8, found.tags[273], found.tags.get(262) == 1
        image = octets[begin:begin + width * found.tags[257]]
        if black_is_zero:
            image = bytes(octet ^ 0xFF for octet in image)
        pages.append([image[row:row + width] for row in range(0, len(image), width)])
        at = found.next
    return pages
