"""The Compose file holds together, checked without a container engine."""

import re
from typing import Any

import pytest
import yaml

from database.address import Address, configured
from database.embedded import cluster
from tests.conftest import ROOT


def plain(value: Any) -> Any:
    """Compose's `${NAME:-default}` replaced by its default, everywhere."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) if isinstance(value, str) else value


@pytest.fixture
def compose() -> dict[str, Any]:
    loaded = plain(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))
    assert isinstance(loaded, dict)
    return loaded


def test_both_containers_share_one_address(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, python = compose["services"]["postgres"], compose["services"]["analytics-env"]
    for name, value in python["environment"].items():
        monkeypatch.setenv(name, value)
    found = configured()
    assert isinstance(found, Address)
    assert (found.host, found.port) == ("postgres", 5432)
    given = server["environment"]
    assert (found.user, found.password, found.database) == (
        given["POSTGRES_USER"],
        given["POSTGRES_PASSWORD"],
        given["POSTGRES_DB"],
    )
    assert (found.user, found.database) == (cluster.USER, cluster.DATABASE)


def test_python_waits_for_a_healthy_server(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["analytics-env"]["container_name"] == "analytics-env"
    waits = services["analytics-env"]["depends_on"]
    assert waits == {"postgres": {"condition": "service_healthy"}}
    assert services["postgres"]["healthcheck"]["test"][0] == "CMD-SHELL"


def test_every_volume_and_file_exists(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / source).exists()
    assert (ROOT / compose["services"]["analytics-env"]["build"] / "Dockerfile").is_file()


def test_server_is_reachable_from_this_machine_only(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
