# SPDX-License-Identifier: Apache-2.0
"""`ringpost simulate`: figures, page, and a day that can be lived again."""
from __future__ import annotations

import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from offices import build_directory
from two_offices import program

SMALL = ["--telephones", "30", "--camp-ons", "120", "--hours", "1", "--seed", "7"]
XHTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"


def ringpost(*words: str, folder: pathlib.Path | None = None) -> subprocess.CompletedProcess[str]:
    """No gateway runs; none is needed."""
    return subprocess.run([str(program(build_directory(), "ringpost").resolve()), *words], stdin=subprocess.DEVNULL, cwd=folder,
                          capture_output=True, text=True, encoding="utf-8", timeout=300, check=False)


def digests(done: subprocess.CompletedProcess[str]) -> list[str]:
    return re.findall(r"digest ([0-9a-f]{16})", done.stderr)


def text_of(element: ElementTree.Element | None) -> str:
    assert element is not None
    return "".join(element.itertext())


def rows_of_text(output: str) -> list[list[str]]:
    """The cells of the table: columns stand two blanks apart."""
    lines = output.split("\n\n")[1].splitlines()
    return [re.split(r" {2,}", line.strip()) for line in lines]


def rows_of_page(page: ElementTree.Element) -> list[list[str]]:
    return [[text_of(cell) for cell in row] for row in page.iter(f"{XHTML}tr")]


class Simulate(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_the_page_is_well_formed_and_says_what_the_text_says(self) -> None:
        report = self.folder / "report.html"
        done = ringpost("simulate", *SMALL, "--lines", "2,5", "--report", str(report))
        self.assertEqual(done.returncode, 0, done.stderr)
        page = ElementTree.fromstring(report.read_text(encoding="utf-8"))
        self.assertEqual(page.tag, f"{XHTML}html")
        self.assertEqual(page.get("lang"), "en")
        rows = rows_of_page(page)
        self.assertEqual(rows, rows_of_text(done.stdout))
        self.assertEqual([row[0] for row in rows], ["Lines", "2", "5"])
        advice = done.stdout.split("\n\n")[-1].splitlines()[-1]
        self.assertEqual(text_of(page.find(f".//{XHTML}strong")), advice)
        self.assertFalse(list(self.folder.glob("*.part")))

    def test_files_of_others_stay(self) -> None:
        others = [self.folder / ".part", self.folder / "report.html.part"]
        for other in others:
            other.write_text("of somebody else", encoding="utf-8")
        for words in ((), ("--report", "report.html")):
            done = ringpost("simulate", *SMALL, "--lines", "2", *words, folder=self.folder)
            self.assertEqual(done.returncode, 0, done.stderr)
        for other in others:
            self.assertEqual(other.read_text(encoding="utf-8"), "of somebody else")
        self.assertEqual(sorted(self.folder.iterdir()), sorted([*others, self.folder / "report.html"]))

    def test_a_goal_is_a_number(self) -> None:
        for goal in ("nan", "inf", "-1", "101", "1x", ""):
            done = ringpost("simulate", *SMALL, "--goal", goal)
            self.assertNotEqual(done.returncode, 0, goal)
            self.assertIn("--goal", done.stderr)

    def test_the_picture_can_be_read_by_those_who_do_not_see_it(self) -> None:
        report = self.folder / "report.html"
        done = ringpost("simulate", *SMALL, "--lines", "2,5", "--report", str(report))
        self.assertEqual(done.returncode, 0, done.stderr)
        page = ElementTree.fromstring(report.read_text(encoding="utf-8"))
        picture = page.find(f".//{SVG}svg")
        assert picture is not None
        self.assertEqual(picture.get("role"), "img")
        names = {child.get("id"): text_of(child) for child in picture if child.get("id")}
        self.assertEqual(list(names), str(picture.get("aria-labelledby")).split())
        self.assertIn("5 lines: ", names["picture-text"])
        self.assertEqual(len(picture.findall(f"{SVG}polyline")), 2)
        for curve in picture.iter(f"{SVG}polyline"):
            points = [point.split(",") for point in str(curve.get("points")).split()]
            across = [float(x) for x, _ in points]
            down = [float(y) for _, y in points]
            # Ever more requests are connected: to the right and never down (the picture counts from above).
            self.assertEqual(across, sorted(across))
            self.assertEqual(down, sorted(down, reverse=True))
            self.assertGreater(down[0], down[-1])
        self.assertEqual(text_of(page.find(f".//{XHTML}caption"))[:24], "By number of lines, of t")
        self.assertIsNotNone(page.find(f".//{XHTML}div[@tabindex='0']"))

    def test_the_same_command_gives_the_same_day(self) -> None:
        report = self.folder / "report.html"
        first = ringpost("simulate", *SMALL, "--lines", "5", "--report", str(report))
        self.assertEqual(first.returncode, 0, first.stderr)
        page = ElementTree.fromstring(report.read_text(encoding="utf-8"))
        line = shlex.split(text_of(page.find(f".//{XHTML}code")))
        self.assertEqual(line[:2], ["ringpost", "simulate"])
        again = ringpost(*line[1:])
        self.assertEqual(again.stdout, first.stdout)
        self.assertEqual(digests(again), digests(first))
        other = ringpost(*line[1:-1], "8")
        self.assertNotEqual(digests(other), digests(first))

    def test_without_a_number_the_least_that_do_are_looked_for(self) -> None:
        done = ringpost("simulate", *SMALL)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = rows_of_text(done.stdout)
        numbers = [int(row[0]) for row in rows[1:]]
        blocked = [float(row[rows[0].index("All lines taken")].split()[0]) for row in rows[1:]]
        best = int(str(re.search(r"^(\d+) lines? (?:is|are) enough", done.stdout, re.MULTILINE).group(1)))  # type: ignore[union-attr]
        self.assertEqual(numbers[-1], 15)  # more than 30 telephones can use
        self.assertLessEqual(blocked[numbers.index(best)], 1.0)
        self.assertGreater(blocked[numbers.index(best - 1)], 1.0)

    def test_what_cannot_be_done_is_said_before_anything_is_simulated(self) -> None:
        for words, code, complaint in [
                (["--lines", "0"], 2, "0 is neither auto nor a number of lines"),
                (["--lines", "2,auto"], 2, "either auto or numbers"),
                (["--telephones", "3"], 2, "--telephones"),
                (["--hours", "1000"], 2, "--hours"),
                (["--report", "/nowhere/report.html"], 1, "/nowhere/report.html cannot be written")]:
            with self.subTest(words=words):
                done = ringpost("simulate", *SMALL, *words)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(complaint, done.stderr + done.stdout)
                self.assertEqual(digests(done), [])
