"""Other people's OAuth clients, unmodified, against the authorization server behind
one of deploy/gateway's programs.

    oauth_clients.py COMMAND...

COMMAND starts the gateway; it gets ISSUER, PORT and DATABASE_URL.  Prints TAP.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

import jwt as pyjwt
import psycopg
import requests
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from requests_oauthlib import OAuth2Session

from browser import Browser
from common import Ours, Tap

HERE = Path(__file__).parent
CALLBACK = 'http://127.0.0.1:4711/callback'
PASSWORD = 'correct horse battery staple'
os.environ['OAUTHLIB_INSECURE_TRANSPORT'] = '1'      # a loopback address, without TLS


class Gateway:
    """deploy/gateway's program on a free port, with a database of its own."""

    def __init__(self, command):
        self.command, self.database = command, 'interop_' + Path(command[-1]).stem + Path(command[-1]).suffix[1:]
        with psycopg.connect(dbname='postgres', autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS {self.database} WITH (FORCE)')
            admin.execute(f'CREATE DATABASE {self.database}')
            # which gateway.sql must not care about
            admin.execute(f'ALTER DATABASE {self.database} SET default_transaction_isolation = serializable')
            if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = 'oauth_gateway'").fetchone():
                admin.execute('CREATE ROLE oauth_gateway LOGIN')
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.port = free.getsockname()[1]
        # below a path, where the two well-known addresses differ (RFC 8414 3.1)
        self.issuer = f'http://127.0.0.1:{self.port}/tenant'
        self.ours = Ours(self.database)
        self.log = Path(os.environ['WORK'], 'gateway.log')
        subprocess.run(['psql', '-X', '-q', '-d', self.database, '-f', HERE / '../../deploy/gateway/gateway.sql'], check=True)
        self.start()

    def start(self):
        url = f'postgresql://oauth_gateway@/{self.database}?host={os.environ["PGHOST"]}&port={os.environ.get("PGPORT", "5432")}'
        self.process = subprocess.Popen(
            [*self.command, *([str(self.port)] if self.command[-1].endswith('.py') else [])],
            env={**os.environ, 'ISSUER': self.issuer + '/', 'PORT': str(self.port), 'DATABASE_URL': url, 'POOL': '10'},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.log.open('a'))
        for _ in range(100):
            try:
                requests.get(self.issuer + '/.well-known/jwks.json', timeout=2)
                return
            except requests.ConnectionError:
                time.sleep(0.1)
        raise AssertionError('the gateway does not answer')

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(25)


def set_up(gateway):
    ours = gateway.ours
    ours.run('SET oauth_jwt.password_cost = 12')
    ours.call('SELECT oauth.create_issuer(%s, %s)', gateway.issuer, 'Interop')
    ours.run("""SELECT oauth.create_resource('https://api.example.com', 'API', '{"notes:read": "Read your notes"}', is_default => true)""")
    ours.call('SELECT oauth.create_user(%s, %s, %s::jsonb)', 'alice', PASSWORD, {'name': 'Alice', 'email': 'alice@example.com'})


def client(ours, name, **more):
    columns = {'client_name': name, 'redirect_uris': [CALLBACK], 'scopes': ['openid', 'profile', 'email', 'offline_access', 'notes:read'], **more}
    arguments = ', '.join(f'{column} => %s' for column in columns)
    return ours.connection.execute(f'SELECT client_id, client_secret FROM oauth.create_client({arguments})', list(columns.values())).fetchone()


def api_accepts(gateway, token):
    """As a resource server does with PyJWT: the key from the JWKS, audience and issuer checked."""
    key = pyjwt.PyJWKClient(gateway.issuer + '/.well-known/jwks.json').get_signing_key_from_jwt(token)
    return pyjwt.decode(token, key, algorithms=['ES256'], audience='https://api.example.com', issuer=gateway.issuer)


def try_requests_oauthlib(tap, gateway):
    """The tutorial's three lines, and a refresh."""
    client_id, secret = client(gateway.ours, 'requests-oauthlib')
    browser = Browser('alice', PASSWORD, gateway.issuer)
    session = OAuth2Session(client_id, redirect_uri=CALLBACK, pkce='S256', scope=['openid', 'profile', 'offline_access', 'notes:read'])
    url, state = session.authorization_url(gateway.issuer + '/authorize')
    landed = browser.visit(url)
    token = session.fetch_token(gateway.issuer + '/token', authorization_response=landed, client_secret=secret)
    tap.ok({'access_token', 'refresh_token', 'id_token'} <= token.keys(), 'requests-oauthlib: authorization_url, fetch_token', token.keys())
    tap.ok(api_accepts(gateway, token['access_token'])['client_id'] == client_id, 'PyJWT accepts the access token with the published key')
    tap.ok(session.get(gateway.issuer + '/userinfo').json()['name'] == 'Alice', 'requests-oauthlib: userinfo')
    fresh = session.refresh_token(gateway.issuer + '/token', auth=(client_id, secret))
    tap.ok(fresh['refresh_token'] != token['refresh_token'], 'requests-oauthlib: refresh')
    tap.ok([page[:2] for page in browser.seen if page[0] == 'POST'] == [('POST', gateway.issuer + '/login'), ('POST', gateway.issuer + '/consent')],
           'the person logged in once and consented once', browser.seen)
    denied = Browser('alice', PASSWORD, gateway.issuer).visit(
        OAuth2Session(client_id, redirect_uri=CALLBACK, pkce='S256', scope=['openid', 'email']).authorization_url(gateway.issuer + '/authorize')[0], decision='deny')
    tap.ok('error=access_denied' in denied, 'a person who denies', denied)


def try_authlib(tap, gateway):
    client_id, secret = client(gateway.ours, 'Authlib', token_endpoint_auth_method='client_secret_post')
    session = AuthlibSession(client_id, secret, redirect_uri=CALLBACK, scope='openid offline_access', code_challenge_method='S256',
                             token_endpoint_auth_method='client_secret_post', revocation_endpoint_auth_method='client_secret_post')
    verifier = 'v' * 48
    url, state = session.create_authorization_url(gateway.issuer + '/authorize', code_verifier=verifier)
    token = session.fetch_token(gateway.issuer + '/token', authorization_response=Browser('alice', PASSWORD, gateway.issuer).visit(url), code_verifier=verifier)
    tap.ok('id_token' in token, 'Authlib: create_authorization_url, fetch_token')
    fresh = session.refresh_token(gateway.issuer + '/token')
    tap.ok('access_token' in fresh, 'Authlib: refresh')
    active = session.introspect_token(gateway.issuer + '/introspect', token=fresh['access_token']).json()
    tap.ok(active['active'] is True, 'Authlib: introspect', active)
    tap.ok(session.revoke_token(gateway.issuer + '/revoke', token=fresh['access_token']).status_code == 200, 'Authlib: revoke')
    tap.ok(session.introspect_token(gateway.issuer + '/introspect', token=fresh['access_token']).json() == {'active': False}, 'Authlib: ... and it is revoked')
    machine_id, machine_secret = client(gateway.ours, 'machine', redirect_uris=[], grant_types=['client_credentials'])
    machine = AuthlibSession(machine_id, machine_secret)
    tap.ok(api_accepts(gateway, machine.fetch_token(gateway.issuer + '/token', grant_type='client_credentials')['access_token'])['scope'] == 'notes:read',
           'Authlib: client credentials')


def try_node(tap, gateway):
    """openid-client and oauth4webapi, which check everything, and passport; the browser is ours."""
    confidential, secret = client(gateway.ours, 'openid-client')
    public, _ = client(gateway.ours, 'oauth4webapi', token_endpoint_auth_method='none')
    post, post_secret = client(gateway.ours, 'passport', token_endpoint_auth_method='client_secret_post')
    node = subprocess.Popen(['node', os.environ['WORK'] + '/oauth.mjs', gateway.issuer, CALLBACK, confidential, secret, public, post, post_secret],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in node.stdout:
        message = json.loads(line)
        if 'visit' in message:
            print(Browser('alice', PASSWORD, gateway.issuer).visit(message['visit']), file=node.stdin, flush=True)
        else:
            tap.ok(message['ok'], message['name'], message.get('error', ''))
    tap.ok(node.wait() == 0, 'the Node clients came to their end')


def try_bad_input(tap, gateway):
    def post(body, content_type='application/x-www-form-urlencoded'):
        return requests.post(gateway.issuer + '/token', data=body, headers={'Content-Type': content_type}, timeout=20)

    for name, body, status in [('a NUL', b'grant_type=a\0b', 400), ('bytes that are no UTF-8', b'grant_type=\xff', 400),
                               ('a repeated parameter', b'grant_type=a&grant_type=b', 400), ('one megabyte', b'a' * 1048576, 413)]:
        try:
            response = post(body)
            tap.ok(response.status_code == status and response.json() == {**response.json(), 'error': 'invalid_request'}
                   and 'SQL' not in response.text.upper(), f'{name}: {status} invalid_request', response.status_code, response.text)
        except requests.ConnectionError:
            # a server may hang up on whoever goes on sending
            tap.ok(status == 413, f'{name}: refused')
    tap.ok(post('{}', 'application/json').status_code == 400, 'JSON instead of a form: 400')
    response = requests.get(gateway.issuer + '/token', timeout=20)
    tap.ok(response.status_code == 405 and response.headers['Allow'] == 'POST', 'GET of the token endpoint: 405 with Allow')
    tap.ok(requests.get(gateway.issuer + '/nowhere', timeout=20).status_code == 404, 'an unknown path: 404')
    # what no library sends
    base = urllib.parse.urlsplit(gateway.issuer).path.encode()
    for name, request, status in [
            ('a length below zero', b'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: -1', 400),
            ('a length that is none', b'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: x', 400),
            ('a length of 5000 digits', b'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: ' + b'1' * 5000, (400, 413)),
            ('a NUL in the path', b'GET /authorize%00 HTTP/1.1\r\nHost: x', (400, 404)),
            ('a NUL in the query', b'GET /authorize?a=%00 HTTP/1.1\r\nHost: x', 400),
            ("JSON's NUL in a header", rb'GET /.well-known/jwks.json HTTP/1.1' b'\r\nHost: x\r\n' rb'User-Agent: \u0000' b'\r\nAccept: a', 200),
            ('bytes in a header', b'GET /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\nCookie: \xff\xfe', 200)]:
        with socket.create_connection(('127.0.0.1', gateway.port), 5) as raw:
            raw.sendall(request.replace(b' /', b' ' + base + b'/', 1) + b'\r\nConnection: close\r\n\r\n')
            try:
                got = raw.makefile('rb').readline()
            except TimeoutError:
                got = b'nothing within five seconds'
        tap.ok(got[9:12].isdigit() and int(got[9:12]) in (status if isinstance(status, tuple) else (status,)), f'{name}: {status}', got)
    with socket.create_connection(('127.0.0.1', gateway.port)) as gone:
        gone.sendall(b'POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ngrant')
    tap.ok(requests.get(gateway.issuer + '/.well-known/jwks.json', timeout=20).ok, 'a client that hangs up harms nobody')


def try_slow_body(tap, gateway):
    """A body that does not come keeps no connection of the database's."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'oauth_gateway' AND datname = current_database()"
    before = gateway.ours.call(busy)
    with socket.create_connection(('127.0.0.1', gateway.port)) as slow:
        slow.sendall(b'POST ' + urllib.parse.urlsplit(gateway.issuer).path.encode() + b'/token HTTP/1.1\r\nHost: x\r\n'
                     b'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 50\r\n\r\nabc')
        time.sleep(1)
        tap.ok(gateway.ours.call(busy) <= before, 'half a body takes no connection to the database')


def try_crowd(tap, gateway):
    """More log-ins at once than there are connections, none of which comes to its end."""
    client_id, secret = client(gateway.ours, 'machine', scopes=['notes:read'], grant_types=['client_credentials'])
    gateway.ours.run("""
        CREATE FUNCTION public.held(text, text) RETURNS text LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END';
        SELECT oauth.set_authenticate_function('public.held(text, text)');
        SELECT pg_advisory_lock(4711)""")

    def log_in(n):
        try:
            Browser(f'user{n}', PASSWORD, gateway.issuer).visit(gateway.issuer + '/account')
        except AssertionError:
            pass                        # refused, or told to come again

    crowd = [threading.Thread(target=log_in, args=[n]) for n in range(15)]
    for one in crowd:
        one.start()
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    for _ in range(100):
        if gateway.ours.call(held) >= 5:
            break
        time.sleep(0.1)
    time.sleep(0.5)
    tap.ok(gateway.ours.call(held) == 5, 'half as many log-ins at once as there are connections', gateway.ours.call(held))
    response = requests.post(gateway.issuer + '/token', auth=(client_id, secret), data={'grant_type': 'client_credentials'}, timeout=20)
    tap.ok(response.status_code == 200, '... and the rest goes on', response.text)
    gateway.ours.run('SELECT pg_advisory_unlock(4711); SELECT oauth.set_authenticate_function(NULL)')
    for one in crowd:
        one.join()


def try_addresses(tap, gateway):
    """What the gateway adds of its own: where the documents are, and who may ask from a browser."""
    root = gateway.issuer.removesuffix('/tenant')
    documents = [requests.get(url, timeout=20).json() for url in (
        gateway.issuer + '/.well-known/openid-configuration', root + '/.well-known/oauth-authorization-server/tenant')]
    tap.ok(documents[0] == documents[1] and documents[0]['issuer'] == gateway.issuer, 'metadata at both addresses', documents)
    tap.ok(requests.get(root + '/token', timeout=20).status_code == 404, 'nothing beside the issuer: 404')
    tap.ok(requests.get(gateway.issuer + '/health', timeout=20).json() == {'status': 'pass'}, 'health')
    origins = {path: requests.options(gateway.issuer + path, timeout=20).headers.get('Access-Control-Allow-Origin')
               for path in ('/token', '/revoke', '/userinfo', '/.well-known/jwks.json', '/introspect', '/authorize', '/login', '/account')}
    tap.ok([path for path, origin in origins.items() if origin == '*'] == ['/token', '/revoke', '/userinfo', '/.well-known/jwks.json'],
           'scripts of other sites may ask for and with tokens, and see no page', origins)
    tap.ok(requests.get(gateway.issuer + '/userinfo', timeout=20).headers.get('Access-Control-Allow-Origin') == '*', '... nor miss an answer')


def try_start(tap, gateway):
    """What cannot start says why, in one line."""
    cases = [('without an issuer', {'ISSUER': ''}, 'ISSUER is not set')]
    if 'node' in gateway.command:
        cases += [('with an issuer that is no URL', {'ISSUER': 'auth.example.com'}, 'ISSUER is not set to a URL'),
                  ('where another one listens', {'ISSUER': gateway.issuer, 'PORT': str(gateway.port)}, 'cannot listen: ')]
    for name, settings, expected in cases:
        ended = subprocess.run(gateway.command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=20)
        tap.ok(ended.returncode == 1 and ended.stderr.startswith(expected) and ended.stderr.count('\n') == 1,
               f'{name}: it ends and says why', ended.returncode, ended.stderr)


def try_no_grant(tap, gateway):
    """As if nobody had run gateway.sql: JSON for who asks, the reason for who reads the log."""
    function = 'FUNCTION oauth.serve(text, text, text, text, jsonb, bytea, inet)'
    gateway.ours.run(f'REVOKE EXECUTE ON {function} FROM oauth_gateway')
    response = requests.get(gateway.issuer + '/.well-known/jwks.json', timeout=20)
    tap.ok(response.status_code == 503 and response.json() == {'error': 'temporarily_unavailable'}, 'nothing granted: 503 in JSON', response.text)
    logged = gateway.log.read_text().splitlines()[-2:]
    tap.ok(any('permission denied for function serve' in line for line in logged), '... and the log says why', logged)
    gateway.ours.run(f'GRANT EXECUTE ON {function} TO oauth_gateway')


def try_outage(tap, gateway):
    """PostgreSQL is out of reach for a while: JSON, no details, and back by itself."""
    with psycopg.connect(dbname='postgres', autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE {gateway.database} ALLOW_CONNECTIONS false')
        admin.execute('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s', [gateway.database])
        response = requests.get(gateway.issuer + '/.well-known/jwks.json', timeout=20)
        tap.ok(response.status_code == 503 and response.json() == {'error': 'temporarily_unavailable'}, 'the database is away: 503 in JSON', response.text)
        tap.ok(response.headers.get('Access-Control-Allow-Origin') == '*', '... which scripts may read too', response.headers)
        admin.execute(f'ALTER DATABASE {gateway.database} ALLOW_CONNECTIONS true')
    tap.ok(requests.get(gateway.issuer + '/.well-known/jwks.json', timeout=20).ok, '... and back')


def try_end(tap, gateway):
    """Told to end while a request is under way: that one is answered, and no other after it."""
    client = http.client.HTTPConnection('127.0.0.1', gateway.port, timeout=20)
    waits = "SELECT count(*) FROM pg_locks WHERE relation = 'oauth.issuers'::regclass AND NOT granted"
    with psycopg.connect(dbname=gateway.database) as other:
        other.execute('LOCK TABLE oauth.issuers')
        client.request('GET', urllib.parse.urlsplit(gateway.issuer).path + '/login')
        for _ in range(100):
            if other.execute(waits).fetchone()[0] > 0:
                break
            time.sleep(0.1)
        gateway.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
    response = client.getresponse()
    response.read()
    tap.ok(response.status == 200, 'told to end, it answers what is under way', response.status)
    tap.ok(response.getheader('Connection') == 'close', '... and closes the connection', response.headers)
    gateway.process.wait(25)


def main():
    gateway, tap = Gateway(sys.argv[1:]), Tap()
    try:
        set_up(gateway)
        try_requests_oauthlib(tap, gateway)
        try_authlib(tap, gateway)
        try_node(tap, gateway)
        try_bad_input(tap, gateway)
        try_addresses(tap, gateway)
        try_slow_body(tap, gateway)
        if 'node' in gateway.command:
            try_crowd(tap, gateway)     # the other has no pool: that is its WSGI server's affair
        unexpected = gateway.ours.call("SELECT coalesce(jsonb_agg(detail), '[]') FROM oauth.audit WHERE event = 'server_error'")
        tap.ok(unexpected == [], 'nothing unexpected happened in the server', unexpected)
        try_start(tap, gateway)
        try_no_grant(tap, gateway)
        try_outage(tap, gateway)
        if 'node' in gateway.command:
            try_end(tap, gateway)       # Python's own server is for trying it out
    finally:
        status = gateway.stop()
    tap.ok(status in (0, -signal.SIGTERM), 'the gateway ends when it is told to', status)
    gateway.ours.connection.close()
    tap.done()


if __name__ == '__main__':
    main()
