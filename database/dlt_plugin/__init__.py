"""What the project changes in dlt's own commands: folders, database, and `dlt pipeline NAME show`.

`hooks` is the entry point that dlt loads; the other two modules are the `show` command. They
override or reach into these parts of dlt, which tests/database/test_dlt_plugin.py checks:

- `plug_run_context` and `RunContext`: `global_dir`, `local_dir`, `module`, `initial_providers`
- `ConfigProvider.get_value`, asked for `destination.postgres.credentials`
- `plug_cli` and the command `PipelineCommand`: `configure_parser`, `execute`
- `run_dashboard_command`, and the name `mo` in the page's own module `home`
"""
