#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of the RutOS API, written from its description alone, against `zonewall api`.

    tests/cli/api.py ZONEWALL CONFIG-DIR      a directory with firewall and facts.json

It knows paths, keys and envelopes, and nothing of UCI. Every field of the manual is written, read
back, and accepted by `zonewall check`. TAP on standard output.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

ZONEWALL, CONFIG = sys.argv[1], pathlib.Path(sys.argv[2])
results = []


class Router:
    """What a client has: a method, an endpoint, perhaps data; a status and an envelope back."""

    def __init__(self, folder):
        self.folder = folder
        text = (CONFIG / 'firewall').read_text(encoding='utf-8')
        self.file = folder / 'firewall'
        self.user = folder / 'firewall.user'
        self.file.write_text(text)
        self.shared = ['-c', str(folder), '--run-dir', str(folder / 'run'), '--facts',
                       str(CONFIG / 'facts.json')]

    def run(self, *words, stdin=''):
        return subprocess.run([ZONEWALL, *self.shared, *words], input=stdin, text=True,
                              capture_output=True, timeout=60, check=False)

    def ask(self, method, endpoint, **body):
        words = ['api', '-i', method, '/api' + endpoint] + (['-'] if body else [])
        done = self.run(*words, stdin=json.dumps(body))
        status, _, text = done.stdout.partition('\n')
        assert status.startswith('HTTP '), f'{method} {endpoint}: {done.stdout}{done.stderr}'
        return int(status[5:]), json.loads(text)

    def data(self, method, endpoint, data=None, status=None):
        """The data of a request that must succeed."""
        body = {} if data is None else {'data': data}
        got, reply = self.ask(method, endpoint, **body)
        wanted = status or (201 if method == 'POST' else 200)
        assert got == wanted and reply['success'] is True, f'{method} {endpoint}: {got} {reply}'
        return reply['data']

    def refused(self, method, endpoint, data, status, code, source=None):
        before = self.file.read_text()
        got, reply = self.ask(method, endpoint, data=data)
        assert got == status and reply['success'] is False, f'{endpoint}: {got} {reply}'
        assert any(e['code'] == code and source in (None, e.get('source'))
                   for e in reply['errors']), f'{endpoint}: {reply}'
        assert all(isinstance(e['error'], str) and e['error'] for e in reply['errors'])
        assert self.file.read_text() == before, 'a refused request changed the file'
        return reply['errors']

    def accepted(self):
        done = self.run('check')
        assert done.returncode == 0, done.stdout + done.stderr


def test(function):
    with tempfile.TemporaryDirectory() as folder:
        try:
            function(Router(pathlib.Path(folder)))
            results.append((function.__name__, None))
        except (AssertionError, KeyError, ValueError, OSError) as error:
            results.append((function.__name__, f'{type(error).__name__}: {error}'))
    return function


def same(read, written):
    wrong = {k: (v, read.get(k)) for k, v in written.items() if read.get(k) != v}
    assert not wrong, f'written, read: {wrong}'


TIME = {'weekdays': ['Mon', 'Fri'], 'monthdays': ['1', '31'], 'start_time': '08:00:00',
        'stop_time': '17:30:00', 'start_date': '2090-01-01', 'stop_date': '2090-12-31',
        'utc_time': '1'}


@test
def general_settings(router):
    """Manual 2 and 2.1."""
    for values in ({'drop_invalid': '1', 'auto_helper': '0', 'input': 'DROP', 'output': 'REJECT',
                    'forward': 'ACCEPT'},
                   {'drop_invalid': '0', 'auto_helper': '1', 'input': 'REJECT',
                    'output': 'ACCEPT', 'forward': 'REJECT'}):
        same(router.data('PUT', '/firewall/global', values), values)
        same(router.data('GET', '/firewall/global'), values)
        router.accepted()
    same(router.data('PUT', '/nat_offloading/global', {'flow_offloading': '0'}),
         {'flow_offloading': '0'})
    router.refused('PUT', '/nat_offloading/global', {'flow_offloading_hw': '1'}, 422, 103)
    router.accepted()


