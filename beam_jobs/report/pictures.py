"""Thumbnails: sections ask for them while they are written, all are read in one pass over the collection."""

import base64
import io
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from PIL import Image

from beam_jobs.blocks.read import read_shard
from beam_jobs.extract_features import load_image
from beam_jobs.inputs import Collection, conform_collection
from beam_jobs.report.page import Content, Html, el, join, text
from intent.images import ImageError, ImageLimits
from intent.tables import COLLECTION

_MARK = re.compile("\x00([0-9]+)\x00")
_COLUMNS = ("image_id", "uri", "bytes", "title")


@dataclass(frozen=True)
class ThumbnailLimits:
    """What one report spends on pictures."""

    side: int = 128
    """Pixels of the longer side: sharp at the 96-160 CSS pixels that they are shown at, 2-4 KB each."""
    quality: int = 62
    """Of WebP, 0-100: text in a screenshot stays readable."""
    pictures: int = 1200
    """Distinct thumbnails, which bounds the file to some 6 MB; later ones are grey."""
    threads: int = 4
    """Decoders at a time, which bounds memory (a picture may have 64 million pixels)."""


@dataclass
class Pictures:
    """The pictures of one report. ``figure`` leaves a mark in the page, ``fill`` puts thumbnails there."""

    collection: Collection | None
    limits: ThumbnailLimits = field(default_factory=ThumbnailLimits)
    _places: dict[str, int] = field(default_factory=dict)

    def figure(self, image_id: str, *caption: Content) -> Html:
        """Return a picture of the collection with a caption."""
        place = self._places.setdefault(image_id, len(self._places))
        return el("figure", Html(f"\x00{place}\x00"), el("figcaption", *caption) if caption else None)

    def fill(self, page: Html) -> Html:
        """Return the page with thumbnails; a picture that is missing or broken is a grey box."""
        wanted = list(self._places)[: self.limits.pictures]
        shown = {}
        for image_id, picture in self._load(wanted):
            shown[self._places[image_id]] = picture
        names = list(self._places)
        return Html(_MARK.sub(lambda m: shown.get(int(m[1])) or _grey(names[int(m[1])], "not shown"), page))

    def _load(self, wanted: Sequence[str]) -> Iterator[tuple[str, Html]]:
        if self.collection is None or not wanted:
            return
        root, ids = self.collection.root, pa.array(wanted, pa.string())
        with ThreadPoolExecutor(self.limits.threads) as pool:
            for rows in _rows(self.collection, ids):
                pictures = pool.map(lambda row: _picture(row, root, self.limits), rows)
                yield from zip((row["image_id"] for row in rows), pictures, strict=True)


def _rows(collection: Collection, ids: pa.Array) -> Iterator[list[dict[str, Any]]]:
    schema = pa.schema([COLLECTION.field(name) for name in _COLUMNS])
    if collection.listing is not None:
        yield _chosen(collection.listing, schema, ids)
    for shard in collection.shards:
        for block in read_shard(shard, COLLECTION, _COLUMNS):
            yield _chosen(block, schema, ids)


def _chosen(block: pa.Table, schema: pa.Schema, ids: pa.Array) -> list[dict[str, Any]]:
    rows = block.filter(pc.is_in(block["image_id"].cast(pa.string()), value_set=ids))
    found: list[dict[str, Any]] = conform_collection(rows, schema).to_pylist()
    return found


def _picture(row: dict[str, Any], root: str, limits: ThumbnailLimits) -> Html:
    try:
        image = Image.fromarray(load_image(row, root, ImageLimits()).rgb)
    except ImageError as error:
        return _grey(row["image_id"], error.reason)
    image.thumbnail((limits.side, limits.side), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    image.save(stream, "WEBP", quality=limits.quality, method=4)
    data = base64.b64encode(stream.getvalue()).decode()
    alt = text(row["title"] or row["image_id"], limit=120)
    name = text(row["image_id"])
    return Html(f'<img class="pic" loading="lazy" alt="{alt}" title="{name}" src="data:image/webp;base64,{data}">')


def _grey(image_id: str, reason: str) -> Html:
    return el("span", reason, class_="pic none", role="img", aria_label=f"{image_id}: {reason}", title=image_id)


def gallery(figures: Sequence[Html], *, four: bool = False) -> Html:
    """Return figures in a grid."""
    return el("div", join(figures), class_="pictures four" if four else "pictures")
