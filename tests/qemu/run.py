#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Boots a kernel with flowtables in QEMU and runs guest.sh in it as the first process.

The guest has no disk: its system is an archive in memory of this machine's own programs (sh, ip,
nft, conntrack and the libraries they need), zonewall, and the kernel modules of the test. What it
prints between the boot messages as TAP is passed on. Without QEMU or the kernel package it is
skipped with the reason.
"""
import argparse
import gzip
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TOOLS = HERE.parent.parent / "tools"
PROGRAMS = ["sh", "ip", "nft", "conntrack", "mount", "mkdir", "cat", "grep", "sed", "sleep", "kill",
            "rm", "tr", "timeout"]
MODULES = """nf_tables nft_ct nft_nat nft_masq nft_redir nft_chain_nat nft_limit nft_log nft_reject_inet
nft_fib_inet nft_objref nft_xfrm nf_conntrack_netlink nf_log_syslog veth esp4 xfrm_user authenc echainiv drbg""".split()
FLOW_MODULES = ["nf_flow_table_inet", "nft_flow_offload"]  # loaded later, by the test
SECONDS = 150  # most time the guest may take; it needs about thirty


def skip(why):
    """A plan without cases; TAP takes any exit status but 0 for a failure, 77 too."""
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


# ---- the archive ----

class Archive:
    """A cpio archive in the "newc" format, as the kernel unpacks it."""

    def __init__(self):
        self.parts, self.names = [], set()

    def add(self, name, mode, body=b""):
        name = name.lstrip("/")
        parent = os.path.dirname(name)
        if name in self.names:
            return
        if parent and parent not in self.names:
            self.add(parent, stat.S_IFDIR | 0o755)
        self.names.add(name)
        fields = (len(self.names), mode, 0, 0, 1, 0, len(body), 0, 0, 0, 0, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
        self.parts += [head, b"\0" * (-len(head) % 4), body, b"\0" * (-len(body) % 4)]

    def add_file(self, source, name=None):
        source = pathlib.Path(source)
        self.add(str(name or source), stat.S_IFREG | (source.stat().st_mode & 0o777),
                 source.read_bytes())

    def add_program(self, source, name=None):
        """A program and the libraries that the loader says it needs, at their own paths."""
        self.add_file(source, name)
        listing = subprocess.run(["ldd", str(source)], capture_output=True, text=True, check=False)
        for path in re.findall(r"(/\S+) \(0x", listing.stdout):
            self.add_file(path)

    def bytes(self):
        self.add("TRAILER!!!", 0)
        return gzip.compress(b"".join(self.parts), 1)


def module_order(modules, wanted):
    """Paths of the modules and of all they depend on, each after what it needs."""
    paths = {p.name.split(".")[0].replace("-", "_"): p for p in modules.rglob("*.ko")}
    order = []

    def visit(name):
        path = paths.get(name.replace("-", "_"))
        if path is None or path in order:
            return  # built in, or there already
        found = re.search(rb"\0depends=([^\0]*)\0", path.read_bytes())
        for need in found[1].decode().split(",") if found else []:
            visit(need)
        order.append(path)

    for name in wanted:
        visit(name)
    return order


def build_archive(kernel, release, zonewall, flow):
    archive = Archive()
    for name in ("proc", "sys", "dev", "run", "tmp", "etc", "root"):
        archive.add(name, stat.S_IFDIR | 0o755)
    for name in PROGRAMS:
        path = shutil.which(name)
        if not path:
            skip(f"no {name} on this machine")
        archive.add_program(os.path.realpath(path), f"/bin/{name}")
    archive.add_program(zonewall, "/bin/zonewall")
    archive.add_program(flow, "/bin/flow")
    archive.add_file(HERE / "guest.sh", "/init")
    modules = kernel / "lib" / "modules" / release / "kernel"
    for name, wanted in (("order", MODULES), ("flow", FLOW_MODULES)):
        order = module_order(modules, wanted)
        for path in order:
            archive.add_file(path, f"/modules/{path.name}")
        archive.add(f"/modules/{name}", stat.S_IFREG | 0o644,
                    "".join(f"/modules/{p.name}\n" for p in order).encode())
    return archive.bytes()


# ---- the machine ----

def find_kernel(cache):
    done = subprocess.run([TOOLS / "qemu-kernel", cache], capture_output=True, text=True, check=False)
    text = done.stdout.strip().splitlines()
    if done.returncode == 77:
        skip(text[-1] if text else "no kernel package")
    if done.returncode or not text:
        sys.exit(f"tools/qemu-kernel failed: {done.stderr}")
    root = pathlib.Path(text[-1])
    kernels = sorted(root.glob("boot/vmlinuz-*-cloud-amd64"))
    return root, kernels[-1], kernels[-1].name.split("-", 1)[1]


def boot(qemu, vmlinuz, archive, log):
    """Passes on the guest's TAP; returns how many cases failed, and whether the plan was met."""
    command = [qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
               "-accel", os.environ.get("ZONEWALL_QEMU_ACCEL", "tcg"), "-m", "512",
               "-serial", "stdio", "-kernel", str(vmlinuz), "-initrd", str(archive),
               "-append", "console=ttyS0 quiet panic=-1 random.trust_cpu=on"]
    planned, passed, failed = None, 0, 0
    with open(log, "wb") as out, subprocess.Popen(
            ["timeout", str(SECONDS), *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT) as machine:
        for line in machine.stdout:
            out.write(line)
            text = line.decode("utf-8", "replace").strip("\r\n")
            plan = re.match(r"1\.\.(\d+)$", text)
            if plan:
                planned = int(plan[1])
            elif re.match(r"ok \d", text):
                passed += 1
            elif re.match(r"not ok \d", text):
                failed += 1
            elif not text.startswith("# "):
                continue
            print(text, flush=True)
    return failed, planned is not None and planned == passed + failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--zonewall", required=True)
    parser.add_argument("--flow", required=True)
    parser.add_argument("--work", required=True, help="a directory for the kernel and the archive")
    args = parser.parse_args()
    if os.uname().machine != "x86_64":
        skip("the test boots an x86-64 kernel with this machine's programs")
    qemu = shutil.which("qemu-system-x86_64")
    if not qemu:
        skip("qemu-system-x86_64 is not installed")
    work = pathlib.Path(args.work)
    work.mkdir(parents=True, exist_ok=True)
    root, vmlinuz, release = find_kernel(str(work / "kernel"))
    archive = work / "guest.cpio.gz"
    archive.write_bytes(build_archive(root, release, args.zonewall, args.flow))
    started = time.monotonic()
    log = work / "console.log"
    failed, complete = boot(qemu, vmlinuz, archive, log)
    print(f"# Linux {release}, {time.monotonic() - started:.0f} s, console in {log}")
    if not complete:
        print("Bail out! the guest did not reach its end")
        print("".join("# " + line + "\n" for line in
                      log.read_text(errors="replace").splitlines()[-30:]), end="")
    return 0 if complete and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
