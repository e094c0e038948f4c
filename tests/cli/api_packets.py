#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is written through the API takes effect: real connections through a router in a namespace.

    tests/cli/api_packets.py ZONEWALL CONFIG-DIR

An internet host, the router and a LAN host. Each case sets something through `zonewall api`, loads
it with `zonewall apply`, and connects; then takes it back and sees that it is gone. TAP; 77 when there
are no namespaces.
"""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'packet'))
import netns  # noqa: E402

ZONEWALL, CONFIG = os.path.abspath(sys.argv[1]), sys.argv[2]
RULES = '/firewall/traffic_rules/config'
FORWARDS = '/firewall/port_forwards/config'
results = []


class Lab:
    """inet 198.51.100.1 -- eth1 .2 router 192.168.1.1 br-lan -- lan 192.168.1.20"""

    def __init__(self, folder):
        self.folder = folder
        for name in ('firewall', 'network', 'system', 'zonewall'):
            shutil.copy(f'{CONFIG}/{name}', folder)
        self.spaces = {}
        for name in ('inet', 'router', 'lan'):
            self.make(name)
        self.link('inet', '198.51.100.1/24', 'router', 'eth1', '198.51.100.2/24')
        self.link('lan', '192.168.1.20/24', 'router', 'br-lan', '192.168.1.1/24')
        self.run('router', 'ip', 'addr', 'add', '198.51.100.7/24', 'dev', 'eth1')
        self.run('router', 'sysctl', '-qw', 'net.ipv4.ip_forward=1')
        self.run('lan', 'ip', 'route', 'add', 'default', 'via', '192.168.1.1')
        self.run('inet', 'ip', 'route', 'add', '192.168.1.0/24', 'via', '198.51.100.2')
        self.listeners = []
        for name, ports in {'inet': [7000], 'router': [22, 8443], 'lan': [80, 9999]}.items():
            for port in ports:
                self.listen(name, port)

    def make(self, name):
        before = os.open('/proc/self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
        self.spaces[name] = netns.unshare_net()
        netns.enter(before)
        os.close(before)

    def run(self, name, *words, **options):
        with netns.inside(self.spaces[name]):
            return subprocess.run(words, check=True, timeout=60, capture_output=True, text=True,
                                  **options).stdout

    def link(self, name, address, other, device, other_address):
        self.run(other, 'ip', 'link', 'add', device, 'type', 'veth', 'peer', 'name', 'peer0')
        self.run(other, 'ip', 'link', 'set', 'peer0', 'netns',
                 f'/proc/{os.getpid()}/fd/{self.spaces[name]}')
        for where, what, addr in ((name, 'peer0', address), (other, device, other_address)):
            self.run(where, 'ip', 'addr', 'add', addr, 'dev', what)
            self.run(where, 'ip', 'link', 'set', what, 'up')
            self.run(where, 'ip', 'link', 'set', 'lo', 'up')

    def listen(self, name, port):
        """Answers each connection with its own name and the peer's address."""
        with netns.inside(self.spaces[name]):
            server = socket.create_server(('0.0.0.0', port))
        self.listeners.append(server)

        def serve():
            while True:
                try:
                    conn, peer = server.accept()
                except OSError:
                    return
                with conn:
                    conn.sendall(f'{name} {peer[0]}'.encode())

        threading.Thread(target=serve, daemon=True).start()

    def connect(self, name, address, port):
        """What the other side says; None when it cannot be reached."""
        with netns.inside(self.spaces[name]):
            client = socket.socket()
        with client:
            client.settimeout(1.5)
            try:
                client.connect((address, port))
                return client.recv(100).decode()
            except OSError:
                return None

    def pings(self):
        with netns.inside(self.spaces['inet']):
            return subprocess.run(['ping', '-c1', '-W1', '198.51.100.2'], timeout=20, check=False,
                                  capture_output=True).returncode == 0

    def zonewall(self, *words):
        shared = ['-c', str(self.folder), '--run-dir', str(self.folder / 'run')]
        with netns.inside(self.spaces['router']):
            done = subprocess.run([ZONEWALL, *shared, *words], capture_output=True, text=True,
                                  timeout=60, check=False)
        assert done.returncode == 0, f'{words}: {done.stdout}{done.stderr}'
        return done.stdout

    def set(self, method, endpoint, data=None):
        """A request, and the new rules in the kernel."""
        body = [] if data is None else [json.dumps({'data': data})]
        reply = json.loads(self.zonewall('api', method, '/api' + endpoint, *body))
        self.zonewall('apply', '--force')
        return reply['data']


def check(what, good):
    results.append((what, good))


