"""Which known class a new one is most like, and under which parent it belongs: every sign weighs what it proved worth.

Signs are clicks on the images of known classes, subjects that both are asked with, labels of the images, what a model
sees on them, and pieces of words ("truck picture", "bird picture"). In one log a sign tells the parent, in another it
is noise. So each known class is taken for a new one: what would the signs have said of its parent? A multinomial
logistic regression with one weight per sign, from 0, is fitted to that (maximum likelihood with a Gaussian prior); the
result is a chance, and where no sign is worth anything it is the share of known classes under that parent.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from scipy.optimize import minimize

from labels.agreement import Profile, Rows
from labels.click_window import Window, sample_of
from labels.frames import to_frame
from labels.taxonomy import Taxonomy
from labels.word_search import Suggestion
from labels.words import Words, has_hangul

_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]

SIGNS = ("clicks", "subjects", "labels", "looks", "wording")
_TINY = 1e-12
_SMOOTH = 0.5
"""Parts of even spread that are added to a sign's spread over the parents: one image proves little."""
_RIDGE = 2.0
"""Precision of the prior of each weight around 0: a handful of classes cannot make a sign all that counts."""
_MOST = 4.0
_SAMPLE = 2_000
"""Queries of a class that are looked at."""
_LABELLED = pa.schema([("image_id", pa.string()), ("intent", pa.string())])


@dataclass(frozen=True)
class Likeness:
    """What the signs of this window are worth.

    Attributes:
        window: of clicks.
        taxonomy: the known classes.
        labelled: class of each image by its label, int64 [images], -1 for none.
        seen: chance of each class by what a model sees, float32 [images, classes], 0 where no model has looked.
        subjects: [words, classes] how a word's queries are spread over the classes, of different sizes made equal.
        holds: the words of each query.
        pieces: pieces of the words of each class.
        usual: [signs, classes] what each sign says of a class on average, whichever class is asked about.
        weights: [signs].
    """

    window: Window
    taxonomy: Taxonomy
    labelled: _Ints
    seen: npt.NDArray[np.float32]
    subjects: _Floats
    holds: Rows
    pieces: tuple[frozenset[str], ...]
    usual: _Floats
    weights: _Floats

    @classmethod
    def of(
        cls, window: Window, words: Words, labels: pa.Table, looks: pa.Table | None, taxonomy: Taxonomy
    ) -> "Likeness":
        """Ask every sign about every known class, and weigh the signs by their answers."""
        classes = len(taxonomy.intent_ids)
        sizes = np.bincount(window.known[window.known >= 0], minlength=classes)
        word = np.repeat(np.arange(len(words.texts)), np.diff(words.first))
        known = window.known[words.queries]
        cells = np.bincount(word[known >= 0] * classes + known[known >= 0], minlength=len(words.texts) * classes)
        rates = cells.reshape(len(words.texts), classes) / np.maximum(sizes, 1)
        pieces = tuple(frozenset(_pieces([*one.patterns, one.en, one.ko])) for one in taxonomy.live_intents)
        blank = cls(
            window=window,
            taxonomy=taxonomy,
            labelled=_classes_of(window.images, labels, taxonomy),
            seen=_scores_of(window.images, looks, taxonomy),
            subjects=rates / np.maximum(rates.sum(axis=1, keepdims=True), _TINY),
            holds=words.by_query(len(window.texts)),
            pieces=pieces,
            usual=np.ones((len(SIGNS), classes)),
            weights=np.zeros(len(SIGNS)),
        )
        return blank._fitted(sizes)

    def _fitted(self, sizes: _Ints) -> "Likeness":
        """Return the same with the signs weighed, each known class with queries taken for a new one."""
        asked = np.flatnonzero(sizes > 0).tolist()
        said = np.zeros((len(asked), len(SIGNS), len(sizes)))
        weights = self.window.class_weights(len(sizes))
        for row, one in enumerate(asked):
            queries = sample_of(np.flatnonzero(self.window.known == one), _SAMPLE)
            profile = Profile.of(self.window.shares, queries)
            near = profile.meets_groups(self.window.classes_by_image, weights)
            said[row] = self._signs(profile, queries, near, self.taxonomy.live_intents[one].patterns, skip=one)
        counts = np.maximum(len(asked) - (sizes > 0), 1)
        usual = said.sum(axis=0) / counts
        asked_parents = self.taxonomy.parent_index[asked]
        lifts = np.stack([self._lifts(said[row], usual, skip=one) for row, one in enumerate(asked)]) if asked else None
        fitted = np.zeros(len(SIGNS))
        if lifts is not None:
            priors = np.stack([self._prior(one) for one in asked])
            fitted = _fit(lifts, priors, asked_parents)
        return Likeness(**{**self.__dict__, "usual": usual, "weights": fitted})

    def parent_chances(self, one: Suggestion) -> _Floats:
        """Return the chance of each parent (of all of the taxonomy's) that a new class belongs there, summing to 1."""
        signs = self._signs(one.profile, one.queries, one.near, one.words)
        return _softmax(self._prior(None), self.weights, self._lifts(signs, self.usual))

    def nearest(self, one: Suggestion, parent: int) -> int:
        """Return the class under a parent that the suggestion is most like; of all classes where it has none."""
        signs = self._signs(one.profile, one.queries, one.near, one.words) / np.maximum(self.usual, _TINY)
        score = (self.weights + _TINY) @ (signs / np.maximum(signs.sum(axis=1, keepdims=True), _TINY))
        under = self.taxonomy.parent_index == parent
        return int(np.argmax(np.where(under, score, -1.0))) if under.any() else int(np.argmax(score))

    def _signs(
        self, profile: Profile, queries: _Ints, near: _Floats, words: Sequence[str], *, skip: int | None = None
    ) -> _Floats:
        """Return what each sign says of each class, float64 [signs, classes] from 0; nothing of the class `skip`."""
        shared = profile.sharing > 1
        images, weights = profile.images[shared], profile.sums[shared]
        _, said, _ = self.holds.gather(queries)
        found = [near, self.subjects[said].sum(axis=0)]
        at = self.labelled[images]
        found.append(np.bincount(at[at >= 0], weights=weights[at >= 0], minlength=len(near)))
        found.append(weights @ self.seen[images] if len(self.seen) else np.zeros(len(near)))
        own = _pieces(words)
        holders = Counter(
            piece for place, held in enumerate(self.pieces) if place != skip for piece in held if piece in own
        )
        wording = [sum(1 / holders[piece] for piece in sorted(own & held) if holders[piece]) for held in self.pieces]
        table = np.array([*found, np.array(wording)], dtype=np.float64)
        if skip is not None:
            table[:, skip] = 0
        return table

    def _prior(self, skip: int | None) -> _Floats:
        """Return the share of the known classes under each parent, without one of them."""
        counts = np.bincount(self.taxonomy.parent_index, minlength=len(self.taxonomy.parent_ids)).astype(np.float64)
        if skip is not None:
            counts[self.taxonomy.parent_index[skip]] -= 1
        counts += _SMOOTH / len(counts)  # a parent without a class may get its first
        return np.asarray(counts / counts.sum())

    def _lifts(self, signs: _Floats, usual: _Floats, *, skip: int | None = None) -> _Floats:
        """Return per sign and parent the log of how much more than usual the sign speaks for it [signs, parents]."""
        prior = self._prior(skip)
        relative = np.divide(signs, usual, out=np.zeros_like(signs), where=usual > _TINY)
        by_parent = np.stack([np.bincount(self.taxonomy.parent_index, row, len(prior)) for row in relative])
        total = by_parent.sum(axis=1, keepdims=True)
        share = np.where(total > 0, by_parent / np.maximum(total, _TINY), prior)
        return np.asarray(np.log((share + _SMOOTH * prior) / (1 + _SMOOTH) / prior))


