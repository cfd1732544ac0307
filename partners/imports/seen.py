"""What an import remembers of the rows that it has planned."""

from array import array
from collections.abc import Iterator

from partners.imports.rows import Row
from partners.search import name_key

COMPARED = ("name", "kind", "credit_code", "community", "address", "contact", "phone", "status",
            "signed_on", "agreement_ends_on", "party_branch", "offers", "note", "number", "others")  # fmt: skip

# Here a blank more or less is no contradiction.
SPACED = ("address", "contact", "party_branch", "offers", "note")

BLANK = 0  # in place of the hash of a value


class Seen:
    """The good rows of the file so far, each at its place, in as little memory as can be.

    Of 100,000 rows even the strings would take 50 MB: hashes are all that telling a repetition
    needs.
    """

    def __init__(self) -> None:
        self.lines = array("q")
        self.by_code: dict[int, int] = {}  # by the code's hash
        self.by_number: dict[int, int] = {}
        self.by_partner: dict[int, int] = {}
        self._by_name: dict[int, int] = {}  # by the name's hash: the last of that name
        self._earlier = array("q")  # the place of the one of the same name before; -1 for none
        self._hashes = array("q")  # of the values of every row, as many as are compared

    def remember(self, row: Row) -> None:
        place = len(self.lines)
        self.lines.append(row.line)
        self._hashes.extend(hash_of(row, name) for name in COMPARED)
        name = hash_of(row, "name")
        self._earlier.append(self._by_name.get(name, -1))
        self._by_name[name] = place
        if code := row.values.get("credit_code"):
            self.by_code[hash(code)] = place
        if number := row.values.get("number"):
            self.by_number[number] = place
        if row.partner_id:
            self.by_partner[row.partner_id] = place

    def named(self, name: str) -> Iterator[int]:
        """The rows of that name, the last one first."""
        place = self._by_name.get(hash(name_key(name)), -1)
        while place >= 0:
            yield place
            place = self._earlier[place]

    def contradicts(self, row: Row, place: int, name: str) -> bool:
        """Whether both say something of the field `name`, and not the same."""
        mine, other = hash_of(row, name), self.hash_of(place, name)
        return mine != other and BLANK not in (mine, other)

    def hash_of(self, place: int, name: str) -> int:
        return self._hashes[place * len(COMPARED) + COMPARED.index(name)]


def hash_of(row: Row, name: str) -> int:
    """What stands for the value of the field `name` in `row`; `BLANK` if there is none."""
    value = row.values.get(name)
    if value is None:
        return BLANK
    if name == "others":
        return hash(str(value))
    if name in SPACED:
        return hash("".join(value.split()))
    return hash(name_key(value) if name == "name" else value)
