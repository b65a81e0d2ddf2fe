"""Questions of every kind for property tests: whatever the rules of quiz files allow, in one language or both."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st

from lms.quizzes.rules.questions import (
    Choice,
    Cloze,
    Criterion,
    Essay,
    FileAnswer,
    Gap,
    Level,
    Matching,
    MultipleChoice,
    Named,
    NumberQuestion,
    NumberRange,
    Ordering,
    Pair,
    ShortText,
    SingleChoice,
    TextPattern,
    TrueFalse,
)
from lms.quizzes.rules.wording import Wording
from lms.quizzes.source_structured import FILE_GROUPS

# The characters that some format gives a meaning, and others that people write.
_LETTERS = st.sampled_from(
    list("abcdefghij klmnop AZ 09 ~=#{}:\\/<>&\"'*_[]()|%$-+.,;!?@`^é“”–→\n\t\u00a0")
) | st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"))
texts = st.text(_LETTERS, min_size=1, max_size=30).map(str.strip).filter(bool)
lines = texts.map(lambda text: " ".join(text.split())).filter(bool)
keys = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}", fullmatch=True)
MOODLE_SHARES = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 4))


def wordings(text=texts):
    return st.one_of(
        st.builds(Wording, text, text),
        text.map(Wording.same),
        text.map(lambda one: Wording(one, None)),
        text.map(lambda one: Wording(None, one)),
    )


def _maybe(strategy):
    return st.none() | strategy


def _keyed(strategy, least, most=5):
    """Return lists of what `strategy` makes of a key, each key once."""
    return st.lists(keys, min_size=least, max_size=most, unique=True).flatmap(
        lambda found: st.tuples(*(strategy(key) for key in found))
    )


pictures = _maybe(st.just("loket.svg"))


def _choices_of(weights):
    def of(keys_and_weights):
        return st.tuples(*(
            st.builds(Choice, st.just(key), wordings(), st.just(weight), _maybe(wordings()), pictures)
            for key, weight in keys_and_weights
        ))  # fmt: skip

    return st.lists(keys, min_size=len(weights), max_size=len(weights), unique=True).flatmap(
        lambda found: of(list(zip(found, weights, strict=True)))
    )


single_weights = st.sampled_from([(1, 0), (0, 1, 0), (0, Fraction(1, 2), 1), (Fraction(1, 7), 1), (1, 1, 0)]).map(
    lambda weights: tuple(map(Fraction, weights))
)
multiple_weights = st.sampled_from([
    (Fraction(1, 2), Fraction(1, 2), Fraction(-1)), (Fraction(1, 3),) * 3, (1, -1), (1, Fraction(-1, 3), 0),
    (Fraction(6, 7), Fraction(1, 7), Fraction(-3, 8)),
]).map(lambda weights: tuple(map(Fraction, weights)))  # fmt: skip

decimals = st.decimals(min_value=-10_000, max_value=10_000, places=3)


@st.composite
def ranges(draw, weight=Fraction(1)):
    low, width = draw(decimals), draw(st.decimals(min_value=0, max_value=100, places=2))
    feedback = draw(_maybe(wordings()))
    if draw(st.booleans()):
        return NumberRange(low - width, low + width, low, weight, feedback)
    return NumberRange(low, low + width, None, weight, feedback)


patterns = lines.filter(lambda text: text.replace("*", "").strip())


@st.composite
def several_ranges(draw):
    first = draw(ranges())
    return (first, *draw(st.lists(st.sampled_from(MOODLE_SHARES).flatmap(ranges), max_size=2)))


@st.composite
def several_patterns(draw):
    share = draw(st.sampled_from(MOODLE_SHARES))
    first = TextPattern(draw(patterns), Fraction(1), draw(_maybe(wordings())))
    return (first, *(TextPattern(one, share, draw(_maybe(wordings()))) for one in draw(st.lists(patterns, max_size=2))))


common = {
    "key": keys,
    "text": wordings(),
    "points": st.sampled_from([Fraction(1), Fraction(2), Fraction(5, 2), Fraction(1, 2)]),
    "feedback": _maybe(wordings()),
    "feedback_right": _maybe(wordings()),
    "feedback_wrong": _maybe(wordings()),
    "hints": st.lists(wordings(), max_size=2).map(tuple),
    "topic": st.sampled_from(["", "layanan", "layanan/antrean", "Sopan santun"]),
    "tags": st.lists(lines.map(lambda one: one[:30].strip()).filter(bool), max_size=3, unique=True).map(tuple),
}

singles = single_weights.flatmap(
    lambda weights: st.builds(SingleChoice, choices=_choices_of(weights), keep_order=st.booleans(), **common)
)
multiples = multiple_weights.flatmap(
    lambda weights: st.builds(
        MultipleChoice, choices=_choices_of(weights), keep_order=st.booleans(), partial=st.booleans(), **common
    )
)
true_false = st.builds(TrueFalse, answer=st.booleans(), **common)
numbers = st.builds(
    NumberQuestion, accepted=several_ranges(), **common
) | st.builds(
    NumberQuestion, accepted=several_ranges(), unit=wordings(lines),
    other_units=st.lists(st.tuples(keys, st.sampled_from([Decimal(60), Decimal("0.5"), Decimal("0.0001")])), max_size=2,
                         unique_by=lambda one: one[0]).map(tuple), **common,
)  # fmt: skip
shorts = st.builds(ShortText, accepted=several_patterns(), case=st.booleans(), **common)


@st.composite
def matchings(draw):
    pairs = draw(_keyed(lambda key: st.builds(Pair, st.just(key), wordings(), wordings()), 2))
    taken = {pair.key for pair in pairs}
    rights = {pair.right for pair in pairs}
    extra = draw(_keyed(lambda key: st.builds(Named, st.just(f"{key}x"), wordings()), 0, 2))
    extra = tuple(one for one in extra if one.key not in taken and one.text not in rights)
    return draw(st.builds(Matching, pairs=st.just(pairs), extra=st.just(extra), partial=st.booleans(), **common))


matchings_kept = matchings().filter(lambda one: len(one.options) > 1)
orderings = _keyed(lambda key: st.builds(Named, st.just(key), wordings()), 2).flatmap(
    lambda steps: st.builds(Ordering, steps=st.just(steps), partial=st.booleans(), **common)
)


@st.composite
def clozes(draw, most=3):
    names = draw(st.lists(keys, min_size=1, max_size=most, unique=True))
    gaps, weight = [], st.sampled_from([Fraction(1), Fraction(1, 2)])
    for name in names:
        kind = draw(st.sampled_from(["choices", "patterns", "ranges"]))
        value = {
            "choices": single_weights.flatmap(_choices_of),
            "patterns": several_patterns(),
            "ranges": several_ranges(),
        }
        case = draw(st.booleans()) if kind == "patterns" else False
        gaps.append(Gap(name, draw(weight), **{kind: draw(value[kind])}, case=case))
    plain = texts.map(lambda text: text.replace("{", "(").replace("}", ")"))

    def sentence():
        return (draw(plain) + "".join(f" {{{{{name}}}}} {draw(plain)}" for name in names)).strip()

    text = draw(st.sampled_from(["same", "both", "id"]))
    words = Wording.same(sentence()) if text == "same" else Wording(sentence(), sentence() if text == "both" else None)
    return draw(st.builds(Cloze, gaps=st.just(tuple(gaps)), **(common | {"text": st.just(words)})))


levels = _keyed(
    lambda key: st.builds(Level, st.just(key), wordings(), st.sampled_from([Fraction(0), Fraction(3, 2)])), 1, 2
)
top = st.builds(Level, st.just("top"), wordings(), st.just(Fraction(4)))
rubrics = _keyed(lambda key: st.builds(Criterion, st.just(key), wordings(),
                                       st.tuples(top, levels).map(lambda two: (two[0], *two[1]))), 0, 2)  # fmt: skip
graded = {"rubric": rubrics, "sample": _maybe(wordings())} | common
essays = st.builds(Essay, words_least=_maybe(st.integers(1, 50)), words_most=_maybe(st.integers(51, 500)), **graded)
groups = st.lists(st.sampled_from(sorted(FILE_GROUPS)), unique=True, max_size=3)
files = st.builds(
    FileAnswer, kinds=groups.map(lambda found: tuple(kind.value for one in found for kind in FILE_GROUPS[one])),
    megabytes=st.integers(1, 50), **graded,
)  # fmt: skip

for_gift = st.one_of(singles, multiples, true_false, numbers, shorts, matchings_kept, clozes(1), essays)
any_question = st.one_of(for_gift, orderings, clozes(), files)
