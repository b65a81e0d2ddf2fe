"""Places in the built-in room's call: six a session, and never two calls between the same two."""

from concurrent.futures import ThreadPoolExecutor

from lms.sessions.calls import MOST_PLACES, Calls


def test_who_comes_later_is_told_who_was_there() -> None:
    calls = Calls()
    first = calls.take(7, "a", 1, "Ayu")
    second = calls.take(7, "b", 2, "Budi")
    assert first is not None and second is not None
    assert (first[1], second[1]) == ([], [first[0]])
    assert calls.find(7, first[0].id) == first[0]


def test_another_session_is_another_call() -> None:
    calls = Calls()
    found = calls.take(7, "a", 1, "Ayu")
    assert found is not None
    assert calls.take(8, "b", 2, "Budi") is not None
    assert calls.find(8, found[0].id) is None


def test_a_class_that_comes_at_once_leaves_six_in_the_call() -> None:
    calls = Calls()
    with ThreadPoolExecutor(16) as many:
        taken = [t for t in many.map(lambda n: calls.take(7, f"c{n}", n, "Somebody"), range(40)) if t]
    assert len(taken) == MOST_PLACES
    # Each pair is called by exactly one of the two.
    pairs = [frozenset((place.id, other.id)) for place, others in taken for other in others]
    assert len(pairs) == len(set(pairs)) == MOST_PLACES * (MOST_PLACES - 1) // 2


def test_a_place_given_back_is_free_and_asking_twice_takes_one() -> None:
    calls = Calls()
    for number in range(MOST_PLACES):
        calls.take(7, f"c{number}", number, "Somebody")
    assert calls.take(7, "late", 9, "Late") is None
    assert calls.take(7, "c0", 0, "Somebody") is not None
    assert calls.give_back("c3") is not None
    assert calls.give_back("c3") is None
    assert calls.take(7, "late", 9, "Late") is not None
