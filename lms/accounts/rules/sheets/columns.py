"""The columns of a sheet of people, by the headings offices give them in Indonesian and English."""

# Field → headings, plain: lower case, without signs and without what stands in brackets.
HEADINGS: dict[str, tuple[str, ...]] = {
    "name": (
        "nama", "nama lengkap", "nama pegawai", "nama peserta", "nama asn", "nama pns", "nama lengkap dan gelar",
        "nama dan gelar", "nama gelar", "name", "full name", "employee name", "participant", "name of participant",
    ),
    "title_before": ("gelar depan", "gelar di depan", "title before", "title before the name", "front title"),
    "title_after": ("gelar belakang", "gelar di belakang", "title after", "title after the name", "back title"),
    "nip": (
        "nip", "nip baru", "nip nippk", "nip nipppk", "nip ni pppk", "ni pppk", "nipppk", "nippppk", "nomor nip",
        "nomor induk pegawai", "no nip", "employee id", "employee number", "civil servant number",
    ),
    "email": ("email", "e mail", "surel", "alamat email", "alamat e mail", "alamat surel", "email address", "mail"),
    "phone": (
        "telepon", "no telepon", "nomor telepon", "telp", "no telp", "hp", "no hp", "nomor hp", "handphone",
        "no handphone", "wa", "no wa", "nomor wa", "whatsapp", "no whatsapp", "nomor whatsapp", "no hp wa", "hp wa",
        "nomor hp wa", "phone", "phone number", "mobile", "mobile number", "telephone", "phone whatsapp",
    ),
    "agency": (
        "opd", "perangkat daerah", "skpd", "instansi", "instansi asal", "asal instansi", "opd instansi", "dinas",
        "nama opd", "unit organisasi", "agency", "regional agency", "office",
    ),
    "unit": (
        "unit kerja", "unit", "satuan kerja", "satker", "uptd", "bidang", "bagian", "unit kerja opd",
        "work unit", "section", "division", "department",
    ),
    "position": (
        "jabatan", "nama jabatan", "jabatan terakhir", "jabatan saat ini", "position", "job title", "post",
    ),
    "rank": (
        "pangkat", "pangkat gol", "pangkat golongan", "pangkat gol ruang", "pangkat golongan ruang", "rank",
        "rank grade", "pangkat dan golongan",
    ),
    "grade": ("gol", "golongan", "gol ruang", "golongan ruang", "grade", "ruang"),
    "born_on": ("tanggal lahir", "tgl lahir", "tgl lhr", "date of birth", "birth date", "born on"),
    "sex": ("jenis kelamin", "l p", "jk", "kelamin", "sex", "gender", "m f"),
    "language": ("bahasa", "language"),
    "number": ("no", "nomor", "nomor urut", "no urut", "number"),
}  # fmt: skip

# Without a name and something to sign in with a row is nobody.
NEEDED = (("name",), ("nip", "email"))

# As the template has them, in this order.
TEMPLATE = ("name", "nip", "email", "phone", "agency", "unit", "position", "rank", "born_on", "sex")
