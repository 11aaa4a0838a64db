"""Writes one C file that holds the pages, templates, migrations and the demo network.

embed.py SOURCE_ROOT OUTPUT DEPFILE
Each file becomes an .incbin, so a change needs no C to be compiled but this file.
"""
import os
import re
import sys

FOLDERS = [("web", "src/web"), ("labels", "labels"), ("migrations", "migrations"), ("conf", "conf"),
           ("tracking", "src/tracking")]
# Browser libraries come from the package manager and are served by us, never from elsewhere.
MODULES = {
    "web/lib/preact.js": "node_modules/preact/dist/preact.module.js",
    "web/lib/hooks.js": "node_modules/preact/hooks/dist/hooks.module.js",
    "web/lib/htm.js": "node_modules/htm/dist/htm.module.js",
    # For browsers without Ed25519, loaded only there.
    "web/lib/ed25519.js": "node_modules/@noble/ed25519/index.js",
    "web/lib/sha2.js": "node_modules/@noble/hashes/sha2.js",
    "web/lib/_md.js": "node_modules/@noble/hashes/_md.js",
    "web/lib/_u64.js": "node_modules/@noble/hashes/_u64.js",
    "web/lib/utils.js": "node_modules/@noble/hashes/utils.js",
}
SKIP = (".c", ".h", ".build")


def found(root):
    for prefix, folder in FOLDERS:
        for place, folders, names in os.walk(os.path.join(root, folder)):
            folders.sort()
            for name in names:
                path = os.path.join(place, name)
                if not name.endswith(SKIP):
                    yield prefix + "/" + os.path.relpath(path, os.path.join(root, folder)), path


# A page may not carry an import map (its policy forbids inline scripts), so the bare names inside
# the libraries become addresses in a copy beside the output.
def modules(root, folder):
    os.makedirs(folder, exist_ok=True)
    for name, path in MODULES.items():
        path = os.path.join(root, path)
        copy = os.path.join(folder, os.path.basename(name))
        if not os.path.exists(path):
            print(f"{path} is missing (npm ci): the pages will not work", file=sys.stderr)
            continue
        with open(path, encoding="utf-8") as source:
            text = source.read()
        text = re.sub(r'from\s*"preact"', 'from"./preact.js"', text)
        text = re.sub(r"//# sourceMappingURL=.*", "", text)
        with open(copy, "w", encoding="utf-8") as out:
            out.write(text)
        yield name, copy, path


def main(root, output, depfile):
    libraries = list(modules(root, output + ".lib"))
    rows = sorted(list(found(root)) + [(name, copy) for name, copy, _ in libraries])
    with open(output, "w", encoding="utf-8") as out:
        out.write('#include "base/assets.h"\n\n')
        for number, (_, path) in enumerate(rows):
            out.write(
                f'__asm__(".section .rodata\\n.balign 16\\nasset_{number}:\\n'
                f'.incbin \\"{path}\\"\\nasset_{number}_end:\\n.byte 0\\n.previous\\n");\n'
                f"extern const char asset_{number}[], asset_{number}_end[];\n")
        out.write("\nconst struct asset assets[] = {\n")
        for number, (name, path) in enumerate(rows):
            out.write(f'    {{"{name}", asset_{number}, {os.path.getsize(path)}}},\n')
        out.write("    {0},\n};\n")
    with open(depfile, "w", encoding="utf-8") as out:
        # Also the libraries that are missing: then each build looks again.
        sources = [path for _, path in found(root)]
        sources += [os.path.join(root, path) for path in MODULES.values()]
        folders = sorted({os.path.dirname(path) for path in sources})
        out.write(f"{output}: {' '.join(sources + folders)}\n")


main(*sys.argv[1:])
