import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.evidence import (
    UNKNOWN_POSITION,
    UNKNOWN_USER,
    conform_clicks,
    count_clicks,
    day_of,
    hash_users,
    merge_clicks,
    merge_impressions,
    merge_user_events,
    merge_users,
    profile_users,
)
from labels.exploring import merge_explored
from labels.tables import (
    AGGREGATED_CLICKS,
    CLICKS,
    COUNTED_REASONS,
    EVIDENCE_CLICKS,
    EVIDENCE_EXPLORED,
    EVIDENCE_IMPRESSIONS,
    EVIDENCE_USERS,
    USER_EVENTS,
)
from tests.labels.worlds import KEY, START, log

SCHEMAS = {
    "clicks": EVIDENCE_CLICKS,
    "impressions": EVIDENCE_IMPRESSIONS,
    "users": USER_EVENTS,
    "explored": EVIDENCE_EXPLORED,
    "rejected": COUNTED_REASONS,
}
MERGES: dict[str, Callable[[list[pa.Table]], pa.Table]] = {
    "clicks": merge_clicks,
    "impressions": merge_impressions,
    "users": merge_user_events,
}

# --- the types of the input ------------------------------------------------------------------------------

ROW = (START, "ann", "Map", "a", 1, True)


def with_column(name: str, values: pa.Array) -> pa.Table:
    table = log([ROW])
    return table.set_column(table.column_names.index(name), name, values)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("position", pa.array([1], pa.int64())),
        ("position", pa.array([1], pa.uint8())),
        ("dwell_ms", pa.array([5000], pa.int64())),
        ("query", pa.array(["Map"], pa.large_string())),
        ("query", pa.array(["Map"], pa.string_view())),
        ("user_id", pa.array(["ann"]).dictionary_encode()),
        ("image_id", pa.array(["a"], pa.large_string()).dictionary_encode()),
        ("event_time", pa.array([START], pa.timestamp("ns", tz="UTC"))),
        ("event_time", pa.array([START], pa.timestamp("s", tz="Asia/Seoul"))),
        ("event_time", pa.array([START.replace(tzinfo=None)], pa.timestamp("ms"))),
    ],
)
def test_other_widths_and_units_are_cast(name: str, values: pa.Array) -> None:
    assert conform_clicks(with_column(name, values)).cast(CLICKS).equals(log([ROW]))


