"""`pulse5299 close` and `notice` against a metrics process that counted June's accounts."""

import json
import re

import pytest
from click.testing import CliRunner, Result

from services.cli.main import main
from tests.support.june_accounts import account
from tests.support.notifier_harness import send
from tests.support.processes import System


def test_the_console_closes_verifies_restates_reopens_and_writes_the_notice(june: System) -> None:
    """The commands against the metrics process; a month of long ago is final at once."""
    url = june.metrics.url

    def pulse(*arguments: str) -> Result:
        return CliRunner().invoke(main, [*arguments, "--url", url, "--key-file", str(june.key_file)])

    def notice(*options: str) -> Result:
        form = ("--format", "json", "--out", "-", "--url", url)
        return CliRunner().invoke(main, ["notice", "2023-07-01", *form, *options])

    never = pulse("close", "2023-06", "--verify")
    assert (never.exit_code, "2023-06 was never closed: `pulse5299 close 2023-06` does it" in never.output) == (1, True)
    closing = pulse("close", "2023-06")
    assert closing.exit_code == 0, closing.output
    assert "2023-06 closed as of 2023-07-01: final, revision 0" in closing.output
    twice = pulse("close", "2023-06")
    assert (twice.exit_code, "reopen it with a reason" in twice.output) == (1, True)
    assert pulse("close", "2023-06", "--verify").output == "2023-06 revision 0 holds\n"
    send(june, [account(500, "2023-06-12", "van-canh")])
    late = pulse("close", "2023-06", "--restatement")
    assert "Chỉ tiêu 1, Huyện đoàn Vân Canh, kết quả: 0 → 1." in late.output
    assert "m.member_accounts" not in late.output
    assert re.search(r"2023-06-12 account.opened [0-9a-f]{16} \(accounts", late.output)
    assert "Huyện đoàn Vân Canh, Chỉ tiêu 1: no change → under way" in late.output
    machine = json.loads(pulse("close", "2023-06", "--restatement", "--json").output)
    assert {"ref": "m.member_accounts.van-canh.now", "old": 0, "new": 1} in machine["cells"]
    assert "1 later events" in late.output

    snapshot = json.loads(notice().stdout)["snapshot"]
    assert (snapshot["status"], snapshot["revision"]) == ("final", 0)
    assert next(row["achieved"] for row in snapshot["rows"] if (row["unit"], row["target"]) == ("van-canh", 1)) == 0
    assert json.loads(notice("--provisional").stdout)["snapshot"]["status"] == "provisional"
    assert not any("thay thế" in remark for remark in json.loads(notice().stdout)["remarks"])

    reopened = pulse("close", "2023-06", "--reopen", "--reason", "Van Canh sent a list late")
    assert reopened.output == "2023-06 is open again; revision 0 stays as it was\n"
    assert "revision 1" in pulse("close", "2023-06").output
    reissue = notice("--lang", "en")
    assert json.loads(reissue.stdout)["snapshot"]["revision"] == 1
    assert "This notice (reissue 1) replaces Notice No." in reissue.stdout
    changes = json.loads(reissue.stdout)["changes"]
    figures = {
        (change["units"][0], ref): f["value"] for change in changes for f in change["figures"] for ref in f["refs"]
    }
    assert figures["van-canh", "t1.van-canh.achieved"] == 1
    assert figures["province", "t1.province.achieved"] == 61


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["2023-13"], "write it like 2023-06"),
        (["2023-06", "--verify", "--restatement"], "give one of"),
        (["2023-06", "--reopen"], "give --reopen and --reason together"),
        (["2023-06", "--reason", "because"], "give --reopen and --reason together"),
        (["2023-06", "--url", "metrics"], "give --url"),
        (["2023-06", "--url", "http://127.0.0.1:9"], "start the service, or give --url"),
    ],
)
def test_a_wrong_use_of_the_console_is_one_clear_line(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(main, ["close", *arguments])
    assert result.exit_code in (1, 2)
    assert words in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
