"""A form whose words everybody will read, sent with what it should ask about."""

from typing import Any

from django.test import Client

WIDE = "１３９１２３４５６７８"
NUMBER = "电话号码13912345678"


def is_held_back(client: Client, url: str, data: dict[str, Any], field: str, words: str) -> None:
    """Sent without the tick it is refused at `field` and the tick names `words`; with it, taken."""
    refused = client.post(url, data)
    assert refused.status_code == 200
    form = refused.context["form"]
    assert form.errors.keys() == {field}
    assert words in form.errors[field][0]
    assert data[field] in refused.text
    assert f"保留{words}，" in refused.text
    assert 'name="keeps_private"' in refused.text
    assert client.post(url, data | {"keeps_private": "on"}).status_code == 302