def _fit(lifts: _Floats, priors: _Floats, truth: _Ints) -> _Floats:
    """Return the weight of each sign that makes the known parents likeliest: from 0, a concave problem."""
    rows = np.arange(len(truth))

    def loss(weights: _Floats) -> tuple[float, _Floats]:
        chances = np.stack([_softmax(prior, weights, lift) for prior, lift in zip(priors, lifts, strict=True)])
        likely = np.log(np.maximum(chances[rows, truth], _TINY)).sum()
        slope = (lifts[rows, :, truth] - (chances[:, None, :] * lifts).sum(axis=2)).sum(axis=0)
        return float(_RIDGE * np.square(weights).sum() / 2 - likely), _RIDGE * weights - slope

    found = minimize(loss, np.zeros(lifts.shape[1]), jac=True, bounds=[(0.0, _MOST)] * lifts.shape[1])
    return np.asarray(found.x, dtype=np.float64)


def _softmax(prior: _Floats, weights: _Floats, lifts: _Floats) -> _Floats:
    score = np.log(prior) + weights @ lifts
    chances = np.exp(score - score.max())
    return np.asarray(chances / chances.sum())


def _pieces(words: Sequence[str]) -> set[str]:
    """Return the Latin words, without a plural -s, and the pairs of Korean letters of some words."""
    found: set[str] = set()
    for token in re.findall(r"[^\W\d_]+", " ".join(words).lower()):
        if has_hangul(token):
            found |= {token[place : place + 2] for place in range(len(token) - 1)} or {token}
        else:
            found.add(token.removesuffix("s") if len(token) > 3 else token)
    return found


def _classes_of(images: Sequence[str], labels: pa.Table, taxonomy: Taxonomy) -> _Ints:
    """Return the class of each image by its label, -1 where it has none."""
    places = pl.DataFrame({"intent": taxonomy.intent_ids}, schema={"intent": pl.String}).with_row_index("class")
    known = to_frame(labels, _LABELLED).unique("image_id", keep="first", maintain_order=True).join(places, on="intent")
    ids = pl.DataFrame({"image_id": images}, schema={"image_id": pl.String})
    found = ids.join(known, on="image_id", how="left", maintain_order="left")["class"]
    return found.cast(pl.Int64).fill_null(-1).to_numpy()


def _scores_of(images: Sequence[str], looks: pa.Table | None, taxonomy: Taxonomy) -> npt.NDArray[np.float32]:
    """Return the classes' scores of each image, float32 [images, classes]; no rows where there are no looks."""
    if looks is None:
        return np.zeros((0, len(taxonomy.intent_ids)), dtype=np.float32)
    scores = np.zeros((len(images), len(taxonomy.intent_ids)), dtype=np.float32)
    place = pc.index_in(looks["image_id"].cast(pa.string()), value_set=pa.array(images, pa.string()))
    here = looks.filter(pc.is_valid(place))
    rows = place.drop_null().to_numpy()
    for column, name in enumerate(taxonomy.intent_ids):
        if name in here.column_names:
            scores[rows, column] = here[name].to_numpy()
    return scores