def test_order_and_further_columns_do_not_matter_and_dwell_may_be_missing() -> None:
    table = log([ROW]).select(CLICKS.names[::-1]).append_column("page_id", pa.array(["p"]))
    assert conform_clicks(table).equals(log([ROW]))
    assert conform_clicks(table.drop_columns(["dwell_ms"]))["dwell_ms"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("clicked", pa.array([1], pa.int8()), "'clicked' has type int8, expected bool"),
        ("position", pa.array([1.0]), "'position' has type double, expected int32"),
        ("position", pa.array([2**31], pa.int64()), "'position' has type int64 and values that int32 cannot hold"),
        ("query", pa.array([1]), "'query' has type int64, expected string"),
        ("user_id", pa.array([b"ann"]), "'user_id' has type binary, expected string"),
        ("event_time", pa.array(["2026-10-01"]), "'event_time' has type string"),
        ("event_time", pa.array([1], pa.timestamp("ns")), r"'event_time' has type .* cannot hold"),
    ],
)
def test_another_type_is_an_error_that_names_column_and_types(name: str, values: pa.Array, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        conform_clicks(with_column(name, values))


@pytest.mark.parametrize(
    "ranker",
    [
        pa.array(["random"]),
        pa.array(["random"], pa.large_string()),
        pa.array(["random"]).dictionary_encode(),
        pa.array([None], pa.string()),
    ],
)
def test_a_ranker_of_text_stays_and_another_is_dropped(ranker: pa.Array) -> None:
    conformed = conform_clicks(log([ROW]).append_column("ranker", ranker))
    assert conformed.schema.names == [*CLICKS.names, "ranker"]
    assert conform_clicks(conformed).equals(conformed)
    assert count_clicks(conformed, key=KEY)["explored"].num_rows == (ranker[0].as_py() is not None)
    assert conform_clicks(log([ROW]).append_column("ranker", pa.array([7]))).schema.equals(CLICKS)


def test_rows_of_exploring_rankers_are_counted_by_user_and_position() -> None:
    rows: list[Any] = [
        (START, "ann", "Map", "a", 1, True),
        (START, "ann", "flag", "b", 1, False),
        (START, "ann", "Map", "c", 2, False),
        (START, "bob", "Map", "a", 1, True),
        (START, "bob", None, "a", 1, True),
        (START + timedelta(days=1), "ann", "Map", "a", 1, True),
        (START, "ann", "Map", "d", 3, True),
        (START, "ann", "Map", "e", 4, True),
    ]
    rankers = ["random"] * 6 + ["production", None]
    counted = count_clicks(log(rows).append_column("ranker", pa.array(rankers)), key=KEY)
    ann, bob = (int(hash_users([user], key=KEY)[0]) for user in ("ann", "bob"))
    day = (START.date() - date(1970, 1, 1)).days
    expected = [(day, ann, 1, 2, 1), (day, ann, 2, 1, 0), (day, bob, 1, 1, 1), (day + 1, ann, 1, 1, 1)]
    found = merge_explored([counted["explored"].slice(2), counted["explored"].slice(0, 2)])
    assert found.schema.names == ["day", *EVIDENCE_EXPLORED.names]
    assert sorted(tuple(row.values()) for row in found.to_pylist()) == sorted(expected)
    whole = merge_explored([found.drop_columns("day")] * 2)
    assert {tuple(row.values()) for row in whole.to_pylist()} == {(ann, 1, 6, 4), (ann, 2, 2, 0), (bob, 1, 2, 2)}
    assert merge_explored([]).equals(EVIDENCE_EXPLORED.empty_table())


def test_a_missing_column_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"'position' is missing .*expected position int32"):
        conform_clicks(log([ROW]).drop_columns(["position"]))
    with pytest.raises(ValueError, match="'clicked' is missing"):
        conform_clicks(log([ROW]).drop_columns(["clicked"]).append_column("clicks", pa.array([1])))


def test_an_aggregated_log_counts_every_click_as_a_person() -> None:
    table = pa.table(
        {
            "clicks": pa.array([2, 3, 0, 1], pa.int32()),
            "query": ["Map", "map ", "map", None],
            "image_id": ["a", "a", "b", "b"],
        }
    )
    assert conform_clicks(table).schema == AGGREGATED_CLICKS
    with pytest.raises(ValueError, match="say its day"):
        count_clicks(table, key=KEY)
    counted = count_clicks(table, key=KEY, day=date(1970, 1, 3))
    assert counted["clicks"].to_pylist() == [
        dict(
            zip(("day", *EVIDENCE_CLICKS.names), (2, "map", "a", UNKNOWN_POSITION, UNKNOWN_USER, 5, None), strict=True)
        )
    ]
    assert sorted(counted["rejected"].to_pylist(), key=str) == [
        {"day": 2, "reason": "no_clicks", "count": 1},
        {"day": 2, "reason": "no_query", "count": 1},
    ]
    assert counted["impressions"].num_rows == counted["users"].num_rows == 0
    assert day_of(table).to_pylist() == [None] * 4


def test_the_day_is_that_of_utc() -> None:
    seoul = timezone(timedelta(hours=9))
    times = [datetime(2026, 10, 2, 8, 59, tzinfo=seoul), datetime(2026, 10, 2, 9, tzinfo=seoul), None]
    table = pa.table({"event_time": pa.array(times, CLICKS.field("event_time").type)})
    assert day_of(table).to_pylist() == [date(2026, 10, 1), date(2026, 10, 2), None]
    assert day_of(log([])).to_pylist() == []


def test_the_user_hash_is_keyed() -> None:
    one, other = hash_users(["ann", "bob"], key=b"1"), hash_users(["ann", "bob"], key=b"2")
    assert len({*one.tolist(), *other.tolist()}) == 4
    assert one.tolist() == hash_users(["ann", "bob"], key=b"1").tolist()
    with pytest.raises(ValueError, match="0 bytes"):
        hash_users(["ann"], key=b"")
    with pytest.raises(ValueError, match="65 bytes"):
        hash_users(["ann"], key=b"x" * 65)


