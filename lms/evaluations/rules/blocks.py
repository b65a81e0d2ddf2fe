"""Ready-made blocks of questions in two languages, as evaluations in Indonesian government training ask them.

Each block belongs to one of Kirkpatrick's levels: 1 reaction, 3 behaviour at work, 4 results for unit and citizens
(level 2, learning, is measured by tests).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Block key → level, title in Indonesian and English, then a line a question, Indonesian | English.
_ORGANISER = {
    "committee": (1, "Pelayanan panitia", "Service of the committee", """
        Panitia ramah dan mudah dihubungi | The committee is friendly and easy to reach
        Informasi sebelum pelatihan jelas dan tepat waktu | Information before the training is clear and in time
        Panitia cepat menanggapi keluhan | The committee responds to complaints quickly
        Jadwal terlaksana sesuai rencana | The schedule is kept
    """),
    "participants": (1, "Pelayanan peserta", "Service to participants", """
        Pendaftaran mudah | Registering is easy
        Presensi berjalan lancar dan adil | Attendance is taken smoothly and fairly
        Bahan ajar tersedia sebelum sesi | Material is there before the session
        Platform pembelajaran mudah dipakai | The learning platform is easy to use
        Sambungan telekonferensi memadai | The teleconference connection is good enough
        Waktu istirahat dan ibadah memadai | Breaks and time for prayer are sufficient
        Kebutuhan khusus peserta diperhatikan | Special needs of participants are met
    """),
    "cleanliness": (1, "Kebersihan kelas dan asrama", "Cleanliness of classroom and lodging", """
        Ruang kelas bersih | The classroom is clean
        Meja dan kursi bersih | Tables and chairs are clean
        Toilet bersih | The toilets are clean
        Air bersih tersedia | Clean water is available
        Tempat sampah memadai | There are enough bins
        Tempat ibadah bersih | The prayer room is clean
        Kamar asrama bersih | The lodging is clean
        Seprai dan handuk bersih | Sheets and towels are clean
        Halaman bersih dan rapi | The grounds are clean and tidy
    """),
    "functioning": (1, "Keberfungsian sarana", "How well the facilities work", """
        Penyejuk udara berfungsi | The air conditioning works
        Penerangan berfungsi | The lights work
        Pengeras suara terdengar jelas | The loudspeakers are clear
        Layar dan proyektor terbaca | Screen and projector can be read
        Jaringan internet berfungsi | The internet works
        Stopkontak mencukupi dan berfungsi | There are enough sockets and they work
        Komputer atau perangkat pinjaman berfungsi | Computers or devices lent out work
    """),
    "availability": (1, "Ketersediaan sarana", "Whether facilities are there", """
        Ruang kelas cukup luas | The classroom is large enough
        Ruang diskusi tersedia | Rooms for discussion are available
        Tempat parkir memadai | There is enough parking
        Akses bagi penyandang disabilitas tersedia | There is access for people with disabilities
    """),
    "supplies": (1, "Perlengkapan peserta", "Supplies for participants", """
        Modul atau buku | Module or book
        Alat tulis | Writing material
        Tanda pengenal | Name badge
        Jadwal dan tata tertib tertulis | Written schedule and rules
        Berkas digital mudah diunduh | Digital files are easy to download
    """),
    "meals": (1, "Konsumsi", "Meals", """
        Rasa makanan | Taste of the meals
        Kebersihan makanan | Cleanliness of the meals
        Ragam menu | Variety of the menu
        Ketepatan waktu penyajian | Served in time
        Kecukupan porsi | Sufficient portions
    """),
    "field_visit": (1, "Observasi lapangan", "Field visit", """
        Tempat kunjungan sesuai tujuan | The place fits the purpose
        Persiapan kunjungan memadai | The visit is well prepared
        Penerimaan tuan rumah baik | The hosts receive us well
        Narasumber di tempat menguasai bidangnya | The people there know their field
        Waktu kunjungan cukup | There is enough time
        Transportasi layak dan tepat waktu | Transport is decent and in time
        Hasil kunjungan dapat diterapkan | What was seen can be applied
    """),
    "relevance": (1, "Relevansi materi", "Relevance of the content", """
        Materi sesuai dengan tugas saya | The content fits my work
        Materi dapat saya terapkan di unit kerja | I can apply the content in my unit
        Kedalaman materi sesuai | The content is deep enough
    """),
}  # fmt: skip
_INSTRUCTOR = {
    "teaching": (1, "Pengajar", "Instructor", """
        Penguasaan materi | Command of the subject
        Sistematika penyajian | Structure of the lecture
        Metode pembelajaran | Method of teaching
        Penggunaan media | Use of media
        Interaksi dengan peserta | Interaction with participants
        Ketepatan waktu | Punctuality
        Gaya bahasa yang mudah dipahami | Language that is easy to follow
        Kerapian penampilan | Neat appearance
    """),
}  # fmt: skip
_ALUMNUS = {
    "application": (3, "Penerapan di tempat kerja", "Applied at work", """
        Saya menerapkan hal yang saya pelajari | I apply what I learnt
        Cara kerja saya berubah karena pelatihan ini | The way I work has changed because of this training
        Rencana aksi saya berjalan | My action plan makes progress
        Atasan mendukung penerapannya | My superior supports applying it
        Saya berbagi pengetahuan kepada rekan kerja | I share what I know with colleagues
    """),
    "effect": (4, "Dampak bagi unit dan warga", "Effect for unit and citizens", """
        Pelayanan unit saya menjadi lebih cepat | My unit serves faster
        Keluhan warga di unit saya berkurang | There are fewer complaints in my unit
        Kualitas hasil kerja unit saya meningkat | The quality of my unit's work has risen
    """),
}  # fmt: skip
_OTHERS = {
    "application": (3, "Perilaku kerja alumnus", "The alumnus at work", """
        Menerapkan hal yang dipelajari | Applies what was learnt
        Cara kerjanya berubah ke arah yang lebih baik | Works in a better way than before
        Berinisiatif memperbaiki pelayanan | Takes initiative to improve the service
        Berbagi pengetahuan kepada rekan kerja | Shares knowledge with colleagues
        Bekerja sama lebih baik | Works together better
    """),
    "effect": (4, "Dampak bagi unit dan warga", "Effect for unit and citizens", """
        Pelayanan unit menjadi lebih cepat | The unit serves faster
        Keluhan warga berkurang | There are fewer complaints
        Kualitas hasil kerja unit meningkat | The quality of the unit's work has risen
    """),
}  # fmt: skip
_READY = {
    "organiser": _ORGANISER,
    "instructor": _INSTRUCTOR,
    "alumnus": _ALUMNUS,
    "superior": _OTHERS,
    "peer": _OTHERS,
}
KINDS = tuple(_READY)
FOLLOW_UPS = ("alumnus", "superior", "peer")
# What a questionnaire has unless somebody chose otherwise; a visit and lodging are not part of every training.
_USUAL_WITHOUT = {"cleanliness", "field_visit"}


@dataclass(frozen=True)
class Block:
    """A ready-made block of questions."""

    key: str
    level: int
    title: Mapping[str, str]
    items: tuple[Mapping[str, Any], ...]

    def stored(self) -> dict[str, Any]:
        """Return the block as questionnaires keep it."""
        return {
            "key": self.key,
            "level": self.level,
            "title": dict(self.title),
            "items": [dict(item) for item in self.items],
        }


def ready_blocks(kind: str) -> tuple[Block, ...]:
    """Return the ready-made blocks of this kind of questionnaire, in their order."""
    return tuple(_block(key, *parts) for key, parts in _READY[kind].items())


def usual_keys(kind: str) -> tuple[str, ...]:
    """Return the keys of the blocks a new questionnaire of this kind begins with."""
    return tuple(key for key in _READY[kind] if key not in _USUAL_WITHOUT)


def _block(key: str, level: int, title_id: str, title_en: str, lines: str) -> Block:
    items = []
    for number, line in enumerate(lines.strip().splitlines(), start=1):
        in_id, in_en = (part.strip() for part in line.split("|"))
        items.append({"key": f"{key}-{number}", "text": {"id": in_id, "en": in_en}})
    return Block(key, level, {"id": title_id, "en": title_en}, tuple(items))
