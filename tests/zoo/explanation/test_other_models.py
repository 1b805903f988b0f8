"""Numbers of other models are found by value, counted without being looked at, and kept in their
order."""

from decimal import Decimal

from zoo.explanation.other_models import NO_MODELS, OtherModels

SOME = OtherModels.of(
    [("of b", Decimal(20)), ("of a", Decimal(10)), ("of c", Decimal(20)), ("of b", Decimal(20))]
)


def test_each_pair_once_in_the_order_of_the_first() -> None:
    assert len(SOME) == 3
    assert SOME.between(Decimal(0), Decimal(99)) == [
        ("of b", Decimal(20)),
        ("of a", Decimal(10)),
        ("of c", Decimal(20)),
    ]


def test_ends_are_included() -> None:
    assert SOME.between(Decimal(10), Decimal(10)) == [("of a", Decimal(10))]
    assert (SOME.count(Decimal(10), Decimal(20)), SOME.count(Decimal(11), Decimal(19))) == (3, 0)


def test_names_may_be_left_out() -> None:
    rest = SOME.without("of b", "of nobody")
    assert (len(rest), rest.count(Decimal(20), Decimal(20))) == (2, 1)
    assert rest.between(Decimal(20), Decimal(20)) == [("of c", Decimal(20))]
    assert len(SOME) == 3 and len(NO_MODELS) == 0
