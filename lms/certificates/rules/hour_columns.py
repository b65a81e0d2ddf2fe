"""The columns of a sheet of hours earned elsewhere, by the headings offices give them."""

HEADINGS: dict[str, tuple[str, ...]] = {
    "nip": ("nip", "nip baru", "nip nippk", "ni pppk", "nipppk", "employee id", "employee number"),
    "name": ("nama", "nama lengkap", "nama pegawai", "name", "full name"),
    "title": (
        "nama kegiatan", "kegiatan", "nama pelatihan", "pelatihan", "nama diklat", "diklat", "nama kursus",
        "pengembangan kompetensi", "activity", "training", "title", "course",
    ),
    "organiser": ("penyelenggara", "institusi penyelenggara", "instansi penyelenggara", "organiser", "organizer"),
    "kind": ("jenis", "jenis diklat", "jenis kegiatan", "jenis pengembangan kompetensi", "kind", "type"),
    "scope": ("cakupan", "lingkup", "tingkat", "scope", "level"),
    "starts_on": ("tanggal mulai", "tgl mulai", "mulai", "tanggal", "tanggal kegiatan", "from", "start", "date"),
    "ends_on": ("tanggal selesai", "tgl selesai", "selesai", "sampai", "until", "end", "to"),
    "hours": ("jp", "jumlah jp", "jam pelajaran", "jumlah jam", "jam", "hours", "lesson hours"),
    "certificate_number": (
        "nomor sertifikat", "no sertifikat", "nomor sttpp", "no sttpp", "sertifikat", "certificate number",
        "certificate no", "certificate",
    ),
}  # fmt: skip
NEEDED = (("nip",), ("title",), ("hours",), ("starts_on",))
TEMPLATE = ("nip", "title", "organiser", "kind", "scope", "starts_on", "ends_on", "hours", "certificate_number")
