"""What single cells say, however people write it."""

import pytest
from django.core.exceptions import ValidationError

from partners.imports import cells


@pytest.mark.parametrize(
    "cell",
    [
        "138 1567 8888",
        "138-1567-8888",
        "+86 138 1567 8888",
        "＋86 138-1567-8888",
        "0086 138 1567 8888",
        "138 1567 8888 139 1567 8888",
        "13815678888 13915678888",
        "138-1567-8888 139-1567-8888",
        "138 1567 8888/139 1567 8888",
        "138 1567 8888、139 1567 8888",
        "138 1567 8888\n139 1567 8888",
        "13815678888\r\n0533-5181234",
        "13815678888 0533 5181234",
        "+86 138 1567 8888 +86 139 1567 8888",
    ],
)
def test_first_number_of_a_cell_is_taken(cell: str) -> None:
    assert cells.phone(cell) == "13815678888"


@pytest.mark.parametrize("cell", ["0533 5181234 13815678888", "0533-5181234\n0533-5185678"])
def test_first_number_of_a_cell_may_be_a_landline(cell: str) -> None:
    assert cells.phone(cell) == "05335181234"


@pytest.mark.parametrize("cell", ["13815678888 139123", "138 1567", "13815678888/139"])
def test_number_of_a_cell_that_is_cut_off_is_an_error(cell: str) -> None:
    with pytest.raises(ValidationError):
        cells.phone(cell)
