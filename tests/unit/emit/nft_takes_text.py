#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks nft and the kernel about our texts, in a network namespace of its own.

Each golden text is loaded by `nft -f`, and `nft list ruleset` must then say the same: what we
print is a fixpoint of the listing. Random policies must at least load. Usage: EMIT_TEXT CASES
"""
import os
import re
import socket
import subprocess
import sys
import tempfile

SEEDS = 60


def skip(why):
    print('skip:', why)
    sys.exit(77)


def nft(*args, text=None):
    return subprocess.run(['nft', *args], input=text, text=True, capture_output=True)


def enter_namespace():
    """Runs this script again where we may change the ruleset."""
    if os.environ.get('ZONEWALL_TEST_NS'):
        return
    unshare = ['unshare', '-n'] if os.geteuid() == 0 else ['unshare', '-rn']
    try:
        if subprocess.run([*unshare, 'true'], capture_output=True).returncode:
            skip('no network namespace here')
    except FileNotFoundError:
        skip('no unshare here')
    env = dict(os.environ, ZONEWALL_TEST_NS='1', TZ='UTC')
    os.execvpe(unshare[0], [*unshare, sys.executable, *sys.argv], env)


def kernel_has_flowtable():
    text = 'table inet probe { flowtable f { hook ingress priority 0; devices = { "lo" }; }; }'
    has = nft('-f', '-', text=text).returncode == 0
    nft('flush', 'ruleset')
    return has


def without_flowtable(text):
    text = re.sub(r'\tflowtable \w+ \{.*?\n\t\}\n', '', text, flags=re.S)
    text = re.sub(r'\n\t\t *flow add @fastpath *(?=\n)', '', text)
    return re.sub(r' ?flow add @fastpath', '', text)


def mark_of_prefix(match):
    """nft lists a mark under a mask of leading ones like a prefix of an address."""
    ones = int(match[4])
    mask = (0xffffffff << (32 - ones)) & 0xffffffff
    return f'{match[1]} & 0x{mask:08x} {"!=" if match[2] else "=="} 0x{match[3]}'


def blocks(text):
    """The parts of the table, in no order; elements of sets are in no order either."""
    text = re.sub(r'^#.*\n', '', text)
    text = re.sub(r'((?:meta|ct) mark) (!= )?0x(\w{8})/(\d+)', mark_of_prefix, text)
    text = text.replace(';', ' ')
    # nft names these by /etc/protocols, we by its grammar
    text = text.replace('ipv6-icmp', 'icmpv6')
    # the listing's short form
    text = text.replace('reject with icmpx port-unreachable', 'reject')
    # the listing takes the family for said, though nft itself would ask the frame for it
    text = re.sub(r'meta nfproto ipv[46]\s+((?:add|update) @\w+ \{ ether saddr \. ip6? )', r'\1', text)
    # the option is looked for in TCP packets only, so the listing leaves this out
    text = text.replace('meta l4proto tcp tcp option maxseg size ', 'tcp option maxseg size ')
    text = re.sub(r'\s+', ' ', text)

    def sort(match):
        return '{ ' + ', '.join(sorted(match[1].strip().split(', '))) + ' }'

    text = re.sub(r'\{([^{}]*,[^{}]*)\}', sort, text)
    found, depth, start = [], 0, None
    for i, c in enumerate(text):
        if c == '{':
            depth += 1
            if depth == 1:
                start = i + 1
        elif c == '}':
            depth -= 1
            if depth == 1:
                found.append(text[start:i + 1].strip())
                start = i + 1
    return sorted(found)


def check_golden(path, flowtable):
    with open(path) as f:
        text = f.read()
    if not flowtable:
        text = without_flowtable(text)
    nft('flush', 'ruleset')
    loaded = nft('-f', '-', text=text)
    if loaded.returncode:
        return 'does not load: ' + loaded.stderr
    listed = nft('-s', 'list', 'ruleset').stdout
    want, got = blocks(text), blocks(listed)
    differ = [f'ours:  {b}' for b in want if b not in got]
    differ += [f'nft:   {b}' for b in got if b not in want]
    if not got:
        return 'nothing was loaded'
    return '\n'.join(differ)


def check_random(emit_text, seed, flowtable):
    """None: cannot be loaded anywhere, because its chains are called from unlike hooks."""
    made = subprocess.run([emit_text, '--random', str(seed)], capture_output=True, text=True)
    if made.returncode:
        return None if 'not-expressible' in made.stderr else made.stderr
    text = made.stdout if flowtable else without_flowtable(made.stdout)
    nft('flush', 'ruleset')
    loaded = nft('-f', '-', text=text)
    if loaded.returncode and 'Operation not supported' in loaded.stderr and 'ipsec' in text:
        return None
    return loaded.stderr


# What nft has no expression for is done by chains; these must do it to a packet of TTL 64.
STEPS = """zonewall-ir 1
counter up
counter down
counter floor
counter saved
counter restored
counter wrong
chain mangle_output base output mangle
  rule any set-ctmark and 0x0 xor 0xf0 continue
  rule any set-mark and 0x0 xor 0x5 continue
  rule any save-mark 0xf continue
  rule any ctmark 0xf5/0xffffffff counter saved continue
  rule any set-mark and 0x0 xor 0xa00 continue
  rule any restore-mark 0x3f0 log "steps" level 7 continue
  rule any mark 0x8f0/0xffffffff counter restored continue
  rule ipv4 set-ttl up 1 continue
  rule ipv4 ttl { 65 } counter up continue
  rule ipv4 set-ttl down 60 continue
  rule ipv4 ttl { 5 } counter down continue
  rule ipv4 set-ttl down 200 continue
  rule ipv4 ttl { 0 } counter floor continue
  rule ipv4 not ttl { 0 } counter wrong continue
