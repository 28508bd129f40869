"""What http.sh measures.  Its arguments: see test/interop/oauth_site.py.

In each round everything has its turn, so that what else the machine does meets all
alike; ratios are taken round by round, and the median is reported.
"""

import base64
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.parse

import requests

from browser import Browser
from oauth_site import DEPLOY, FOLDER, Database, PostgREST, Process, Site, free_port, wait_until

ROUNDS, SECONDS = int(os.environ['BENCH_ROUNDS']), int(os.environ['BENCH_SECONDS'])
CONNECTIONS = 32        # so many that processors are waited for, and not the disk that a commit goes to
CALLBACK = 'http://127.0.0.1:4711/callback'
PASSWORD = 'correct horse battery staple'
TICK = os.sysconf('SC_CLK_TCK')

# what, beside what, times the other's rate at least
GOALS = [
    ('token', 'one-row insert', 0.6),
    ('discovery', 'empty function', 0.9),
    ('jwks', 'empty function', 0.9),
    ('token, gateway', 'token', 2),
]

# The floor: functions of the shape of oauth_http's, for the same PostgREST.
FLOOR = '''
    CREATE TABLE public.floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz DEFAULT clock_timestamp(), body bytea);
    CREATE FUNCTION oauth_http.floor_empty(bytea) RETURNS oauth_http."*/*" LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    RETURN ''::bytea;
    CREATE FUNCTION oauth_http.floor_insert(bytea) RETURNS oauth_http."*/*" LANGUAGE sql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        INSERT INTO public.floor (body) VALUES ($1);
        SELECT ''::bytea::oauth_http."*/*";
    END;
    SELECT oauth.grant_http('oauth_anon');
    CREATE ROLE oauth_gateway LOGIN;
'''

LOCATION = '''
location = /%(name)s {
    set $oauth_issuer "%(issuer)s";
    set $oauth_function %(name)s;
    set $oauth_cors "*";
    limit_req zone=oauth_token burst=400000 nodelay;
    include %(folder)s/oauth-endpoint.conf;
}
'''


