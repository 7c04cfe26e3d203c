"""The thresholds of label decisions, shared by all steps that need them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LabelConfig:
    """When evidence is enough. Chosen on the measuring log; each value's reason is beside it.

    Raises:
        ValueError: a value is outside the range in which it means anything.
    """

    min_users: int = 2
    """Distinct people who clicked an image for one intent. One click of one person is chance; asking for a third
    person costs coverage on small logs and gains little where the purity is asked for as well."""
    min_query_users: int = 3
    """Distinct people behind a query before its text is shown anywhere: a rarer one may say who asked. Rarer
    queries still count as evidence, without their text."""
    rate_ratio: float = 1.0
    """People's clicks over the clicks that the same positions earn on average, at least. 1 says: chosen no less
    often than what stood there otherwise. (Much higher ratios favour the few queries that mislead.)"""
    smoothing_clicks: float = 1.0
    """Clicks at the average rate that are added to both sides of that ratio: with little shown, it stays near 1."""
    purity: float = 0.5
    """Share of the leading intent in an image's weight of evidence: at least as much as all others together.
    Every query weighs the square root of its people, so that one popular misleading query does not outvote
    several independent ones."""
    lone_purity: float = 0.8
    """The same where all the evidence for the leading intent is one query: its words may mislead, and then
    everybody's clicks agree. (In the measuring log labels from two or more queries are right in 99 of 100
    cases, from one query in 83, with much evidence against it in fewer than 65.)"""
    parent_purity: float = 0.8
    """The same for a parent, tried where no intent is clear: the intents of one parent must outweigh the rest by
    far, since a mixture of intents is itself a sign of queries that mislead."""
    query_doubt: float = 0.15
    """Share of the queries whose words mislead (a pattern meant in another sense): the confidence of a label from
    one query stays below 1 minus this. Measured: 0.17 of the log's queries with a rule, with 0.15 of the clicks."""
    max_queries: int = 20
    """Queries that are listed with a label; a bound on the size of a row."""

    def __post_init__(self) -> None:
        for name in ("min_users", "min_query_users", "max_queries"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give a whole number from 1")
        for name in ("rate_ratio", "smoothing_clicks"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; give a number from 0")
        for name in ("purity", "lone_purity", "parent_purity", "query_doubt"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is {getattr(self, name)}; give a share within 0 to 1")
