"""Say what a bundle is: its card, figures, taxonomy and size.

image-intent model show [BUNDLE] [--run RUN] [--json]

Without BUNDLE it is the model of --run, else the one of ./run, else the one that comes with the package.
"""

import json
from collections.abc import Sequence

from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import Parser
from beam_jobs.commands.tables import print_lines, print_table
from beam_jobs.models import open_model
from beam_jobs.report.page import size_of
from intent.bundle import CARD, Bundle


def main(argv: Sequence[str]) -> int:
    """Show from flags."""
    parser = Parser(prog="image-intent model", description=__doc__)
    parser.add_argument("what", choices=("show",), help="what to do")
    parser.add_argument("bundle", nargs="?", metavar="BUNDLE", help="folder of a bundle")
    parser.add_argument("--run", help="folder of a run: its model")
    parser.add_argument("--json", action="store_true", help="one JSON object: facts and sizes")
    flags = parser.parse_args(list(argv))
    if flags.bundle and flags.run:
        raise UsageError("give BUNDLE or --run, not both")
    bundle = open_model(flags.bundle, flags.run)
    sizes = {path.name: path.stat().st_size for path in sorted(bundle.folder.iterdir()) if path.is_file()}
    if flags.json:
        print(json.dumps({"model": bundle.digest, "folder": str(bundle.folder), "bytes": sizes, **bundle.facts}))
        return 0
    print_lines((bundle.folder / CARD).read_text(encoding="utf-8").splitlines())
    print_table("Taxonomy", ["first label", "intents"], _tree(bundle))
    print_lines(["", f"bundle {bundle.digest} at {bundle.folder}"])
    print_lines(f"  {name}: {size_of(size)}" for name, size in sizes.items())
    print_lines([f"  {size_of(sum(sizes.values()))} in all; batches of {bundle.batch_size}, {_precision(bundle)}"])
    return 0


def _tree(bundle: Bundle) -> list[tuple[str, str]]:
    below: dict[str, list[str]] = {parent: [] for parent in bundle.parents}
    for intent, row in zip(bundle.intents, bundle.parent_index, strict=True):
        below[bundle.parents[int(row)]].append(intent)
    return [(parent, ", ".join(intents)) for parent, intents in below.items()]


def _precision(bundle: Bundle) -> str:
    told = bundle.facts.get("precision") or {}
    return ": ".join(told[name] for name in ("kind", "reason") if name in told) or "float32"
