"""A form whose words everybody will read, sent with what it should ask about."""

import re
from typing import Any

from django.test import Client

WIDE = "１３９１２３４５６７８"
NUMBER = "电话号码13912345678"
OTHER = "13800001111"


def is_held_back(client: Client, url: str, data: dict[str, Any], field: str, words: str) -> None:
    """Sent without the tick it is refused at `field` and the tick names `words`; with it, taken.

    The tick lets only the words through that it names.
    """
    refused = client.post(url, data)
    assert refused.status_code == 200
    form = refused.context["form"]
    assert form.errors.keys() == {field}
    assert words in form.errors[field][0]
    assert data[field] in refused.text
    assert f"保留{words}，" in refused.text
    tick = ticked(refused.text)
    more = client.post(url, data | tick | {field: f"{data[field]}，{OTHER}"})
    assert OTHER in more.context["form"].errors[field][0]
    assert client.post(url, data | tick).status_code == 302


def ticked(page: str) -> dict[str, str]:
    """What a form sends whose tick, which the page shows open, has been set."""
    [tick] = re.findall(r'<input[^>]*name="keeps_private"[^>]*>', page)
    assert "checked" not in tick
    [words] = re.findall('value="(.+?)"', tick)
    return {"keeps_private": words}
