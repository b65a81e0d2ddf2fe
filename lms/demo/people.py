"""The invented people of the demo: units, staff, and two batches of twenty trainees."""

from dataclasses import dataclass

PASSWORD = "jembatan-demo"  # noqa: S105 - the demo's one password is meant to be known
HERE = "balikpapan.example"
THERE = "csc.example"

# Two levels: an OPD with its own key, and the units below it.
UNITS: dict[str, tuple[str, dict[str, str]]] = {
    "bkpsdm": (
        "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia",
        {"kompetensi": "Bidang Pengembangan Kompetensi"},
    ),
    "dukcapil": (
        "Dinas Kependudukan dan Pencatatan Sipil",
        {"penduduk": "Bidang Pelayanan Pendaftaran Penduduk", "sipil": "Bidang Pelayanan Pencatatan Sipil"},
    ),
    "izin": (
        "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu",
        {"loket": "Bidang Pelayanan Perizinan"},
    ),
    "sehat": (
        "Dinas Kesehatan",
        {"pkm-sepinggan": "UPTD Puskesmas Sepinggan Baru", "pkm-ilir": "UPTD Puskesmas Gunung Sari Ilir"},
    ),
    "rsud": ("Rumah Sakit Umum Daerah Beriman", {"rawat-jalan": "Instalasi Rawat Jalan"}),
    "didik": ("Dinas Pendidikan dan Kebudayaan", {"sd": "Bidang Pembinaan Sekolah Dasar"}),
    "hubung": ("Dinas Perhubungan", {"kir": "UPTD Pengujian Kendaraan Bermotor"}),
    "selatan": (
        "Kecamatan Balikpapan Selatan",
        {"kel-sepinggan": "Kelurahan Sepinggan", "kel-bahagia": "Kelurahan Gunung Bahagia"},
    ),
    "kominfo": ("Dinas Komunikasi dan Informatika", {}),
}


@dataclass(frozen=True)
class Invented:
    """Somebody who does not exist. `number` is where in the list: phone numbers and NIP serials are made from it."""

    number: int
    name: str
    before: str
    after: str
    unit: str | None
    position: str
    rank: str = ""
    nip: str | None = None
    email: str | None = None
    language: str = "id"
    zone: str = "Asia/Makassar"

    @property
    def phone(self) -> str:
        return f"+65 8000 {self.number:04}" if self.zone == "Asia/Singapore" else f"0811-0000-{1000 + self.number}"

    @property
    def key(self) -> str:
        """Return the first name in lower case: how the demo's plan refers to this person."""
        return self.name.split()[0].lower()


ADMIN = Invented(
    1, "Nurul Hidayah", "", "S.Kom.", "kominfo", "Pranata Komputer Ahli Muda", "III/c",
    "198804122011012901", f"admin@{HERE}",
)  # fmt: skip
CITRA = Invented(
    2, "Citra Dewi", "", "S.STP., M.Si.", "kompetensi", "Analis Pengembangan Kompetensi ASN Ahli Muda", "III/d",
    "198507302007012902", f"citra.dewi@{HERE}",
)  # fmt: skip
# Her colleague for the health service alone: sees and corrects its people, signs nothing.
HENDRA = Invented(
    3, "Hendra Gunawan", "", "S.KM.", "sehat", "Penelaah Teknis Kebijakan", "III/b",
    "199002142014021903", f"hendra.gunawan@{HERE}",
)  # fmt: skip
ISKANDAR = Invented(
    4, "Iskandar Rahman", "", "", None, "Principal Trainer, Civil Service College",
    email=f"iskandar.rahman@{THERE}", language="en", zone="Asia/Singapore",
)  # fmt: skip
WEILING = Invented(
    5, "Tan Wei Ling", "Dr.", "", None, "Senior Trainer, Civil Service College",
    email=f"tan.weiling@{THERE}", language="en", zone="Asia/Singapore",
)  # fmt: skip
# Answers for the health service: reads where its people stand, and nothing else.
HALIMAH = Invented(
    6, "Halimah Sadiah", "dr. Hj.", "M.Kes.", "sehat", "Kepala Dinas", "IV/c",
    "197103051997032901", f"halimah.sadiah@{HERE}",
)  # fmt: skip
STAFF = (ADMIN, CITRA, HENDRA, ISKANDAR, WEILING, HALIMAH)

