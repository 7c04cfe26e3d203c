"""The demo's data: a corpus of drawn pictures with planted duplicates, and a click log with a known truth.

``draw_corpus`` (``corpus``) draws pictures of all 37 intents; ``simulate_clicks`` (``clicks``)
makes people and robots look at them. Both come with the truth, so that what the pipeline says can be checked.
"""
