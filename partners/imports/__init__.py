"""The office's existing partner list, from an uploaded Excel file into the partner register.

| module | does |
| --- | --- |
| `sheets` | reads a file in a process of its own, so that no file can take the server down |
| `reading` | runs that process, and says in plain words why a file can't be read |
| `columns` | recognises column titles, finds the header row |
| `cells`, `people` | make values of cells: dates, codes, kinds, names with their phone numbers |
| `rows` | makes rows of cells, and tells partners from totals and remarks |
| `compare` | compares rows with the register: new, changed, unchanged, repeated, wrong |
| `commit` | writes the preview into the register, all or nothing |
| `actions` | the steps of an import, from upload to report |
"""