# --- counting against an oracle of dictionaries ---------------------------------------------------------

_maybe = st.sampled_from
rows = st.lists(
    st.tuples(
        st.integers(0, 200).map(lambda minutes: START + timedelta(minutes=minutes // 10, seconds=minutes % 10)),
        _maybe(["ann", "bob", "eve", "", None]),
        _maybe(["map", "MAP ", "악보", " ", None]),
        _maybe(["a", "b", "c", None]),
        _maybe([1, 2, 3, 0, -1, None]),
        _maybe([True, False, False, None]),
    ),
    max_size=40,
)


def plain(name: str, table: pa.Table) -> pa.Table:
    """Return a counted table as it is written: merged, sorted, without dictionaries."""
    return MERGES[name](table).select(SCHEMAS[name].names).cast(SCHEMAS[name])


@settings(deadline=None, max_examples=40)
@given(rows)
def test_counts_agree_with_a_row_by_row_oracle(data: list[tuple]) -> None:  # type: ignore[type-arg]
    counted = count_clicks(log(data), key=KEY)
    for name in MERGES:
        counted[name] = plain(name, counted[name])
    clicks: Counter[tuple[str, str, int, int]] = Counter()
    shown: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    rejected: Counter[str] = Counter()
    for time, user, spelling, image, position, clicked in data:
        query = (spelling or "").strip().lower()
        if not query:
            rejected["no_query"] += 1
        elif not image:
            rejected["no_image"] += 1
        elif not user:
            rejected["no_user"] += 1
        elif clicked is None:
            rejected["no_click_flag"] += 1
        elif position is None or position < 1:
            rejected["bad_position"] += 1
        else:
            assert time is not None
            shown[query, image][position] += 1
            if clicked:
                clicks[query, image, position, int(hash_users([user], key=KEY)[0])] += 1
    assert counted["clicks"].to_pylist() == [
        dict(zip(EVIDENCE_CLICKS.names, (*key, count, 5000 * count), strict=True))
        for key, count in sorted(clicks.items())
    ]
    assert counted["impressions"].to_pylist() == [
        {"query": query, "image_id": image, "positions": sorted(counts), "counts": [counts[p] for p in sorted(counts)]}
        for (query, image), counts in sorted(shown.items())
    ]
    assert (
        sum((Counter({row["reason"]: row["count"]}) for row in counted["rejected"].to_pylist()), Counter()) == rejected
    )
    assert sum(counted["users"]["impressions"].to_pylist()) + rejected.total() == len(data)


@settings(deadline=None, max_examples=40)
@given(rows, st.integers(1, 6), st.randoms(use_true_random=False))
def test_merging_blocks_in_any_order_and_grouping_equals_counting_at_once(
    data: list[tuple],  # type: ignore[type-arg]
    cut: int,
    chance: random.Random,
) -> None:
    whole = count_clicks(log(data), key=KEY)
    shuffled = chance.sample(data, len(data))
    blocks = [count_clicks(log(shuffled[start : start + cut]), key=KEY) for start in range(0, len(data), cut)]
    for name, merge in MERGES.items():
        parts = [block[name] for block in blocks]
        left = plain(name, merge([merge(parts[:2]), *parts[2:]]))
        right = plain(name, merge([*parts[:1], merge(parts[1:])]))
        assert left.equals(right, check_metadata=True)
        assert left.equals(plain(name, whole[name]), check_metadata=True)
        if parts:
            assert plain(name, pa.concat_tables(parts)).equals(left)


def test_dwell_is_null_only_where_no_click_has_one() -> None:
    table = log([ROW, ROW, (START, "bob", "map", "a", 1, True)])
    table = table.set_column(6, "dwell_ms", pa.array([None, 40, None], pa.int32()))
    dwell = count_clicks(table, key=KEY)["clicks"]["dwell_ms"].to_pylist()
    assert sorted(dwell, key=str) == [40, None]


# --- profiles --------------------------------------------------------------------------------------------


def test_a_profile_tells_volume_breadth_shape_and_rate() -> None:
    data = [
        (START, "ann", "map", "a", 1, True),
        (START, "ann", "map", "b", 2, True),
        (START, "ann", "map", "c", 3, False),
        (START + timedelta(seconds=59), "ann", "악보", "a", 1, True),
        (START + timedelta(seconds=60), "ann", "map", "a", 1, True),
        (START, "bob", "map", "a", 1, False),
    ]
    events = count_clicks(log(data), key=KEY)["users"]
    ann, bob = (
        next(row for row in profile_users(events).to_pylist() if row["user_hash"] == hash_users([name], key=KEY)[0])
        for name in ("ann", "bob")
    )
    del ann["user_hash"], bob["user_hash"]
    assert ann == {
        "days": 1, "impressions": 5, "clicks": 4, "pages": 3, "queries": 2, "images": 2, "max_image_clicks": 3,
        "max_position_clicks": 3, "max_minute_clicks": 3, "active_minutes": 2,
        "manners": [0, 1, 14, 15, 20, 34], "manner_counts": [3, 1, 2, 1, 1, 4],
    }  # fmt: skip
    assert bob["impressions"] == bob["pages"] == 1
    assert bob["clicks"] == bob["images"] == bob["max_minute_clicks"] == 0


@settings(deadline=None, max_examples=40)
@given(rows, st.integers(1, 6))
def test_profiles_do_not_depend_on_blocks(data: list[tuple], cut: int) -> None:  # type: ignore[type-arg]
    whole = profile_users(count_clicks(log(data), key=KEY)["users"])
    parts = [count_clicks(log(data[start : start + cut]), key=KEY)["users"] for start in range(0, len(data), cut)]
    assert profile_users(parts).equals(whole, check_metadata=True)
    assert profile_users(merge_user_events(parts)).equals(whole)


def test_a_window_adds_volumes_and_keeps_the_worst_day() -> None:
    first = profile_users(count_clicks(log([ROW, ROW]), key=KEY)["users"])
    second = profile_users(count_clicks(log([ROW]), key=KEY)["users"])
    merged = merge_users([first, second])
    assert merged.equals(merge_users([second, first]), check_metadata=True)
    row = merged.to_pylist()[0]
    assert (row["days"], row["clicks"], row["images"], row["max_image_clicks"]) == (2, 3, 2, 2)
    assert merge_users([]).equals(EVIDENCE_USERS.empty_table())


def test_empty_logs_give_empty_tables() -> None:
    for name, table in count_clicks(log([]), key=KEY).items():
        found = table.select(SCHEMAS[name].names).cast(SCHEMAS[name])
        assert found.equals(SCHEMAS[name].empty_table(), check_metadata=True)


@settings(deadline=None, max_examples=30)
@given(rows, st.integers(1, 40))
def test_a_block_of_many_days_is_the_days_together(data: list[tuple], hours: int) -> None:  # type: ignore[type-arg]
    spread = [(row[0] and row[0] + timedelta(hours=hours * n), *row[1:]) for n, row in enumerate(data)]
    table = log(spread)
    whole = count_clicks(table, key=KEY)
    days = day_of(table)
    for name, merge in (("clicks", merge_clicks), ("impressions", merge_impressions)):
        parts = [count_clicks(table.filter(pc.equal(days, d)), key=KEY)[name] for d in pc.unique(days).drop_null()]
        together = merge(parts) if parts else whole[name].slice(0, 0)
        assert merge(whole[name]).to_pylist() == together.to_pylist()
        assert merge(whole[name])["day"].to_pylist() == sorted(merge(whole[name])["day"].to_pylist())


def test_text_that_is_no_utf8_is_no_text() -> None:
    table = log([ROW, ROW])
    broken = pa.array([b"caf\xe9", b"map"]).view(pa.string())
    counted = count_clicks(table.set_column(2, "query", broken), key=KEY)
    assert counted["clicks"]["query"].to_pylist() == ["map"]
    assert counted["rejected"]["reason"].to_pylist() == ["no_query"]


def test_times_before_1970_count_in_the_right_minute() -> None:
    data = [(datetime(1969, 12, 31, 23, 59, second, tzinfo=UTC), "ann", "map", "a", 1, True) for second in (1, 59)]
    assert count_clicks(log(data), key=KEY)["users"]["minute"].to_pylist() == [-1]
