"""The benchmarks: what each prepares, who runs, and how the outputs are compared."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from labels.tables import LABELS, QUERY_INTENTS, REJECTED
from tests.bench.checks import check_evidence, check_tables
from tests.bench.logs import Shape, collection_of, log_rows, write_log
from tests.bench.measure import BenchError, Contender, Run, race, run_worker
from tests.bench.pictures import enlarge, jpegs, judged
from tests.bench.tables import IMAGES, SUMS, write_join_tables, write_rows

OURS = "image-intent"
ROW_BY_ROW_ROWS = 1_000_000
"""Most rows for the textbook pipeline: it moves some tens of thousands a second."""
PICTURES = 300
HASH_SETS = (
    ("as they are", 0, 0, 0, {"imagehash.phash": 2.8, "imagededup PHash": 4.0}),
    ("photos", 1000, 85, 300, {"imagehash.phash": 2.2, "imagededup PHash": 3.0}),
    ("12 megapixels", 4000, 88, 30, {"imagehash.phash": 3.0, "imagededup PHash": 3.0}),
)
"""Name, longer side in pixels (0: not enlarged), JPEG quality, most pictures, goals."""

Check = Callable[[Mapping[str, Path]], None]
"""Takes the outputs by contender and raises BenchError where they differ."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the command line says.

    Attributes:
        data: folder for made inputs, which later runs use again, and for outputs.
        rows: of the log, the join's features or the group-by's rows; None is each benchmark's own size.
        log: folder of ``date=`` folders to use in place of a made log.
        only: names of peers that run beside ours; all where empty.
        memory_limit: DuckDB's, such as ``3GB``; None is its own.
        profile: run ours once more, on one worker, to see where the time goes.
        tell: takes a line about progress.
        pictures: folder of JPEG files for ``inference``; drawn ones where None.
        bundle: folder of the bundle for ``inference``.
    """

    data: Path
    rows: int | None
    days: int
    seed: int
    repeats: int
    threads: int
    hot: bool
    log: Path | None
    only: Sequence[str]
    memory_limit: str | None
    profile: bool
    tell: Callable[[str], None]
    pictures: Path | None = None
    bundle: Path | None = None

    def wants(self, peer: str) -> bool:
        return not self.only or peer in self.only

    @property
    def scratch(self) -> Path:
        return self.data / "runs"


@dataclass(frozen=True, kw_only=True)
class Result:
    """One comparison: runs by contender; ratios are to the first, whose rate over another's is held to `goals`."""

    bench: str
    rows: int
    threads: Mapping[str, int]
    runs: Mapping[str, Sequence[Run]]
    goals: Mapping[str, float] = field(default_factory=dict)
    profile: Mapping[str, Any] | None = None


def evidence(setting: Setting) -> list[Result]:
    """Compare aggregate_clicks with DuckDB, polars and (on at most 1 M rows) the textbook Beam pipeline."""
    log, rows = _log(setting, default=1_000_000)
    peers = [
        Contender(
            "DuckDB",
            "tests.bench.peers_duckdb:evidence",
            {"log": str(log), "memory_limit": setting.memory_limit},
            setting.threads,
        ),
        Contender("polars", "tests.bench.peers_polars:evidence", {"log": str(log)}, setting.threads),
    ]
    results = []
    if rows <= ROW_BY_ROW_ROWS:
        peers.append(_row_by_row(setting, log))
    elif setting.wants("beam"):
        few = write_log(_shape(setting, ROW_BY_ROW_ROWS), setting.data / _shape(setting, ROW_BY_ROW_ROWS).name)
        contenders = [_ours(setting, few), _row_by_row(setting, few)]
        results.append(_compare(setting, "evidence", contenders, ROW_BY_ROW_ROWS, goals={"row-by-row Beam": 20}))
    chosen = [peer for peer in peers if setting.wants(_SHORT.get(peer.name, peer.name.lower()))]
    if chosen:
        goals = {"DuckDB": 0.5, "row-by-row Beam": 20}
        results.insert(0, _compare(setting, "evidence", [_ours(setting, log), *chosen], rows, goals=goals))
    return results


def scaling(setting: Setting) -> list[Result]:
    """Compare aggregate_clicks on two workers with itself on one; each has as many cores as workers."""
    log, rows = _log(setting, default=1_000_000)
    two, one = (
        Contender(name, "tests.bench.ours:evidence", {"log": str(log)}, count)
        for name, count in (("2 workers", 2), ("1 worker", 1))
    )
    return [_compare(setting, "scaling", [two, one], rows, goals={one.name: 1.4}, profile=False)]


