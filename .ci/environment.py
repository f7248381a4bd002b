"""Make or refresh the project's virtual environment: `python .ci/environment.py VENV LOCK`.

Run by `make`, with the machine's own Python and nothing installed; parses on old Pythons, so that
it can say which one is needed. Safe beside a second `make` in the same folder.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main(venv, lock):
    """Install `lock` and the project into `venv`, unless that is what is in there already."""
    if sys.version_info < (3, 11):
        sys.exit("Python 3.11 or newer is needed; this is %s." % sys.version.split()[0])
    stamp = os.path.join(venv, "installed-" + os.path.basename(lock))
    wanted = fingerprint(lock)
    folder = os.path.dirname(os.path.abspath(venv))
    os.makedirs(folder, exist_ok=True)
    with open(os.path.abspath(venv) + ".lock", "w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if read(stamp) == wanted and read(os.path.join(venv, "home")) == os.path.abspath(venv):
            return
        install(venv, lock)
        for path, text in ((stamp, wanted), (os.path.join(venv, "home"), os.path.abspath(venv))):
            with open(path, "w") as file:
                file.write(text)


def install(venv, lock):
    """Create `venv` (anew when the project was moved: its scripts name the old folder)."""
    python = os.path.join(venv, "bin", "python")
    if read(os.path.join(venv, "home")) != os.path.abspath(venv) or not works(python):
        shutil.rmtree(venv, ignore_errors=True)
        # The base's: in an activated environment `python3` is the very one just removed.
        base = getattr(sys, "_base_executable", sys.executable)
        if subprocess.call([base, "-m", "venv", venv]):
            sys.exit("No virtual environment could be made (Debian: apt-get install python3-venv).")
    sys.stdout.write("Installing the packages of %s (once) ...\n" % os.path.basename(lock))
    sys.stdout.flush()
    pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    run(pip + ["-r", lock])
    # Last, and without dependencies: our `dbt` takes the place of dbt-core's script.
    run(pip + ["--no-deps", "--no-build-isolation", "--force-reinstall", "-e", ROOT])


def fingerprint(lock):
    """Return what an installation depends on: the lock, pyproject.toml, the Python version."""
    content = read(lock) + read(os.path.join(ROOT, "pyproject.toml"))
    text = content + "%d.%d" % sys.version_info[:2]
    return hashlib.sha256(text.encode()).hexdigest()


def works(python):
    """Whether the environment's Python still starts, and is of the version that runs this."""
    check = "import sys; sys.exit(sys.version_info[:2] != (%d, %d))" % sys.version_info[:2]
    try:
        return subprocess.call([python, "-c", check], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def read(path):
    """Return a text file's content, empty where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def run(command):
    """Run a command; end with its code when it fails."""
    code = subprocess.call(command)
    if code:
        sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
