"""What becomes of a resident's need, from the board to its answer."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.foundation.actions import Actor, action
from banyang.foundation.errors import Refused
from banyang.foundation.moves import locked, move
from banyang.foundation.once import token_of
from communities.models import Community
from projects.catalogue.models import Group
from projects.needs.hooks import meets_again, parted_from_project
from projects.needs.models import Need

State = Need.State


@action
def ask_need(
    *,
    community: Community,
    text: str,
    location: str = "",
    asker_name: str = "",
    asker_phone: str = "",
    form_token: uuid.UUID,
    by: Actor,
) -> Need:
    """Put down what a resident asks for, to be checked before anybody reads it.

    `by` is a visitor mostly: nobody has to be signed in. The same form sent again with the same
    wish, however often, asks once; with another wish in it, it asks for that as well. A name or
    phone that only a later sending has is kept until somebody has checked the need.
    """
    asked: dict[str, Any] = {"community": community, "text": text, "location": location}
    asker = {"asker_name": asker_name, "asker_phone": asker_phone}
    need, is_new = Need.objects.get_or_create(
        form_token=token_of(form_token, asked), defaults=asked | asker
    )
    return need if is_new else _with_asker(need, asker)


def _with_asker(need: Need, asker: dict[str, str]) -> Need:
    """`need` with what it lacks of `asker`, unless somebody has checked it already."""
    need = locked(Need.objects, need.pk)
    added = {name: said for name, said in asker.items() if said and not getattr(need, name)}
    if need.state == State.NEW and added:
        for name, said in added.items():
            setattr(need, name, said)
        need.save(update_fields=list(added))
    return need


@action
def enter_need(
    *, details: Mapping[str, Any], publish: bool, form_token: uuid.UUID, by: User
) -> Need:
    """Put down a need that came by a visit, by phone or through a building leader.

    `details` are the fields of a `Need` of a community that `by` acts for. With `publish` it
    goes on the board at once: whoever enters it has checked it. The same form sent again with
    the same wish enters it once. Raises `Refused` if anything else in it has changed meanwhile.
    """
    asked = {name: details.get(name, "") for name in ("community", "text", "location")}
    checked = {"state": State.OPEN, "checked_at": timezone.now()} if publish else {}
    need, is_new = Need.objects.get_or_create(
        form_token=token_of(form_token, asked), defaults={**details, **checked}
    )
    differs = any(getattr(need, name) != said for name, said in details.items())
    if not is_new and (differs or publish != (need.state == State.OPEN)):
        raise Refused(
            _(
                "This need is put down already, with receipt number %(receipt)s. What you changed "
                "since is not saved: open the need and change it there, please."
            )
            % {"receipt": need.receipt_in_groups}
        )
    return need


@action
def publish_need(*, need: Need, text: str, location: str, group: Group | None, by: User) -> None:
    """Put a checked need on the board, in words that give nobody away; history keeps the first.

    This also reopens one that was answered, rejected or joined, and takes one back from the
    project that it became, which goes on without it. One that was answered after it had become a
    project is with that project again, unless the project was cancelled. Raises `Refused` if it is
    on the board already.
    """
    if need.state == State.OPEN:
        raise Refused(_("This need is on the board already."))
    with_project = any(meets_again(need))
    if with_project:  # locked now: since the page was shown it may have ended, or run again
        need.refresh_from_db(fields=["project_ended_at"])
    move(
        need,
        State.PROJECT if with_project else State.OPEN,
        text=text,
        location=location,
        group=group,
        checked_at=timezone.now(),
        answer="",
        answered_at=None,
        project_ended_at=need.project_ended_at if with_project else None,
        double_of=None,
    )
    if not with_project:
        parted_from_project(need)


@action
def reopen_need(*, need: Need, by: User) -> None:
    """Put a need back on the board in the words in which it has been there before.

    Raises `Refused` if it is there already, and if nobody has checked its words yet.
    """
    if need.checked_at is None:
        raise Refused(_("This need has to be checked before it goes on the board."))
    publish_need(need=need, text=need.text, location=need.location, group=need.group, by=by)


@action
def edit_need(*, need: Need, text: str, location: str, group: Group | None, by: User) -> None:
    """Change the words in which a need stands, or the group under which it is filed."""
    need.text, need.location, need.group = text, location, group
    need.save(update_fields=["text", "location", "group"])


@action
def reject_need(*, need: Need, reason: str, by: User) -> None:
    """Keep a need off the board, or take it off, and tell whoever asked why.

    Raises `Refused` if it has been answered or has become a project.
    """
    move(need, State.REJECTED, answer=reason, answered_at=timezone.now())


@action
def answer_need(*, need: Need, outcome: str, answer: str, by: User) -> None:
    """Say what became of a need: `outcome` is solved, partly solved or not solved for now.

    Raises `Refused` unless it is on the board, unanswered or with a project.
    """
    if outcome not in Need.OUTCOMES:
        raise ValueError(f"{outcome} is no outcome")
    move(need, outcome, answer=answer, answered_at=timezone.now())


@action
def edit_answer(*, need: Need, answer: str, outcome: str | None = None, by: User) -> None:
    """Correct the answer of a need; with `outcome`, also what it says became of the need.

    History keeps the first. Raises `Refused` if it has been reopened meanwhile, or taken off the
    board so that there is no outcome to correct.
    """
    if outcome not in (None, *Need.OUTCOMES):
        raise ValueError(f"{outcome} is no outcome")
    need = locked(Need.objects, need.pk)
    if need.state not in (Need.OUTCOMES if outcome else Need.ANSWERED):
        raise Refused(_("This need has no answer now that could be corrected."))
    need.answer = answer
    need.state = outcome or need.state  # a slip put right: the need itself has not moved
    need.save(update_fields=["answer", "state"])


@action
def join_need(*, need: Need, other: Need, by: User) -> None:
    """Join `need` with `other`, which asks for the same; its answer answers both.

    What was joined with `need` is joined with `other` as well. Raises `Refused` if `other` is
    not on the same community's board or `need` has been dealt with.
    """
    if other.pk == need.pk:
        raise Refused(_("A need can't be joined with itself."))
    # Both, and always in the same order: somebody may join them the other way round.
    both = {pk: locked(Need.objects, pk) for pk in sorted([need.pk, other.pk])}
    other = both[other.pk]
    if other.community_id != need.community_id or not other.is_on_board:
        raise Refused(_("A need is joined with one on the same community's board."))
    move(need, State.DOUBLE, double_of=other)
    need.doubles.update(double_of=other)


@action
def take_up_need(*, need: Need, has_ended: bool, by: User) -> None:
    """Note that `need` has become a project, which the caller keeps, and whether that has ended.

    Raises `Refused` if it has been answered, or nobody has checked it yet.
    """
    if need.is_answered:
        raise Refused(_("This need has been answered. Reopen it first."))
    move(need, State.PROJECT, project_ended_at=timezone.now() if has_ended else None)


@action
def note_project_ended(*, needs: QuerySet[Need], has_ended: bool, by: User) -> None:
    """Note whether the project that `needs` became has ended: what became of them is said then."""
    needs.update(project_ended_at=timezone.now() if has_ended else None)
