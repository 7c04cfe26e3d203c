"""What the short codes of the label tables mean, in words that need no glossary."""

from collections.abc import Mapping

REJECTED_BECAUSE: Mapping[str, str] = {
    "never_clicked": "no person clicked it in the window, so nothing is known of it",
    "no_intent_query": "it was clicked, but no query that led to it asks for a kind of picture",
    "too_few_users": "too few people clicked it for its likeliest intent: one alone may err",
    "below_expectation": "it was clicked for its likeliest intent less than its positions alone would have earned",
    "mixed_intents": "its queries ask for different things, and none of them is likely enough",
}
"""Why an image has no label (``labels.decide``); of several reasons the first in this order is given."""

CLICKS_OF: Mapping[str, str] = {
    "human": "people",
    "unsure": "people who behave a little like robots: kept",
    "one_image": "hammered one image",
    "volume": "more clicks or pages a day than anybody makes",
    "click_rate": "faster than anybody clicks",
    "clicks_everything": "clicked nearly all that was shown",
    "positions": "clicked where on the page no person does",
    "page_clicks": "clicked so many on a page as no person does",
    "pace": "came back at a pace that no person has",
    "dwell": "stayed on pictures as long as no person does",
    "blind_clicks": "chose as if blind: never what others chose",
    "one_result": "came back to one result again and again",
}
"""Whose clicks they are, or why they were dropped (``labels.bots``)."""

SOURCES: Mapping[str, str] = {
    "rule": "words of the taxonomy stand in its queries",
    "graph": "no word says it: its queries share images with queries that are known",
    "override": "a person decided",
}
"""What a label or a query's intent rests on."""

VETOED = "more often wrong than right: its words say nothing any more, only the clicks of its queries do"
WEAK = "often wrong: it counts for less"
UNJUDGED = "no query says whether it is right"
SOUND = "right as a rule"
"""What is said of a rule of the taxonomy."""
