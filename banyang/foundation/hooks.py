"""Where a room lets the rooms above it join in.

A lower room never imports an upper one. Where its work or its pages need something that only an
upper room knows, it declares a `Hook`, and the upper room registers a function for it:

    # projects/lists/hooks.py
    project_page: Hook[[Project, User], dict[str, Any]] = Hook()

    # projects/claims/apps.py, in `ready`
    project_page.register(claims_beside_project)

The lower room calls the hook and gets what every registered function returned, in the order in
which the apps are installed.
"""

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Hook(Generic[P, R]):
    """A place at which rooms above add to what a room below does."""

    def __init__(self) -> None:
        self._functions: list[Callable[P, R]] = []

    def register(self, function: Callable[P, R]) -> Callable[P, R]:
        """Call `function` from now on, too; also serves as a decorator. Harmless to repeat."""
        if function not in self._functions:
            self._functions.append(function)
        return function

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        """What each registered function returns for these arguments."""
        return [function(*args, **kwargs) for function in self._functions]


def together(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The page contexts that several functions returned, as one."""
    return {name: value for each in found for name, value in each.items()}
