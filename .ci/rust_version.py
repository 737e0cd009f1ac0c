"""Compares the crate's rust-version with the highest one among its runtime dependencies."""

import json
import subprocess
import sys

metadata = json.loads(
    subprocess.check_output(["cargo", "metadata", "--locked", "--format-version", "1", "--all-features"])
)
packages = {package["id"]: package for package in metadata["packages"]}
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
root = metadata["resolve"]["root"]

seen, queue = set(), [root]
while queue:
    for dependency in nodes[queue.pop()]["deps"]:
        # A kind of null is a normal dependency; targets other than Unix and Windows never run the crate's tests.
        kinds = [kind for kind in dependency["dep_kinds"] if kind["kind"] is None]
        wanted = any("wasm" not in (kind["target"] or "") and "wasi" not in (kind["target"] or "") for kind in kinds)
        if wanted and dependency["pkg"] not in seen:
            seen.add(dependency["pkg"])
            queue.append(dependency["pkg"])


def number(version):
    return tuple(int(part) for part in (version or "0").split(".")[:2])


highest = max((packages[id] for id in seen), key=lambda package: number(package["rust_version"]))
declared = packages[root]["rust_version"]
print(f"rust-version {declared}; highest: {highest['name']} {highest['version']} with {highest['rust_version']}")
sys.exit(0 if number(declared) == number(highest["rust_version"]) else 1)
