"""What an action raises when the answer is no."""


class Refused(Exception):
    """The action can't be done, and nothing was changed.

    The message is a translated sentence for the person who asked: what is the matter and what
    to do next. A form's view adds it to the form; elsewhere `RefusalMiddleware` shows it on the
    page that the person came from.
    """
