"""A sheet of people as an office would send it, handed in by the coordinator and waiting for her yes."""

from datetime import datetime

from lms.accounts.principal import read_principal
from lms.db import Db
from lms.demo.people import CITRA
from lms.demo.settling import House
from lms.kernel.sheets import Page
from lms.programmes.entrants import entrant_of
from lms.programmes.service import importing

FILE = "Usulan Peserta Angkatan III.xlsx"
_ROWS: tuple[tuple[str | float, ...], ...] = (
    ("PEMERINTAH KOTA BALIKPAPAN",),
    ("BADAN KEPEGAWAIAN DAN PENGEMBANGAN SUMBER DAYA MANUSIA",),
    ("DAFTAR USULAN PESERTA PELATIHAN PELAYANAN PUBLIK PRIMA",),
    (),
    ("No.", "Nama Lengkap", "NIP", "Pangkat/Gol.", "Jabatan", "OPD", "Unit Kerja", "No. HP", "Email"),
    ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)", "(9)"),
    (1, "RAHMAT HIDAYAT, S.SOS", "19900412 201503 1 961", "Penata Muda Tk. I (III/b)", "Analis Pelayanan",
     "Disdukcapil", "", "081100009001", "rahmat.hidayat@balikpapan.example"),
    (2, "drg. Nadia Permatasari", "199308152019032962", "III/b", "Dokter Gigi Ahli Pertama", "Dinkes",
     "UPTD Puskesmas Sepinggan Baru", "0811-0000-9002", "nadia.permatasari@balikpapan.example"),
    (3, "Sukardi", "197706232008011963", "II c", "Pengadministrasi Umum", "Kec. Balikpapan Selatan",
     "Kel. Sepinggan", "-", ""),
    (4, "AYU LESTARI, S.STP, M.AP", "19910926 201503 2 941", "III/c", "Analis Kependudukan Ahli Muda", "DUKCAPIL",
     "Bidang Pelayanan Pendaftaran Penduduk", "", ""),
    (5, "Farida Hanum, SE", 1.98811022012122e17, "III/c", "Penata Perizinan", "DPMPTSP", "", "", ""),
    (6, "Yusuf Maulana, S.Kom", "199502312022031965", "IX", "Pranata Komputer", "Diskominfo", "", "", ""),
    (7, "Sri Wahyuningsih, A.Md.Keb", "199701052022212966", "VII", "Bidan Terampil", "Dinkes",
     "Puskesmas Klandasan Ilir", "0811-0000-9007", ""),
    (),
    ("", "", "", "", "Balikpapan, 20 November 2026"),
    ("", "", "", "", "Kepala Bidang Pengembangan Kompetensi"),
)  # fmt: skip


def hand_in(db: Db, house: House, *, at: datetime) -> None:
    """Leave the sheet judged and waiting: new people, one changed, some refused, a unit nobody knows."""
    who = read_principal(db, house.people[CITRA.key])
    if who is None:
        raise LookupError("the coordinator of the demo is not active")
    tables = importing.find_tables([Page("Usulan", tuple(_ROWS))])
    one = importing.start(db, tables, file_name=FILE, batch=None, by=who.id, at=at)
    importing.judge_some(db, one.id, entrant_of(db, who), at=at)
