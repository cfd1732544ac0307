"""What the worker is asked to do about reminders. Nothing crosses the queue: see `sending.py`."""

from celery import shared_task

from banyang.reminders import sending

# A task that has waited longer than this is superseded by the next scan.
EXPIRES = 60  # seconds


@shared_task
def send_due() -> None:
    """Ask for as many batches as are due; the workers share them."""
    for _ in range(sending.batches_due()):
        send_batch.apply_async(expires=EXPIRES)


@shared_task
def send_batch() -> None:
    """Send one batch, or nothing if another worker was faster."""
    sending.send_batch()
