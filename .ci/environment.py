"""Create or update the project's virtual environment: `python .ci/environment.py VENV LOCK`.

`make` runs this with the machine's own Python. pip installs uv, uv installs the rest; both check
the hashes in LOCK. An old Python must be able to parse this file, so that it can say which version
is needed. Two runs at once are safe: the second waits for the first.
"""

import ast
import fcntl
import hashlib
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOR_UV = {
    "index-url": "UV_INDEX_URL",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}


def main(venv: str, lock: str) -> None:
    """Install LOCK and the project into VENV, unless both are there already."""
    if sys.version_info < (3, 11):
        sys.exit("Python 3.11 or newer is needed; this is %s." % sys.version.split()[0])
    venv = os.path.abspath(venv)
    os.chdir(ROOT)
    python = os.path.join(venv, "bin", "python")
    os.makedirs(os.path.dirname(venv), exist_ok=True)
    with open(venv + ".lock", "w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        # The path, since scripts in a moved folder still start the Python of the old one.
        base = "%s %d.%d" % ((venv,) + sys.version_info[:2])
        if read(os.path.join(venv, "base")) != base or not os.path.exists(python):
            create(venv, lock)
            write(os.path.join(venv, "base"), base)
        stamp = os.path.join(venv, "installed-" + os.path.basename(lock))
        wanted = hashlib.sha256((read(lock) + read("pyproject.toml")).encode()).hexdigest()
        if read(stamp) != wanted:
            install(python, lock)
            write(stamp, wanted)


def create(venv: str, lock: str) -> None:
    """Make VENV with pip and uv in it; whatever was there is removed."""
    # In an activated environment sys.executable is in the very folder that is cleared.
    base = getattr(sys, "_base_executable", sys.executable)
    if subprocess.call([base, "-m", "venv", "--clear", venv]):
        sys.exit("No virtual environment could be made (Debian: apt-get install python3-venv).")
    only_uv = os.path.join(venv, "uv.txt")
    write(only_uv, "".join(re.findall(r"^uv==.*\n(?:    .*\n)*", read(lock), re.MULTILINE)))
    pip = [os.path.join(venv, "bin", "python"), "-m", "pip"]
    run(pip + ["install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r", only_uv])


def install(python: str, lock: str) -> None:
    """Install LOCK, then the project."""
    print("Installing the packages of %s (once) ..." % lock, flush=True)
    os.environ.update(uv_settings(python))
    uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python]
    # pip looks for a package in all indexes; the hashes make that safe.
    options = ["--require-hashes", "--index-strategy", "unsafe-best-match"]
    run(uv + options + ["-r", lock])
    # The project comes last: its `dbt` script must replace dbt-core's.
    run(uv + ["--no-deps", "--no-build-isolation", "--reinstall", "-e", "."])


def uv_settings(python: str) -> "dict[str, str]":
    """Return pip's indexes as variables for uv, which does not read pip's configuration."""
    listed = subprocess.check_output([python, "-m", "pip", "config", "list"]).decode()
    pairs = [line.split("=", 1) for line in listed.splitlines() if "=" in line]
    configured = {name: " ".join(ast.literal_eval(value).split()) for name, value in pairs}
    found = {}
    for section in ("global", "install", ":env:"):  # the last one wins, as in pip
        for option, variable in FOR_UV.items():
            if section + "." + option in configured:
                found[variable] = configured[section + "." + option]
    return {name: value for name, value in found.items() if name not in os.environ}


def read(path: str) -> str:
    """Return the text of a file, or an empty string if the file does not exist."""
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def write(path: str, text: str) -> None:
    """Write a file's text."""
    with open(path, "w") as file:
        file.write(text)


def run(command: "list[str]") -> None:
    """Run a command; end with its code when it fails."""
    code = subprocess.call(command)
    if code:
        sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