@test
def zones(router):
    """Manual 2.2: every field, both lists of forwardings, rename, delete."""
    path = '/firewall/zones/config'
    assert [z['name'] for z in router.data('GET', path)] == ['lan', 'wan']
    made = router.data('POST', path, {})
    same(made, {'name': 'newzone', 'input': 'ACCEPT', 'output': 'ACCEPT', 'forward': 'REJECT',
                'masq': '0', 'mtu_fix': '0', 'conntrack': '0', 'log': '0', 'in': [], 'out': []})
    every = {'name': 'guest', 'input': 'REJECT', 'output': 'DROP', 'forward': 'ACCEPT',
             'masq': '1', 'mtu_fix': '1', 'network': ['dmz'], 'family': 'ipv4',
             'masq_src': ['192.168.9.0/24'], 'masq_dest': ['10.0.0.0/8', '172.16.0.0/12'],
             'conntrack': '1', 'log': '1', 'log_limit': '50/minute', 'helper': ['ftp', 'tftp'],
             'out': ['wan'], 'in': ['lan']}
    one = f'{path}/{made["id"]}'
    same(router.data('PUT', one, every), every)
    same(router.data('GET', one), every)
    router.accepted()
    rule = router.data('POST', '/firewall/traffic_rules/config', {'name': 'g', 'src': 'guest'})
    nat = router.data('POST', '/firewall/nat_rules/config',
                      {'name': 'n', 'src': 'guest', 'src_dip': '198.51.100.9'})
    router.data('PUT', one, {'name': 'visitor'})
    assert router.data('GET', f'/firewall/traffic_rules/config/{rule["id"]}')['src'] == 'visitor'
    assert router.data('GET', f'/firewall/nat_rules/config/{nat["id"]}')['src'] == 'visitor'
    lan = [z for z in router.data('GET', path) if z['name'] == 'lan'][0]
    assert lan['out'] == ['wan', 'visitor'], lan
    router.accepted()
    assert router.data('DELETE', one) == {'id': made['id']}
    assert router.ask('GET', f'/firewall/traffic_rules/config/{rule["id"]}')[0] == 404
    assert router.ask('GET', f'/firewall/nat_rules/config/{nat["id"]}')[0] == 404
    router.accepted()


@test
def port_forwards(router):
    """Manual 3: add form, every field, order, many at once."""
    path = '/firewall/port_forwards/config'
    added = router.data('POST', path, {'name': 'web', 'src_dport': '8080',
                                       'dest_ip': '192.168.1.20', 'dest_port': '80'})
    same(added, {'enabled': '1', 'src': 'wan', 'dest': 'lan', 'proto': ['tcp', 'udp'],
                 'reflection': '1', 'priority': '1'})
    router.accepted()
    every = {'enabled': '0', 'name': 'all fields', 'proto': ['tcp'], 'src': 'wan',
             'src_mac': ['00:11:22:33:44:55'], 'src_ip': ['203.0.113.0/24', '!203.0.113.9'],
             'src_port': ['1024-65535'], 'src_dip': '198.51.100.2', 'src_dport': '100-109',
             'dest': 'lan', 'dest_ip': '192.168.1.21', 'dest_port': '200-209',
             'reflection': '0', 'extra': '-m ttl --ttl-gt 1', 'helper': 'ftp', **TIME}
    one = f'{path}/{added["id"]}'
    same(router.data('PUT', one, every), every)
    router.data('PUT', one, {'enabled': '1'})
    same(router.data('GET', one), {**every, 'enabled': '1'})
    router.accepted()
    second = router.data('POST', path, {'name': 'second', 'src_dport': '!22', 'proto': ['tcp'],
                                        'dest_ip': '192.168.1.22', 'dest_port': '1'})
    both = router.data('PUT', path, [{'id': added['id'], 'priority': '2'},
                                     {'id': second['id'], 'priority': '1'}])
    assert [f['priority'] for f in both] == ['2', '1']
    assert [f['name'] for f in router.data('GET', path)] == ['second', 'all fields']
    cleared = router.data('PUT', one, {k: [] if isinstance(v, list) else '' for k, v in
                                       every.items() if k not in ('src', 'dest_ip')})
    assert 'src_mac' not in cleared and 'name' not in cleared and cleared['enabled'] == '1'
    router.accepted()
    router.data('DELETE', path, [added['id'], second['id']])
    assert router.data('GET', path) == []


