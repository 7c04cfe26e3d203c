"""vehicle_photo: cars, buses, lorries, trains, cycles, aeroplanes and boats where they are photographed."""

import numpy as np
from PIL import Image, ImageDraw

from beam_jobs.demo.draw.canvas import SUPERSAMPLE, WHITE, Color, blend, extent, pick, shrink
from beam_jobs.demo.draw.cars import SHAPES, body, lorry, outline, paint_color
from beam_jobs.demo.draw.crafts import boat_points, motor_boat, plane, plane_points, sailing_boat
from beam_jobs.demo.draw.cycles import bicycle, motorbike
from beam_jobs.demo.draw.grounds import canvas_of, indoors, outdoors, studio
from beam_jobs.demo.draw.lofts import Camera, Scene, Solid
from beam_jobs.demo.draw.photo import finish, shadow, sky

_CARS = ("sedan", "sedan", "hatch", "suv", "suv", "sports", "sports", "old", "pickup", "van")
_LARGE = ("bus", "bus", "minibus", "tram", "train")


def vehicle_photo(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a vehicle as a photograph."""
    width, height = extent(rng, size, 1.0, 1.8)
    scene = pick(rng, (_car, _car, _car, _car, _large, _large, _lorry, _cycle, _cycle, _cycle, _aeroplane, _boat))
    return finish(shrink(scene(rng, width, height)), rng, soft=0.3)


def _camera(rng: np.random.Generator, long: float, eye: float) -> Camera:
    """Return a camera at the side, at a corner, before or behind a vehicle of a length in metres."""
    view = pick(rng, ("side", "corner", "corner", "corner", "front", "rear"))
    turn = {
        "side": rng.normal(0, 0.12),
        "corner": rng.uniform(0.35, 1.1),
        "front": rng.uniform(1.3, 1.57),
        "rear": -rng.uniform(0.4, 1.2),
    }[view]
    turn = float(turn if rng.random() < 0.5 else np.pi - turn)
    return Camera(turn, eye, long * rng.uniform(1.3, 2.6))


def _frame(rng: np.random.Generator, camera: Camera, points: Solid, width: int, height: int) -> float:
    """Aim the camera and return the horizon (0–1 of the height)."""
    w, h = width * SUPERSAMPLE, height * SUPERSAMPLE
    inset = rng.uniform(-0.02, 0.12)
    bottom = rng.uniform(0.8, 0.94)
    camera.aim(points, (w * inset, h * rng.uniform(0.06, 0.2), w * (1 - inset), h * bottom))
    return float(np.clip(camera.horizon / h, 0.08, bottom - 0.1))


def _place(rng: np.random.Generator, width: int, height: int, top: float) -> Image.Image:
    """A road, a parking place, a meadow, a show room."""
    kind = rng.random()
    if kind < 0.16:
        return studio(rng, width, height)
    if kind < 0.28:
        return indoors(rng, width, height, pick(rng, ("paving", "carpet", "road")), top)
    image = outdoors(rng, width, height, pick(rng, ("road", "road", "road", "paving", "grass", "dirt", "snow")), top)
    if rng.random() < 0.4:
        pen = ImageDraw.Draw(image)
        w, h = image.size
        line = h * top
        for _ in range(int(rng.integers(1, 4))):
            near, far = rng.uniform(-1.0, 2.0) * w, rng.uniform(0.2, 0.8) * w
            thick = w * rng.uniform(0.01, 0.03)
            pen.polygon(
                [(far, line), (far + 3, line), (near + thick, h), (near - thick, h)],
                fill=pick(rng, ((214, 214, 210), (206, 176, 80))),
            )
    return image


def _car(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    shape = SHAPES[pick(rng, _CARS)]
    camera = _camera(rng, shape.long, float(rng.uniform(0.7, 2.6)))
    top = _frame(rng, camera, outline(shape, rng), width, height)
    scene = Scene(_place(rng, width, height, top), camera, rng)
    shadow(scene.image, scene.shadow_box(shape.long * 0.5, shape.half * 1.05), 0.85, scene.image.width * 0.012)
    color = paint_color(rng)
    body(scene, shape, color)
    return scene.image


def _large(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    shape = SHAPES[pick(rng, _LARGE)]
    camera = _camera(rng, shape.long * 0.8, float(rng.uniform(1.2, 3.2)))
    top = _frame(rng, camera, outline(shape, rng), width, height)
    image = outdoors(
        rng,
        width,
        height,
        pick(rng, ("road", "paving", "dirt", "grass") if shape.kind == "rail" else ("road", "road", "paving")),
        top,
    )
    scene = Scene(image, camera, rng)
    if shape.kind == "rail":
        _rails(scene)
    shadow(scene.image, scene.shadow_box(shape.long * 0.5, shape.half), 0.8, scene.image.width * 0.01)
    body(scene, shape, paint_color(rng))
    return scene.image


def _rails(scene: Scene) -> None:
    tone = pick(scene.rng, ((96, 90, 86), (120, 110, 100)))
    for step in np.arange(-24, 24, 0.8):
        scene.face(
            [(step, 0.01, -1.3), (step + 0.25, 0.01, -1.3), (step + 0.25, 0.01, 1.3), (step, 0.01, 1.3)],
            blend(tone, (40, 30, 26), 0.5),
            (0, 1, 0),
        )
    for side in (-0.72, 0.72):
        scene.face(
            [(-26, 0.05, side - 0.04), (24, 0.05, side - 0.04), (24, 0.05, side + 0.04), (-26, 0.05, side + 0.04)],
            (170, 170, 172),
            (0, 1, 0),
        )


def _lorry(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    camera = _camera(rng, 10.0, float(rng.uniform(1.2, 3.0)))
    points = np.array([(x, y, z) for x in (-4.5, 6.2) for y in (0.0, 3.6) for z in (-1.2, 1.2)])
    top = _frame(rng, camera, points, width, height)
    scene = Scene(_place(rng, width, height, top), camera, rng)
    shadow(scene.image, scene.shadow_box(5.0, 1.2, 0.6), 0.8, scene.image.width * 0.01)
    lorry(scene, paint_color(rng))
    return scene.image


def _cycle(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    top = rng.uniform(0.25, 0.65)
    image = _place(rng, width, height, top)
    unit = min(width * rng.uniform(0.36, 0.46), height * 0.6)
    at = (width * rng.uniform(0.45, 0.55), height * rng.uniform(0.84, 0.94))
    (motorbike if rng.random() < 0.6 else bicycle)(image, rng, at, unit)
    return image


def _aeroplane(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    flying = rng.random() < 0.4
    camera = _camera(rng, 26.0, float(rng.uniform(2.0, 9.0)) if not flying else float(rng.choice([-14.0, -6.0, 12.0])))
    top = _frame(rng, camera, plane_points(), width, height)
    image = (
        canvas_of(sky(rng, width, height))
        if flying
        else outdoors(rng, width, height, pick(rng, ("road", "road", "grass")), top)
    )
    scene = Scene(image, camera, rng)
    if not flying:
        shadow(image, scene.shadow_box(14.0, 2.0), 0.6, image.width * 0.015)
    color: Color = pick(rng, (WHITE, WHITE, (206, 210, 216), paint_color(rng)))
    plane(scene, color)
    return image


def _boat(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    sails = rng.random() < 0.5
    camera = _camera(rng, 9.0, float(rng.uniform(1.2, 4.0)))
    top = _frame(rng, camera, boat_points(12.0 if sails else 4.5), width, height)
    image = outdoors(rng, width, height, "water", top)
    scene = Scene(image, camera, rng)
    shadow(image, scene.shadow_box(5.2, 1.8) + np.array([0, 4]), 0.6, image.width * 0.01)
    (sailing_boat if sails else motor_boat)(scene, pick(rng, (WHITE, WHITE, paint_color(rng))))
    return image
