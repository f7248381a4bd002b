"""What the project changes in dlt's own commands: folders, database, and `dlt pipeline NAME show`.

`hooks` is the entry point that dlt loads; the other two modules are the `show` command.
"""
