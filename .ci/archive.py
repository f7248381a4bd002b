"""Pack the project with its input into a zip: `python .ci/archive.py FILE`.

What .gitignore names is left out. Git itself is not needed, so an unpacked copy can be packed too.
"""

import fnmatch
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(target: Path) -> None:
    """Write the archive; every path in it starts with the archive's name."""
    patterns = [line.strip() for line in (ROOT / ".gitignore").read_text().splitlines()]
    ignored = [line for line in patterns if line and not line.startswith("#")]
    files = sorted(kept(ROOT, [*ignored, ".git/", ".git"]))
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, Path(target.stem) / file.relative_to(ROOT))
    print(f"{target}: {len(files)} files, {target.stat().st_size / 1e6:.1f} MB")


def kept(folder: Path, ignored: list[str]) -> Iterator[Path]:
    """Yield the files below `folder` that no pattern excludes; links are not followed."""
    for path in folder.iterdir():
        name = path.relative_to(ROOT).as_posix() + ("/" if path.is_dir() else "")
        if path.is_symlink() or any(matches(name, pattern) for pattern in ignored):
            continue
        if path.is_dir():
            yield from kept(path, ignored)
        else:
            yield path


def matches(name: str, pattern: str) -> bool:
    """Whether a .gitignore line matches this path (only the forms that ours uses)."""
    if "/" in pattern.rstrip("/"):
        return fnmatch.fnmatch(name, pattern.lstrip("/"))
    last = name.rstrip("/").rsplit("/", 1)[-1] + ("/" if name.endswith("/") else "")
    return fnmatch.fnmatch(last, pattern) or fnmatch.fnmatch(last.rstrip("/"), pattern)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