"""


def check_steps(emit_text):
    """Why a packet does not fare as STEPS says; '' when it does."""
    with tempfile.NamedTemporaryFile('w', suffix='.ir') as f:
        f.write(STEPS)
        f.flush()
        made = subprocess.run([emit_text, f.name], capture_output=True, text=True)
    nft('flush', 'ruleset')
    loaded = nft('-f', '-', text=made.stdout)
    if made.returncode or loaded.returncode:
        return made.stderr + loaded.stderr
    subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 64)
        s.sendto(b'x', ('127.0.0.1', 9))
    listed = nft('list', 'counters').stdout
    counts = dict(re.findall(r'counter (\w+) \{\s*packets (\d+)', listed))
    hit = {name for name, n in counts.items() if int(n)}
    want = {'up', 'down', 'floor', 'saved', 'restored'}
    return '' if hit == want else f'counted {sorted(hit)}'


def main():
    emit_text, cases = sys.argv[1:]
    try:
        nft('--version')
    except FileNotFoundError:
        skip('no nft here')
    enter_namespace()
    if nft('list', 'ruleset').returncode:
        skip('nft may not talk to the kernel here')
    flowtable = kernel_has_flowtable()
    failed = loaded = 0
    if flowtable:
        subprocess.run(['ip', 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1'])
        subprocess.run(['ip', 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'wan'])
    for name in sorted(os.listdir(cases)):
        if not name.endswith('.nft'):
            continue
        why = check_golden(os.path.join(cases, name), flowtable)
        print('not ok' if why else 'ok', name)
        if why:
            print(why)
            failed += 1
    why = check_steps(emit_text)
    print('not ok' if why else 'ok', 'steps do what they say', why)
    failed += bool(why)
    for seed in range(1, SEEDS + 1):
        why = check_random(emit_text, seed, flowtable)
        loaded += why == ''
        if why:
            print('not ok seed', seed, why[:500])
            failed += 1
    print(f'{loaded} of {SEEDS} random policies loaded')
    sys.exit(1 if failed or loaded < SEEDS // 2 else 0)


main()
