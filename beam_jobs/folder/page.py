"""The page of a folder: what is in it, and its copies as pictures. One HTML file, no script, no network."""

import base64
import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from PIL import Image

from beam_jobs.blocks import files
from beam_jobs.blocks.files import UsageError
from beam_jobs.commands.tables import plain
from beam_jobs.folder.copies import Group, Member
from beam_jobs.folder.one_file import read_file
from beam_jobs.folder.survey import Named, Survey
from beam_jobs.folder.words import BROKEN_BECAUSE, COPY_BECAUSE, animated_line, counted, kind_of, pixels, size_of
from beam_jobs.report.page import Content, Html, document, el, fold, note, number, section, table, tiles
from beam_jobs.report.pictures import Pictures, ThumbnailLimits
from intent.images import ImageError, decode_image

SUBTITLE = "As it was when it was looked at. Nothing in it was changed for this page."
HEAD = b"<!doctype html>"
CHECKED = 60
"""Groups shown by their lowest score: what a person should look at before removing anything."""
LARGEST = 60
"""Further groups shown, by the bytes that they free."""
MEMBERS_SHOWN = 6
"""Files of a group that are shown, the best one among them."""


WIDE = "grid-template-columns:repeat(auto-fill,minmax(min(100%,480px),1fr));align-items:start"
"""Style of the groups: two beside each other, so that names of files have room."""


def check_target(path: str) -> None:
    """Raise UsageError where a page cannot be written, or would replace something that is no page."""
    target = Path(path)
    if target.is_dir():
        raise UsageError(f"--report {path} is a folder; name a file, such as {target / 'copies.html'}")
    if not target.parent.is_dir():
        raise UsageError(f"--report {path}: the folder {target.parent} is not there; make it first")
    if target.exists():
        with target.open("rb") as file:
            if file.read(len(HEAD)).lower() != HEAD:
                raise UsageError(f"--report {path} is there and is no page; choose another name")


def write_page(path: str, told: Survey, groups: Sequence[Group], *, title: str, remarks: Sequence[str] = ()) -> None:
    """Write the page, in one step; the same bytes for the same folder.

    Args:
        path: the HTML file.
        told: what is in the folder.
        groups: its copies.
        title: of the page.
        remarks: lines above everything.

    Raises:
        OSError: it cannot be written.
    """
    shown = FolderPictures(None, members={})
    parts = [_glance(told, groups, remarks), _kinds(told), _copies(groups, shown), _broken(told), _ignored(told)]
    links = [("glance", "At a glance"), ("formats", "Formats"), ("copies", "Copies")]
    links += [("broken", "Broken files")] if told.broken or told.unreadable else []
    links += [("ignored", "Ignored files")] if told.ignored else []
    page = shown.fill(document(plain(title), SUBTITLE, links, parts))
    files.write_atomic(path, page.encode())


@dataclass
class FolderPictures(Pictures):
    """Thumbnails of a folder's files, read again for the few that are shown."""

    members: dict[str, Member] = field(default_factory=dict)

    def of(self, member: Member, *caption: Content) -> Html:
        """Return a file's picture with a caption."""
        self.members[member.image_id] = member
        return self.figure(member.image_id, *caption)

    def _load(self, wanted: Sequence[str]) -> Iterator[tuple[str, Html]]:
        with ThreadPoolExecutor(self.limits.threads) as pool:
            shown = pool.map(lambda key: thumbnail(self.members[key], self.limits), wanted)
            yield from zip(wanted, shown, strict=True)


def thumbnail(member: Member, limits: ThumbnailLimits) -> Html:
    """Return a file as a small inlined WebP, or a grey box that says why there is none."""
    name = member.found.name
    try:
        image = Image.fromarray(decode_image(read_file(member.found.path)).rgb)
    except ImageError as error:
        return el("span", error.reason, class_="pic none", role="img", aria_label=f"{name}: {error.reason}")
    image.thumbnail((limits.side, limits.side), Image.Resampling.LANCZOS)
    stream = io.BytesIO()
    image.save(stream, "WEBP", quality=limits.quality, method=4)
    source = "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode()
    return el("img", class_="pic", loading="lazy", alt=plain(name), title=plain(member.found.path), src=source)


def _glance(told: Survey, groups: Sequence[Group], remarks: Sequence[str]) -> Html:
    copies = sum(len(group.copies) for group in groups)
    broken = sum(each.files for each in told.broken)
    headline = tiles(
        [
            (f"{told.pictures:,}", "pictures", f"in {counted(told.files, 'file')}, {size_of(told.bytes)}"),
            (f"{copies:,}", "copies", f"in {counted(len(groups), 'group')}"),
            (size_of(told.freed), "could be freed", "if each group kept its best copy"),
            (f"{broken:,}", "broken files", "with reasons below" if broken else "every file can be read"),
        ]
    )
    alerts = [el("li", each, class_="plain") for each in remarks]
    if told.misnamed:
        names = ", ".join(f"{plain(name)} {detail}" for name, detail in told.misnamed.examples)
        counts = counted(
            told.misnamed.files,
            "picture has another format than its name says",
            "pictures have another format than their names say",
        )
        alerts.append(el("li", f"{counts}: {names}"))
    alerts += [el("li", line, class_="plain") for line in animated_line(told)]
    return section("glance", "At a glance", headline, el("ul", *alerts, class_="alerts") if alerts else None)


