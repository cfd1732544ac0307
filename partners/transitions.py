"""The transitions of a partner's status as pages offer them: what each asks, warns of, does and says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners import actions
from partners.forms import EndingForm, RenewForm, SignForm, TransitionForm, proposed_end
from partners.models import NumberBook, Partner

Words = str | Promise


@dataclass(frozen=True)
class Transition:
    """One transition; its page is `partner_` and the verb.

    `heading` and `done` are sentences about `%(partner)s` and its `%(number)s`.
    """

    verb: str
    button: Words
    form: type[forms.Form]
    action: Callable[..., Partner]
    heading: Words
    effects: Callable[[Partner], list[Words]]
    done: Words
    danger: bool = False
    initial: Callable[[Partner], dict[str, Any]] = lambda partner: {}

    @property
    def url_name(self) -> str:
        return f"partner_{self.verb}"


def _vet_effects(partner: Partner) -> list[Words]:
    return [_("The application counts as vetted; the co-building agreement can be signed next.")]


def _sign_effects(partner: Partner) -> list[Words]:
    if partner.number:
        number = _("It keeps its number %(number)s.") % {"number": partner.number}
    else:
        book = NumberBook.objects.first()
        number = _("It gets the next number, as of now %(number)s, and keeps it for good.") % {
            "number": book.last + 1 if book else 1
        }
    return [number, _("It can claim projects, take stalls and exchange resources.")]


def _renew_effects(partner: Partner) -> list[Words]:
    return [_("The agreement runs on until the new day; the number stays.")]


def _suspend_effects(partner: Partner) -> list[Words]:
    return [
        _("It takes no new projects and stalls until it resumes."),
        _("What it has already taken stays its own: settle that with the communities."),
        _("It keeps its number %(number)s.") % {"number": partner.number},
    ]


def _resume_effects(partner: Partner) -> list[Words]:
    return [_("It can claim projects, take stalls and exchange resources again.")]


def _withdraw_effects(partner: Partner) -> list[Words]:
    return [
        _("It takes no new projects and stalls."),
        _("What it has already taken stays its own: settle that with the communities."),
        _("Its number %(number)s is given to nobody else; signing again, it gets it back.")
        % {"number": partner.number},
    ]


def _turn_down_effects(partner: Partner) -> list[Words]:
    return [_("The application is closed. It can be taken up again later.")]


TRANSITIONS = {
    transition.verb: transition
    for transition in (
        Transition(
            verb="vet",
            button=_("Vet"),
            form=TransitionForm,
            action=actions.vet_partner,
            heading=_("Is the application of “%(partner)s” in order?"),
            effects=_vet_effects,
            done=_("“%(partner)s” is vetted. Next: sign the agreement."),
        ),
        Transition(
            verb="sign",
            button=_("Sign"),
            form=SignForm,
            action=actions.sign_partner,
            heading=_("Has “%(partner)s” signed the agreement?"),
            effects=_sign_effects,
            done=_(
                "“%(partner)s” is signed as partner no. %(number)s. Next: name who acts for it."
            ),
        ),
        Transition(
            verb="renew",
            button=_("Renew"),
            form=RenewForm,
            action=actions.renew_partner,
            heading=_("Renew the agreement of “%(partner)s”?"),
            effects=_renew_effects,
            done=_("The agreement of “%(partner)s” is renewed."),
            initial=lambda partner: {"agreement_ends_on": proposed_end(partner.agreement_ends_on)},
        ),
        Transition(
            verb="suspend",
            button=_("Suspend"),
            form=EndingForm,
            action=actions.suspend_partner,
            heading=_("Suspend “%(partner)s”?"),
            effects=_suspend_effects,
            done=_("“%(partner)s” is suspended."),
            danger=True,
        ),
        Transition(
            verb="resume",
            button=_("Resume"),
            form=TransitionForm,
            action=actions.resume_partner,
            heading=_("Let “%(partner)s” take part again?"),
            effects=_resume_effects,
            done=_("“%(partner)s” takes part again."),
        ),
        Transition(
            verb="withdraw",
            button=_("Withdraw"),
            form=EndingForm,
            action=actions.withdraw_partner,
            heading=_("Does “%(partner)s” withdraw?"),
            effects=_withdraw_effects,
            done=_("“%(partner)s” has withdrawn."),
            danger=True,
        ),
        Transition(
            verb="turn_down",
            button=_("Turn down"),
            form=EndingForm,
            action=actions.turn_down_partner,
            heading=_("Turn down the application of “%(partner)s”?"),
            effects=_turn_down_effects,
            done=_("The application of “%(partner)s” is closed: turned down."),
            danger=True,
        ),
    )
}

# Which transitions lead on from where.
_OPEN = {
    Partner.Status.APPLIED: ("vet", "turn_down"),
    Partner.Status.VETTED: ("sign", "turn_down"),
    Partner.Status.SIGNED: ("renew", "suspend", "withdraw"),
    Partner.Status.SUSPENDED: ("resume", "withdraw"),
}


def transitions_open_to(partner: Partner) -> list[Transition]:
    """The transitions that are open to `partner`, the usual one first."""
    if partner.status == Partner.Status.WITHDRAWN:
        return [TRANSITIONS["sign" if partner.number else "vet"]]
    return [TRANSITIONS[verb] for verb in _OPEN[Partner.Status(partner.status)]]


def say(sentence: Words, partner: Partner) -> str:
    """`sentence` about `partner`."""
    return str(sentence) % {"partner": partner, "number": partner.number}
