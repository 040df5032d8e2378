"""What a file is, is told from its content."""

import io
import zipfile

import pytest

from services.booking import contents
from services.booking.domain import uploads
from services.booking.domain.uploads import HEAD_BYTES, Refused, name_for, sniff
from tests.unit.booking.pictures import EXECUTABLE, MP4, PDF, SVG, picture
from tests.unit.booking.test_images import HEIC

WORD = uploads.OFFICE_TYPES["word/"]
EXCEL = uploads.OFFICE_TYPES["xl/"]


def archive(*names: str) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return output.getvalue()


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("GIF"), "image/gif"),
        (picture("WEBP"), "image/webp"),
        (HEIC, "image/heic"),
        (PDF, "application/pdf"),
        (archive("a.txt"), "application/zip"),
        (MP4, "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", "video/quicktime"),
        ("姓名,电话\n李娜,138\n".encode(), "text/plain"),
        ("姓名,电话\n李娜,138\n".encode("gb18030"), "text/plain"),
        (EXECUTABLE, None),
        (b"\x7fELF\x02\x01\x01" + bytes(50), None),
        (picture("TIFF"), None),
        (b"\x00\x00\x00\x14ftypxxxx", None),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", None),
    ],
    ids=str,
)
def test_the_beginning_of_a_file_tells_its_type(data: bytes, content_type: str | None) -> None:
    assert sniff(data[:HEAD_BYTES]) == content_type


def test_a_picture_is_kept_as_it_was_made_anew() -> None:
    found = contents.examine(picture("PNG", size=(80, 60)), "image/png", "a.png")
    assert (found.content_type, found.width, found.height) == ("image/jpeg", 80, 60)
    assert len(found.renditions) == 3


def test_a_document_is_kept_as_it_is() -> None:
    found = contents.examine(PDF, "application/pdf", "合同.pdf")
    assert found.content_type == "application/pdf"
    assert [(one.variant, one.data) for one in found.renditions] == [("original", PDF)]


@pytest.mark.parametrize(
    ("names", "content_type"),
    [
        (("[Content_Types].xml", "word/document.xml"), WORD),
        (("[Content_Types].xml", "xl/workbook.xml"), EXCEL),
    ],
)
def test_office_documents_are_known_by_what_is_in_them(
    names: tuple[str, ...], content_type: str
) -> None:
    found = contents.examine(archive(*names), "application/zip", "x.bin")
    assert found.content_type == content_type


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (("a.txt",), "type_refused"),
        (("word/document.xml",), "type_refused"),
        (("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "type_refused"),
    ],
)
def test_other_archives_and_macros_are_refused(names: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Refused) as refused:
        contents.examine(archive(*names), "application/zip", "x.docx")
    assert refused.value.reason == reason


def test_a_broken_archive_is_refused() -> None:
    data = archive("[Content_Types].xml", "word/document.xml")
    with pytest.raises(Refused) as refused:
        contents.examine(data[: len(data) // 2], "application/zip", "x.docx")
    assert refused.value.reason == "damaged"


def test_a_pdf_whose_end_is_missing_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        contents.examine(PDF[:-8], "application/pdf", "x.pdf")
    assert refused.value.reason == "damaged"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("a.csv", "text/csv"), ("a.CSV", "text/csv"), ("a.txt", "text/plain"), ("a", "text/plain")],
)
def test_a_text_is_a_table_when_it_is_called_one(name: str, content_type: str) -> None:
    found = contents.examine(b"a,b\n1,2\n", "text/plain", name)
    assert found.content_type == content_type


@pytest.mark.parametrize(
    "data",
    [
        SVG,
        b"<!DOCTYPE html><p>hello",
        b"\xef\xbb\xbf<?xml version='1.0'?><x/>",
        b"hello\n" * 200 + b"<sCript>alert(1)</script>",
        b"hello\0world",
        b"hello \xff\xff\xff world",
    ],
    ids=["svg", "html", "xml", "script far down", "nul", "no text"],
)
def test_what_a_browser_might_run_is_no_text(data: bytes) -> None:
    with pytest.raises(Refused) as refused:
        contents.examine(data, "text/plain", "a.txt")
    assert refused.value.reason == "type_refused"


@pytest.mark.parametrize(
    ("name", "content_type", "expected"),
    [
        ("照片.HEIC", "image/jpeg", "照片.jpg"),
        ("virus.exe", "image/webp", "virus.webp"),
        ("report", "application/pdf", "report.pdf"),
        (".bashrc", "text/plain", ".bashrc.txt"),
    ],
)
def test_a_file_is_called_what_it_is(name: str, content_type: str, expected: str) -> None:
    assert name_for(name, content_type) == expected


def test_every_type_that_is_kept_has_a_suffix() -> None:
    kept = {
        "image/jpeg",
        "image/webp",
        "application/pdf",
        "text/plain",
        "text/csv",
        *uploads.OFFICE_TYPES.values(),
        *(brand for brand in uploads.BRANDS.values() if brand.startswith("video/")),
    }
    assert kept == set(uploads.SUFFIXES)
