"""The thresholds of label decisions, shared by all steps that need them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LabelConfig:
    """When evidence is enough. Chosen on generated worlds of other seeds than the tests'.

    Raises:
        ValueError: a value is outside the range in which it means anything.
    """

    min_precision: float = 0.965
    """Share of the labels of a log that are to be right: the mean confidence down to which labels are given."""
    min_confidence: float = 0.667
    """Chance below which no image is labelled, however sure the others are: one intent is then twice as likely as all
    else."""
    parent_confidence: float = 0.9
    """The same for a parent alone: it says less, so it must be surer."""
    query_confidence: float = 0.9
    """Chance from which a query has an intent: more than its words alone give (1 - ``misleading``), so that clicks
    have borne them out."""
    graph_confidence: float = 0.97
    """The same for a query without a known word: a subject alone often has pictures of one kind, too."""
    misleading: float = 0.12
    """Chance that a word of the taxonomy means something else in a query, before its clicks are looked at. (In the
    measuring log 0.17 of the queries with a rule, with 0.15 of the clicks, mislead.)"""
    generic: float = 0.8
    """Chance that a query without a known word asks for no intent in particular."""
    half_life_days: float = 45.0
    """Days after which evidence weighs half: pictures keep their use, what queries mean changes slowly."""
    min_users: int = 2
    """Distinct people who clicked an image for its intent: one person alone may err."""
    min_query_users: int = 3
    """Distinct people behind a query before its text is shown anywhere: a rarer one may say who asked. Rarer
    queries still count as evidence, without their text."""
    max_queries: int = 20
    """Queries that are listed with a label; a bound on the size of a row."""

    def __post_init__(self) -> None:
        for name in ("min_users", "min_query_users", "max_queries"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give a whole number from 1")
        if not self.half_life_days > 0:
            raise ValueError(f"half_life_days is {self.half_life_days}; give a number above 0")
        for name in (
            "min_precision",
            "min_confidence",
            "parent_confidence",
            "query_confidence",
            "graph_confidence",
            "misleading",
            "generic",
        ):
            if not 0 < getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give a chance between 0 and 1")
