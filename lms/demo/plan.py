"""What happened and what will: the demo's sessions counted in days from its loading, and how each trainee fared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

PROGRAMME_ID = "Pelayanan Publik Prima bersama Civil Service College"
PROGRAMME_EN = "Public Service Excellence with the Civil Service College"
SUMMARY_ID = (
    "Enam pokok bahasan tentang melayani warga dengan baik, diajar dari Singapura lewat telekonferensi dan "
    "di Balikpapan, ditutup dengan kunjungan belajar bagi peserta terpilih."
)
SUMMARY_EN = (
    "Six topics on serving citizens well, taught from Singapore by teleconference and in Balikpapan, with a "
    "study visit at the end for those selected."
)
COURSE = "pelayanan-publik-prima"
ROOM = "Ruang Rapat BKPSDM, Lantai 3"
WITA, SGT = "Asia/Makassar", "Asia/Singapore"


@dataclass(frozen=True)
class Stay:
    """One connection to the meeting: device, minutes from the start to come and go (None: stays to the end).

    `is_lost`: it ended without a goodbye, as when a network fails.
    """

    device: str
    comes: float
    goes: float | None = None
    is_lost: bool = False


# How an evening of ninety minutes or more can go; who is not named in a session's `stories` came in time and stayed.
STORIES: Mapping[str, tuple[Stay, ...]] = {
    "late": (Stay("laptop", 14),),
    "gap": (Stay("laptop", -3, 31.3, is_lost=True), Stay("laptop", 32.5)),
    "many_gaps": (
        Stay("phone", -2, 12.2, is_lost=True),
        Stay("phone", 13.1, 44, is_lost=True),
        Stay("phone", 44.8, 61.5, is_lost=True),
        Stay("phone", 70.5),
    ),
    "long_gap": (Stay("laptop", -4, 25, is_lost=True), Stay("phone", 54)),
    "two_devices": (Stay("laptop", -5, 62), Stay("phone", 58)),
    "left_early": (Stay("laptop", -6, 75),),
    "short": (Stay("phone", 4, 31),),
    # The office's line fails and comes back for everyone in it.
    "office_down": (Stay("laptop", -4, 34.2, is_lost=True), Stay("laptop", 56.5)),
    "elsewhere": (),
    "absent": (),
}


@dataclass(frozen=True)
class Decided:
    """A coordinator's decision about one trainee, so many days after the session. `excuse` or else attended."""

    person: str
    reason: str
    days: int
    excuse: str | None = None


@dataclass(frozen=True)
class Planned:
    """A session: `day` from the loading, clock time of its zone, minutes, and for a past one what happened."""

    batch: str
    day: int
    starts: str
    minutes: int
    mode: str
    title_id: str
    title_en: str
    teacher: str
    modules: tuple[str, ...] = ()
    place: str = ""
    zone: str = WITA
    # Clock times of the pause, if there is one.
    pause: tuple[str, str] | None = None
    stories: Mapping[str, str] = field(default_factory=dict)
    may_be_recorded: bool = False
    # Minute at which the serving process was killed; the next one served 21 s later.
    killed_at: float | None = None
    # Where the meeting server tells of somebody something else than her own page did; None: there was no server.
    server_says: Mapping[str, tuple[Stay, ...]] | None = None
    decided: tuple[Decided, ...] = ()
    signed_after: int | None = None


