"""The demo office's ledger of reminders: what its claims, plans and markets are due."""

from datetime import date

from events.markets import reminders as market_reminders
from events.markets.models import MarketDay, Stall
from projects.claims import reminders as claim_reminders
from projects.claims.models import Claim


def write_reminders(today: date) -> None:
    """Write down what the actions would have written when the things they are about happened."""
    for claim in Claim.objects.unconfirmed().on_page():
        claim_reminders.ask_to_confirm([claim])
    for claim in Claim.objects.confirmed().on_page().with_steps():
        claim_reminders.plan_steps(
            claim, [step for step in claim.steps.all() if step.done_on is None]
        )
    coming = MarketDay.objects.upcoming().until(today + market_reminders.WRITTEN_AHEAD).with_host()
    market_reminders.remind_hosts(list(coming))
    for stall in Stall.objects.taken().coming_up(today + market_reminders.WRITTEN_AHEAD):
        market_reminders.remind_stall(stall)
