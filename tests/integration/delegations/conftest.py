"""A visit of the world's programme, with ways to bring it to each of its stages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from lms.accounts.models import Person
from lms.db import reading, writing
from lms.delegations.models import Delegation, DelegationCandidate, DelegationPanelist
from lms.delegations.rules.drafts import CriterionDraft, DecisionDraft, PanelDraft, ScoresDraft, VisitDraft
from lms.delegations.service import choosing, scoring, setting_up
from lms.programmes.models import Programme
from tests.factories import NINE, World, enrol, make_person

BEGUN = NINE - timedelta(days=3)


@dataclass
class House:
    """A published visit with one panel criterion, two candidates, two members of the panel."""

    world: World
    visit: int
    judges: tuple[int, int]
    others: tuple[int, ...]

    @property
    def people(self) -> tuple[int, ...]:
        return (self.world.ayu, self.world.budi, *self.others)

    def candidate(self, person: int) -> int:
        with reading() as db:
            return db.scalars(
                select(DelegationCandidate.id).where(
                    DelegationCandidate.delegation_id == self.visit, DelegationCandidate.person_id == person
                )
            ).one()

    def give(self, judge: int, person: int, points: int | None, *, at: datetime = NINE) -> None:
        """Have a member of the panel score a candidate."""
        candidate_id = self.candidate(person)
        with writing() as db:
            visit = db.get_one(Delegation, self.visit)
            seat = scoring.own_seat(db, self.visit, judge)
            (criterion,) = scoring.panel_criteria(db, self.visit)
            draft = ScoresDraft(criterion=[criterion.id], points=[points])
            candidate = setting_up.find_candidate(db, visit, candidate_id)
            scoring.score(db, visit, seat, candidate, draft, by=judge, at=at)

    def score_all(self) -> None:
        for number, person in enumerate(self.people):
            for judge in self.judges:
                self.give(judge, person, 90 - 10 * number)

    def decide(self, *, announce: datetime = NINE + timedelta(days=1), at: datetime = NINE) -> None:
        with writing() as db:
            visit = db.get_one(Delegation, self.visit)
            draft = DecisionDraft(
                reasons="Menurut peringkat.",
                announce_on=announce.date(),
                announce_time=announce.time(),
                zone="UTC",
                seen=choosing.read_ranking(db, visit).hash,
            )
            choosing.decide(db, visit, draft, by=self.world.citra, at=at)

    def announce(self, *, at: datetime = NINE + timedelta(days=1)) -> int:
        with writing() as db:
            return choosing.announce(db, db.get_one(Delegation, self.visit), at=at)

    def outcomes(self) -> list[str | None]:
        with reading() as db:
            found = dict(
                db.execute(
                    select(DelegationCandidate.person_id, DelegationCandidate.outcome).where(
                        DelegationCandidate.delegation_id == self.visit
                    )
                ).all()
            )
        return [found[person] for person in self.people]

    def seat(self, person: int) -> DelegationPanelist:
        with reading() as db:
            return scoring.own_seat(db, self.visit, person)


@pytest.fixture
def make_visit(world: World) -> Callable[..., House]:
    """Gives a visit; its candidates are Ayu, Budi and as many others as are asked for."""

    def make(*, quota: int = 1, reserves: int = 1, others: int = 1, published: bool = True) -> House:
        with writing() as db:
            more = [make_person(db, f"Peserta {number}") for number in range(others)]
            for person in more:
                enrol(db, world.batch, person.id)
            judge = make_person(db, "Rusmin Penilai")
            programme = db.get_one(Programme, world.programme)
            draft = VisitDraft(
                title_id="Kunjungan studi",
                title_en="Study visit",
                place="Singapura",
                starts_on=date(2027, 3, 1),
                ends_on=date(2027, 3, 5),
                quota=quota,
                reserves=reserves,
            )
            visit = setting_up.create_visit(db, programme, draft, by=world.citra, at=BEGUN)
            panel = CriterionDraft(name_id="Wawancara", source="panel", weight=Decimal(100), least=Decimal(20))
            setting_up.add_criterion(db, visit, panel, by=world.citra, at=BEGUN)
            if published:
                setting_up.publish(db, visit, by=world.citra, at=BEGUN)
            ids = (world.ayu, world.budi, *(person.id for person in more))
            setting_up.nominate(db, visit, ids, by=world.citra, at=BEGUN)
            db.flush()
            house = House(world, visit.id, (world.iskandar, judge.id), tuple(person.id for person in more))
            mails = [person.email for person in (db.get_one(Person, world.iskandar), judge)]
            for mail in mails:
                setting_up.add_panelist(db, visit, PanelDraft(login=mail), by=world.citra, at=BEGUN)
        return house

    return make
