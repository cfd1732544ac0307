"""What there is to do about market days: host one, come with a stall."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from banyang.accounts.models import User
from banyang.worklist import More, Task, some
from events.models import MarketDay, Stall

AHEAD = timedelta(days=14)


def tasks(user: User, today: date) -> Iterator[Task | More]:
    """For hosts their next market, for partners their next stalls, two weeks ahead."""
    more = More(_("Market days"), reverse("marketday_list"))
    if user.is_secretary:
        hosted = MarketDay.objects.manageable_by(user).upcoming().until(today + AHEAD)
        yield from some(
            hosted.with_host(),
            lambda market_day: Task(
                _("Market to host"),
                _("%(host)s: %(taken)d of %(places)d stalls are taken")
                % {
                    "host": market_day.host,
                    "taken": market_day.places_taken,
                    "places": market_day.places,
                },
                market_day.get_absolute_url(),
                _("See who comes"),
                market_day.held_on,
            ),
            more,
        )
    if user.is_partner:
        stalls = Stall.objects.represented_by(user).taken().coming_up(today, today + AHEAD)
        yield from some(
            stalls,
            lambda stall: Task(
                _("Your stall"),
                f"{stall.market_day.host} · {stall.offer}",
                stall.market_day.get_absolute_url(),
                _("Look at it"),
                stall.market_day.held_on,
            ),
            more,
        )
