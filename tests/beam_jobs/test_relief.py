"""What photo-like drawings stand on: nearer hides farther, the lamp's side is bright, the camera sees what faces it."""

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.canvas import SUPERSAMPLE, shrink
from beam_jobs.demo.draw.lofts import Camera
from beam_jobs.demo.draw.photo import shadow
from beam_jobs.demo.draw.relief import Relief, place

RED, BLUE = (200, 20, 20), (20, 20, 200)


def test_the_nearer_body_hides_the_farther_whatever_the_order() -> None:
    for order in ((0, 1), (1, 0)):
        relief = Relief((60, 40))
        bodies = [((20.0, 20.0, 0.0), BLUE), ((20.0, 20.0, 30.0), RED)]
        for index in order:
            at, color = bodies[index]
            relief.limb(at, at, (10, 10), color)
        assert relief.color[:, 20, 20].tolist() == list(RED)
    assert relief.alpha[20, 20] == 1
    assert relief.alpha[20, 45] == 0


def test_a_ball_is_brighter_on_the_side_of_the_lamp() -> None:
    relief = Relief((80, 80))
    relief.limb((40, 40, 0), (40, 40, 0), (30, 30), (180, 180, 180))
    picture, mask = relief.lit((-1.0, 0.0, 0.3), ambient=0.4)
    grey = np.asarray(picture.convert("L"), dtype=float)
    assert grey[40, 22] > grey[40, 58] + 40
    assert np.asarray(mask)[40, 40] == 255


def test_a_relief_placed_on_a_canvas_comes_back_pixel_by_pixel() -> None:
    relief = Relief((50, 30))
    relief.slab(np.array([(10.0, 8.0), (40.0, 8.0), (40.0, 22.0), (10.0, 22.0)]), 0.0, RED)
    picture, mask = relief.lit((0.0, 0.0, 1.0))
    canvas = Image.new("RGB", (50 * SUPERSAMPLE, 30 * SUPERSAMPLE), BLUE)
    place(canvas, picture, mask)
    small = np.asarray(shrink(canvas))
    inside = np.asarray(mask) == 255
    assert inside.sum() > 300
    assert np.array_equal(small[inside], np.asarray(picture)[inside])
    assert (small[np.asarray(mask) == 0] == BLUE).all()


def test_bodies_outside_the_picture_leave_it_empty() -> None:
    relief = Relief((30, 30))
    relief.limb((-90, 10, 0), (-70, 10, 0), (5, 5), RED)
    relief.slab(np.array([(90.0, 90.0), (99.0, 90.0), (99.0, 99.0)]), 0.0, RED, bulge=3)
    assert not relief.alpha.any()
    picture, mask = relief.lit((0.0, -1.0, 1.0))
    canvas = Image.new("RGB", (60, 60), BLUE)
    place(canvas, picture, mask)
    assert (np.asarray(canvas) == BLUE).all()


def test_the_camera_frames_a_body_and_knows_which_sides_face_it() -> None:
    camera = Camera(turn=0.5, eye=1.5, far=9.0)
    corners = np.array([(x, y, z) for x in (-2.0, 2.0) for y in (0.0, 1.4) for z in (-0.9, 0.9)])
    camera.aim(corners, (20, 10, 300, 180))
    flat = camera.flat(corners)
    assert flat[:, 0].min() >= 20 - 1e-6
    assert flat[:, 0].max() <= 300 + 1e-6
    assert abs(flat[:, 1].max() - 180) < 1e-6
    assert camera.faces((0, 0, 1), (0, 0.7, 0.9))
    assert not camera.faces((0, 0, -1), (0, 0.7, -0.9))
    assert camera.near(np.array([(2.0, 1.0, 0.0)]))[0] > camera.near(np.array([(-2.0, 1.0, 0.0)]))[0]


def test_a_shadow_darkens_its_polygon_and_nothing_far_away() -> None:
    image = Image.new("RGB", (120, 80), (200, 200, 200))
    shadow(image, np.array([(30.0, 30.0), (60.0, 30.0), (60.0, 50.0), (30.0, 50.0)]), 0.6, 3)
    pixels = np.asarray(image.convert("L"), dtype=int)
    assert pixels[40, 45] < 110
    assert pixels[40, 110] == 200
    shadow(image, np.array([(500.0, 500.0), (510.0, 500.0), (510.0, 520.0)]), 0.6, 3)
    assert np.array_equal(np.asarray(image.convert("L"), dtype=int), pixels)
