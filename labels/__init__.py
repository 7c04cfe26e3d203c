"""What an image's clicks say it is for: taxonomy, query rules, evidence, label decisions, inspection.

Pure functions on Arrow tables (the contracts are in ``labels.tables``). The way of a log through the room::

    log      -> evidence.count_clicks   -> clicks, impressions, user events (merged over blocks and days)
    events   -> evidence.profile_users  -> bots.find_bots
    clicks   -> examination.expected_rate (click rate by position)
    by query -> query_intents.query_evidence (rules.Rules say what a query asks for)
    by image -> decide.decide_labels    -> labels, rejected, rule counts
"""
