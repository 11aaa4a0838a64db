"""TAP: tests/arrows passes a good tree, and fails each way of breaking it."""
import os
import subprocess
import sys
import tempfile

ARROWS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "arrows")
GOOD = {
    "main.c": '#include "cmd/serve.h"\n',
    "cmd/serve.h": '#include "base/arena.h"\n',
    "base/arena.h": "// strcpy( is only spoken of\n",
    "http/route.h": '#include "base/arena.h"\n',
    "db/db.h": '#include "base/arena.h"\n',
    "bag/bag.h": '#include "http/route.h"\n',
    "bag/bag_db.h": "",
    "scan/scan.h": "",
    "scan/scan_http.c": '#include "db/db.h"\n#include "bag/bag.h"\nputs("system(1)");\n',
    "scan/scan_db.c": '#include "db/db.h"\nputs("select 1");\n',
}
BREAKS = {
    "base knows http": ("base/arena.h", '#include "http/route.h"'),
    "http knows db": ("http/route.h", '#include "db/db.h"'),
    "db knows http": ("db/db.h", '#include "http/route.h"'),
    "http knows a capability": ("http/route.h", '#include "bag/bag.h"'),
    "a capability knows another's inside": ("scan/scan.h", '#include "bag/bag_db.h"'),
    "a capability knows cmd": ("scan/scan.h", '#include "cmd/serve.h"'),
    "main knows a capability": ("main.c", '#include "scan/scan.h"'),
    "an include without its room": ("scan/scan.h", '#include "bag.h"'),
    "an include of nothing": ("scan/scan.h", '#include "bag/none.h"'),
    "SQL in a file of HTTP": ("scan/scan_http.c", 'const char *q = "SELECT 1";'),
    "HTTP in a file of SQL": ("scan/scan_db.c", '#include "http/route.h"'),
    "a banned function": ("scan/scan_http.c", "strcpy(a, b);"),
    "a circle": ("bag/bag.h", '#include "bag/bag.h"'),
}


def passes(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as out:
                out.write(text)
        return subprocess.run([sys.executable, ARROWS, root], stdout=subprocess.DEVNULL).returncode == 0


results = [("a good tree passes", passes(GOOD))]
for name, (path, line) in BREAKS.items():
    results.append((f"{name} fails", not passes({**GOOD, path: GOOD[path] + line + "\n"})))
print(f"1..{len(results)}")
for number, (name, good) in enumerate(results, 1):
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
sys.exit(0 if all(good for _, good in results) else 1)
