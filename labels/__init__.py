"""What an image's clicks say it is for: taxonomy, query rules, evidence, label decisions, inspection.

Pure functions on Arrow tables (the contracts are in ``labels.tables``). The way of a log through the room::

    log      -> evidence.count_clicks   -> clicks, impressions, user events (merged over blocks and days)
    events   -> evidence.profile_users  -> bots.find_bots (bot_features: manners, bot_agreement: choices)
    clicks   -> position_model.fit_examination (what positions earn by themselves, a sample of the queries)
    by query -> query_intents.query_evidence -> pairs (rules.Rules say what a query's words ask for)
    pairs    -> attraction.fit_attraction (what wanted and unwanted pairs look like)
    by image, by query -> propagation.weigh_pairs, ask_queries (beliefs)
    by image -> decide.decide_labels    -> labels, rejected, rule counts
    labels   -> suggest.suggest_classes -> taxonomy_edit.add_class (the next version of the taxonomy)
"""
