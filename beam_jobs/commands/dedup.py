"""Find the copies of pictures in a folder: the same bytes, the same pixels, the same picture by its hash.

    image-intent dedup PATH...                    what is in the folder, then its copies, the best one first
    image-intent dedup PATH... --report FILE      … and a page with pictures to look at
    image-intent dedup PATH... --json             JSON lines: a row per file
    image-intent dedup PATH... --print0 | xargs -0 …       the paths of the copies, never the best one of a group
    image-intent dedup PATH... --move-into DIR    what would be moved; with --yes it is

No model and no network. Nothing is ever deleted; a copy is found by hash where it was resized, recompressed, framed or
saved in another format. Look at the report before you remove copies by hash; --exact finds equal files alone.
"""

import os
import sys
from collections.abc import Sequence

from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser, positive
from beam_jobs.commands.tables import print_lines
from beam_jobs.folder.copies import Group, group_copies
from beam_jobs.folder.show import copy_rows, json_line, print_groups, print_survey
from beam_jobs.folder.survey import survey
from beam_jobs.folder.watch import find_with_bar, look_with_bar
from beam_jobs.folder.words import counted, size_of

GROUPS_SHOWN = 20
"""Groups that a terminal shows unless told; the report shows more, with pictures."""


def main(argv: Sequence[str]) -> int:
    """Find copies from flags."""
    parser = Parser(prog="image-intent dedup", description=__doc__)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="folder of pictures, or a picture")
    parser.add_argument("--exact", action="store_true", help="files with equal bytes alone: no picture is hashed")
    parser.add_argument("--limit", type=_limit, default=GROUPS_SHOWN, help="groups printed, 0 for all (default: 20)")
    parser.add_argument("--report", metavar="FILE", help="write a page with the pictures of the groups")
    parser.add_argument("--workers", type=positive, help="threads (default: one per core)")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="JSON lines with the columns of duplicates, and path")
    output.add_argument("--print0", action="store_true", help="paths of the copies, each ended by a zero byte")
    output.add_argument("--move-into", metavar="DIR", help="move the copies there, by their paths below PATH")
    parser.add_argument("--yes", action="store_true", help="with --move-into: move them")
    flags = parser.parse_args(list(argv))
    if flags.yes and not flags.move_into:
        raise UsageError("--yes goes with --move-into DIR; nothing else changes a file")
    if flags.report:
        from beam_jobs.folder.page import check_target

        check_target(flags.report)
    if flags.move_into:
        from beam_jobs.folder.move import check_folder

        check_folder(flags.move_into, flags.paths)
    listing, seen = look_with_bar(flags.paths, quick=flags.exact, workers=flags.workers)
    duplicates = find_with_bar(seen, listing.files)
    groups = group_copies(seen, duplicates, listing.files)
    told = survey(seen, listing, None if flags.exact else duplicates)
    if flags.report:
        from beam_jobs.folder.page import write_page

        write_page(flags.report, told, groups, title=f"Copies in {', '.join(flags.paths)}")
    if flags.json:
        print_lines(json_line(row) for row in copy_rows(seen, duplicates, listing.files))
    elif flags.print0:
        _print0(groups)
    elif flags.move_into:
        from beam_jobs.folder.move import move_copies, planned_moves

        moves = planned_moves(groups, flags.move_into, flags.paths)
        return move_copies(moves, flags.move_into, really=flags.yes)
    else:
        print_survey(told)
        print_groups(groups, limit=flags.limit)
    copies = sum(len(group.copies) for group in groups)
    where = f"; open {flags.report} to look at them" if flags.report else ""
    print(
        f"{counted(copies, 'copy', 'copies')} in {counted(len(groups), 'group')}, "
        f"{size_of(told.freed)} could be freed{where}",
        file=sys.stderr,
    )
    return 0


def _limit(text: str) -> int:
    return 0 if text == "0" else positive(text)


def _print0(groups: Sequence[Group]) -> None:
    """Write the paths of all copies as the bytes that they are."""
    sys.stdout.flush()
    for group in groups:
        for member in group.copies:
            sys.stdout.buffer.write(os.fsencode(member.found.path) + b"\0")
    sys.stdout.buffer.flush()
