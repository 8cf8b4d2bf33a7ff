from itertools import islice, pairwise

from tests.faults import plan


def test_a_seed_repeats_its_faults_and_another_has_others() -> None:
    assert plan.faults(7, 60) == plan.faults(7, 60)
    assert plan.faults(7, 60) != plan.faults(8, 60)


def test_everybody_is_killed_in_each_round_and_never_too_close() -> None:
    faults = plan.faults(7, 300)
    for start in range(0, len(faults) - len(plan.VICTIMS), len(plan.VICTIMS)):
        a_round = faults[start : start + len(plan.VICTIMS)]
        assert {fault.victim for fault in a_round} == set(plan.VICTIMS)
    times = [0.0, *(fault.at for fault in faults)]
    gaps = [after - before for before, after in pairwise(times)]
    assert min(gaps) >= plan.SHORTEST_GAP - 0.01
    assert max(gaps) <= plan.LONGEST_GAP + 0.01
    assert times[-1] < 300


def test_a_seed_repeats_what_each_client_wants() -> None:
    first, again, other = (
        list(islice(plan.intents(7, client, 36, 880), 200)) for client in (0, 0, 1)
    )
    assert first == again
    assert first != other
    assert {intent.action for intent in first} == set(plan.ACTIONS)


def test_clients_want_the_same_times_now_and_then() -> None:
    wanted = [
        {(n, i.slot) for n, i in enumerate(islice(plan.intents(7, client, 36, 880), 500))}
        for client in (0, 1)
    ]
    assert len(wanted[0] & wanted[1]) > 1