def window(setting: Setting) -> list[Result]:
    """Compare derive_labels from 90 days of evidence with derive_labels from the raw log of these days."""
    days = setting.days if setting.log else 90
    log, rows = _log(setting, default=1_000_000, days=days)
    collection = str(collection_of(log))
    made = setting.scratch / "window-evidence"
    making = Contender("evidence", "tests.bench.ours:evidence", {"log": str(log)}, setting.threads)
    took = run_worker(making, output=made)
    setting.tell(f"the evidence of {days} days took {took.seconds:.2f} s")
    contenders = [
        Contender(
            f"labels from {kind}",
            "tests.bench.ours:labels",
            {"source": source, "path": str(path), "collection": collection},
            setting.threads,
        )
        for kind, source, path in (("evidence", "evidence", made), ("the raw log", "clicks", log))
    ]
    tables = {"labels": LABELS, "rejected": REJECTED, "query_intents": QUERY_INTENTS}

    def check(outputs: Mapping[str, Path]) -> None:
        check_tables(outputs, tables)

    try:
        goals = {contenders[1].name: 3.0}
        return [_compare(setting, "window", contenders, rows, check=check, goals=goals)]
    finally:
        shutil.rmtree(made, ignore_errors=True)


def join(setting: Setting) -> list[Result]:
    """Compare the join of features with labels, topics and duplicates with DuckDB's, sorted by image and not."""
    rows = setting.rows or 1_000_000
    data = write_join_tables(setting.data / f"join-{rows}-{setting.seed}", rows=rows, seed=setting.seed)
    arguments = {"data": str(data), "memory_limit": setting.memory_limit}
    contenders = [
        Contender(OURS, "tests.bench.ours:join", {"data": str(data)}, setting.threads),
        Contender("DuckDB", "tests.bench.peers_duckdb:join", arguments, setting.threads),
        Contender(
            "DuckDB, unsorted", "tests.bench.peers_duckdb:join", {**arguments, "ordered": False}, setting.threads
        ),
    ]

    def check(outputs: Mapping[str, Path]) -> None:
        check_tables(outputs, {"images": IMAGES})

    return [_compare(setting, "join", contenders, rows, check=check)]


def groupby(setting: Setting) -> list[Result]:
    """Compare count, sum and maximum per skewed key with DuckDB's."""
    rows = setting.rows or 2_000_000
    data = write_rows(setting.data / f"rows-{rows}-{setting.seed}", rows=rows, seed=setting.seed)
    arguments = {"data": str(data), "memory_limit": setting.memory_limit}
    contenders = [
        Contender(OURS, "tests.bench.ours:group_by", {"data": str(data)}, setting.threads),
        Contender("DuckDB", "tests.bench.peers_duckdb:group_by", arguments, setting.threads),
    ]

    def check(outputs: Mapping[str, Path]) -> None:
        check_tables(outputs, {"sums": SUMS})

    return [_compare(setting, "groupby", contenders, rows, check=check)]


