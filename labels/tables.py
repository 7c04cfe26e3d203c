"""The tables that the click side reads and produces; column names are a contract between jobs.

A schema's metadata carries ``sort_by``: the columns by which a written table is sorted.
"""

import pyarrow as pa

_UTC_MICROSECONDS = pa.timestamp("us", tz="UTC")

# --- input -----------------------------------------------------------------------------------------
CLICKS = pa.schema(
    [
        ("event_time", _UTC_MICROSECONDS),
        ("user_id", pa.string()),
        ("query", pa.string()),
        ("image_id", pa.string()),
        ("position", pa.int32()),
        ("clicked", pa.bool_()),
        ("dwell_ms", pa.int32()),
    ]
)
"""One row per result shown. ``dwell_ms`` may be null or missing; see DESIGN for logs without impressions."""
RANKER = pa.field("ranker", pa.string())
"""Column that a log may have besides: what ranked the result; see ``labels.exploring``."""
AGGREGATED_CLICKS = pa.schema(
    [("query", pa.string()), ("image_id", pa.string()), ("clicks", pa.int64())],
)
"""The input without people, times and positions: how often an image was clicked for a query."""

# --- evidence (aggregate_clicks), one folder per day -----------------------------------------------
EVIDENCE_CLICKS = pa.schema(
    [
        ("query", pa.string()),
        ("image_id", pa.string()),
        ("position", pa.int32()),
        ("user_hash", pa.int64()),
        ("clicks", pa.int64()),
        ("dwell_ms", pa.int64()),
    ],
    metadata={"sort_by": "query,image_id,position,user_hash"},
)
"""``user_hash`` 0 and ``position`` 0 say unknown (an aggregated log): then every click counts as one person.
``dwell_ms`` is the sum over the clicks that have one, null where none has."""
EVIDENCE_IMPRESSIONS = pa.schema(
    [
        ("query", pa.string()),
        ("image_id", pa.string()),
        ("positions", pa.list_(pa.int32())),
        ("counts", pa.list_(pa.int32())),
    ],
    metadata={"sort_by": "query,image_id"},
)
"""``positions`` rise; ``counts[i]`` is how often the image was shown at ``positions[i]`` (from 1)."""
USER_EVENTS = pa.schema(
    [
        ("user_hash", pa.int64()),
        ("minute", pa.int64()),
        ("query_hash", pa.int64()),
        ("image_hash", pa.int64()),
        ("position", pa.int32()),
        ("impressions", pa.int64()),
        ("clicks", pa.int64()),
        ("dwell_ms", pa.int64()),
    ],
    metadata={"sort_by": "user_hash,minute,query_hash,image_hash,position"},
)
"""What one user did in one minute for one query, on its way to a profile: a row per clicked image and
position, and one row (image and position 0) for all that was shown and not clicked. Minutes since 1970.
``dwell_ms`` is the sum over the clicks that have one, 0 where none has; a known one counts at least 1 ms."""
EVIDENCE_USERS = pa.schema(
    [
        ("user_hash", pa.int64()),
        ("days", pa.int64()),
        ("impressions", pa.int64()),
        ("clicks", pa.int64()),
        ("pages", pa.int64()),
        ("queries", pa.int64()),
        ("images", pa.int64()),
        ("max_image_clicks", pa.int64()),
        ("max_position_clicks", pa.int64()),
        ("max_minute_clicks", pa.int64()),
        ("active_minutes", pa.int64()),
        ("manners", pa.list_(pa.int32())),
        ("manner_counts", pa.list_(pa.int32())),
    ],
    metadata={"sort_by": "user_hash"},
)
"""The day's profile of one user: volume (rows shown, clicks, result pages), breadth (distinct queries and
images clicked), shape (most clicks on one image, on one position) and rate (most clicks in one minute).
``days`` is 1 for a day's profile and the number of active days after a merge over a window. ``manners`` are bins of
the histograms of ``labels.bot_features``, rising, and ``manner_counts`` how often they occurred."""
POPULATION = pa.schema(
    [("manner_bin", pa.int32()), ("weight", pa.int64()), ("paired", pa.int64()), ("same", pa.int64())],
    metadata={"sort_by": "manner_bin"},
)
"""How users' days are spread over the bins of ``manners``, in parts of an observation (``bot_features.UNIT``):
``weight``, the part of it that is of days with two observations and more (``paired``), and how many of these share
their bin with another one of the day (``same``). Adds up over blocks and days."""
USER_AGREEMENT = pa.schema(
    [
        ("user_hash", pa.int64()),
        ("results", pa.int64()),
        ("blindness", pa.int64()),
        ("max_result_clicks", pa.int64()),
    ],
    metadata={"sort_by": "user_hash"},
)
"""How one user's clicks agree with those of others: distinct results (query and image) clicked in the window,
evidence that they were chosen blindly (natural log, in units of ``bot_agreement.UNIT``, below 0 where others choose
the same) and the most clicks on one result. Sums, and for the last the largest, over parts that share no query."""
COUNTED_REASONS = pa.schema(
    [("day", pa.int32()), ("reason", pa.string()), ("count", pa.int64())],
    metadata={"sort_by": "day,reason"},
)
"""Rows of the log that are no evidence, by day (days since 1970; null for rows without a time) and reason."""
EVIDENCE_EXPLORED = pa.schema(
    [("user_hash", pa.int64()), ("position", pa.int32()), ("impressions", pa.int64()), ("clicks", pa.int64())],
    metadata={"sort_by": "user_hash,position"},
)
"""What exploring rankers, which put results anywhere, showed a user at a position, and the clicks on it."""
POSITION_CLICKS = pa.schema(
    [("position", pa.int32()), ("clicks", pa.int64())],
    metadata={"sort_by": "position"},
)
POSITION_IMPRESSIONS = pa.schema(
    [("position", pa.int32()), ("impressions", pa.int64())],
    metadata={"sort_by": "position"},
)
CELLS = pa.schema(
    [
        ("query", pa.int64()),
        ("image", pa.int64()),
        ("position", pa.int32()),
        ("impressions", pa.int64()),
        ("clicks", pa.int64()),
    ],
    metadata={"sort_by": "query,image,position"},
)
"""How often a result of a sampled query was shown at a position and clicked there by people; query and image are
hashes of their texts."""
EXAMINATION = pa.schema(
    [
        ("position", pa.int32()),
        ("impressions", pa.int64()),
        ("clicks", pa.int64()),
        ("click_rate", pa.float64()),
        ("rate", pa.float64()),
        ("mean_rate", pa.float64()),
        ("model", pa.string()),
        ("depth", pa.float64()),
        ("tried", pa.string()),
        ("gain", pa.float64()),
        ("sigmas", pa.float64()),
        ("told_by", pa.int64()),
    ],
    metadata={"sort_by": "position"},
)
"""What each position earns by itself. ``click_rate`` is what was clicked there and ``rate`` what a result of middling
relevance would be: the click rate again, or what the ``model`` (see ``labels.examination``) says, which then falls by
exp(-``depth`` x clicks above); ``mean_rate`` is what is left of it on the average page. ``tried`` is the model, or the
best of those that were not good enough; ``gain`` is what it predicts better than the click rate on queries that it has
not seen, in nats per click, ``sigmas`` the same in standard errors, and ``told_by`` the clicks that say so. From
``model`` on all rows are the same."""
PAIRS = pa.schema(
    [
        ("query", pa.string()),
        ("image_id", pa.string()),
        ("intent", pa.string()),
        ("rule", pa.string()),
        ("users", pa.int64()),
        ("clicks", pa.int64()),
        ("expected_clicks", pa.float64()),
        ("recent_users", pa.float64()),
        ("recent_expected", pa.float64()),
        ("user_hashes", pa.list_(pa.int64())),
        ("query_users", pa.int64()),
        ("counts_query", pa.bool_()),
    ],
    metadata={"sort_by": "image_id,query"},
)
"""What a window says of one image under one query: people and their clicks, and the clicks that its positions
alone would have earned (null for a log without impressions). ``recent_users`` and ``recent_expected`` are the same,
less what is old (see ``LabelConfig.half_life_days``). ``user_hashes`` (rising) are the distinct known
people; ``users`` also counts the unknown ones. ``query_users`` are the people who clicked anything for the
query; ``counts_query`` is true on exactly one pair of each query, so that queries add up over images. A pair
that was shown and never clicked is there where the query has an intent."""

