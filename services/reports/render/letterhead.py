"""The fixed text of the notice in both languages, in the order Decree 30/2020/ND-CP, Appendix I puts it."""

from dataclasses import dataclass
from typing import Final

from shared.domain.formatting import Lang


@dataclass(frozen=True)
class Letterhead:
    """Who issues the notice and the words that are the same in every one of them."""

    authority: tuple[str, ...]
    office: str
    state: str
    motto: str
    number: str
    place_and_date: str
    kind: str
    subject: str
    intro: str
    provisional: str
    reissue: str
    reissue_changes: str
    reissue_no_changes: str
    attention: str
    request: str
    signatory: str
    recipients_title: str
    recipients: tuple[str, ...]


_VI: Final = Letterhead(
    authority=("ỦY BAN NHÂN DÂN", "TỈNH BÌNH ĐỊNH"),
    office="VĂN PHÒNG",
    state="CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    motto="Độc lập - Tự do - Hạnh phúc",
    number="Số:          /TB-VPUBND",
    place_and_date="Bình Định, ngày      tháng      năm {year}",
    kind="THÔNG BÁO",
    subject="Về tình hình, kết quả thực hiện các chỉ tiêu của {project} tính\u00a0đến\u00a0ngày\u00a0{as_of}",
    intro=(
        "Căn cứ số liệu của {sources} tại thời điểm 00 giờ 00 phút ngày {as_of} (so sánh với cùng thời "
        "điểm ngày {previous}), Văn phòng Ủy ban nhân dân tỉnh thông báo kết quả thực hiện các chỉ tiêu "
        "của {project}, cụ thể như sau:"
    ),
    provisional="Số liệu tạm tính: tháng {month} chưa chốt số liệu.",
    reissue="Thông báo này được ban hành lại lần {revision} và thay thế thông báo trước về cùng nội dung.",
    reissue_changes="Các số liệu thay đổi so với thông báo trước:",
    reissue_no_changes="Không có số liệu nào thay đổi so với thông báo trước.",
    attention="Những nội dung cần lưu ý: ",
    request=(
        "Văn phòng Ủy ban nhân dân tỉnh đề nghị Ban Thường vụ Tỉnh đoàn, Ủy ban nhân dân các huyện, thị "
        "xã, thành phố và các cơ quan, đơn vị liên quan quan tâm chỉ đạo, khắc phục những nội dung nêu "
        "trên./."
    ),
    signatory="CHÁNH VĂN PHÒNG",
    recipients_title="Nơi nhận:",
    recipients=(
        "- Chủ tịch, các PCT UBND tỉnh (báo cáo);",
        "- Ban Thường vụ Tỉnh đoàn;",
        "- UBND các huyện, thị xã, thành phố;",
        "- Các đơn vị thực hiện {project};",
        "- Lưu: VT.",
    ),
)

_EN: Final = Letterhead(
    authority=("PEOPLE'S COMMITTEE OF", "BINH DINH PROVINCE"),
    office="THE OFFICE",
    state="SOCIALIST REPUBLIC OF VIET NAM",
    motto="Independence - Freedom - Happiness",
    number="No.:          /TB-VPUBND",
    place_and_date="Binh Dinh, date:                     {year}",
    kind="NOTICE",
    subject="On the results of {project} against its targets as of {as_of}",
    intro=(
        "From the figures of the {sources} at the first moment of {as_of}, compared with the first moment "
        "of {previous}, the Office of the Provincial People's Committee announces the results of {project} "
        "as follows:"
    ),
    provisional="Provisional figures: month {month} has not been closed.",
    reissue="This is reissue {revision}; it replaces the earlier notice on the same subject.",
    reissue_changes="Figures changed since the earlier notice:",
    reissue_no_changes="No figure has changed since the earlier notice.",
    attention="What needs attention: ",
    request=(
        "The Office of the Provincial People's Committee asks the Standing Committee of the Provincial "
        "Youth Union, the People's Committees of districts, towns and cities and all units concerned to "
        "see to the matters named above./."
    ),
    signatory="CHIEF OF THE OFFICE",
    recipients_title="To:",
    recipients=(
        "- Chair and Vice Chairs of the Provincial People's Committee (for report);",
        "- Standing Committee of the Provincial Youth Union;",
        "- People's Committees of districts, towns and cities;",
        "- Units of {project};",
        "- File.",
    ),
)

LETTERHEADS: Final[dict[Lang, Letterhead]] = {"vi": _VI, "en": _EN}
