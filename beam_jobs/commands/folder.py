"""What is in a folder: formats, sizes, broken files with reasons, exact copies. Nothing is changed.

    image-intent folder PATH... [--json]

Every file is read to its end, so that a picture whose second half is missing counts as broken; JPEGs are decoded
small, which makes this some ten times faster than `image-intent dedup`, which finds copies that are not the same file.
"""

from collections.abc import Sequence

from beam_jobs.blocks.flags import Parser, positive
from beam_jobs.commands.tables import print_lines
from beam_jobs.folder.show import json_line, print_survey, survey_rows
from beam_jobs.folder.survey import survey
from beam_jobs.folder.watch import look_with_bar


def main(argv: Sequence[str]) -> int:
    """Tell what is in folders, from flags."""
    parser = Parser(prog="image-intent folder", description=__doc__)
    parser.add_argument("paths", nargs="+", metavar="PATH", help="folder of pictures, or a picture")
    parser.add_argument("--workers", type=positive, help="threads (default: one per core)")
    parser.add_argument("--json", action="store_true", help="JSON lines: per format, per reason, and the total")
    flags = parser.parse_args(list(argv))
    listing, seen = look_with_bar(flags.paths, quick=True, workers=flags.workers)
    told = survey(seen, listing)
    if flags.json:
        print_lines(json_line(row) for row in survey_rows(told))
    else:
        print_survey(told)
    return 0