PAST = (
    Planned(
        "Angkatan I", -38, "08:00", 240, "in_person",
        "Pembukaan dan sopan santun di loket", "Opening, and courtesy at the counter",
        "iskandar", ("sopan-santun",), ROOM, pause=("10:00", "10:15"),
        stories={"suparman": "late", "yohanes": "absent", "rusdi": "absent", "raden": "late", "lilis": "absent"},
        decided=(
            Decided("yohanes", "Surat keterangan dokter nomor 445/118/PKM-SB.", 0, "sakit"),
            Decided("rusdi", "Surat tugas nomor 800.1.11.1/214/Dishub: rapat di Samarinda.", 0, "dinas_luar"),
        ),
        signed_after=1,
    ),
    Planned(
        "Angkatan I", -24, "09:00", 90, "teleconference",
        "Kebersihan dan kenyamanan ruang layanan", "Cleanliness and comfort where people are served",
        "tan", ("kebersihan", "kenyamanan"),
        stories={
            "melati": "two_devices", "suparman": "gap", "dewi": "late", "fitriani": "many_gaps", "rina": "gap",
            "taufik": "absent", "gede": "left_early", "maria": "elsewhere", "eko": "short", "wahyuni": "two_devices",
            "rusdi": "long_gap", "lilis": "absent",
        },
        decided=(
            Decided("maria", "Ikut lewat aplikasi di ponsel; namanya terlihat pengajar sampai selesai.", 0),
            # Four days later the register has been signed: this becomes its first amendment.
            Decided("taufik", "Surat izin nomor 800.1.11.4/087/Kec.BS diterima setelah penandatanganan.", 4, "izin"),
        ),
        signed_after=2,
    ),
    Planned(
        "Angkatan I", -5, "09:00", 120, "teleconference",
        "Antrean, pengaduan, dan mengukur kepuasan", "Queues, complaints and measuring satisfaction",
        "iskandar", ("antrean", "pengaduan", "mengukur-kepuasan"), pause=("10:00", "10:15"),
        stories={
            "bagus": "late", "fitriani": "gap", "yohanes": "two_devices", "lilis": "absent", "andi": "left_early",
            "rusdi": "short", "raden": "many_gaps", "eko": "absent",
        },
        killed_at=42,
        decided=(Decided("eko", "Surat tugas nomor 800.1.11.1/331/DPMPTSP: pelayanan keliling.", 1, "dinas_luar"),),
    ),
    Planned(
        "Angkatan II", -15, "08:00", 210, "in_person",
        "Pembukaan dan sopan santun di loket", "Opening, and courtesy at the counter",
        "tan", ("sopan-santun",), ROOM, pause=("10:00", "10:15"),
        stories={"mujiono": "late", "khadijah": "absent", "lukman": "absent"},
        decided=(Decided("khadijah", "Surat keterangan dokter nomor 445/201/RSUD.", 0, "sakit"),),
        signed_after=1,
    ),
    Planned(
        "Angkatan II", -4, "13:30", 90, "teleconference",
        "Kebersihan dan kenyamanan ruang layanan", "Cleanliness and comfort where people are served",
        "iskandar", ("kebersihan", "kenyamanan"),
        stories={
            "ayu": "gap", "budi": "two_devices", "mujiono": "late", "hasnah": "left_early", "agus": "office_down",
            "clarissa": "office_down", "nur": "office_down", "lukman": "absent", "petrus": "elsewhere",
            "abdul": "long_gap", "desi": "gap", "theresia": "short", "endang": "absent",
        },
        server_says={
            "budi": (Stay("laptop", -5, 62), Stay("phone", 58, 71)),
            "theresia": (Stay("phone", 4),),
        },
        may_be_recorded=True,
        decided=(
            # Excused the day before; she came all the same, and the coordinator is asked which of the two counts.
            Decided("ratna", "Surat tugas nomor 800.1.11.1/412/Dishub: rapat di Samarinda.", -1, "dinas_luar"),
            Decided("endang", "Cuti tahunan, surat nomor 800.1.11.4/153/Disdikbud.", 1, "cuti"),
        ),
    ),
)  # fmt: skip

COMING = (
    Planned(
        "Angkatan II", 5, "09:00", 90, "teleconference",
        "Menangani pengaduan", "Handling complaints", "tan", ("pengaduan",), may_be_recorded=True,
    ),
    Planned(
        "Angkatan II", 12, "09:00", 90, "teleconference",
        "Mengukur kepuasan warga", "Measuring satisfaction", "iskandar", ("mengukur-kepuasan",),
    ),
    Planned(
        "Angkatan II", 33, "09:00", 420, "study_visit",
        "Kunjungan belajar ke Civil Service College", "Study visit to the Civil Service College",
        "iskandar", (), "Civil Service College, Singapura", SGT, pause=("12:00", "13:00"),
    ),
)  # fmt: skip

# What is taught in the session that is live whenever the demo is started; the first of them at its loading.
LIVE = (
    ("Mengelola antrean", "Managing queues", "iskandar", ("antrean",)),
    ("Klinik tanya jawab: layanan di loket Anda", "Question clinic: service at your counter", "tan", ()),
    ("Latihan bersama: membaca data kepuasan", "Joint exercise: reading satisfaction figures", "iskandar", ()),
)
# Whom the coordinator has seen in the live session (minutes after the start), and whose network spoke for them.
SEEN_LIVE = {
    "budi": 0, "clarissa": 0, "nur": 0, "petrus": 0, "endang": 0, "ratna": 0, "abdul": 0, "yuliana": 0, "desi": 0,
    "imam": 0, "hasnah": 13, "theresia": 16,
}  # fmt: skip
LOST_LIVE, LEFT_LIVE, ELSEWHERE_LIVE = "agus", "joko", "ferdinand"


def working_day(day: date, step: int) -> date:
    """Return the day itself, or the next one in direction `step` that is no weekend."""
    while day.weekday() >= 5:
        day += timedelta(days=step)
    return day
