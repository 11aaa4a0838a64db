"""TAP: tests/house fails where git sees nothing, and where a rule is broken."""
import os
import shutil
import subprocess
import tempfile

HOUSE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "house")
ALL_BUT = "git sees the files"
RULES = {
    "nothing is marked unfinished": ("src/a.c", "// TO" + "DO\n"),
    "no path of one machine": ("conf/a.conf", "state_dir = /ro" + "ot/state\n"),
    "no source file over 450 lines": ("src/long.js", "\n" * 451),
    "the top level is the agreed one": ("notes/a.txt", "\n"),
    "every problem raised in SQL is in the table": ("migrations/0001_a.sql", "base.problem('no-such')\n"),
}


def told(files, git=True):
    """The points of a small tree, by name."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in {"src/base/err.def": "", "tests/house": "", **files}.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as out:
                out.write(text)
        shutil.copy(HOUSE, os.path.join(root, "tests/house"))
        if git:
            subprocess.run("git init -q && git add .", shell=True, check=True, cwd=root)
        run = subprocess.run(["tests/house"], cwd=root, capture_output=True, text=True, check=False,
                             env={**os.environ, "GIT_CEILING_DIRECTORIES": os.path.dirname(root)})
        points = {}
        for line in run.stdout.splitlines():
            ok, dash, name = line.partition(" - ")
            if dash:
                points[name] = ok.startswith("ok")
        return points, run.returncode


many = {f"src/{i}.h": "" for i in range(120)}
quiet, _ = told({**many, "migrations/0001_a.sql": "base.problem('known')\n", "src/base/err.def": '"known"\n'})
broken, status = told({path: text for path, text in RULES.values()})
empty, _ = told(many, git=False)
results = [(f"a small tree: {name}", quiet.get(name)) for name in [ALL_BUT, *RULES]]
results += [(f"{name}: fails", broken.get(name) is False) for name in RULES]
results += [(f"{ALL_BUT}: fails with a handful", broken.get(ALL_BUT) is False and status != 0),
            (f"{ALL_BUT}: fails without git", empty.get(ALL_BUT) is False)]
results += [(f"{name}: fails without git", empty.get(name) is False) for name in RULES]
print(f"1..{len(results)}")
for number, (name, good) in enumerate(results, 1):
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
raise SystemExit(0 if all(good for _, good in results) else 1)