def cases(lab):
    def outside(port):
        return lab.connect('inet', '198.51.100.2', port)

    lab.zonewall('apply', '--force')
    check('nothing is open at first', outside(8443) is None and outside(8080) is None)

    rule = lab.set('POST', RULES, {'name': 'open', 'proto': ['tcp'], 'dest_port': ['8443']})
    check('a rule opens a port', outside(8443) == 'router 198.51.100.1')
    lab.set('PUT', f'{RULES}/{rule["id"]}', {'src_ip': ['!198.51.100.1']})
    check('its source address is matched', outside(8443) is None)
    lab.set('PUT', f'{RULES}/{rule["id"]}', {'src_ip': []})
    blocker = lab.set('POST', RULES, {'name': 'shut', 'target': 'DROP', 'proto': ['all']})
    check('a later rule is too late', outside(8443) is not None)
    lab.set('PUT', RULES, [{'id': rule['id'], 'priority': blocker['priority']},
                           {'id': blocker['id'], 'priority': rule['priority']}])
    check('priorities put it first', outside(8443) is None)
    lab.set('DELETE', RULES, [rule['id'], blocker['id']])

    made = lab.set('POST', FORWARDS, {'name': 'web', 'src_dport': '8080', 'dest_port': '80',
                                      'dest_ip': '192.168.1.20', 'proto': ['tcp']})
    check('a port forward reaches the LAN', outside(8080) == 'lan 198.51.100.1')
    lab.set('PUT', f'{FORWARDS}/{made["id"]}', {'enabled': '0'})
    check('and is switched off', outside(8080) is None)

    lan, wan = lab.set('GET', '/firewall/zones/config')

    def inside():
        return lab.connect('lan', '198.51.100.1', 7000)

    check('the LAN goes out masqueraded', inside() == 'inet 198.51.100.2')
    lab.set('PUT', f'/firewall/zones/config/{lan["id"]}', {'out': []})
    check('not without a forwarding', inside() is None)
    lab.set('PUT', f'/firewall/zones/config/{wan["id"]}', {'in': ['lan'], 'masq': '0'})
    check('nor hidden without masquerading', inside() == 'inet 192.168.1.20')
    nat = lab.set('POST', '/firewall/nat_rules/config', {'name': 'snat', 'src_dip': '198.51.100.7'})
    check('a NAT rule gives another address', inside() == 'inet 198.51.100.7')
    lab.set('DELETE', f'/firewall/nat_rules/config/{nat["id"]}')

    lab.set('PUT', '/firewall/custom_rules/config/general',
            {'custom_rules': 'iptables -A forwarding_rule -p tcp --dport 7000 -j DROP\n'})
    check('custom rules are in force', inside() is None)
    lab.set('POST', '/firewall/custom_rules/actions/reset')
    check('and gone after a reset', inside() is not None)

    lab.set('PUT', '/dmz/config/general', {'enabled': '1', 'host_ip': '192.168.1.20',
                                           'proto': ['tcp'], 'port_range': '9000-9999'})
    check('the exposed host gets its ports', outside(9999) == 'lan 198.51.100.1')
    lab.set('PUT', '/dmz/config/general', {'enabled': '0'})
    check('until it is switched off', outside(9999) is None)

    check('pings are answered', lab.pings())
    lab.set('PUT', '/attack_prevention/icmp/config/general', {'enabled': '0'})
    check('until that is switched off', not lab.pings())

    ssh = [r for r in lab.set('GET', RULES) if r.get('name') == 'Enable_SSH_WAN'][0]
    lab.set('PUT', f'{RULES}/{ssh["id"]}', {'enabled': '1'})
    lab.set('PUT', '/attack_prevention/ssh/config/general',
            {'ssh_limit': '1', 'period': 'hour', 'limit': '1', 'limit_burst': '2'})
    check('the limit of SSH lets two in, not three',
          [outside(22) is not None for _ in range(3)] == [True, True, False])


why = netns.unavailable()
if why or os.geteuid() or not shutil.which('ping') or not shutil.which('ip'):
    print(f'1..0 # SKIP {why or "needs root, ip and ping"}')
    sys.exit(77)
with tempfile.TemporaryDirectory() as scratch:
    try:
        cases(Lab(pathlib.Path(scratch)))
    except (AssertionError, KeyError, ValueError, subprocess.SubprocessError) as error:
        results.append((f'{type(error).__name__}: {error}'.replace('\n', ' ')[:500], False))
print(f'1..{len(results)}')
for number, (name, good) in enumerate(results, 1):
    print(f'{"ok" if good else "not ok"} {number} - {name}')
sys.exit(not all(good for _, good in results))
