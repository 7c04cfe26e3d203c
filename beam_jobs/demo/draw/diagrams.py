"""diagram: boxes and lines of many renderers, infographics, as files, slides on a screen or photographs of a board."""

from collections.abc import Callable

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.boxes import plain_diagram
from beam_jobs.demo.draw.canvas import pick
from beam_jobs.demo.draw.captures import capture
from beam_jobs.demo.draw.graphs import classes, layered, sequence, states
from beam_jobs.demo.draw.infographics import architecture, infographic, lanes, sankey, timeline, venn
from beam_jobs.demo.draw.mindmaps import mind_map

_KINDS: tuple[Callable[[np.random.Generator, int], Image.Image], ...] = (
    plain_diagram, plain_diagram, layered, layered, layered, classes, classes, sequence, states, mind_map, mind_map,
    architecture, architecture, lanes, lanes, infographic, infographic, infographic, venn, timeline, sankey,
)  # fmt: skip


def diagram(rng: np.random.Generator, size: int) -> Image.Image:
    """Draw a diagram of one of many kinds."""
    return capture(rng, pick(rng, _KINDS)(rng, size), ("flat",) * 14 + ("scan", "copy", "screen", "close"))
