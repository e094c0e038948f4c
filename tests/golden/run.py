#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Golden cases: a folder with `firewall` (and network, zonewall, facts.json) and what it compiles to.

Each case holds expected `diag` (what check prints), `ir` and `nft` (what show prints). With
--update the expectations are rewritten; review the difference like code.
"""
import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DEFAULT_FACTS = HERE / "facts.json"
STAGES = (("ir", "ir"), ("nft", "program"))


def run(zonewall, case, *words):
    facts = case / "facts.json"
    command = [zonewall, "-c", str(case), "--facts", str(facts if facts.exists() else DEFAULT_FACTS)]
    done = subprocess.run(command + list(words), capture_output=True, timeout=60,
                          env={**os.environ, "TZ": "UTC"})
    return done


def outputs(zonewall, case):
    check = run(zonewall, case, "check")
    found = {"diag": check.stderr + b"exit %d\n" % check.returncode}
    if check.returncode == 0:
        for name, stage in STAGES:
            found[name] = run(zonewall, case, "show", "--stage", stage).stdout
    return found


def compare(case, found, update):
    wrong = []
    for name in ("diag", "ir", "nft"):
        path = case / name
        text = found.get(name)
        if update:
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(text)
        expected = path.read_bytes() if path.exists() else None
        if expected != text:
            wrong.append(name)
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--zonewall", required=True)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("-k", default="", help="only cases whose path contains this")
    args = parser.parse_args()
    cases = sorted(p.parent for p in HERE.glob("*/*/firewall") if args.k in str(p))
    print(f"1..{len(cases)}")
    failed = 0
    for number, case in enumerate(cases, 1):
        name = case.relative_to(HERE)
        found = outputs(args.zonewall, case)
        wrong = compare(case, found, args.update)
        if wrong:
            failed += 1
            print(f"not ok {number} - {name}: {', '.join(wrong)} differ")
            for part in wrong:
                for line in (found.get(part) or b"(nothing)").decode(errors="replace").splitlines():
                    print(f"#   {part}: {line}")
        else:
            print(f"ok {number} - {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
