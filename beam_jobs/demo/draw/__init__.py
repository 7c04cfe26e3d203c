"""Drawers of the embedded corpus: one function per user intent.

A drawer takes a random generator and the longer side in pixels and returns an RGB picture about that large. The
same state of the generator gives the same picture. They may also draw more examples for training.
"""

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image

from beam_jobs.demo.draw.aerial import satellite_aerial
from beam_jobs.demo.draw.animals import animal_photo
from beam_jobs.demo.draw.anime import anime_character
from beam_jobs.demo.draw.bills import receipt
from beam_jobs.demo.draw.buildings import place_landmark
from beam_jobs.demo.draw.charts import graph_chart
from beam_jobs.demo.draw.cliparts import clipart_illustration
from beam_jobs.demo.draw.diagrams import diagram
from beam_jobs.demo.draw.dishes import food_photo
from beam_jobs.demo.draw.documents import document_page
from beam_jobs.demo.draw.emojis import emoji_sticker
from beam_jobs.demo.draw.formulas import math_formula
from beam_jobs.demo.draw.goods import product_cutout
from beam_jobs.demo.draw.grids import table
from beam_jobs.demo.draw.handwriting import handwriting
from beam_jobs.demo.draw.icons import icon_pictogram
from beam_jobs.demo.draw.maps import map_picture
from beam_jobs.demo.draw.marks import logo_emblem
from beam_jobs.demo.draw.music import sheet_music
from beam_jobs.demo.draw.outfits import outfit_style
from beam_jobs.demo.draw.outlines import coloring_page
from beam_jobs.demo.draw.overlays import live_streamer
from beam_jobs.demo.draw.packages import package_cover
from beam_jobs.demo.draw.plans import blueprint
from beam_jobs.demo.draw.playscreens import game_screenshot
from beam_jobs.demo.draw.portraits import face_portrait
from beam_jobs.demo.draw.rooms import interior_photo
from beam_jobs.demo.draw.scenes import landscape_photo, plant_flower
from beam_jobs.demo.draw.screens import screenshot_ui
from beam_jobs.demo.draw.sketches import pencil_sketch
from beam_jobs.demo.draw.strips import webtoon_comic
from beam_jobs.demo.draw.symbols import flag
from beam_jobs.demo.draw.tiles import pattern_background, pixel_art
from beam_jobs.demo.draw.vehicles import vehicle_photo
from beam_jobs.demo.draw.wordart import text_meme

Drawer = Callable[[np.random.Generator, int], Image.Image]

DRAWERS: Mapping[str, Drawer] = {
    "landscape_photo": landscape_photo,
    "place_landmark": place_landmark,
    "interior_photo": interior_photo,
    "food_photo": food_photo,
    "animal_photo": animal_photo,
    "plant_flower": plant_flower,
    "vehicle_photo": vehicle_photo,
    "satellite_aerial": satellite_aerial,
    "face_portrait": face_portrait,
    "outfit_style": outfit_style,
    "live_streamer": live_streamer,
    "product_cutout": product_cutout,
    "package_cover": package_cover,
    "coloring_page": coloring_page,
    "webtoon_comic": webtoon_comic,
    "anime_character": anime_character,
    "game_screenshot": game_screenshot,
    "pencil_sketch": pencil_sketch,
    "blueprint": blueprint,
    "icon_pictogram": icon_pictogram,
    "logo_emblem": logo_emblem,
    "flag": flag,
    "emoji_sticker": emoji_sticker,
    "clipart_illustration": clipart_illustration,
    "pattern_background": pattern_background,
    "pixel_art": pixel_art,
    "sheet_music": sheet_music,
    "table": table,
    "graph_chart": graph_chart,
    "map": map_picture,
    "diagram": diagram,
    "document_page": document_page,
    "receipt": receipt,
    "handwriting": handwriting,
    "math_formula": math_formula,
    "screenshot_ui": screenshot_ui,
    "text_meme": text_meme,
}
"""Drawer of every intent of the built-in taxonomy, in its order."""
