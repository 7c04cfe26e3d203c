import pyarrow as pa
import pytest

from labels.bots import BotThresholds, drop_bots, drop_users, find_bots, merge_bots
from labels.tables import BOT_USERS, BOTS, EVIDENCE_CLICKS, EVIDENCE_USERS

PERSON = {
    "days": 3, "impressions": 600, "clicks": 60, "pages": 25, "queries": 20, "images": 55, "max_image_clicks": 3,
    "max_position_clicks": 15, "max_minute_clicks": 8, "active_minutes": 25,
}  # fmt: skip


def profiles(*changes: dict[str, int]) -> pa.Table:
    rows = [{"user_hash": number, **PERSON, **change} for number, change in enumerate(changes, start=1)]
    return pa.Table.from_pylist(rows, schema=EVIDENCE_USERS)


def clicks(*rows: tuple[int, int]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"query": "map", "image_id": f"i{place}", "position": 1, "user_hash": user, "clicks": count}
            for place, (user, count) in enumerate(rows)
        ],
        schema=EVIDENCE_CLICKS,
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"max_minute_clicks": 19}, None),
        ({"max_minute_clicks": 20}, "click_rate"),
        ({"max_image_clicks": 30}, "one_image"),
        ({"clicks": 1500, "impressions": 20000}, "volume"),
        ({"clicks": 1500, "impressions": 20000, "days": 30}, None),
        ({"clicks": 0, "images": 0, "pages": 3000}, "volume"),
        ({"clicks": 540, "max_minute_clicks": 12}, "clicks_everything"),
        ({"clicks": 600}, None),  # a log of clicks alone, at a person's pace
        ({"clicks": 12, "impressions": 12, "max_minute_clicks": 12}, None),
    ],
)
def test_reasons(change: dict[str, int], reason: str | None) -> None:
    found = find_bots(profiles({}, change), BotThresholds())
    assert found.schema.equals(BOT_USERS, check_metadata=True)
    assert found.to_pylist() == ([{"user_hash": 2, "reason": reason}] if reason else [])


def test_a_verdict_does_not_depend_on_other_users() -> None:
    changes = [{}, {"max_minute_clicks": 24}, {"clicks": 540, "max_minute_clicks": 12}]
    together = find_bots(profiles(*changes), BotThresholds())["reason"].to_pylist()
    apart = [row for change in changes for row in find_bots(profiles(change), BotThresholds())["reason"].to_pylist()]
    assert together == apart == ["click_rate", "clicks_everything"]


def test_bots_are_dropped_and_counted_by_reason() -> None:
    users = profiles({}, {"max_minute_clicks": 24})
    people, counts = drop_bots(clicks((2, 5), (1, 1), (7, 2), (2, 4)), users, BotThresholds())
    assert people["user_hash"].to_pylist() == [1, 7]  # 7 has no profile: nothing speaks against it
    assert counts.to_pylist() == [
        {"reason": "click_rate", "users": 1, "clicks": 9},
        {"reason": "human", "users": 2, "clicks": 3},
    ]
    assert merge_bots([counts, counts])["clicks"].to_pylist() == [18, 6]
    assert merge_bots([]).equals(BOTS.empty_table())


def test_unknown_people_are_as_many_as_their_clicks() -> None:
    people, counts = drop_users(clicks((0, 5), (0, 2), (1, 1)), BOT_USERS.empty_table())
    assert people.num_rows == 3
    assert counts.to_pylist() == [{"reason": "human", "users": 8, "clicks": 8}]
