"""What a command line lacks is named, whatever other flags stand beside it; a gate's reasons are a line each."""

from collections.abc import Sequence

import pytest

from beam_jobs.blocks.failures import GateError
from beam_jobs.blocks.files import UsageError
from beam_jobs.blocks.flags import EXIT_GATE, job_parser, parse_job, run_main


def parse(argv: Sequence[str]) -> None:
    parser = job_parser("beam_jobs.some", "some job")
    parser.add_argument("--clicks", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--force", action="store_true")
    parse_job(parser, argv)


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--runner", "DirectRunner", "--clicks", "c"], "arguments are required: --output"),
        (["--clicks=c", "--runner=DirectRunner", "--force"], "arguments are required: --output"),
        (["--force", "--direct_num_workers", "2", "--output", "o"], "arguments are required: --clicks"),
        (["--clicks", "c", "--runner"], "--runner: expected one argument"),
        (["--clicks", "c", "--otput", "o"], "unknown flag or value '--otput'; did you mean --output?"),
        (["--clicks", "c", "stray"], "unknown flag or value 'stray'"),
        (["--clicks", "c", "--output", "o", "stray"], "unknown flag or value 'stray'"),
    ],
)
def test_the_message_says_what_is_wrong(argv: list[str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(argv)
    assert words in str(caught.value)


def test_a_gate_has_a_line_per_reason_and_its_own_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    def main(argv: Sequence[str]) -> int:
        raise GateError(["one:\n 1", "two: 2"], advice="go on with --force")

    assert run_main(main, []) == EXIT_GATE == 3
    captured = capsys.readouterr()
    assert captured.err == "refused: one: 1\nrefused: two: 2\nrefused: go on with --force\n"
    assert captured.out == ""