_BELIEF = [("classes", pa.list_(pa.int16())), ("chances", pa.list_(pa.float32())), ("rest", pa.float32())]
WEIGHED = pa.schema(
    [
        ("query", pa.string()),
        ("group_id", pa.string()),
        ("rule", pa.int32()),
        ("users", pa.float64()),
        ("expected", pa.float64()),
        ("query_users", pa.int64()),
        ("apart", pa.float32()),
        *_BELIEF,
    ],
    metadata={"sort_by": "query,group_id"},
)
"""A pair of a query and an image (or group of duplicates) on its way to the query: the number of the query's rule (see
``rule_trust.RuleBook``; -1 without one), recent people, recent expected clicks, and the chances that the image serves
an intent if the query asks for it: ``chances[i]`` for intent number ``classes[i]``, ``rest`` for each of the others,
and ``apart`` for the rule's intent if no query with this rule were heard."""
ASKED = pa.schema(
    [
        ("query", pa.string()),
        ("group_id", pa.string()),
        ("rule", pa.int32()),
        ("users", pa.float64()),
        ("expected", pa.float64()),
        ("query_users", pa.int64()),
        ("generic", pa.float32()),
        ("intent", pa.string()),
        ("by_rule", pa.bool_()),
        *_BELIEF,
    ],
    metadata={"sort_by": "group_id,query"},
)
"""The same pair on its way back to the image: the chances of what the query asks for, without what it heard from this
image; ``generic`` that it asks for nothing in particular. ``intent`` is what the query's clicks count for."""
ANSWERS = pa.schema(
    [
        ("group_id", pa.string()),
        ("intent", pa.string()),
        ("confidence", pa.float64()),
        ("parent", pa.string()),
        ("parent_confidence", pa.float64()),
    ],
    metadata={"sort_by": "group_id"},
)
"""The likeliest intent and the likeliest parent of an image or group."""

