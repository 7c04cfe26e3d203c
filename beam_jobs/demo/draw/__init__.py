"""Drawers of the embedded corpus: one function per user intent.

A drawer takes a random generator and the longer side in pixels and returns an RGB picture. The same generator
state gives the same picture.
"""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.charts import graph_chart
from beam_jobs.demo.draw.comics import webtoon_comic
from beam_jobs.demo.draw.formulas import math_formula
from beam_jobs.demo.draw.music import sheet_music
from beam_jobs.demo.draw.outlines import coloring_page, pencil_sketch
from beam_jobs.demo.draw.papers import document_page, receipt, table

Drawer = Callable[[np.random.Generator, int], Image.Image]

DRAWERS: Mapping[str, Drawer] = {
    "coloring_page": coloring_page,
    "webtoon_comic": webtoon_comic,
    "pencil_sketch": pencil_sketch,
    "sheet_music": sheet_music,
    "table": table,
    "graph_chart": graph_chart,
    "document_page": document_page,
    "receipt": receipt,
    "math_formula": math_formula,
}
"""Drawer of each intent that the corpus shows."""
