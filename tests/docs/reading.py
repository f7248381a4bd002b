"""The documents -> what they name: code, commands, SQL, tables, paths, variables."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tests.conftest import ROOT

DOCUMENTS = ("README.md", "SOLUTION.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
SCHEMAS = ("consent_raw", "staging", "intermediate", "marts")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")
_TABLE = re.compile(rf"\b({'|'.join(SCHEMAS)})\.(\w+)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HERE = re.compile(r" <<'END'\n.*?^END$", re.MULTILINE | re.DOTALL)
_ASSIGNED = re.compile(r"^[A-Z][A-Z_]*=")
_SUFFIXES = (".py", ".md", ".yml", ".toml", ".txt", ".sql", ".html", ".json", ".png", ".csv")
_PROGRAMS = ("make", "python", "dbt", "dlt", "cd", "export", ".ci/run")


@dataclass(frozen=True)
class Document:
    """A document and the pieces of it that a test can look up."""

    name: str
    text: str

    @property
    def blocks(self) -> list[tuple[str, str]]:
        """Fenced blocks: language ('' where none is named) and content."""
        return [(m[1], m[2]) for m in _FENCE.finditer(self.text)]

    @property
    def spans(self) -> list[str]:
        """Code within sentences, each on one line."""
        return [" ".join(m[1].split()) for m in _SPAN.finditer(_FENCE.sub("", self.text))]

    @property
    def code(self) -> str:
        """All of it but what a command writes into a file."""
        return "\n".join([*self.spans, *(_HERE.sub("", block) for _, block in self.blocks)])

    @property
    def commands(self) -> list[list[str]]:
        """Shell commands as words, from spans and from blocks of shell; not what they write."""
        shell = [_HERE.sub("", block) for language, block in self.blocks if language in ("", "sh")]
        lines = [line for block in shell for line in block.splitlines()]
        return [words for line in [*self.spans, *lines] for words in _commands(line)]

    @property
    def queries(self) -> list[str]:
        """The statements of the SQL blocks."""
        blocks = [block for language, block in self.blocks if language == "sql"]
        return [part.strip() for block in blocks for part in block.split(";") if part.strip()]

    @property
    def tables(self) -> list[tuple[str, str]]:
        """Relations named with their schema."""
        return [(m[1], m[2]) for m in _TABLE.finditer(_HERE.sub("", self.text))]

    @property
    def names(self) -> list[str]:
        """Words of code with an underscore: columns, models, packages, values."""
        return [span for span in self.spans if re.fullmatch(r"_?[a-z]+(_+[a-z0-9]+)+", span)]

    @property
    def capitals(self) -> list[str]:
        """Words of code in capitals: columns of the input, environment variables."""
        return re.findall(r"\b[A-Z]{2,}(?:_+[A-Z]+)*\b", self.code)

    @property
    def options(self) -> list[str]:
        """Options in code, those in a comment beside a command too."""
        return re.findall(r"(?<!\S)--[a-z][\w-]*", self.code)

    @property
    def paths(self) -> list[str]:
        """Files and folders, in code and in links, relative to the project."""
        links = [link.partition("#")[0] for link in _LINK.findall(self.text) if "://" not in link]
        return [name for name in [*self.spans, *links] if name and _is_path(name)]

    @property
    def packages(self) -> list[str]:
        """Python packages in the first column of the table of dependencies."""
        table = self.text.partition("| package |")[2].partition("\n\n")[0]
        cells = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
        return [name for cell in cells for name in re.findall(r"`([\w-]+)", cell)]

    def table(self, head: str) -> list[list[str]]:
        """The rows of the first table whose head begins so, as cells without their blanks."""
        _, found, rest = self.text.partition(f"\n| {head}")
        assert found, f"{self.name} has no table {head}"
        rows = rest.split("\n\n")[0].split("\n<!--")[0].splitlines()[2:]
        return [[cell.strip() for cell in row[1:-1].split("|")] for row in rows]

    @property
    def anchors(self) -> list[tuple[str, str]]:
        """Headings that a link leads to: the document ('' is this one) and the anchor."""
        links = [link.split("#") for link in _LINK.findall(self.text) if "://" not in link]
        return [(link[0], link[1]) for link in links if len(link) == 2]


def document(name: str) -> Document:
    """One of the documents as it stands in the project."""
    return Document(name, (ROOT / name).read_text(encoding="utf-8"))


def gone(read: Document) -> set[str]:
    """Names that are gone: under `before` in tables of renamings, and in lists of what went."""
    if "| before |" not in read.text:
        return set()
    renamed = re.findall(r"\| (`[^|]+`) \| `[^|]+` \|$", read.text, re.MULTILINE)
    removed = re.findall(r"^### Removed\n(.*?)^##", read.text, re.MULTILINE | re.DOTALL)
    return {name for text in (*renamed, *removed) for name in _SPAN.findall(text)}


def heading_anchors(text: str) -> set[str]:
    """What a link can name: the headings, as hosts of code write them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-") for h in headings}


def _is_path(name: str) -> bool:
    if not re.fullmatch(r"\.?[\w*.-]+(/[\w*.-]+)*/?", name):
        return False
    return "/" in name or name.endswith(_SUFFIXES)


def _commands(line: str) -> Iterator[list[str]]:
    """The commands of a line that begin with one of the programs; a cron line's too."""
    code = line.partition("#")[0] if not line.startswith("#") else ""
    for part in re.split(r"&&|;|\|", re.sub(r"^[\d*/ ]+ (?=cd )", "", code)):
        try:
            words = shlex.split(part)
        except ValueError:  # a sentence with an apostrophe
            continue
        while words and _ASSIGNED.match(words[0]):
            words = words[1:]
        if words and words[0] in _PROGRAMS:
            yield words
