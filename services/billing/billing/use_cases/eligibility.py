"""Asking a payer whether a coverage is in force: recorded first, then asked, then recorded.

A question keeps its number and its file, so that one which is sent again after a crash is the same
one. What is asked and not answered is asked again by the timer, for a day at most.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from billing.claim_ports import Policy
from billing.domain import eligibility as domain
from billing.domain.payer_rules import limits_on
from billing.eligibility_ports import Asking, Inquired, Question
from billing.ports import Books, Desk
from billing.use_cases.answers import take_file
from clinic_contracts.billing import eligibility as e
from clinic_contracts.errors import ClaimUnfit, NotFound, NotSupported, ServiceUnavailable
from clinic_contracts.money import Money

AGAIN_AFTER = timedelta(seconds=10)
"""Longer than a question under way can take, so that the timer does not ask beside it."""
AGAIN_AFTER_THAT = timedelta(minutes=1)
AT_ONCE = 10
NOTHING = Money(amount_minor=0)


@dataclass(frozen=True, slots=True)
class _Made:
    check: e.EligibilityView
    question: Question | None


def ask(request: e.AskEligibility, desk: Desk, payers: Asking) -> e.EligibilityView:
    """Ask the payer of a coverage, once by the operation; returns what is known after it.

    Raises NotFound, Invalid, NotSupported for a payer that cannot be asked in this way.
    """
    policy = _policy(request, desk)
    if not desk.context.sees(request.location_id):
        raise NotFound(f"there is no location {request.location_id}")
    if not payers.asks(policy.coverage):
        raise NotSupported(f"{policy.coverage.carrier} answers no question of eligibility here")
    made: _Made = desk.transact(_recording(request, policy, desk))
    if made.question is None:
        return made.check
    send(made.question, desk, payers)
    return get(made.check.id, desk)


def _policy(request: e.AskEligibility | e.ListEligibility, desk: Desk) -> Policy:
    """Return the coverage of a client the caller sees; raises NotFound."""
    policy = desk.claims.policy(request.coverage_id)
    if policy is None or policy.coverage.client_id != request.client_id:
        raise NotFound(f"there is no {request.coverage_id} of {request.client_id}")
    if not desk.context.sees_client_of(policy.client.location_ids):
        raise NotFound(f"there is no {request.coverage_id} of {request.client_id}")
    return policy


def _recording(request: e.AskEligibility, policy: Policy, desk: Desk) -> Callable[[Books], _Made]:
    id_ = desk.derived_id("elig", desk.context.operation_id)

    def work(books: Books) -> _Made:
        known = books.check(id_)
        if known is not None:
            return _Made(known, None)
        location = books.location(request.location_id)
        if location is None:
            raise NotFound(f"there is no location {request.location_id}")
        day = request.date_ or desk.now.astimezone(ZoneInfo(location.timezone)).date()
        control = books.next_control()
        inquired = Inquired(
            policy=policy,
            location=location,
            day=day,
            at=desk.now,
            trace=domain.trace_of(id_),
            control=control,
            service=request.service,
            birth_date=request.birth_date,
        )
        payer_id, file = desk.inquire(inquired)
        check = e.EligibilityView(
            id=id_,
            version=1,
            state="asked",
            client_id=request.client_id,
            coverage_id=request.coverage_id,
            location_id=request.location_id,
            payer_id=payer_id,
            trace=inquired.trace,
            date_=day,
            service=request.service,
            asked_at=desk.now,
            currency=(policy.coverage.annual_maximum or NOTHING).currency,
            counted=_counted(policy, day, books, desk),
        )
        books.add_check(check, file, control=control, due=desk.now + AGAIN_AFTER)
        return _Made(check, Question(id=id_, payer_id=payer_id, file=file))

    return work


def _counted(policy: Policy, day: date, books: Books, desk: Desk) -> tuple[e.CountedHere, ...]:
    coverage = policy.coverage
    currency = (coverage.annual_maximum or NOTHING).currency
    limits = tuple(limits_on(desk.rules.payers, coverage, day))
    used = books.used({period.key for _, period in limits})
    return tuple(
        domain.counted(coverage, rule, period, used.get(period.key), currency)
        for rule, period in limits
    )


def send(question: Question, desk: Desk, payers: Asking) -> bool:
    """Ask, and take in what is answered at once; say whether the payer is there."""
    try:
        answers = payers.ask(question)
    except ServiceUnavailable:
        return False
    except ClaimUnfit as refusal:
        why = str(refusal)
        _change(question.id, desk, lambda check: domain.not_taken(check, why, desk.now))
        return True
    for each in answers:
        take_file(each.raw, each.content_type, desk)
    desk.transact(lambda books: _wait(question.id, books))
    return True


def _wait(check_id: str, books: Books) -> None:
    """Have a question that arrived wait for the mail until its time is over."""
    check = books.check(check_id)
    if check is not None and check.state == "asked":
        books.save_check(check, check.asked_at + domain.UNANSWERED_AFTER)


def _change(
    check_id: str, desk: Desk, change: Callable[[e.EligibilityView], e.EligibilityView]
) -> None:
    def work(books: Books) -> None:
        check = books.check(check_id)
        if check is not None and check.state == "asked":
            books.save_check(change(check))

    desk.transact(work)


def ask_again(desk: Desk, payers: Asking) -> int:
    """Ask what nobody is known to have heard; what was silent too long ends. Returns how many.

    Where payers are away the rest is left for the next time, so that none waits for all of them.
    """
    for done in range(AT_ONCE):
        question = desk.eligibility.take_due(desk.now, desk.now + AGAIN_AFTER_THAT)
        if question is None:
            return done
        check = desk.eligibility.one(question.id)
        if check is not None and desk.now - check.asked_at >= domain.UNANSWERED_AFTER:
            _change(question.id, desk, domain.unanswered)
        elif not send(question, desk, payers):
            return done
    return AT_ONCE


def get(id_: str, desk: Desk) -> e.EligibilityView:
    """Return a check; raises NotFound."""
    found = desk.eligibility.one(id_)
    if found is None or not desk.context.sees(found.location_id):
        raise NotFound(f"there is no {id_}")
    return found


def page(request: e.ListEligibility, desk: Desk) -> e.EligibilityPage:
    """Return a page of a coverage's checks, the latest first; raises NotFound, Invalid."""
    _policy(request, desk)
    items, following = desk.eligibility.page(request, desk.context.location_scope)
    return e.EligibilityPage(items=tuple(items), next=following)
