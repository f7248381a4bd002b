"""The page on which dbt's documentation opens: its links, and its picture."""

import base64
import re

from tests.conftest import ROOT

MODELS = ROOT / "dbt_project" / "models"
TEXT = (MODELS / "overview.md").read_text(encoding="utf-8")


def test_its_links_lead_to_models() -> None:
    linked = set(re.findall(r"\(#!/model/model\.consent\.(\w+)\)", TEXT))
    assert "company_overview" in linked
    assert linked - {file.stem for file in (MODELS / "marts").rglob("*.sql")} == set()


def test_its_picture_is_the_one_in_docs() -> None:
    [picture] = re.findall(r"data:image/svg\+xml;base64,([^)]+)\)", TEXT)
    assert base64.b64decode(picture) == (ROOT / "docs" / "flow.svg").read_bytes()