@test
def traffic_rules(router):
    """Manual 4: the two add forms, every field, each action."""
    path = '/firewall/traffic_rules/config'
    stock = len(router.data('GET', path))
    opened = router.data('POST', path, {'name': 'open', 'proto': ['tcp'], 'dest_port': ['8443'],
                                        'src': 'wan'})
    same(opened, {'target': 'ACCEPT', 'enabled': '1', 'priority': str(stock + 1)})
    forward = router.data('POST', path, {'name': 'through', 'src': 'wan', 'dest': 'lan'})
    same(forward, {'src': 'wan', 'dest': 'lan'})
    router.accepted()
    every = {'enabled': '1', 'name': 'every field', 'family': 'ipv4', 'proto': ['tcp', 'udp'],
             'src': 'wan', 'src_mac': ['00:11:22:33:44:55'], 'src_ip': ['203.0.113.0/24'],
             'src_port': ['1024-65535', '!2000'], 'dest': 'lan', 'dest_ip': ['192.168.1.9'],
             'dest_port': ['22', '80-90'], 'target': 'DROP', 'match': 'DSCP', 'dscp': '46',
             'mark': 'ff', 'extra': '-m ttl --ttl-gt 1', 'period': 'hour', 'limit': '7',
             'limit_burst': '9', **TIME}
    one = f'{path}/{opened["id"]}'
    same(router.data('PUT', one, every), every)
    same(router.data('GET', one), every)
    router.accepted()
    for action in ({'target': 'ACCEPT'}, {'target': 'REJECT'}, {'target': 'NOTRACK'},
                   {'target': 'DSCP', 'set_dscp': '22'}, {'target': 'MARK', 'set_mark': '0f'},
                   {'target': 'TTL', 'ttl_action': 'increment', 'ttl_value': '1'},
                   {'target': 'TCPMSS', 'set_mss': '1400', 'proto': ['tcp']}):
        same(router.data('PUT', f'{path}/{forward["id"]}', action), action)
        router.accepted()
    icmp = {'proto': ['icmp'], 'icmp_type': ['echo-request', '3/4'], 'target': 'ACCEPT'}
    same(router.data('PUT', f'{path}/{forward["id"]}', icmp), icmp)
    router.accepted()
    output = router.data('POST', path, {'name': 'output', 'src': '', 'dest': 'wan'})
    assert 'src' not in output
    router.accepted()


@test
def nat_rules(router):
    """Manual 5: add form, every field."""
    path = '/firewall/nat_rules/config'
    made = router.data('POST', path, {'name': 'snat', 'src': 'lan', 'dest': 'wan',
                                      'src_dip': '198.51.100.7', 'src_dport': '4000'})
    same(made, {'target': 'SNAT', 'enabled': '1', 'proto': ['all']})
    every = {'enabled': '1', 'name': 'nat', 'proto': ['tcp', 'udp'], 'src': 'lan',
             'src_ip': ['192.168.1.0/24'], 'src_port': ['1000-2000'], 'dest': 'wan',
             'dest_ip': '203.0.113.5', 'dest_port': '443', 'src_dip': '198.51.100.8',
             'src_dport': '5000-6000', 'extra': '-m ttl --ttl-gt 1', **TIME}
    one = f'{path}/{made["id"]}'
    same(router.data('PUT', one, every), every)
    same(router.data('GET', one), every)
    router.accepted()
    router.refused('POST', path, {'name': 'empty'}, 422, 103)
    same(router.data('PUT', one, {'target': 'MASQUERADE', 'src_dip': '', 'src_dport': ''}),
         {'target': 'MASQUERADE'})
    same(router.data('PUT', one, {'target': 'ACCEPT'}), {'target': 'ACCEPT'})
    router.accepted()


@test
def attack_prevention(router):
    """Manual 6: every field of the six pages."""
    pages = {
        'syn_flood': {'syn_flood': '1', 'synflood_rate': '5', 'synflood_burst': '10',
                      'tcp_syncookies': '0'},
        'icmp': {'enabled': '0', 'icmp_limit': '1', 'period': 'minute', 'limit': '60',
                 'limit_burst': '20'},
        'ssh': {'ssh_limit': '1', 'period': 'day', 'limit': '100', 'limit_burst': '100'},
        'http': {'http_limit': '1', 'period': 'minute', 'limit': '120', 'limit_burst': '120'},
        'https': {'https_limit': '1', 'period': 'hour', 'limit': '1', 'limit_burst': '1'},
        'port_scan': {'port_scan': '1', 'hitcount': '10', 'seconds': '4096', 'syn_fin': '1',
                      'syn_rst': '1', 'x_max': '1', 'nmap_fin': '1', 'null_flags': '1'},
    }
    for page, values in pages.items():
        path = f'/attack_prevention/{page}/config/general'
        before = router.data('GET', path)
        assert set(values) - {'limit', 'limit_burst', 'hitcount', 'seconds'} <= set(before), before
        same(router.data('PUT', path, values), values)
        same(router.data('GET', path), values)
        router.accepted()
    errors = router.refused('PUT', '/attack_prevention/ssh/config/general',
                            {'limit': '0', 'period': 'year'}, 422, 103, 'limit')
    assert {e['section'] for e in errors} == {'general'} and len(errors) == 2


@test
def custom_rules(router):
    """Manual 7."""
    path = '/firewall/custom_rules/config/general'
    assert router.data('GET', path) == {'custom_rules': ''}
    text = 'iptables -A input_rule -s 203.0.113.9 -j DROP\r\n# done\r\n'
    router.data('PUT', path, {'custom_rules': text})
    assert router.data('GET', path)['custom_rules'] == text.replace('\r\n', '\n')
    assert router.user.read_text() == text.replace('\r\n', '\n')
    router.accepted()
    assert '203.0.113.9' in router.run('show').stdout
    router.data('POST', '/firewall/custom_rules/actions/reset', {}, status=200)
    assert '203.0.113.9' not in router.run('show').stdout


