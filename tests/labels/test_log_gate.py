"""A sane log passes, a log with one planted error stops or warns by that error's name, and chance never stops."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from time import perf_counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels.log_gate import ENOUGH_ROWS, Finding, LogSample, judge_log, name_days, neighbours
from labels.tables import AGGREGATED_CLICKS, CLICKS

TODAY = 20_600
START = datetime(2026, 3, 1, tzinfo=UTC)
PAGE = 20
Change = Callable[[pa.Table], pa.Table]


def sane_log(pages: int = 400, seed: int = 3) -> pa.Table:
    """Return result pages of many people and queries; 1 of 10 results is clicked, more at the top."""
    random = np.random.default_rng(seed)
    rows = pages * PAGE
    page = np.repeat(np.arange(pages), PAGE)
    position = np.tile(np.arange(1, PAGE + 1), pages)
    clicked = random.random(rows) < 0.4 / position**0.7
    return pa.table(
        [
            pa.array([START + timedelta(minutes=7 * int(n)) for n in page]),
            pa.array(random.integers(0, 150, pages).astype(str)[page]),
            pa.array(random.integers(0, 60, pages).astype(str)[page]),
            pa.array(random.integers(0, 5_000, rows).astype(str)),
            pa.array(position, pa.int32()),
            pa.array(clicked),
            pa.nulls(rows, pa.int32()),
        ],
        schema=CLICKS,
    )


def judge(rows: pa.Table, **facts: object) -> list[Finding]:
    limits = {name: facts.pop(name) for name in ("first", "last", "max_failure_rate") if name in facts}
    return judge_log(LogSample(rows=rows, **facts), today=TODAY, **limits)  # type: ignore[arg-type]


def codes(findings: list[Finding]) -> list[tuple[str, bool]]:
    return [(finding.code, finding.stops) for finding in findings]


def put(column: str, values: object, *, where: Callable[[int], bool] = lambda n: True) -> Change:
    """Return a change of a log: `values` in the rows that `where` chooses."""

    def change(log: pa.Table) -> pa.Table:
        old = log[column].to_pylist()
        new = [(values(n, old[n]) if callable(values) else values) if where(n) else old[n] for n in range(log.num_rows)]
        return log.set_column(log.column_names.index(column), column, pa.array(new, log.schema.field(column).type))

    return change


def share(part: float) -> Callable[[int], bool]:
    return lambda n: n % 1000 < 1000 * part


def clicks_only(log: pa.Table) -> pa.Table:
    return log.filter(log["clicked"])


def aggregated(log: pa.Table) -> pa.Table:
    counts = clicks_only(log).group_by(["query", "image_id"]).aggregate([("clicked", "count")])
    return counts.rename_columns(AGGREGATED_CLICKS.names).cast(AGGREGATED_CLICKS)


class TestSane:
    def test_a_log_with_impressions(self) -> None:
        assert judge(sane_log()) == []

    def test_a_log_of_clicks_alone(self) -> None:
        assert judge(clicks_only(sane_log())) == []

    def test_an_aggregated_log(self) -> None:
        assert judge(aggregated(sane_log())) == []

    def test_one_query_with_a_third_of_all_rows(self) -> None:
        assert judge(put("query", "hot", where=share(0.33))(sane_log())) == []

    @settings(max_examples=150, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.one_of(st.none(), st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1))),
                st.sampled_from(["u", "v", None]),
                st.sampled_from(["q", "", "???", "\ufffd", None]),
                st.sampled_from(["i", "j", None]),
                st.one_of(st.none(), st.integers(-1, 2**31 - 1)),
                st.sampled_from([True, False, None]),
            ),
            max_size=50,
        )
    )
    def test_a_tiny_log_is_never_stopped(self, rows: list[tuple[object, ...]]) -> None:
        columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 6
        table = pa.table([*columns, [None] * len(rows)], schema=CLICKS)
        days: dict[int, int] = {}
        for time in table["event_time"].drop_null().cast(pa.int64()).to_pylist():
            days[time // 86_400_000_000] = days.get(time // 86_400_000_000, 0) + 1
        found = judge(table, whole=True, days=days, evidence={day - 1: 40 for day in days})
        assert found == []

    @settings(max_examples=40, deadline=None)
    @given(
        seed=st.integers(0, 10_000),
        pages=st.integers(ENOUGH_ROWS // PAGE, 120),
        rate=st.floats(0.005, 0.5),
        users=st.integers(5, 500),
        noise=st.floats(0, 0.04),
    )
    def test_a_small_log_is_not_stopped_by_chance(
        self, seed: int, pages: int, rate: float, users: int, noise: float
    ) -> None:
        random = np.random.default_rng(seed)
        log = sane_log(pages, seed)
        user = np.repeat(random.integers(0, users, pages), PAGE).astype(str)
        log = log.set_column(1, "user_id", pa.array(user, pa.string(), mask=random.random(len(user)) < noise))
        log = log.set_column(5, "clicked", pa.array(random.random(log.num_rows) < rate))
        volume = random.integers(30_000, 70_000, 14)
        evidence = {TODAY - 20 + n: int(volume[n]) for n in range(7)}
        days = {TODAY - 13 + n: int(volume[7 + n]) for n in range(7)}
        assert [f for f in judge(log, whole=True, days=days, evidence=evidence) if f.stops] == []


WRONG: Mapping[str, tuple[Change, list[tuple[str, bool]]]] = {
    "users are missing": (put("user_id", None, where=share(0.2)), [("no_user_id", True)]),
    "some users are missing": (put("user_id", None, where=share(0.07)), [("no_user_id", False)]),
    "times are missing": (put("event_time", None, where=share(0.2)), [("no_event_time", True)]),
    "queries are blank": (put("query", "  ", where=share(0.2)), [("no_query", True)]),
    "no click": (put("clicked", False), [("no_clicks", True)]),
    "few clicks": (put("clicked", lambda n, _: n in (5, 900)), [("low_click_rate", False)]),
    "the flag is inverted": (put("clicked", lambda n, _: n % 17 > 0), [("high_click_rate", True)]),
    "many clicks": (put("clicked", lambda n, _: n % 3 > 0), [("high_click_rate", False)]),
    "positions from 0": (put("position", lambda _, old: old - 1), [("positions_from_zero", True)]),
    "negative positions": (put("position", -1, where=share(0.2)), [("bad_position", True)]),
    "one position": (put("position", 1), [("one_position", True)]),
    "pixels as positions": (put("position", lambda n, old: old * 1_000 + n), [("far_positions", True)]),
    "one far position": (put("position", 50_000, where=lambda n: n == 7), [("far_positions", False)]),
    "a gap": (put("position", lambda _, old: old + (old > 5)), [("position_gaps", False)]),
    "one user": (put("user_id", "root"), [("one_user", True)]),
    "a big user": (put("user_id", "root", where=share(0.45)), [("one_user", False)]),
    "one query": (put("query", "(none)", where=share(0.8)), [("one_query", True)]),
    "one image": (put("image_id", "0", where=share(0.8)), [("one_image", True)]),
    "a user per row": (put("user_id", lambda n, _: f"request-{n}"), [("users_unique", True)]),
    "replacement characters": (put("query", lambda n, _: f"{n % 50}\ufffd\ufffd"), [("broken_query", True)]),
    "UTF-8 read as Latin-1": (
        put("query", lambda n, _: f"고양이 {n % 50}".encode().decode("latin-1")),
        [("broken_query", True)],
    ),
    "some question marks": (put("query", "??? ??", where=share(0.02)), [("broken_query", False)]),
    "rows are there twice": (lambda log: pa.concat_tables([log, log.slice(0, 2_000)]), [("repeated_rows", True)]),
    "some are": (lambda log: pa.concat_tables([log, log.slice(0, 100)]), [("repeated_rows", False)]),
}


class TestRows:
    @pytest.mark.parametrize("name", WRONG)
    def test_one_error_is_found_by_its_name(self, name: str) -> None:
        change, expected = WRONG[name]
        found = judge(change(sane_log()))
        assert codes(found) == expected, found
        assert all(finding.text.count("%") or "all" in finding.text or "no row" in finding.text for finding in found)

    def test_clicks_alone_may_have_no_positions(self) -> None:
        assert codes(judge(put("position", 1)(clicks_only(sane_log())))) == [("one_position", False)]

    def test_aggregated_rows_without_clicks(self) -> None:
        rows = aggregated(sane_log())
        zero = rows.set_column(2, "clicks", pa.array([0] * rows.num_rows, pa.int64()))
        assert codes(judge(zero)) == [("bad_clicks", True)]

    def test_rows_that_cannot_be_read(self) -> None:
        rows = sane_log()
        found = judge(rows, unreadable={"bad_time": 3_000, "bad_row": 1_000})
        assert codes(found) == [("unreadable_rows", True)]
        assert "33.3% of 12,000 rows looked at cannot be read (bad_row 1,000, bad_time 3,000" in found[0].text

    def test_what_the_user_allows_to_fail_does_not_stop(self) -> None:
        rows = put("user_id", None, where=share(0.2))(sane_log())
        assert codes(judge(rows, max_failure_rate=0.3)) == [("no_user_id", False)]

    def test_no_person_is_named(self) -> None:
        (found,) = judge(put("user_id", "kim@example.com")(sane_log()))
        assert "kim" not in str(found)

    def test_what_stops_comes_first(self) -> None:
        rows = put("user_id", "root")(put("clicked", lambda n, _: n % 3 > 0)(sane_log()))
        assert codes(judge(rows)) == [("one_user", True), ("high_click_rate", False)]

    @pytest.mark.parametrize(("copied", "stops"), [(0.5, [True]), (0.01, [False]), (0.001, [])])
    def test_copies_of_files(self, copied: float, stops: list[bool]) -> None:
        assert [f.stops for f in judge(sane_log(), copied=copied) if f.code == "copied_files"] == stops


NOTHING = CLICKS.empty_table()
WEEK = {TODAY - n: 10_000 for n in range(1, 8)}


class TestDays:
    @pytest.mark.parametrize(
        ("days", "expected"),
        [
            (WEEK, []),
            ({**WEEK, TODAY + 1: 10_000}, []),
            ({**WEEK, TODAY + 400: 3_000}, [("future_days", True)]),
            ({**WEEK, TODAY + 400: 3}, [("future_days", False)]),
            ({TODAY + n: 10_000 for n in range(300, 330)}, [("future_days", False)]),
            ({**WEEK, 0: 9_000}, [("old_days", True)]),
            ({**WEEK, 0: 3}, [("old_days", False)]),
            ({**WEEK, TODAY - 8: 10_000, TODAY - 373: 9_000}, [("lone_day", True)]),
            ({**WEEK, TODAY - 8: 10_000, TODAY - 373: 9}, [("lone_day", False)]),
            ({TODAY - 1: 10_000, TODAY - 373: 9_000}, []),
            ({TODAY - 40 * n: 10_000 for n in range(1, 4)}, []),
        ],
    )
    def test_that_cannot_be(self, days: dict[int, int], expected: list[tuple[str, bool]]) -> None:
        found = [finding for finding in judge(NOTHING, days=days) if not finding.code.endswith("_rows")]
        assert codes(found) == expected

    def test_only_the_days_asked_for_count(self) -> None:
        assert judge(NOTHING, days={**WEEK, TODAY + 400: 3_000}, first=TODAY - 7, last=TODAY - 1) == []

    def test_days_that_fail_row_by_row_are_no_error_of_the_log(self) -> None:
        assert judge(NOTHING, days={**WEEK, -1: 900, 5_000_000: 900}) == []

    def test_a_few_rows_of_a_small_log_are_one_client(self) -> None:
        assert codes(judge(NOTHING, days={TODAY: 600, TODAY + 99: 9})) == [("future_days", False)]
        assert codes(judge(NOTHING, days={TODAY: 600, TODAY + 99: 12})) == [("future_days", True)]

    @pytest.mark.parametrize(
        ("rows", "expected"),
        [
            (900, [("few_rows", True)]),
            (3_000, []),
            (40_000, []),
            (100_000, [("many_rows", True)]),
        ],
    )
    def test_rows_against_the_last_days(self, rows: int, expected: list[tuple[str, bool]]) -> None:
        day = TODAY - 2
        evidence = {known - 2: n for known, n in WEEK.items()}
        assert codes(judge(NOTHING, days={day: rows}, evidence=evidence, first=day, last=day)) == expected

    @pytest.mark.parametrize(
        ("days", "asked", "expected"),
        [
            ({**WEEK, TODAY: 400}, {}, [("few_rows", False)]),
            ({TODAY: 400}, {"first": TODAY, "last": TODAY}, [("few_rows", False)]),
            ({TODAY - 1: 400}, {"first": TODAY - 1, "last": TODAY - 1}, [("few_rows", False)]),
            ({TODAY - 2: 400}, {"first": TODAY - 2, "last": TODAY - 2}, [("few_rows", True)]),
            ({TODAY - 9: 400, TODAY - 8: 9_000, TODAY - 7: 400}, {}, [("few_rows", False)]),
            ({TODAY - 9: 9_000, TODAY - 8: 400, TODAY - 7: 9_000}, {}, [("few_rows", True)]),
            (
                {TODAY - 9: 400, TODAY - 8: 9_000, TODAY - 7: 400},
                {"first": TODAY - 9},
                [("few_rows", True), ("few_rows", False)],
            ),
            ({TODAY - 9: 400, TODAY - 8: 9_000}, {"last": TODAY - 8}, [("few_rows", False)]),
            ({TODAY - 9: 9_000, TODAY - 8: 400}, {"last": TODAY - 8}, [("few_rows", True)]),
            ({**WEEK, TODAY: 900_000}, {}, [("many_rows", True)]),
        ],
    )
    def test_a_day_that_may_be_there_in_part_warns(
        self, days: dict[int, int], asked: dict[str, int], expected: list[tuple[str, bool]]
    ) -> None:
        evidence = {TODAY - n: 10_000 for n in range(1, 20)}
        assert codes(judge(NOTHING, days=days, evidence=evidence, **asked)) == expected

    def test_many_days_are_compared_in_time(self) -> None:
        days = dict.fromkeys(range(9_200, 9_200 + 11_000), 10_000)
        begun = perf_counter()
        assert judge(NOTHING, days=days, evidence=days) == []
        assert perf_counter() - begun < 5  # some 0.1 s; comparing each day with all took minutes

    def test_a_replaced_day_is_not_compared_with_itself(self) -> None:
        evidence = {**WEEK, TODAY: 500}
        assert judge(NOTHING, days={TODAY: 9_000}, evidence=evidence, first=TODAY, last=TODAY) == []

    def test_small_evidence_is_no_measure(self) -> None:
        evidence = dict.fromkeys(WEEK, 50)
        assert judge(NOTHING, days={TODAY: 9_000}, evidence=evidence) == []

    def test_a_thin_day_of_a_first_log_warns(self) -> None:
        assert codes(judge(NOTHING, days={**WEEK, TODAY - 3: 12})) == [("few_rows", False)]

    def test_a_log_may_begin_within_a_day(self) -> None:
        assert judge(NOTHING, days={**WEEK, TODAY - 8: 300}) == []


@pytest.mark.parametrize(
    ("day", "expected"),
    [(3, [10, 11, 12, 13, 14, 15, 16]), (10, [11, 12, 13, 14, 15, 16, 17]), (13, [10, 11, 12]), (30, range(13, 20))],
)
def test_the_days_that_a_day_is_compared_with(day: int, expected: list[int]) -> None:
    assert list(neighbours(day, range(10, 20))) == list(expected)
    assert list(neighbours(day, [day])) == []


def test_days_are_named_as_ranges() -> None:
    assert name_days([]) == ""
    assert name_days([20_454, 20_456, 20_457]) == "2026-01-01, 2026-01-03 to 2026-01-04"
    assert name_days(list(range(0, 40, 2))).endswith(", 1970-01-15 and 12 more")


def test_the_sane_log_is_like_its_description() -> None:
    log = sane_log()
    assert 0.05 < pc.mean(log["clicked"].cast(pa.int8())).as_py() < 0.2
    assert pc.count_distinct(log["user_id"]).as_py() > 100
