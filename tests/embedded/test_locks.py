"""Who holds a file lock, and who only asks."""

from pathlib import Path

from banyang.embedded.locks import is_held, share, take


def test_lock_is_held_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    held = take(path)
    assert held
    assert is_held(path)
    held.close()
    assert not is_held(path)


def test_those_who_ask_at_once_do_not_take_each_other_for_holders(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    asking = share(path)  # all that whoever asks does, for longer
    assert not is_held(path)
    asking.close()


def test_lock_in_a_removed_folder_is_not_held(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "removed" / "lock")
