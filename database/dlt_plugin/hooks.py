"""dlt's plug-in: every dlt command uses the project's folders and database, from any folder.

dlt loads it as an entry point of the group `dlt`, so it also applies in the inspection page's own
process.
"""

import os
from typing import Any

from dlt.common.configuration import plugins
from dlt.common.configuration.providers import ConfigProvider
from dlt.common.configuration.specs.pluggable_run_context import RunContextBase
from dlt.common.runtime.run_context import RunContext

from database import address
from database.home import PROJECT_ROOT, consent_home

DESTINATION = ("destination", "postgres")


class EmbeddedDatabase(ConfigProvider):
    """The last provider: it gives the embedded server's URL where nothing else is configured."""

    def __init__(self) -> None:
        self._asked: list[tuple[str, str]] | None = None
        self._is_configured = False

    def get_value(
        self, key: str, hint: type[Any], pipeline_name: str | None, *sections: str
    ) -> tuple[str | None, str]:
        """Return the URL for `destination.postgres.credentials`; starts the server."""
        name = ".".join((*sections, key))
        if key != "credentials" or sections != DESTINATION or address.is_asking():
            return None, name
        return (None if self._finds_another() else address.embedded().url), name

    def _finds_another(self) -> bool:
        """Whether a database is configured; dlt asks a dozen times a load, the environment once."""
        asked = sorted(item for item in os.environ.items() if "DESTINATION__" in item[0])
        if asked != self._asked:
            self._asked, self._is_configured = asked, address.configured() is not None
        return self._is_configured

    @property
    def name(self) -> str:
        """Name in dlt's messages."""
        return "embedded Postgres"

    @property
    def supports_secrets(self) -> bool:
        """The URL holds a password."""
        return True

    @property
    def supports_sections(self) -> bool:
        """Only requests with sections reach us."""
        return True


class ProjectContext(RunContext):
    """dlt's context with the settings of this project and its data under CONSENT_HOME."""

    def __init__(self) -> None:
        super().__init__(str(PROJECT_ROOT))

    @property
    def global_dir(self) -> str:
        """Not ~/.dlt or /var/dlt, which two copies of the project would share."""
        return str(consent_home() / "dlt")

    @property
    def local_dir(self) -> str:
        """Where destinations put local files; none of them belong in the project."""
        return self.data_dir

    @property
    def module(self) -> None:
        """None, since dlt would import any module with the name of the project's folder."""
        return None

    def initial_providers(self) -> list[ConfigProvider]:
        """Return dlt's own providers, then ours."""
        return [*super().initial_providers(), EmbeddedDatabase()]


@plugins.hookimpl(specname="plug_run_context", tryfirst=True)
def plug_run_context(
    run_dir: str | None, runtime_kwargs: dict[str, Any] | None
) -> RunContextBase | None:
    """Return our context, unless the caller names another folder."""
    if run_dir is not None and run_dir != str(PROJECT_ROOT):
        return None
    return ProjectContext()


@plugins.hookimpl(specname="plug_cli", tryfirst=True)
def plug_cli(host: str) -> type[plugins.SupportsCliCommand] | None:
    """Return `dlt pipeline` with a `show` that needs no package under a closed licence."""
    if host != "dlt":
        return None
    from database.dlt_plugin.show_command import PipelineCommand

    return PipelineCommand
