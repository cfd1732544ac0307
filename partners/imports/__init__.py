"""The office's existing partner list, from an uploaded Excel file into the database.

| page | does |
| --- | --- |
| `sheets` | reads a file in a process of its own, so that no file can take the server down |
| `reading` | runs that process, and says in plain words why a file can't be read |
| `columns` | recognises column titles, finds the header row |
| `cells` | makes values of cells: dates, phones, codes, kinds, as people write them |
| `plan` | compares rows with the list: new, changed, unchanged, repeated, wrong |
| `commit` | writes the plan, all or nothing |
| `ways` | tells which steps of a partner's way a row stands for, and on which days |
| `actions` | the steps of an import, from upload to report |
"""