@test
def dmz(router):
    """Manual 8."""
    path = '/dmz/config/general'
    same(router.data('GET', path), {'enabled': '0'})
    router.refused('PUT', path, {'enabled': '1'}, 422, 103)
    every = {'enabled': '1', 'host_ip': '192.168.1.30', 'proto': ['tcp', 'udp'],
             'port_range': '1000-60000'}
    same(router.data('PUT', path, every), every)
    router.accepted()
    assert '192.168.1.30' in router.run('show').stdout
    router.data('PUT', path, {'enabled': '0'})
    assert '192.168.1.30' not in router.run('show').stdout


@test
def bulk_is_done_whole_or_not_at_all(router):
    rules = '/firewall/traffic_rules/config'
    good = [{'method': 'POST', 'endpoint': rules, 'data': {'name': f'r{i}'}} for i in range(5)]
    status, reply = router.ask('POST', '/bulk', data=good)
    assert status == 207 and reply['success'] and len(reply['data']) == 5, reply
    assert all(e['success'] and e['data']['id'] for e in reply['data'])
    before = router.file.read_text()
    bad = good[:1] + [{'method': 'PUT', 'endpoint': '/firewall/global', 'data': {'input': 'x'}}]
    status, reply = router.ask('POST', '/bulk', data=bad)
    assert status == 207 and not reply['success'] and router.file.read_text() == before
    # What only the whole configuration shows: the helper does not exist.
    wrong = [{'method': 'POST', 'endpoint': '/firewall/port_forwards/config',
              'data': {'name': 'w', 'dest_ip': '192.168.1.4', 'helper': 'nonsense'}},
             {'method': 'POST', 'endpoint': rules, 'data': {'name': 'good'}}]
    status, reply = router.ask('POST', '/bulk', data=wrong)
    assert not reply['success'] and router.file.read_text() == before
    assert reply['data'][0]['errors'][0]['source'] == 'helper', reply
    router.accepted()


@test
def one_bad_object_rejects_all_of_a_put(router):
    rules = '/firewall/traffic_rules/config'
    ids = [r['id'] for r in router.data('GET', rules)[:3]]
    router.refused('PUT', rules, [{'id': ids[0], 'enabled': '0'}, {'id': ids[1], 'enabled': '0'},
                                  {'id': ids[2], 'enabled': 'no'}], 422, 103, 'enabled')


@test
def errors_name_the_option_and_the_section(router):
    rules = '/firewall/traffic_rules/config'
    one = router.data('GET', rules)[0]['id']
    errors = router.refused('PUT', f'{rules}/{one}', {'src_ip': '1.2.3.4', 'x': '', 'dest_port':
                                                      ['0-']}, 422, 103, 'src_ip')
    assert {e['source'] for e in errors} == {'src_ip', 'x', 'dest_port'}
    assert {e['section'] for e in errors} == {one}
    router.refused('POST', rules, {'name': 'Allow-Ping'}, 422, 109, 'name')
    assert router.ask('GET', '/nothing')[0] == 404
    assert router.ask('POST', '/firewall/global', data={})[0] == 405
    assert router.ask('PATCH', '/firewall/global')[0] == 501
    assert router.ask('PUT', '/firewall/global')[0] == 400


@test
def comments_and_unknown_options_survive(router):
    text = router.file.read_text().replace(
        "config rule '5'", "# a note\nconfig rule '5'\n\toption of_mine 'kept'  # really")
    router.file.write_text(text)
    router.data('PUT', '/firewall/traffic_rules/config/5', {'target': 'DROP'})
    wanted = text.replace("\toption target 'ACCEPT'", "\toption target 'DROP'", 1)
    assert router.file.read_text() == wanted
    for path in ('/firewall/zones/config', '/firewall/traffic_rules/config',
                 '/firewall/port_forwards/config', '/firewall/nat_rules/config'):
        router.data('PUT', path, router.data('GET', path))
    assert router.file.read_text() == wanted


@test
def schema_tells_about_every_option(router):
    types = {s['type'] for s in router.data('GET', '/zonewall/schema')['sections']}
    assert {'defaults', 'zone', 'rule', 'redirect', 'nat', 'settings'} <= types
    routes = {r['path'] for r in router.data('GET', '/zonewall/routes')}
    assert '/firewall/zones/config' in routes


print(f'1..{len(results)}')
for number, (name, error) in enumerate(results, 1):
    print(f'{"not ok" if error else "ok"} {number} - {name}')
    if error:
        print('\n'.join('# ' + line for line in error.splitlines()[:20]))
sys.exit(any(error for _, error in results))
