"""Usernames made from names."""

import re

from pypinyin import lazy_pinyin

from banyang.accounts.models import User


def suggest(name: str) -> str:
    """A free username for `name`: its pinyin, with a number behind it when that is taken."""
    stem = re.sub(r"[^a-z0-9]", "", "".join(lazy_pinyin(name)).lower())[:40]
    if not stem or stem.isdigit():
        stem = f"user{stem}"
    taken = set(User.objects.filter(username__startswith=stem).values_list("username", flat=True))
    number = 2
    username = stem
    while username in taken:
        username = f"{stem}{number}"
        number += 1
    return username
