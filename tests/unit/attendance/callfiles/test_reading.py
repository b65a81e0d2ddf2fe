"""Files of calls held elsewhere: known by what stands in them, read to the last line, and refused in words."""

from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.attendance.callfiles.reading import read_call_file
from lms.attendance.callfiles.rows import CallFile, Provider
from lms.kernel.errors import Invalid
from tests.unit.attendance.callfiles.files import (
    TEAMS_ACTIVITIES,
    TEAMS_PEOPLE,
    TEAMS_SUMMARY,
    ZOOM_ROWS,
    teams,
    zoom,
    zoom_unique_users,
)

DAY = date(2026, 12, 1)


def read(raw: bytes, near: date = DAY) -> CallFile:
    return read_call_file(raw, near=near)


def clock(hour: int, minute: int, second: int = 0, day: int = 1) -> datetime:
    return datetime(2026, 12, day, hour, minute, second)


def times(file: CallFile, name: str) -> list[tuple[datetime, datetime]]:
    return [(stay.start, stay.end) for stay in file.stays if stay.name.startswith(name)]


def refused(raw: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        read(raw)
    return caught.value.code


def test_zooms_report_is_read_with_its_meeting_and_one_stay_a_row() -> None:
    file = read(zoom())
    assert (file.provider, file.title, file.problems) == (Provider.ZOOM, "Pelayanan prima - Sesi 2", ())
    assert times(file, "AYU") == [(clock(8, 58, 10), clock(9, 41, 2)), (clock(9, 47, 30), clock(11, 1))]
    assert times(file, "Santoso, Budi") == [(clock(9, 20), clock(9, 52))]
    assert [(stay.line, stay.email) for stay in file.stays][:3] == [
        (5, "ayu@balikpapan.example"),
        (6, "ayu@balikpapan.example"),
        (7, ""),
    ]


def test_the_meetings_own_row_and_the_case_of_headings_do_not_matter() -> None:
    lower = "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest"
    assert read(zoom(preamble=False)).stays[0].start == clock(8, 58, 10)
    assert len(read(zoom(heading=lower)).stays) == 4


def test_somebody_in_the_waiting_room_is_not_in_the_call() -> None:
    heading = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,In Waiting Room"
    rows = [
        "Ayu,ayu@balikpapan.example,12/01/2026 08:50:00 AM,12/01/2026 08:58:10 AM,9,No,Yes",
        "Ayu,ayu@balikpapan.example,12/01/2026 08:58:10 AM,12/01/2026 09:41:02 AM,43,No,No",
    ]
    file = read(zoom(rows, heading=heading))
    assert times(file, "Ayu") == [(clock(8, 58, 10), clock(9, 41, 2))]
    assert file.waiting == 1


def test_a_report_without_times_gives_minutes_and_no_stay() -> None:
    file = read(zoom_unique_users())
    assert file.stays == ()
    assert [(total.email, total.minutes) for total in file.totals] == [("ayu@balikpapan.example", 117), ("", 32)]


def test_teams_report_is_read_from_its_third_section_and_the_second_for_whom_that_leaves_out() -> None:
    file = read(teams())
    assert (file.provider, file.title, file.problems) == (Provider.TEAMS, "Pelayanan prima - Sesi 2", ())
    assert times(file, "Ayu") == [(clock(8, 58, 10), clock(9, 41, 2)), (clock(9, 47, 30), clock(11, 1))]
    assert times(file, "Budi") == [(clock(9, 20), clock(9, 52))]


def test_first_and_last_minute_alone_never_give_more_than_the_length_that_was_counted() -> None:
    (dewi,) = [stay for stay in read(teams()).stays if stay.name.startswith("Dewi")]
    assert (dewi.start, dewi.end, dewi.is_estimated) == (clock(9, 0), clock(9, 50), True)


def test_a_teams_report_without_its_third_section_is_read_from_the_second() -> None:
    file = read(teams(TEAMS_SUMMARY, TEAMS_PEOPLE))
    (ayu,) = [stay for stay in file.stays if stay.name == "Ayu Lestari"]
    assert (ayu.start, ayu.end) == (clock(8, 58, 10), clock(10, 54, 32))


def test_a_teams_report_in_another_language_is_read_by_what_stands_in_its_columns() -> None:
    people = [
        "2. Peserta",
        "Nama\tMasuk Pertama\tKeluar Terakhir\tLama\tSurel\tPeran",
        "Ayu Lestari\t01/12/2026 08.58.10\t01/12/2026 09.41.02\t42 mnt 52 dtk\tayu@balikpapan.example\tPeserta",
    ]
    file = read(teams(["1. Ringkasan", "Judul\tSesi 2"], people))
    assert times(file, "Ayu") == [(clock(8, 58, 10), clock(9, 41, 2))]
    assert file.stays[0].email == "ayu@balikpapan.example"


def test_teams_layout_without_numbers_is_read() -> None:
    old = [
        "Meeting Summary",
        "Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\tParticipant ID (UPN)",
        "Ayu Lestari\t12/1/2026, 8:58:10 AM\t12/1/2026, 9:41:02 AM\t42m 52s\t\tAttendee\tayu@balikpapan.example",
    ]
    file = read(teams(old))
    assert times(file, "Ayu") == [(clock(8, 58, 10), clock(9, 41, 2))]
    assert file.stays[0].email == "ayu@balikpapan.example"


@pytest.mark.parametrize(
    ("came", "went"),
    [
        ("12/01/2026 08:58:10 AM", "12/01/2026 01:41:02 PM"),
        ("12/1/26, 8:58:10\u202fAM", "12/1/26, 1:41:02\u202fPM"),
        ("01/12/2026 08:58:10", "01/12/2026 13:41:02"),
        ("1.12.2026, 08.58.10", "1.12.2026, 13.41.02"),
        ("2026-12-01 08:58:10", "2026-12-01T13:41:02"),
        ("Dec 1, 2026 08:58:10 AM", "Dec 1, 2026 01:41:02 PM"),
        ("1 Des 2026 08.58.10", "1 Des 2026 13.41.02"),
        ("1/12/2026 8:58:10 a.m.", "1/12/2026 1:41:02 p.m."),
        ("2026/12/1 上午8:58:10", "2026/12/1 下午1:41:02"),
        ("\u200e12\u200e/\u200e01\u200e/\u200e2026 08:58:10 AM", "12/01/2026 01:41:02 PM"),
    ],
)
def test_dates_are_read_in_the_writing_of_many_computers(came: str, went: str) -> None:
    file = read(zoom([f'Ayu,ayu@balikpapan.example,"{came}","{went}",43,No,Y']))
    assert times(file, "Ayu") == [(clock(8, 58, 10), clock(13, 41, 2))]


def test_the_order_of_day_and_month_is_found_from_the_whole_file_and_else_from_the_session() -> None:
    ambiguous = "Ayu,ayu@balikpapan.example,02/03/2026 08:00:00,02/03/2026 09:00:00,60,No,Y"
    told = "Budi,,25/03/2026 08:00:00,25/03/2026 09:00:00,60,No,Y"
    assert read(zoom([ambiguous]), date(2026, 3, 2)).stays[0].start.month == 3
    assert read(zoom([ambiguous]), date(2026, 2, 3)).stays[0].start.month == 2
    assert read(zoom([ambiguous, told]), date(2026, 2, 3)).stays[0].start.month == 3


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",,12/01/2026 08:58:10 AM,12/01/2026 09:41:02 AM,43,No,Y", "call_row_nobody"),
        ("Ayu,,12/01/2026 08:58:10 AM,,43,No,Y", "call_row_time_unreadable"),
        ("Ayu,,12/01/2026 28:58:10,12/01/2026 09:41:02 AM,43,No,Y", "call_row_time_unreadable"),
        ("Ayu,,12/01/2026 13:58:10 PM,12/01/2026 09:41:02 AM,43,No,Y", "call_row_time_unreadable"),
        ("Ayu,,31/31/2026 08:58:10 AM,12/01/2026 09:41:02 AM,43,No,Y", "call_row_time_unreadable"),
        ("Ayu,,12/01/2026 09:58:10 AM,12/01/2026 09:41:02 AM,43,No,Y", "call_row_ends_before_start"),
        ("Ayu,,12/01/2026 09:58:10 AM,12/05/2026 09:41:02 AM,43,No,Y", "call_row_too_long"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_line_and_the_others_are_read(row: str, code: str) -> None:
    file = read(zoom([*ZOOM_ROWS, row]))
    assert [(problem.code, problem.where) for problem in file.problems] == [(code, "9")]
    assert len(file.stays) == len(ZOOM_ROWS)


def test_a_quotation_mark_nobody_closed_swallows_no_line_in_silence() -> None:
    file = read(zoom([ZOOM_ROWS[0], '"Budi,,12/01/2026 09:20:00 AM', ZOOM_ROWS[3]]))
    assert "call_row_torn" in {problem.code for problem in file.problems}
    assert len(file.stays) == 1


def test_a_file_saved_again_by_an_indonesian_excel_is_read() -> None:
    text = zoom().decode("utf-8-sig").replace('"Santoso, Budi"', "Santoso - Budi").replace(",", ";")
    assert len(read(text.encode("cp1252")).stays) == len(ZOOM_ROWS)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "call_file_empty"),
        (b"\xef\xbb\xbf \r\n", "call_file_empty"),
        (b"PK\x03\x04" + b"x" * 100, "call_file_is_excel"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "call_file_not_text"),
        (b"%PDF-1.7 something", "call_file_unknown"),
        (b"name,nip\nAyu,1986\n", "call_file_unknown"),
        (b"Full Name,User Action,Timestamp\nAyu,Joined,12/1/2026\n", "call_file_unknown"),
        (zoom([]), "call_file_without_rows"),
        (teams(["2. Participants", "Name\tFirst Join"]), "call_file_without_rows"),
        (b"Name,Join Time,Leave Time\n" + b"a" * (5 * 1024 * 1024), "call_file_too_large"),
        (b"Name,Join Time,Leave Time\n" + b"a,b,c\n" * 20_001, "call_file_too_long"),
        (b"\xff\xfea", "call_file_not_text"),
    ],
)
def test_what_is_no_such_file_is_refused_with_its_reason(raw: bytes, code: str) -> None:
    assert refused(raw) == code