def hashes(setting: Setting) -> list[Result]:
    """Compare hash rows from JPEG files (decoding, all hash columns) with imagehash.phash and imagededup's PHash, each
    one hash, on one thread; pictures as they are, and enlarged to photos and to 12 megapixels."""
    small = setting.data / "jpegs"
    count = _jpeg_folder(small, setting)
    sources = jpegs(str(small))
    results = []
    for name, side, quality, most, goals in HASH_SETS:
        folder, rows = small, count
        if side:
            folder, rows = setting.data / f"enlarged-{side}", min(count, most)
            shutil.rmtree(folder, ignore_errors=True)
            enlarge(sources[:: max(1, count // most)][:rows], folder, side=side, quality=quality)
        size = sum(path.stat().st_size for path in jpegs(str(folder))) / rows / 1000
        setting.tell(f"{name}: {rows:,} pictures of {size:,.0f} KB on average")
        contenders = [
            Contender(who, f"tests.bench.pictures:{function}", {"corpus": str(folder)})
            for who, function in (
                (OURS, "our_hashes"),
                ("imagehash.phash", "perceptual_hashes"),
                ("imagededup PHash", "imagededup_hashes"),
            )
        ]
        results.append(
            _compare(setting, f"hashes, {name}", contenders, rows, check=_same_count, goals=goals, profile=False)
        )
    arguments = {"pictures": str(small), "bundle": "none"}
    two, one = (
        Contender(label, "tests.bench.ours:features", arguments, workers)
        for label, workers in (("2 workers", 2), ("1 worker", 1))
    )

    def rows_of(outputs: Mapping[str, Path]) -> None:
        counts = {name: judged(path) for name, path in outputs.items()}
        if set(counts.values()) != {count}:
            raise BenchError(f"of {count:,} pictures the runs have rows of {counts}")

    bare = Contender("bare functions", "tests.bench.pictures:our_hashes", {"corpus": str(small)})
    results.append(
        _compare(setting, "hash job", [two, one], count, check=rows_of, goals={one.name: 1.7}, profile=False)
    )
    job = [Contender("job, 1 worker", one.function, arguments, 1), bare]
    results.append(
        _compare(setting, "Beam's share", job, count, check=lambda _: None, goals={bare.name: 0.85}, profile=False)
    )
    return results


def _same_count(outputs: Mapping[str, Path]) -> None:
    counts = {name: (path / "rows.txt").read_text() for name, path in outputs.items()}
    if len(set(counts.values())) != 1:
        raise BenchError(f"the contenders hashed different pictures: {counts}")


def inference(setting: Setting) -> list[Result]:
    """Compare extract_features with a torch loop and with Beam's RunInference, from JPEG files to rows."""
    if setting.bundle is None:
        raise BenchError("inference needs --model BUNDLE; make one with `image-intent train`")
    folder = setting.data / "jpegs"
    count = _jpeg_folder(folder, setting)
    arguments = {"pictures": str(folder), "bundle": str(setting.bundle)}
    contenders = [Contender(OURS, "tests.bench.ours:features", arguments, setting.threads)]
    for name, short, function in (("torch loop", "torch", "torch_loop"), ("RunInference", "beam", "run_inference")):
        if setting.wants(short):
            contenders.append(Contender(name, f"tests.bench.peers_torch:{function}", arguments, setting.threads))

    def check(outputs: Mapping[str, Path]) -> None:
        counts = {name: judged(path) for name, path in outputs.items()}
        if set(counts.values()) != {count}:
            raise BenchError(f"of {count:,} pictures the contenders judged {counts}")

    goals = {"torch loop": 2.5, "RunInference": 4.0}
    return [_compare(setting, "inference", contenders, count, check=check, goals=goals)]


def _jpeg_folder(folder: Path, setting: Setting) -> int:
    """Copy JPEG files spread over the setting's pictures into a flat folder; return how many."""
    source = setting.pictures
    if source is None:
        source = setting.data / "pictures"
        if not source.exists():
            from beam_jobs.demo.corpus import draw_corpus

            draw_corpus(source, images=PICTURES)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    every = jpegs(str(source))
    count = min(setting.rows or len(every), len(every))
    found = [every[n * len(every) // count] for n in range(count)]
    if not found:
        raise BenchError(f"{source} has no JPEG files")
    for place, path in enumerate(found):
        shutil.copyfile(path, folder / f"{place:06d}.jpg")
    return len(found)


BENCHES: Mapping[str, Callable[[Setting], list[Result]]] = {
    "evidence": evidence,
    "scaling": scaling,
    "window": window,
    "join": join,
    "groupby": groupby,
    "hashes": hashes,
    "inference": inference,
}
_SHORT = {"row-by-row Beam": "beam"}


def _ours(setting: Setting, log: Path) -> Contender:
    return Contender(OURS, "tests.bench.ours:evidence", {"log": str(log)}, setting.threads)


def _row_by_row(setting: Setting, log: Path) -> Contender:
    return Contender(
        "row-by-row Beam", "tests.bench.peers_beam:evidence", {"log": str(log)}, setting.threads, once=True
    )


def _compare(
    setting: Setting,
    bench: str,
    contenders: Sequence[Contender],
    rows: int,
    *,
    check: Check | None = None,
    goals: Mapping[str, float] | None = None,
    profile: bool = True,
) -> Result:
    """Run the contenders in turn; without `check` their outputs are compared as evidence."""
    setting.tell(f"{bench}: {rows:,} rows, {setting.repeats} rounds")
    scratch = setting.scratch / bench
    try:
        runs = race(
            contenders,
            repeats=setting.repeats,
            scratch=scratch,
            check=check or (lambda outputs: check_evidence(outputs, rows=rows)),
            tell=setting.tell,
        )
        seen = None
        if profile and setting.profile:
            alone = replace(contenders[0], threads=1)
            seen = run_worker(alone, output=scratch / "profile", profile=True).profile
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Result(
        bench=bench,
        rows=rows,
        threads={contender.name: contender.threads for contender in contenders},
        runs=runs,
        goals=goals or {},
        profile=seen,
    )


def _shape(setting: Setting, rows: int, days: int | None = None) -> Shape:
    return Shape(rows=rows, days=days or setting.days, seed=setting.seed).heated(setting.hot)


def _log(setting: Setting, *, default: int, days: int | None = None) -> tuple[Path, int]:
    """Return the log's folder and rows: the given one, or a made one; its files are in the system's cache then."""
    folder = setting.log
    if folder is None:
        shape = _shape(setting, setting.rows or default, days)
        folder = write_log(shape, setting.data / shape.name)
    for path in folder.glob("date=*/*.parquet"):
        path.read_bytes()
    rows = log_rows(folder)
    if not rows:
        raise BenchError(f"{folder} has no date=YYYY-MM-DD/*.parquet; give --log such a folder")
    return folder, rows