def _kinds(told: Survey) -> Html:
    rows = [
        [kind.format, f"{kind.files:,}", size_of(kind.bytes), pixels(*kind.median), pixels(*kind.largest)]
        for kind in told.kinds
    ]
    if not rows:
        return section("formats", "Formats", note("No file here can be read as a picture."))
    heads = ["Format", "Pictures", "Bytes", "Median size", "Largest"]
    return section("formats", "Formats", table(heads, rows, numeric=(1, 2, 3, 4)))


def _copies(groups: Sequence[Group], shown: FolderPictures) -> Html:
    title = "Copies"
    if not groups:
        return section("copies", title, note("No picture of this folder is there twice."))
    near = [group for group in groups if any(member.reason not in ("bytes", "pixels") for member in group.copies)]
    doubtful = sorted(near, key=lambda group: (min(member.score for member in group.copies), group.best.found.path))
    checked = doubtful[:CHECKED]
    taken = {group.best.image_id for group in checked}
    largest = [group for group in groups if group.best.image_id not in taken][:LARGEST]
    told = (
        "The best copy of each group stands first, and what makes it the best. Under each other one: why it is a copy, "
        "its score (0-1) against the best, and what ranks it below."
    )
    parts: list[Content] = [note(told), _counts(groups)]
    if checked:
        parts += [el("h3", "Least alike: look at these first"), _cards(checked, shown)]
    if largest:
        parts += [el("h3", "Most bytes to free"), _cards(largest, shown)]
    rest = len(groups) - len(checked) - len(largest)
    if rest:
        parts.append(note(f"{counted(rest, 'more group')} not shown: image-intent dedup --json lists all."))
    return section("copies", title, *parts)


def _counts(groups: Sequence[Group]) -> Html:
    lowest: dict[str, tuple[int, int, float]] = {}
    for group in groups:
        for member in group.copies:
            count, size, least = lowest.get(member.reason or "", (0, 0, 1.0))
            lowest[member.reason or ""] = (count + 1, size + member.found.size, min(least, member.score))
    rows = [
        [reason, f"{count:,}", size_of(size), number(least, 3), COPY_BECAUSE.get(reason, "")]
        for reason, (count, size, least) in sorted(lowest.items(), key=lambda item: list(COPY_BECAUSE).index(item[0]))
    ]
    return table(["Reason", "Copies", "Bytes", "Lowest score", "Meaning"], rows, numeric=(1, 2, 3))


def _cards(groups: Sequence[Group], shown: FolderPictures) -> Html:
    cards = []
    for group in groups:
        heading = f"{counted(len(group.copies), 'copy', 'copies')}, {size_of(group.freed)}"
        figures = [shown.of(member, *_caption(member, group)) for member in group.members[:MEMBERS_SHOWN]]
        rest = group.members[MEMBERS_SHOWN:]
        more = fold(f"and {len(rest):,} more", el("ul", *[el("li", plain(m.found.path)) for m in rest[:100]]))
        cards.append(el("div", el("h4", heading), el("div", *figures, class_="row"), more if rest else None))
    return el("div", *cards, class_="cards", style=WIDE)


def _caption(member: Member, group: Group) -> list[Content]:
    best = member.reason is None
    path = PurePath(member.found.name)
    folder = path.parent.as_posix()
    facts = [pixels(member.width, member.height), kind_of(member)]
    badge = ("best", "badge good") if best else (f"{member.reason} {number(member.score, 3)}", "badge")
    return [
        el("span", badge[0], class_=badge[1]),
        el("bdi", plain(path.name)),
        el("small", el("bdi", f"in {plain(folder)}")) if folder != "." else None,
        el("small", " · ".join(fact for fact in facts if fact)),
        el("small", size_of(member.found.size)),
        el("small", el("b", group.why) if best else member.poorer),
    ]


def _broken(told: Survey) -> Html | None:
    if not told.broken and not told.unreadable:
        return None
    rows: list[list[Content]] = [
        [each.reason, f"{each.files:,}", BROKEN_BECAUSE.get(each.reason, ""), _examples(each)] for each in told.broken
    ]
    if told.unreadable:
        few = Named("unreadable", len(told.unreadable), told.unreadable[:3])
        rows.append(["unreadable", f"{few.files:,}", "a folder or file that may not be opened", _examples(few)])
    return section("broken", "Broken files", table(["Reason", "Files", "Meaning", "Such as"], rows, numeric=(1,)))


def _ignored(told: Survey) -> Html | None:
    if not told.ignored:
        return None
    rows: list[list[Content]] = [[each.reason, f"{each.files:,}", _examples(each)] for each in told.ignored]
    return section("ignored", "Ignored files", table(["Reason", "Files", "Such as"], rows, numeric=(1,)))


def _examples(named: Named) -> Html:
    items = []
    for name, detail in named.examples:
        items.append(el("div", el("bdi", plain(name)), el("small", f" {plain(detail)}") if detail else None))
    return el("div", *items)
