"""image-intent: the command for people.

    image-intent folder PATH...           what is in a folder: formats, sizes, broken files, exact copies
    image-intent dedup PATH...            copies of pictures in a folder, the best one of each; needs no model
    image-intent demo                     the whole pipeline on an embedded corpus; ends with a report to look at
    image-intent demo --images FOLDER     your own pictures through everything that needs no clicks
    image-intent run --config FILE        all stages in order; unchanged ones are skipped
    image-intent labels summary|show|query|class|rules|suggest|accept      what the labels say, and why
    image-intent train                    a model from labels and pictures
    image-intent evaluate                 a model against the truth
    image-intent classify PATH...         what pictures are for
    image-intent model show [BUNDLE]      what a model is: card, figures, taxonomy, size

Results go to stdout, progress and warnings to stderr. Exit codes: 0 done, 1 failed, 2 usage,
3 a click log that looks wrong.
`image-intent COMMAND --help` tells the flags.
"""

import importlib
import sys
from collections.abc import Sequence

from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import run_main

COMMANDS = ("folder", "dedup", "demo", "run", "labels", "train", "evaluate", "classify", "model")


def dispatch(argv: Sequence[str]) -> int:
    """Run the command that the arguments name."""
    if not argv or argv[0] in ("-h", "--help"):
        print((__doc__ or "").strip())
        return 0
    if argv[0] not in COMMANDS:
        raise UsageError(f"unknown command {argv[0]!r}; commands: {', '.join(COMMANDS)}")
    module = importlib.import_module(f"beam_jobs.commands.{argv[0]}")
    code: int = module.main(argv[1:])
    return code


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run_main(dispatch))


if __name__ == "__main__":
    main()