def harmless(raw: bytes) -> None:
    try:
        file = read(raw)
    except Invalid:
        return
    for stay in file.stays:
        assert stay.start <= stay.end and (stay.name or stay.email)
        assert len(stay.name) <= 200 and len(stay.email) <= 200
    assert all(problem.where for problem in file.problems)


@given(st.binary(max_size=400))
def test_no_bytes_make_the_readers_raise(raw: bytes) -> None:
    harmless(raw)


CELL = st.text(st.characters(blacklist_categories=["Cs"]), max_size=25) | st.sampled_from(
    [
        "12/01/2026 08:58:10 AM",
        "1/12/26, 9:00",
        "99999999999999999999",
        "1h 2m",
        "a@b.c",
        '"',
        "0/0/0 0:0",
        "AM",
        "²/1/1 1:1",
    ]
)
TABLE = st.lists(st.lists(CELL, max_size=8), max_size=8)


@settings(max_examples=150)
@given(TABLE, st.sampled_from(["\t", ",", ";"]), st.sampled_from(["zoom", "teams", "none"]))
def test_no_cells_make_the_readers_raise(cells: list[list[str]], delimiter: str, heading: str) -> None:
    lines = [delimiter.join(row) for row in cells]
    if heading == "zoom":
        lines.insert(0, delimiter.join(["Name (Original Name)", "User Email", "Join Time", "Leave Time"]))
    elif heading == "teams":
        lines = [*TEAMS_SUMMARY[:2], "2. Participants", "Name", *lines, "3. In-Meeting Activities", "Name", *lines]
    text = "\n".join(lines)
    harmless(text.encode())
    harmless(b"\xff\xfe" + text.encode("utf-16-le"))


@given(st.data())
def test_a_damaged_file_still_makes_no_reader_raise(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from([zoom(), teams(), zoom_unique_users()])))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        if data.draw(st.booleans()):
            raw[place] = data.draw(st.integers(0, 255))
        else:
            del raw[place]
    harmless(bytes(raw))


def test_the_sections_that_are_read_are_only_those_that_tell_of_people() -> None:
    file = read(teams(TEAMS_SUMMARY, TEAMS_PEOPLE, TEAMS_ACTIVITIES, ["", "4. Polls", "Name\tAnswer", "Eka\tya"]))
    assert {stay.name for stay in file.stays} == {"Ayu Lestari", "Budi Santoso (Guest)", "Dewi (Guest)"}
