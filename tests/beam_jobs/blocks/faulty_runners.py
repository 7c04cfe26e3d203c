"""Runners that do the work and say DONE, but lose data or hand it over twice: the local one, with one fault each.

A fault sits before one step of the graph and changes which elements the step gets.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pipeline import AppliedPTransform, PipelineVisitor
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

Fault = Callable[[Any], int]
"""Tells how often an element goes on: 0 loses it, 2 doubles it."""
SHORT_BLOCK = 102
"""Rows of the one block that an engine loses."""
SOME_INPUT = "0.parquet"
"""End of the name of the file that an engine loses or reads twice."""


class FaultyStep(beam.DoFn):
    """A step in an engine with a fault before or behind it."""

    def __init__(self, step: beam.DoFn, before: Fault, behind: Fault) -> None:
        self.step = step
        self.before = before
        self.behind = behind

    def process(self, element: Any, *args: Any) -> Iterator[Any]:
        for _ in range(self.before(element)):
            for result in self.step.process(element, *args) or ():
                for _ in range(self.behind(result)):
                    yield result


class FaultyRunner(FnApiRunner):
    """The local runner with a fault at the first step that is called `step`."""

    step = ""

    @staticmethod
    def before(element: Any) -> int:
        """Return how often the step gets the element."""
        return 1

    @staticmethod
    def behind(element: Any) -> int:
        """Return how often what the step made of it goes on."""
        return 1

    def run_pipeline(self, pipeline: beam.Pipeline, options: PipelineOptions) -> Any:
        steps: list[AppliedPTransform] = []

        class Steps(PipelineVisitor):
            def visit_transform(self, transform_node: AppliedPTransform) -> None:
                if isinstance(transform_node.transform, beam.ParDo):
                    steps.append(transform_node)

        pipeline.visit(Steps())
        meant = [step.transform for step in steps if f"/{self.step}/" in f"/{step.full_label}/"]
        assert meant, f"no step {self.step}: {[step.full_label for step in steps]}"
        meant[0].fn = FaultyStep(meant[0].fn, self.before, self.behind)
        return super().run_pipeline(pipeline, options)


class Faultless(FaultyRunner):
    """The wrapper with no fault."""

    step = "Gather"


class LosesAPartition(FaultyRunner):
    """A partition is gone after the rows were shuffled."""

    step = "Gather"

    @staticmethod
    def before(element: Any) -> int:
        return int(element[0] != 1)


class LosesTheFirstPartition(FaultyRunner):
    """The partition with most counters is gone."""

    step = "Gather"

    @staticmethod
    def before(element: Any) -> int:
        return int(element[0] != 0)


class DoublesAPartition(FaultyRunner):
    """A partition comes twice."""

    step = "Gather"

    @staticmethod
    def before(element: Any) -> int:
        return 1 + int(element[0] == 1)


class LosesAReport(FaultyRunner):
    """The last partition was written, and what it says of it is gone."""

    step = "Key"

    @staticmethod
    def before(element: Any) -> int:
        return int(json.loads(element)["partition"] != 0)


class DoublesAReport(FaultyRunner):
    """A partition was written twice, as by a retry, and both say so."""

    step = "Key"

    @staticmethod
    def before(element: Any) -> int:
        return 1 + int(json.loads(element)["partition"] == 0)


class LosesABlock(FaultyRunner):
    """A block of the log is gone between the read and the split, and its counters are not."""

    step = "CountClicks"

    @staticmethod
    def before(element: Any) -> int:
        name, table = element
        return int(not (name == "clicks" and table.num_rows == SHORT_BLOCK))


def _shards(element: Any) -> Any:
    """Return the shards that were dealt out as an element of the read."""
    (shards,) = element[1]
    return shards


class LosesAnInput(FaultyRunner):
    """A bundle of the input is gone, with all that it would have said of itself."""

    step = "Read"

    @staticmethod
    def before(element: Any) -> int:
        return int(not _shards(element)[0].path.endswith(SOME_INPUT))


class DoublesAnInput(FaultyRunner):
    """A bundle of the input is delivered twice: each sum of it is right, and double."""

    step = "Read"

    @staticmethod
    def before(element: Any) -> int:
        return 1 + int(_shards(element)[0].path.endswith(SOME_INPUT))


class LosesASlice(FaultyRunner):
    """A slice is gone between the split and the merge, of rows that no other sum counts."""

    step = "Split"

    @staticmethod
    def behind(element: Any) -> int:
        return int(not is_chosen(element))


class DoublesASlice(FaultyRunner):
    """A slice comes twice."""

    step = "Split"

    @staticmethod
    def behind(element: Any) -> int:
        return 1 + int(is_chosen(element))


class MixesSlices(FaultyRunner):
    """One slice is gone and another one comes twice, so that the number is right."""

    step = "Split"

    @staticmethod
    def behind(element: Any) -> int:
        partition, piece = element
        return {0: 0, 1: 2}.get(partition, 1) if is_chosen((0, piece)) else 1


def is_chosen(element: Any) -> bool:
    """Return whether an element of a shuffle is a slice of clicks for partition 0."""
    partition, piece = element
    return partition == 0 and piece.name.startswith(("clicks", "choices"))


LOSSES = [LosesAPartition, LosesTheFirstPartition, LosesABlock, LosesAnInput, LosesASlice, LosesAReport]
DOUBLES = [DoublesAPartition, DoublesAnInput, DoublesASlice, MixesSlices, DoublesAReport]