# title | name | title | unit | position | rank | birth, appointment, sex | mail, "-" for none
FIRST = """
| Melati Siregar | S.Sos. | penduduk | Administrator Database Kependudukan | III/a | 19930518 201803 2 | melati.siregar
Drs. | Ahmad Rivai | M.AP. | dukcapil | Sekretaris Dinas | IV/a | 19690811 199403 1 | ahmad.rivai
| Bagus Prasetyo | S.H. | sipil | Pengelola Dokumen Pencatatan Sipil | III/a | 19920127 201903 1 | bagus.prasetyo
| Rina Marlina | S.E. | izin | Penata Perizinan Ahli Pertama | III/b | 19881102 201212 2 | rina.marlina
| Suparman | | kel-sepinggan | Pengadministrasi Umum | II/c | 19750304 200701 1 | -
dr. | Dewi Anggraini | | pkm-sepinggan | Dokter Ahli Muda | III/d | 19840922 201101 2 | dewi.anggraini
| Fitriani | A.Md.Keb. | pkm-ilir | Bidan Terampil | VII | 19960715 202221 2 | fitriani
Ns. | Yohanes Tandi | S.Kep. | rawat-jalan | Perawat Ahli Pertama | III/a | 19910609 201902 1 | yohanes.tandi
| Siti Aminah | S.Pd. | sd | Kepala Sekolah Dasar | III/d | 19790217 200312 2 | siti.aminah
| Muhammad Rizal Fahlevi | S.T. | kir | Penguji Kendaraan Bermotor | III/a | 19940823 202012 1 | rizal.fahlevi
H. | Syamsuddin | S.Sos. | selatan | Kepala Seksi Pelayanan Umum | III/d | 19710505 199803 1 | syamsuddin
| Lilis Suryani | | kel-bahagia | Pengelola Layanan Operasional | V | 19870910 202321 2 | lilis.suryani
| Andi Nurfadillah | S.I.Kom. | kominfo | Pranata Humas Ahli Pertama | III/a | 19950330 202203 2 | andi.nurfadillah
| Gede Wirawan | S.Kom. | kominfo | Pranata Komputer Ahli Pertama | IX | 19930112 202221 1 | gede.wirawan
Dr. dr. Hj. | Raden Ajeng Siti Nurhaliza Kusumaningtyas Wulandari Hadiningrat | Sp.PK., M.Kes. \
| rsud | Kepala Instalasi Laboratorium Patologi Klinik | IV/c | 19670121 199603 2 | siti.hadiningrat
| Eko Wahyudi | A.Md. | loket | Pengelola Pelayanan Perizinan | II/d | 19890402 201403 1 | eko.wahyudi
| Maria Goreti Bulan | S.Kep. | rawat-jalan | Perawat Ahli Pertama | IX | 19920814 202321 2 | maria.bulan
| Taufik Hidayat | S.STP. | selatan | Sekretaris Kecamatan | III/d | 19860610 200612 1 | taufik.hidayat
| Wahyuni | S.Pd. | didik | Analis Kurikulum dan Pembelajaran | III/b | 19900925 201501 2 | wahyuni
| Rusdi | | hubung | Petugas Pelayanan Terminal | II/b | 19780815 200901 1 | -
"""
SECOND = """
| Ayu Lestari | S.STP. | penduduk | Analis Kependudukan | III/b | 19910926 201503 2 | ayu.lestari
| Budi Santoso | S.Sos. | loket | Penata Perizinan Ahli Pertama | III/b | 19880101 201101 1 | budi.santoso
| Mujiono | | kir | Pengadministrasi Sarana | II/c | 19741209 200801 1 | -
| Hasnah Daeng Ratu | S.AP. | sipil | Pengelola Layanan Akta Kelahiran | III/a | 19930628 201903 2 | hasnah.ratu
drg. | Clarissa Wijaya | | pkm-ilir | Dokter Gigi Ahli Pertama | III/b | 19920303 201902 2 | clarissa.wijaya
| Agus Salim | A.Md.Kep. | pkm-sepinggan | Perawat Terampil | VII | 19941117 202221 1 | agus.salim
| Nur Aini | S.Gz. | sehat | Nutrisionis Ahli Pertama | III/a | 19960219 202012 2 | nur.aini
| Petrus Lolo | S.Farm. | rsud | Apoteker Ahli Pertama | III/b | 19900706 201801 1 | petrus.lolo
Dra. | Endang Rahayu | | didik | Pengawas Sekolah Ahli Madya | IV/b | 19680412 199203 2 | endang.rahayu
| Joko Susilo | S.Pd. | sd | Guru Ahli Pertama | IX | 19910813 202221 1 | joko.susilo
| Ratna Sari Dewi | S.T. | hubung | Analis Lalu Lintas | III/b | 19890520 201403 2 | ratna.dewi
| Abdul Gafur | | kel-bahagia | Petugas Loket Pelayanan | V | 19850227 202321 1 | abdul.gafur
| Yuliana Pasaribu | S.Sos. | kel-sepinggan | Kepala Seksi Pelayanan | III/c | 19820714 200701 2 | yuliana.pasaribu
Ir. | Kurniawan Adi Nugroho | M.T. | izin | Analis Kebijakan Ahli Madya | IV/a | 19700918 199703 1 | kurniawan.nugroho
| Desi Ratnasari | S.Kom. | kominfo | Pranata Komputer Ahli Pertama | III/a | 19950101 202203 2 | desi.ratnasari
| Ferdinand Sinaga | S.H. | kominfo | Pengelola Pengaduan Publik | IX | 19930930 202321 1 | ferdinand.sinaga
| Imam Syafii | S.E. | dukcapil | Perencana Ahli Pertama | III/b | 19870608 201101 1 | imam.syafii
| Khadijah | A.Md.RMIK. | rawat-jalan | Perekam Medis Terampil | II/d | 19970412 202203 2 | khadijah
| Lukman Hakim | S.IP. | selatan | Pengelola Layanan Kecamatan | III/a | 19900416 201903 1 | lukman.hakim
| Theresia Wulandari | S.Psi. | rsud | Psikolog Klinis Ahli Pertama | III/b | 19920223 201902 2 | -
"""
# The first batch of all, which is over.
EARLIER = """
| Wulan Anggraeni | S.Kom. | sipil | Pranata Komputer Ahli Pertama | III/a | 19930214 201903 2 | wulan.anggraeni
| Fajar Nugraha | S.AP. | loket | Penata Perizinan Ahli Pertama | III/a | 19920817 201903 1 | fajar.nugraha
| Sri Handayani | S.KM. | pkm-sepinggan | Penyuluh Kesehatan Ahli Pertama | III/b | 19890311 201403 2 | sri.handayani
Ir. | Hendro Wibowo | M.T. | hubung | Analis Kebijakan Ahli Muda | III/d | 19780930 200501 1 | hendro.wibowo
| Marlina Tambunan | S.Pd. | didik | Analis Kurikulum | III/b | 19900608 201501 2 | marlina.tambunan
| Yusuf Mansyur | S.IP. | selatan | Analis Pemerintahan | III/a | 19940119 202012 1 | yusuf.mansyur
| Kartika Sari | S.Psi. | rsud | Analis Pelayanan Publik | III/a | 19950725 202012 2 | kartika.sari
| Dedi Kurniadi | A.Md. | kel-bahagia | Pengelola Layanan Operasional | II/d | 19910505 201903 1 | dedi.kurniadi
| Nining Suryaningsih | S.E. | izin | Perencana Ahli Pertama | III/b | 19880902 201212 2 | nining.suryaningsih
| Rahmat Basuki | S.T. | kir | Penguji Kendaraan Bermotor | III/a | 19920229 201903 1 | rahmat.basuki
| Paulina Kaban | S.Sos. | penduduk | Administrator Database Kependudukan | III/a | 19930404 201903 2 | paulina.kaban
| Surya Dharma | S.H. | kominfo | Pranata Humas Ahli Pertama | III/a | 19941212 202203 1 | surya.dharma
"""


