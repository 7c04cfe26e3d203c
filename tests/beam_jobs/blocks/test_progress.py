"""What is said of a job at work is true: planted courses, and what may be said of them."""

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from beam_jobs.blocks import follow, progress
from beam_jobs.blocks.progress import MIN_SECONDS, MIN_SHARE, WINDOW, Course, rate, rounded, time_left

TRACE = st.lists(st.tuples(st.floats(0.01, 30), st.integers(0, 1000)), max_size=40).map(
    lambda steps: [
        (sum(seconds for seconds, _ in steps[: n + 1]), sum(rows for _, rows in steps[: n + 1]))
        for n in range(len(steps))
    ]
)


def steady(speed: float, seconds: int, *, start: float = 0.0, done: int = 0) -> list[tuple[float, int]]:
    return [(start + n, done + int(speed * n)) for n in range(seconds + 1)]


class TestTimeLeft:
    @pytest.mark.parametrize("seconds", [10, 50, 90])
    def test_of_a_steady_job_is_right(self, seconds: int) -> None:
        assert time_left(steady(100, seconds), 10_000) == pytest.approx(100 - seconds, rel=0.02)

    def test_of_a_job_that_slows_down_follows_the_last_minute(self) -> None:
        """A thousand rows a second for ten seconds, then ten: the mean of all would promise 45 s."""
        trace = steady(1000, 10) + steady(10, 100, start=10, done=10_000)[1:]
        assert time_left(trace, 15_000) == pytest.approx((15_000 - 11_000) / 10, rel=0.02)

    def test_is_not_told_before_enough_was_seen(self) -> None:
        assert time_left([], 100) is None
        assert time_left(steady(100, int(MIN_SECONDS)), 1000) is None  # seconds that moved are one less
        assert time_left(steady(100, 30), int(100 * 30 / MIN_SHARE) + 100) is None

    def test_is_not_told_where_nobody_can_know(self) -> None:
        assert time_left(steady(100, 30), None) is None
        assert time_left(steady(100, 30), 3000) is None  # all done: what comes now has no known rows
        assert time_left(steady(100, 30), 2000) is None  # more than expected, as after a retry
        stalled = [*steady(100, 30), (30 + WINDOW + 1, 3000)]
        assert time_left(stalled, 5000) is None

    @given(TRACE, st.one_of(st.none(), st.integers(0, 50_000)))
    def test_is_never_below_a_second(self, trace: list[tuple[float, int]], total: int | None) -> None:
        left = time_left(trace, total)
        assert left is None or left >= 1.0

    @given(st.floats(1.0, 1e6))
    def test_words_never_promise_less(self, seconds: float) -> None:
        value, unit = rounded(seconds).split()
        told = float(value) * {"s": 1, "min": 60, "h": 3600}[unit]
        assert told >= seconds - 1e-6
        assert told <= max(seconds + 5, seconds * 1.7)


class TestRate:
    def test_is_of_the_last_minute(self) -> None:
        assert rate(steady(1000, 10) + steady(10, 100, start=10, done=10_000)[1:]) == pytest.approx(10)

    def test_is_not_told_of_rows_that_stand_still(self) -> None:
        assert rate([(0.0, 0), (5.0, 0)]) is None
        assert rate([(0.0, 5)]) is None


class TestCourse:
    def look(self, course: Course, *looks: tuple[float, dict[str, int]]) -> Course:
        for now, done in looks:
            course.look(now, done)
        return course

    def test_says_nothing_of_nothing(self) -> None:
        assert Course().line({"read": 100}) == ""
        assert self.look(Course(), (0, {}), (1, {})).line({"read": 100}) == ""

    def test_a_whole_job(self) -> None:
        course, total = Course(), {"read": 1000}
        for second in range(8):
            course.look(second, {"read": 100 * second} if second else {})
        assert course.line(total) == "700 of 1,000 rows read, 3 s left to read, 100/s"
        self.look(course, (8, {"read": 800}), (9, {"read": 900}), (10, {"read": 1000}))
        assert course.line(total) == "1,000 of 1,000 rows read, 100/s"
        self.look(course, (11, {"read": 1000, "shuffled": 30}))
        assert course.line(total) == "30 rows shuffled, 30/s"
        self.look(course, (12, {"read": 1000, "shuffled": 60}), (13, {"read": 1000, "shuffled": 60, "written": 5}))
        assert course.line(total).startswith("5 rows written")

    def test_pictures_count_before_the_rows_that_name_them(self) -> None:
        course = self.look(Course(), (0, {}), (1, {"read": 50, "images": 2}), (2, {"read": 50, "images": 4}))
        assert course.line({"read": 50, "images": 50}) == "4 of 50 pictures decoded, 2/s"

    def test_more_rows_than_expected_are_not_shown_as_a_share(self) -> None:
        course = self.look(Course(), (0, {"read": 0}), (1, {"read": 120}))
        assert course.line({"read": 100}) == "120 rows read, 120/s"

    def test_another_job_begins_anew(self) -> None:
        course = self.look(Course(), (0, {"read": 0}), (10, {"read": 1000}), (11, {"read": 10}), (12, {"read": 20}))
        assert course.line({}) == "20 rows read, 10/s"
        assert self.look(course, (13, {})).line({}) == ""

    def test_a_long_job_needs_no_more_memory(self) -> None:
        course = Course()
        for second in range(5000):
            course.look(second, {"read": second})
        assert len(course.traces["read"]) <= 2 * WINDOW + 3
        assert course.line({"read": 10_000}) == "4,999 of 10,000 rows read, 84 min left to read, 1/s"


class TestExpected:
    @pytest.fixture(autouse=True)
    def clean(self) -> None:
        progress.reset()

    def test_adds_up(self) -> None:
        progress.expect("read", 5)
        progress.expect("read", 7)
        assert progress.expected() == {"read": 12}

    def test_one_part_that_nobody_knows_makes_the_sum_unknown(self) -> None:
        progress.expect("read", 5)
        progress.expect("read", None)
        progress.expect("read", 5)
        assert progress.expected() == {}


class TestFollow:
    def said(self, monkeypatch: pytest.MonkeyPatch, *, terminal: bool, seconds: float = 0.4) -> str:
        monkeypatch.setattr(follow, "PERIOD", 0.02)
        monkeypatch.setattr(follow, "SAMPLE", 0.02)
        monkeypatch.setattr(follow, "LINE_PERIOD", 0.1)
        progress.reset()
        progress.expect("read", 1_000_000)
        stream = io.StringIO()
        console = Console(file=stream, force_terminal=terminal, width=120)
        end = time.monotonic() + seconds
        with follow.follow("a job", console=console), follow.follow("inside", console=console):
            while time.monotonic() < end:
                progress.add("read", 1000)
                time.sleep(0.01)
        return stream.getvalue()

    def test_a_terminal_shows_a_line_that_moves_and_goes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        said = self.said(monkeypatch, terminal=True)
        assert "of 1,000,000 rows read" in said
        assert "inside" not in said
        assert said.rstrip().endswith("\x1b[2K")

    def test_elsewhere_a_line_now_and_then(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = self.said(monkeypatch, terminal=False).splitlines()
        assert 1 <= len(lines) <= 4
        assert all(line.startswith("a job 0:00 ") for line in lines)
        assert "of 1,000,000 rows read, " in lines[-1]

    def test_a_short_job_says_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.said(monkeypatch, terminal=False, seconds=0.05) == ""
