"""Invented files of calls, in the shapes in which Zoom and Teams hand them out."""

ZOOM_HEADING = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent"

ZOOM_ROWS = [
    "AYU LESTARI_Disdukcapil (Ayu HP),ayu@balikpapan.example,12/01/2026 08:58:10 AM,12/01/2026 09:41:02 AM,43,No,Y",
    "AYU LESTARI_Disdukcapil (Ayu HP),ayu@balikpapan.example,12/01/2026 09:47:30 AM,12/01/2026 11:01:00 AM,74,No,Y",
    '"Santoso, Budi",,12/01/2026 09:20:00 AM,12/01/2026 09:52:00 AM,32,Yes,',
    "Tuan Rumah CSC,host@csc.example,12/01/2026 08:55:00 AM,12/01/2026 11:05:00 AM,130,No,Y",
]


def zoom(rows: list[str] | None = None, *, heading: str = ZOOM_HEADING, preamble: bool = True) -> bytes:
    """Return Zoom's participants report with a byte order mark and Windows line ends."""
    head = [
        "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants",
        "812 0000 0000,Pelayanan prima - Sesi 2,12/01/2026 08:55:00 AM,12/01/2026 11:05:00 AM,host@csc.example,130,3",
        "",
    ]
    lines = [*(head if preamble else []), heading, *(ZOOM_ROWS if rows is None else rows), ""]
    return "\r\n".join(lines).encode("utf-8-sig")


def zoom_unique_users() -> bytes:
    """Return the variant in which each person stands once, with minutes and no times."""
    return (
        b"Name (original name),User Email,Total duration (minutes),Guest\n"
        b"AYU LESTARI_Disdukcapil,Ayu@balikpapan.example,117,No\n"
        b'"Santoso, Budi",,32,Yes\n'
    )


TEAMS_SUMMARY = [
    "1. Summary",
    "Meeting title\tPelayanan prima - Sesi 2",
    "Attended participants\t3",
    "Start time\t12/1/26, 8:55:00 AM",
    "End time\t12/1/26, 11:05:00 AM",
    "Meeting duration\t2h 10m 0s",
    "",
]
TEAMS_PEOPLE = [
    "2. Participants",
    "Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole",
    "Ayu Lestari\t12/1/26, 8:58:10 AM\t12/1/26, 11:01:00 AM\t1h 56m 22s\tayu@balikpapan.example\t\tAttendee",
    "Budi Santoso (Guest)\t12/1/26, 9:20:00 AM\t12/1/26, 9:52:00 AM\t32m 0s\t\t\tAttendee",
    "Dewi (Guest)\t12/1/26, 9:00:00 AM\t12/1/26, 10:30:00 AM\t50m 0s\t\t\tAttendee",
    "",
]
TEAMS_ACTIVITIES = [
    "3. In-Meeting Activities",
    "Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole",
    "Ayu Lestari\t12/1/26, 8:58:10 AM\t12/1/26, 9:41:02 AM\t42m 52s\tayu@balikpapan.example\tAttendee",
    "Ayu Lestari\t12/1/26, 9:47:30 AM\t12/1/26, 11:01:00 AM\t1h 13m 30s\tayu@balikpapan.example\tAttendee",
]


def teams(*sections: list[str]) -> bytes:
    """Return Teams' report: tabs and UTF-16 with its mark, whatever the file is called."""
    chosen = sections or (TEAMS_SUMMARY, TEAMS_PEOPLE, TEAMS_ACTIVITIES)
    return b"\xff\xfe" + "\r\n".join(line for section in chosen for line in section).encode("utf-16-le")
