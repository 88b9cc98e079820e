# SPDX-License-Identifier: Apache-2.0
"""The comparison of what was heard with what was said knows a recording again, and nothing else."""
from __future__ import annotations

import unittest

from voices import found, melody, whole

SOUND = melody(1.2, seed=1)
SILENCE = [0] * 4000
TORN = 800  # samples


class Comparison(unittest.TestCase):
    def test_a_recording_is_known_wherever_it_begins(self) -> None:
        for begin in range(16):
            with self.subTest(begin):
                self.assertEqual(found(SOUND, [0] * begin + SILENCE + SOUND + SILENCE), [True, True])

    def test_it_is_known_without_anything_behind_it(self) -> None:
        for begin in range(8):
            with self.subTest(begin):
                self.assertTrue(whole(SOUND, [0] * begin + SOUND))

    def test_where_100_ms_are_missing_late_or_heard_twice_it_is_not_whole(self) -> None:
        middle = 2000
        for name, torn in (("missing", SOUND[:middle] + SOUND[middle + TORN:]),
                           ("late", SOUND[:middle] + [0] * TORN + SOUND[middle:]),
                           ("twice", SOUND[:middle] + SOUND[middle - TORN:])):
            for begin in range(8):
                with self.subTest(name, begin=begin):
                    self.assertEqual(found(SOUND, [0] * begin + SILENCE + torn + SILENCE), [False, True])

    def test_nothing_else_is_taken_for_it(self) -> None:
        self.assertEqual(found(SOUND, SILENCE * 3), [False, False])
        for seed in range(2, 8):
            with self.subTest(seed):
                self.assertNotIn(True, found(SOUND, SILENCE + melody(3, seed=seed)))


if __name__ == "__main__":
    unittest.main()
