"""Drawn pictures of no class: the same for the same seed, different among themselves."""

import numpy as np

from intent.unknown_pictures import KINDS, draw_unknown


def test_pictures_repeat_and_do_not_depend_on_how_many_there_are() -> None:
    pictures, kinds = draw_unknown(3, size=32, seed=5)
    assert pictures.shape == (3 * len(KINDS), 32, 32, 3)
    assert np.bincount(kinds).tolist() == [3] * len(KINDS)
    fewer, _ = draw_unknown(2, size=32, seed=5)
    assert np.array_equal(fewer[:2], pictures[:2])
    assert np.array_equal(fewer[-2:], pictures[-3:-1])
    assert len({picture.tobytes() for picture in pictures}) == len(pictures)
    assert not np.array_equal(draw_unknown(3, size=32, seed=6)[0], pictures)
