"""A thousand people at once: how fast they are in, that nothing is lost, and what they cost while they sit there."""

import time

from sqlalchemy import func, select

from lms import migrating
from lms.attendance.models import Evidence
from lms.db import Base
from tests.integration.live.room_page import Register, pages
from tests.integration.live.serving import Server, Site, cookie, wait_until
from tests.load.measuring import Crowd, Storm, bare_server, cpu_seconds, median, tell
from tests.load.stage import Class, make_crowd, next_lecture

ROUNDS = 3
IDLE_SECONDS = 60


def measure_storm(site: Site, number: int) -> None:
    """Print joins a second, each durable before its acknowledgement, against the bare event; and what was lost."""
    everyone = make_crowd(site, number)
    warm = make_crowd(site, 40)
    people = [(person, cookie(person)) for person in everyone.people]
    ours, bare, waits, our_work, bare_work = [], [], [], [], []
    lost = incomplete = unseen = retried = 0
    for _ in range(ROUNDS):
        with bare_server() as other:
            come(other, 0, [(person, cookie(person)) for person in warm.people])
            spent = cpu_seconds(other.worker)
            crowd = Crowd(other, 0, people, hold=True)
            storm = crowd.go()
            bare_work.append(1000 * (cpu_seconds(other.worker) - spent) / number)
            assert len(storm.acknowledged) == number, storm.failed[:3]
            bare.append(storm.a_second)
            crowd.leave()
        server, lecture = site.start(), next_lecture(site, everyone.batch)
        come(server, next_lecture(site, warm.batch), [(person, cookie(person)) for person in warm.people])
        citra = Register(lecture, everyone.coordinator)
        with pages(citra):
            citra.watch(server)
            crowd = Crowd(server, lecture, people, hold=True)
            spent = cpu_seconds(server.worker)
            storm = crowd.go()
            our_work.append(1000 * (cpu_seconds(server.worker) - spent) / number)
            assert storm.acknowledged, (storm.refused[:3], storm.failed[:3], server.log.read_text()[-3000:])
            ours.append(storm.a_second)
            waits.append([storm.waited(0.5), storm.waited(0.99)])
            retried += len(storm.failed)
            lost += len(set(storm.acknowledged) - stored(site, lecture)) + number - len(storm.acknowledged)
            incomplete += number - present(site, lecture, everyone)
            unseen += number - shown_present(citra, number)
            crowd.leave()
        server.stop()
    tell(
        "join_storm",
        median(ours),
        "joins/s",
        baseline=median(bare),
        people=number,
        lost=lost,
        missing_in_register=incomplete,
        missing_on_watching_page=unseen,
        connections_tried_again=retried,
        waited_median_s=round(median([wait[0] for wait in waits]), 2),
        waited_p99_s=round(median([wait[1] for wait in waits]), 2),
        server_ms_per_join=round(median(our_work), 2),
        bare_ms_per_join=round(median(bare_work), 2),
        rounds=[[round(a), round(b)] for a, b in zip(ours, bare, strict=True)],
    )


def come(server: Server, lecture: int, people: list[tuple[int, str]]) -> Storm:
    crowd = Crowd(server, lecture, people)
    storm = crowd.go()
    crowd.leave()
    assert len(storm.acknowledged) == len(people), (storm.refused[:3], storm.failed[:3])
    return storm


def stored(site: Site, lecture: int) -> set[int]:
    """Return who has a stored "joined"."""
    with site.database.reading() as db:
        return set(
            db.scalars(select(Evidence.person_id).where(Evidence.session_id == lecture, Evidence.kind == "joined"))
        )


def present(site: Site, lecture: int, everyone: Class) -> int:
    """Return how many the register's own reading shows as present."""
    return sum(line.group == "present" for line in site.lines(lecture))


def shown_present(citra: Register, number: int) -> int:
    """Return how many a page that watched all along shows as present once it has settled."""

    def shown() -> int:
        return sum(line["group"] == "present" for line in list(citra.lines.values()))

    give_up = time.monotonic() + 15
    while shown() < number and time.monotonic() < give_up:
        time.sleep(0.2)
    return shown()


def measure_idle(site: Site, number: int) -> None:
    """Print what people in the room cost while nothing happens: rows, memory and processor."""
    everyone = make_crowd(site, number)
    people = [(person, cookie(person)) for person in everyone.people]
    with bare_server() as other:
        bare_memory, bare_cpu, _ = sit(other, 0, people, None)
    server = site.start()
    memory, cpu, rows = sit(server, everyone.lecture, people, site)
    tell("idle_rows_per_person", rows / number, "rows", people=number, seconds=IDLE_SECONDS, rows=rows)
    tell("idle_memory_per_person", memory / number / 1024, "KiB", baseline=bare_memory / number / 1024)
    tell(
        "idle_cpu",
        100 * cpu / IDLE_SECONDS,
        "% of a core",
        baseline=100 * bare_cpu / IDLE_SECONDS,
        baseline_is="asks every 25 s instead of 10",
    )
    server.stop()


def sit(server: Server, lecture: int, people: list[tuple[int, str]], site: Site | None) -> tuple[int, float, int]:
    """Return memory gained by these people's connections, processor seconds and rows while they only sit there."""
    before = server.memory()
    crowd = Crowd(server, lecture, people, hold=True)
    storm = crowd.go()
    assert len(storm.acknowledged) == len(people), (storm.refused[:3], storm.failed[:3])
    # The storm's own threads end and the last changes are pushed.
    time.sleep(5)
    worker = server.worker
    rows, spent = count_rows(site), cpu_seconds(worker)
    time.sleep(IDLE_SECONDS)
    spent, rows = cpu_seconds(worker) - spent, count_rows(site) - rows
    memory = server.memory() - before
    if site is not None:
        wait_until(lambda: len(stored(site, lecture)) == len(people))
    crowd.leave()
    return memory, spent, rows


def count_rows(site: Site | None) -> int:
    """Return the rows of all tables together."""
    if site is None:
        return 0
    migrating.import_models()
    with site.database.reading() as db:
        return sum(db.scalar(select(func.count()).select_from(table)) or 0 for table in Base.metadata.sorted_tables)
