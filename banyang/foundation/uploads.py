"""Keeps uploads within bounds while they arrive, before a page sees them."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

MAX_UPLOAD_BYTES = 20 * 1024 * 1024  # of all files of a request together


class BoundedUploadHandler(FileUploadHandler):
    """Drops a file that takes its request beyond the limit: what follows is read and thrown away.

    So the person gets an answer on the page instead of a broken connection, and 200 MB take
    neither memory nor disk. `was_too_big` tells the page why the file is missing.
    """

    received = 0  # bytes of this request: each has a handler of its own

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > MAX_UPLOAD_BYTES:
            if self.request is not None:
                self.request.META["UPLOAD_TOO_BIG"] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        return None


def was_too_big(request: HttpRequest) -> bool:
    """Whether an uploaded file was dropped for its size."""
    return bool(request.META.get("UPLOAD_TOO_BIG"))
