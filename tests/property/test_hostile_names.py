"""Whatever stands in a name or a sentence, a letter keeps its headers, its addressee and its page."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.notifier.digests.digest import unit_digest
from tests.support.html_page import Page
from tests.support.sample_digests import DIGESTS, PHU_MY, parsed, part
from tests.support.sample_flags import DAY, LAG, NOW, ROWS

COMMON = unit_digest(PHU_MY, [LAG], [], DAY, DAY)


@settings(max_examples=60, deadline=None)
@given(name=st.text(max_size=300), sentence=st.text(max_size=300))
@example(name="A\r\nBcc: x@y.vn\r\n\r\nbody", sentence="<img src=x onerror=y()>")
@example(name='"><script>', sentence="{% raw %}{{ link }}")
@example(name="\ud800", sentence="=?utf-8?q?Bcc?=")
def test_a_name_is_only_a_name(name: str, sentence: str) -> None:
    unit = PHU_MY.model_copy(update={"name_vi": name})
    digest = unit_digest(unit, [LAG.model_copy(update={"sentence_vi": sentence})], [], DAY, DAY)
    assert digest is not None
    assert COMMON is not None
    message, common = DIGESTS.digest(digest, ROWS, NOW), DIGESTS.digest(COMMON, ROWS, NOW)
    assert message is not None
    assert common is not None
    mail = parsed(message)
    assert mail.keys() == parsed(common).keys()
    assert [address.addr_spec for address in mail["To"].addresses] == [PHU_MY.leader]
    assert Page(part(message, "html")).tags == Page(part(common, "html")).tags