class Bench:
    def __init__(self):
        self.servers = {}
        self.database = Database('bench_http')
        # so high that no limit is met
        self.site = Site('bench', '--token-rate', '100000', '--login-rate', '100000', '--logins-rate', '100000', '--connections', '1000')
        self.issuer, self.ours = self.site.origin, self.database.ours
        with open(os.path.join(self.site.folder, 'oauth-issuers.conf'), 'a') as conf:
            for name in ('floor_empty', 'floor_insert'):
                conf.write(LOCATION % {'name': name, 'issuer': self.issuer, 'folder': self.site.folder})

    def start(self):
        self.set_up()
        self.servers['PostgREST'] = PostgREST(self.database.name)
        self.site.start()
        self.servers['nginx'] = self.site.nginx
        self.start_gateway()
        self.write_scripts()

    def set_up(self):
        ours = self.ours
        ours.run(FLOOR)
        ours.call('SELECT oauth.create_issuer(%s)', self.issuer)
        ours.run("""SELECT oauth.create_resource('https://api.example.com', 'API', '{"notes:read": "Read"}', is_default => true)""")
        ours.run(f"SELECT oauth.create_user('alice', '{PASSWORD}')")
        self.machine = ours.connection.execute(
            "SELECT client_id, client_secret FROM oauth.create_client('machine', scopes => '{notes:read}', grant_types => '{client_credentials}')").fetchone()
        self.web = ours.connection.execute(
            f"SELECT client_id, client_secret FROM oauth.create_client('web', '{{{CALLBACK}}}', scopes => '{{openid,notes:read}}')").fetchone()

    def start_gateway(self):
        subprocess.run(['psql', '-X', '-q', '-d', self.database.name, '-f', os.path.join(DEPLOY, 'gateway/gateway.sql')], check=True)
        port = free_port()
        self.gateway = f'http://127.0.0.1:{port}'
        url = f'postgresql://oauth_gateway@/{self.database.name}?host={os.environ["PGHOST"]}&port={os.environ["PGPORT"]}'
        self.servers['gateway'] = Process(['node', os.environ['WORK'] + '/gateway/gateway.mjs'], os.path.join(FOLDER, 'gateway.log'),
                                          ISSUER=self.issuer, PORT=str(port), DATABASE_URL=url)
        if not wait_until(self.gateway_answers):
            sys.exit(f'the gateway did not start: {FOLDER}/gateway.log')

    def gateway_answers(self):
        try:
            return requests.get(self.gateway + '/.well-known/jwks.json', timeout=2).ok
        except requests.ConnectionError:
            return False

    def write_scripts(self):
        """What wrk asks: every target once by us before, to see that it answers as it should."""
        basic = base64.b64encode(':'.join(self.machine).encode()).decode()
        headers = {'Content-Type': 'application/x-www-form-urlencoded', 'Authorization': 'Basic ' + basic}
        body = 'grant_type=client_credentials'
        self.script = os.path.join(FOLDER, 'post.lua')
        with open(self.script, 'w') as script:
            script.write(f'wrk.method = "POST"\nwrk.body = "{body}"\n')
            script.writelines(f'wrk.headers["{name}"] = "{value}"\n' for name, value in headers.items())
        # name -> URL, is it a POST, what a good answer has
        self.targets = {
            'one-row insert': (self.issuer + '/floor_insert', True, ''),
            'token': (self.issuer + '/token', True, '"access_token"'),
            'token, gateway': (self.gateway + '/token', True, '"access_token"'),
            'empty function': (self.issuer + '/floor_empty', False, ''),
            'discovery': (self.issuer + '/.well-known/openid-configuration', False, '"token_endpoint"'),
            'jwks': (self.issuer + '/.well-known/jwks.json', False, '"keys"'),
        }
        for name, (url, post, expected) in self.targets.items():
            answer = requests.post(url, body, headers=headers) if post else requests.get(url)
            if answer.status_code != 200 or expected not in answer.text:
                sys.exit(f'{name}: {answer.status_code} {answer.text}')

    def processor_time(self):
        """Seconds each kind of server has used, its children's included, also those that ended."""
        pids = {name: server.process.pid for name, server in self.servers.items()}
        pids['PostgreSQL'] = self.ours.call("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::integer")
        return {name: (self.ticks(pid, 4) + sum(self.ticks(child, 2) for child in self.children(pid))) / TICK
                for name, pid in pids.items()}

    @staticmethod
    def children(pid):
        with open(f'/proc/{pid}/task/{pid}/children') as children:
            return children.read().split()

    @staticmethod
    def ticks(pid, columns):
        """proc(5): utime and stime, and with four columns those of children that were waited for."""
        try:
            with open(f'/proc/{pid}/stat') as stat:
                return sum(int(field) for field in stat.read().rsplit(')', 1)[1].split()[11:11 + columns])
        except FileNotFoundError:
            return 0                    # a child that has just ended

    def wrk(self, name):
        """Requests per second, and processor time per request in microseconds of each server."""
        url, post, _ = self.targets[name]
        before = self.processor_time()
        said = subprocess.run(['wrk', '-t1', f'-c{CONNECTIONS}', f'-d{SECONDS}s', *(['-s', self.script] if post else []), url],
                              check=True, capture_output=True, text=True).stdout
        after = self.processor_time()
        if 'Non-2xx' in said or 'Socket errors' in said:
            sys.exit(f'{name}: {said}')
        requested = int(re.search(r'(\d+) requests in', said)[1])
        return float(re.search(r'Requests/sec: *([\d.]+)', said)[1]), {
            server: (after[server] - before[server]) * 1e6 / requested for server in after}

    def flow(self):
        """A person who was never there: authorize, login, consent, and the client's token request."""
        client_id, secret = self.web
        query = urllib.parse.urlencode({
            'response_type': 'code', 'client_id': client_id, 'redirect_uri': CALLBACK, 'scope': 'openid notes:read', 'prompt': 'consent',
            'code_challenge': 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', 'code_challenge_method': 'S256'})
        browser = Browser('alice', PASSWORD, self.issuer)
        landed = browser.visit(f'{self.issuer}/authorize?{query}')
        asked = [page for page in browser.seen if page[0] == 'POST']
        if len(asked) != 2:
            sys.exit(f'log-in and consent were to be asked for: {browser.seen}')
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(landed).query)['code'][0]
        token = requests.post(self.issuer + '/token', auth=(client_id, secret), data={
            'grant_type': 'authorization_code', 'code': code, 'redirect_uri': CALLBACK,
            'code_verifier': 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'})
        if 'access_token' not in token.json():
            sys.exit(f'{token.status_code} {token.text}')

    def flows(self):
        """Milliseconds of a flow, and of the one scrypt in it, by turns."""
        hashed = self.ours.call('SELECT oauth.hash_password(%s)', PASSWORD)
        times = []
        for _ in range(4 * ROUNDS):
            start = time.monotonic()
            self.flow()
            middle = time.monotonic()
            if not self.ours.call('SELECT oauth.verify_password(%s, %s)', PASSWORD, hashed):
                sys.exit('the password is not the password')
            times.append(((middle - start) * 1000, (time.monotonic() - middle) * 1000))
        return [statistics.median(column) for column in zip(*times)]

    def stop(self):
        for server in self.servers.values():
            server.stop()
        self.database.close()


def table(head, rows):
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, ['-' * width for width in widths], *rows]:
        print(' | '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print()


def report(results, flow, scrypt):
    rate = {name: [of for of, _ in rounds] for name, rounds in results.items()}
    rows = []
    for what, beside, goal in GOALS:
        ratio = statistics.median(a / b for a, b in zip(rate[what], rate[beside]))
        rows.append([what, f'{statistics.median(rate[what]):.0f}', beside, f'{statistics.median(rate[beside]):.0f}',
                     f'{ratio:.2f} times', f'>= {goal} times', 'met' if ratio >= goal else 'missed'])
    table(['what', 'per s', 'beside', 'its per s', 'measured', 'goal', ''], rows)

    servers = ['nginx', 'PostgREST', 'gateway', 'PostgreSQL']
    table(['processor time of a request, us', *servers], [
        [name, *(f'{statistics.median(used[server] for _, used in rounds):.0f}' for server in servers)]
        for name, rounds in results.items()])
    print(f'A whole flow (authorize, login, consent, token; one Python client): {1000 / flow:.1f} per s, {flow:.0f} ms each,')
    print(f'of which scrypt of the password takes {scrypt:.0f} ms, {100 * scrypt / flow:.0f} per cent.')
    print(f'{ROUNDS} rounds of {SECONDS} s, {CONNECTIONS} connections; the gateway is asked without nginx.  '
          f'Load of the machine: {" ".join(f"{n:.1f}" for n in os.getloadavg())}, {os.cpu_count()} processors.')


def main():
    bench = Bench()
    try:
        bench.start()
        for name in bench.targets:
            bench.wrk(name)             # connections, plans and caches
        results = {name: [] for name in bench.targets}
        for _ in range(ROUNDS):
            for name in bench.targets:
                results[name].append(bench.wrk(name))
        report(results, *bench.flows())
    finally:
        bench.stop()


main()
