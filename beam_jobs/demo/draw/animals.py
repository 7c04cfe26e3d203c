"""animal_photo: animals in the open, at home, close up, on a branch and under water."""

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.beasts import BUILDS, Rig, coat, four_legged
from beam_jobs.demo.draw.birds import bird_on_branch, flying_bird, owl_face, swimming_bird
from beam_jobs.demo.draw.canvas import SUPERSAMPLE, extent, oval, pick, shrink
from beam_jobs.demo.draw.fishes import fish_tank
from beam_jobs.demo.draw.grounds import indoors, outdoors
from beam_jobs.demo.draw.muzzles import pet_face
from beam_jobs.demo.draw.photo import finish, shadow
from beam_jobs.demo.draw.relief import Relief, lamp, place, streaks

_WILD = ("elephant", "zebra", "giraffe", "lion", "tiger", "bear", "deer", "fox", "wolf")
_FARM = ("horse", "cow", "sheep", "pig")


def animal_photo(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw an animal as a photograph."""
    width, height = extent(rng, size, 0.75, 1.6)
    scene = pick(rng, (_pet, _pet, _pet, _herd, _herd, _herd, pet_face, pet_face, pet_face, bird_on_branch, bird_on_branch,
                       flying_bird, swimming_bird, owl_face, fish_tank, fish_tank))  # fmt: skip
    return finish(shrink(scene(rng, width, height)), rng, soft=0.35)


def _pet(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """A dog or cat at home or on a meadow."""
    top = rng.uniform(0.15, 0.55)
    home = rng.random() < 0.5
    image = (
        indoors(rng, width, height, pick(rng, ("wood", "carpet", "sofa", "sofa")), top) if home
        else outdoors(rng, width, height, pick(rng, ("grass", "grass", "paving", "sand", "snow")), top)
    )  # fmt: skip
    kind = pick(rng, ("dog", "dog", "cat", "cat", "wolf"))
    pose = pick(rng, ("stand", "stand", "sit", "sit", "lie"))
    tall = {"stand": 1.25, "sit": 1.55, "lie": 0.85}[pose]
    unit = min(height * rng.uniform(0.72, 0.92) / tall, width * 0.52)
    _stand(image, rng, kind, unit, (width * rng.uniform(0.42, 0.58), height * rng.uniform(0.88, 0.96)), pose)
    return image


def _herd(rng: np.random.Generator, width: int, height: int) -> Image.Image:
    """One to four wild or farm animals in the open."""
    kind = pick(rng, (*_WILD, *_FARM))
    top = rng.uniform(0.25, 0.6)
    ground = pick(rng, ("grass", "grass", "dirt", "sand", "snow") if kind != "elephant" else ("dirt", "grass"))
    image = outdoors(rng, width, height, ground, top)
    count = int(rng.choice([1, 1, 1, 2, 3]))
    unit = min(height * (0.46 if kind == "giraffe" else 0.74), width * 0.5) * rng.uniform(0.85, 1.15)
    for place_ in range(count):
        near = 1 if place_ == count - 1 else 0.45 + 0.3 * place_ / count
        foot = height * (top + (0.93 - top) * near)
        middle = width * (
            rng.uniform(0.42, 0.58) if count == 1 else (place_ * 0.37 + rng.uniform(0.15, 0.4)) % 0.9 + 0.05
        )
        pose = pick(
            rng, ("stand", "stand", "stand", "graze" if kind in _FARM or kind in ("zebra", "deer") else "stand")
        )
        _stand(image, rng, kind, unit * near, (middle, foot), pose)
    return image


def _stand(
    image: Image.Image, rng: np.random.Generator, kind: str, unit: float, foot: tuple[float, float], pose: str
) -> None:
    """Put an animal of height ``unit`` on the ground, ``foot`` in pixels of the picture."""
    size = (image.width // SUPERSAMPLE, image.height // SUPERSAMPLE)
    relief = Relief(size)
    turn = float(rng.choice([0, np.pi]) + rng.normal(0, 0.55))
    if pose == "sit" and rng.random() < 0.6:
        turn = np.pi / 2 + rng.normal(0, 0.5)
    foot = (foot[0] - np.cos(turn) * unit * 0.22, foot[1])
    rig = Rig(relief, foot, unit, turn, float(rng.uniform(0.0, 0.3)))
    four_legged(rng, rig, kind, coat(rng, size, kind, unit), pose)
    bare = kind in ("elephant", "horse", "zebra", "giraffe", "pig", "cow")
    hair = streaks(rng, size, along=max(unit * 0.05, 3), across=1.3, angle=float(rng.normal(0, 30)))
    relief.rough += hair * (0.35 if bare else rng.uniform(0.8, 1.6)) * min(unit / 100, 1.2)
    if not bare:
        relief.hairy(hair, max(unit * rng.uniform(0.015, 0.03), 2))
    half = unit * BUILDS[kind].long * (0.3 + 0.35 * abs(np.cos(turn))) * SUPERSAMPLE
    x, y = foot[0] * SUPERSAMPLE, foot[1] * SUPERSAMPLE
    shadow(image, oval(x + rng.normal(0, half * 0.2), y, half, half * 0.2), 0.55, unit * 0.06)
    place(image, *relief.lit(lamp(rng), ambient=float(rng.uniform(0.4, 0.65)), gloss=0.05 if bare else 0.0))