def _read(table: str, first_number: int) -> tuple[Invented, ...]:
    people = []
    for number, line in enumerate(table.strip().splitlines(), start=first_number):
        before, name, after, unit, position, rank, digits, mail = (part.strip() for part in line.split("|"))
        # Serials run from 001; nobody shares birth date and appointment with nine hundred others, so that
        # these numbers are well-formed and belong to no one.
        nip = f"{digits.replace(' ', '')}{900 + number}"
        email = None if mail == "-" else f"{mail}@{HERE}"
        people.append(Invented(number, name, before, after, unit, position, rank, nip, email))
    return tuple(people)


BATCHES = {
    "Angkatan I": _read(FIRST, 11),
    "Angkatan II": _read(SECOND, 41),
    "Angkatan Perdana": _read(EARLIER, 71),
}


@dataclass(frozen=True)
class DemoAccount:
    """Somebody to sign in as: what they are, and what to type."""

    what: str
    person: Invented

    def __str__(self) -> str:
        who = ", ".join(filter(None, (f"{self.person.before} {self.person.name}".strip(), self.person.after)))
        logins = " or ".join(filter(None, (self.person.email, self.person.nip)))
        return f"{self.what:<31} {who:<25} {logins:<55} {PASSWORD}"


def _of(batch: str, key: str) -> Invented:
    return next(person for person in BATCHES[batch] if person.key == key)


ACCOUNTS = (
    DemoAccount("trainee, lecture live now", _of("Angkatan II", "ayu")),
    DemoAccount("trainee, her classmate", _of("Angkatan II", "budi")),
    DemoAccount("trainee, post-test due", _of("Angkatan I", "melati")),
    DemoAccount("trainee without e-mail", _of("Angkatan II", "mujiono")),
    DemoAccount("coordinator", CITRA),
    DemoAccount("coordinator, health service only", HENDRA),
    DemoAccount("head of the health service", HALIMAH),
    DemoAccount("instructor (English, SGT)", ISKANDAR),
    DemoAccount("instructor (English, SGT)", WEILING),
    DemoAccount("admin", ADMIN),
)