# --- labels (derive_labels) ------------------------------------------------------------------------
QUERY_EVIDENCE = pa.struct([("query", pa.string()), ("clicks", pa.int64()), ("users", pa.int32())])
LABELS = pa.schema(
    [
        ("image_id", pa.string()),
        ("intent", pa.string()),
        ("parent", pa.string()),
        ("confidence", pa.float32()),
        ("users", pa.int32()),
        ("clicks", pa.int64()),
        ("expected_clicks", pa.float32()),
        ("queries", pa.list_(QUERY_EVIDENCE)),
        ("source", pa.string()),
        ("window_end", pa.date32()),
    ],
    metadata={"sort_by": "image_id"},
)
QUERY_INTENTS = pa.schema(
    [
        ("query", pa.string()),
        ("intent", pa.string()),
        ("confidence", pa.float32()),
        ("entropy", pa.float32()),
        ("users", pa.int32()),
        ("source", pa.string()),
    ],
    metadata={"sort_by": "query"},
)
RULES = pa.schema(
    [
        ("rule", pa.string()),
        ("intent", pa.string()),
        ("queries", pa.int64()),
        ("clicks", pa.int64()),
        ("precision", pa.float32()),
        ("vetoed", pa.bool_()),
    ],
    metadata={"sort_by": "intent,rule"},
)
REJECTED = pa.schema(
    [
        ("image_id", pa.string()),
        ("reason", pa.string()),
        ("users", pa.int32()),
        ("clicks", pa.int64()),
        ("expected_clicks", pa.float32()),
        ("best_intent", pa.string()),
        ("share", pa.float32()),
    ],
    metadata={"sort_by": "image_id"},
)
UNKNOWN_IMAGES = pa.schema(
    [("image_id", pa.string()), ("clicks", pa.int64())],
    metadata={"sort_by": "image_id"},
)
"""Images that were clicked and that the collection lacks."""
BOT_USERS = pa.schema(
    [("user_hash", pa.int64()), ("reason", pa.string())],
    metadata={"sort_by": "user_hash"},
)
BOTS = pa.schema(
    [("reason", pa.string()), ("users", pa.int64()), ("clicks", pa.int64())],
    metadata={"sort_by": "reason"},
)
"""Clicks kept and dropped by the bot filter, one row per reason (``human`` and ``unsure`` for the kept ones)."""

# --- new classes (labels suggest) --------------------------------------------------------------------
CLICKED_PAIRS = pa.schema(
    [("query", pa.string()), ("image_id", pa.string()), ("visits", pa.int64()), ("clicks", pa.int64())],
    metadata={"sort_by": "query,image_id"},
)
"""Clicks of people over a window. ``visits`` are people, counted once per day."""
SUGGESTIONS = pa.schema(
    [
        ("words", pa.list_(pa.string())),
        ("kind", pa.string()),
        ("queries", pa.int64()),
        ("users", pa.int64()),
        ("clicks", pa.int64()),
        ("images", pa.int64()),
        ("unlabelled", pa.float64()),
        ("lift", pa.float64()),
        ("nearest", pa.string()),
        ("parent", pa.string()),
        ("likeness", pa.float64()),
        ("example_queries", pa.list_(pa.string())),
        ("example_images", pa.list_(pa.string())),
    ]
)
"""Query words that no class covers. ``kind`` is ``class`` (new) or ``word`` (for the class ``nearest``); ``images``
are those that several of its queries clicked, ``unlabelled`` the share of them without an intent, ``lift`` how much
more often clicks of two of the queries meet on an image than those of any two, ``likeness`` (0-1) of a class the
chance that ``parent`` is right, of a word how often its clicks meet those of ``nearest``, as a share of within it.
``words`` come by their queries, most first."""
