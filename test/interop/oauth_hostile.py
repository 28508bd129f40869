"""The authorization server over HTTP, attacked: by those who send slowly, much, from
many addresses, or requests that two servers might read in two ways; by replay; by what
might be kept for others in nginx's cache, or be quoted in its logs.

Its arguments: see oauth_site.py.  Prints TAP.
"""

import base64
import glob
import hashlib
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import uuid

import jwt as pyjwt
from cryptography.hazmat.primitives.asymmetric import ec

from common import base64url
from oauth_site import DEPLOY, FOLDER, PostgREST, Site, make_certificates, run_test, wait_until

FORM = 'Content-Type: application/x-www-form-urlencoded'
DOCUMENTS = ('/.well-known/jwks.json', '/.well-known/openid-configuration', '/.well-known/oauth-authorization-server')
COOKIE = ('Cookie', 'oauth_session=' + 'a' * 43)


def at_once(calls):
    """What they return, all begun at the same time."""
    answers = [None] * len(calls)

    def run(n):
        answers[n] = calls[n]()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def address(text):
    """As if from there: nginx is told to believe us."""
    return ('X-Forwarded-For', text)


class Test:
    def __init__(self, database, tap):
        self.database, self.ours, self.tap = database, database.ours, tap

    def ok(self, good, name, *explanation):
        self.tap.ok(bool(good), name, *explanation)

    def unthrottle(self):
        self.ours.run('DELETE FROM oauth.throttle')

    def raw(self, data, wait=2):
        """The statuses that come, and whether the connection was closed then."""
        with socket.create_connection(('127.0.0.1', self.site.port)) as connection:
            connection.settimeout(wait)
            got = b''
            try:
                connection.sendall(data)
                while part := connection.recv(65536):
                    got += part
                closed = True
            except socket.timeout:
                closed = False
            except OSError:
                closed = True
        return re.findall(rb'HTTP/1\.1 (\d+)', got), closed, got

    # -- requests that two servers might read in two ways --

    def shapes(self):
        second = b'GET /health HTTP/1.1\r\nHost: x\r\n\r\n'
        form = b'grant_type=x'

        def request(*headers, body=form + second):
            return '\r\n'.join(['POST /token HTTP/1.1', 'Host: x', FORM, *headers, '', '']).encode('latin-1') + body

        for name, data in {
                'Content-Length and Transfer-Encoding': request('Content-Length: 12', 'Transfer-Encoding: chunked', body=b'0\r\n\r\n' + second),
                '... the other way round': request('Transfer-Encoding: chunked', 'Content-Length: 5', body=b'0\r\n\r\n' + second),
                'two Content-Length': request('Content-Length: 12', 'Content-Length: 0'),
                'a list of Content-Length': request('Content-Length: 12, 12'),
                'a Content-Length with a sign': request('Content-Length: +12'),
                'a Content-Length without end': request('Content-Length: 99999999999999999999'),
                'a space before the colon': request('Content-Length : 12'),
                'an unknown Transfer-Encoding': request('Transfer-Encoding: xchunked', 'Content-Length: 12'),
                'a vertical tab in Transfer-Encoding': request('Transfer-Encoding:\x0bchunked', 'Content-Length: 5'),
                'a folded header': request('X-A: b', ' Content-Length: 12'),
                'a bare CR in a header': request('X-A: b\rContent-Length: 5', 'Content-Length: 12'),
                'NUL in a header': request('X-A: b\0c', 'Content-Length: 12'),
                'a chunk of a negative size': request('Transfer-Encoding: chunked', body=b'-1\r\n' + form + b'\r\n0\r\n\r\n' + second),
                'a chunk that is longer than it says': request('Transfer-Encoding: chunked', body=b'c\r\n' + form + b'XX0\r\n\r\n' + second),
                'chunks in HTTP/1.0': b'POST /token HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n' + second,
                'a space in the target': b'GET /health ?x HTTP/1.1\r\nHost: x\r\n\r\n' + second,
                'HTTP/2 without TLS': b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + second}.items():
            statuses, closed, got = self.raw(data)
            self.ok(closed and len(statuses) == 1 and statuses[0] in (b'400', b'501'), f'{name}: refused, and nothing behind it read', got)
            if 'a chunk' not in name:
                self.ok(got.endswith(b'{"error": "invalid_request", "error_description": "The request is malformed or too long."}'),
                        "... in OAuth's words", got)
        for name, data, expected in (
                ('a body that is left unread', request('Content-Length: 12'), [b'401', b'200']),
                ('a header with an underscore', request('Content_Length: 0', 'Content-Length: 12'), [b'401', b'200']),
                ('what comes after the last chunk', request(
                    'Transfer-Encoding: chunked', body=b'c\r\n' + form + b'\r\n0\r\nX-OAuth-Issuer: x\r\n\r\n' + second), [b'401', b'200']),
                ('the body of a GET', b'GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n' + form + second, [b'200', b'200']),
                ('Expect: 100-continue', request('Content-Length: 12', 'Expect: 100-continue'), [b'100', b'401', b'200']),
                ('Upgrade', b'GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n' + second, [b'200', b'200'])):
            self.unthrottle()
            statuses, _, got = self.raw(data, 1)
            self.ok(statuses == expected, f'{name}: the next request is the next request', expected, got)

    # -- those who take their time --

    def slowness(self):
        begun = {
            'nothing': b'',
            'half a header': b'POST /token HTTP/1.1\r\nHost: x\r\nX-A: ',
            'half a body': b'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\ngrant'}
        start = time.monotonic()
        waiting = {}
        for name, data in begun.items():
            waiting[name] = socket.create_connection(('127.0.0.1', self.site.port))
            waiting[name].sendall(data)
            waiting[name].settimeout(15)
        for name, connection in waiting.items():
            try:
                answer = connection.recv(1000)
            except ConnectionResetError:
                answer = b''
            except socket.timeout:
                answer = None
            took = time.monotonic() - start
            self.ok(answer is not None and 9 < took < 13, f'who sends {name} has ten seconds', took, answer)
            connection.close()

    def connections(self):
        """--connections 5"""
        def slow(source):
            connection = socket.create_connection(('127.0.0.1', self.site.port))
            connection.sendall(f'POST /token HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {source}\r\nContent-Length: 9\r\n\r\ngrant'.encode())
            return connection

        for name, source, same, other in (
                ('an IPv4 address', '192.0.2.1', '192.0.2.1', '192.0.2.2'),
                ('an IPv4 address on an IPv6 socket', '::ffff:192.0.2.3', '::ffff:192.0.2.3', '::ffff:192.0.2.4'),
                ('a /64 of IPv6 addresses', '2001:db8:0:1::1', '2001:db8:0:1:ffff::2', '2001:db8:0:2::1'),
                ('a /64 that is written short', '2001:db8::1', '2001:db8:0:0:5::', '2001:db8:0:1::')):
            held = [slow(source) for _ in range(5)]
            time.sleep(0.3)
            got = self.site.post('/token', 'grant_type=x', address(same))
            self.ok(got.is_error(429, 'temporarily_unavailable'), f'{name} has so many requests in work, slow bodies among them', got)
            page = self.site.get('/login', address(same))
            self.ok(page.status == 429 and page['Content-Type'] == 'text/html; charset=utf-8' and b'<h1>' in page.body
                    and page['Retry-After'] == '1' and page['Cache-Control'] == 'no-store' and "frame-ancestors 'none'" in page[
                        'Content-Security-Policy'], '... people are told so on a page', page)
            style = re.search(rb'<style>(.*)</style>', page.body)[1]
            self.ok(f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'" in page['Content-Security-Policy'],
                    '... in a style that its policy knows', page)
            got = self.site.get('/health', address(other))
            self.ok(got.status == 200, f'... {other} is another', got)
            for connection in held:
                connection.close()
            time.sleep(0.3)
            got = self.site.get('/health', address(same))
            self.ok(got.status == 200, '... and then there is room again', got)

    # -- passwords, from many addresses --

    def log_in(self, n, site=None):
        csrf = base64url(hashlib.sha256(('csrf:' + 'a' * 43).encode()).digest())
        return (site or self.site).post('/login', f'csrf={csrf}&username=user{n}&password=wrong', COOKIE, address(f'198.51.100.{n}'))

    def floods(self):
        """--logins-rate 3, PostgREST with a pool of three"""
        self.unthrottle()
        times, done = [], threading.Event()

        def ask_for_tokens():
            while not done.is_set():
                start = time.monotonic()
                got = self.site.post('/token', 'grant_type=x', address('203.0.113.1'))
                times.append((time.monotonic() - start, got.status))

        victim = threading.Thread(target=ask_for_tokens)
        victim.start()
        start = time.monotonic()
        answers = at_once([lambda n=n: self.log_in(n) for n in range(40)])
        took = time.monotonic() - start
        done.set()
        victim.join()
        statuses = [a.status for a in answers]
        # one at once, and as many as five seconds are enough for
        self.ok(statuses.count(401) == 16 and statuses.count(429) == 24, 'of 40 log-ins from 40 addresses some wait, the others are refused', statuses)
        self.ok(4 < took < 8, '... those not longer than five seconds', took)
        page = next(a for a in answers if a.status == 429)
        self.ok(page['Content-Type'] == 'text/html; charset=utf-8' and page['Retry-After'] == '1', '... these on a page', page)
        slow = [t for t in times if t[0] > 1 or t[1] not in (401, 429)]
        self.ok(len(times) > 20 and not slow, '... while tokens are asked for as ever', len(times), slow)
        got = self.site.get('/login', address('198.51.100.1'))
        self.ok(got.status == 200, '... and the page is shown', got)

        # slow bodies do not take a log-in's place
        held = []
        for n in range(40):
            held.append(socket.create_connection(('127.0.0.1', self.site.port)))
            held[-1].sendall(f'POST /login HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.{n}\r\nContent-Length: 9\r\n\r\nuser'.encode())
        time.sleep(7)
        got = self.log_in(99)
        self.ok(got.status == 401, 'bodies that never come keep nobody from logging in', got)
        for connection in held:
            connection.close()

        got = self.log_in(98, self.apart)
        self.ok(got.status == 503 and got['Content-Type'] == 'text/html; charset=utf-8' and got['Retry-After'] == '5'
                and self.apart.get('/login').status == 200 and self.apart.post('/token', 'grant_type=x').status in (401, 429),
                'log-ins may have a PostgREST of their own, whose troubles are its own', got)
        got = self.apart.get('/?in-a-log')

        def said():
            return open(os.path.join(self.apart.folder, 'main.log')).read()

        self.ok(got.body == b'mine' and wait_until(lambda: 'in-a-log' in said()) and '/login' not in said(), 'an nginx that serves other things logs them, and the endpoints apart', got, said())

    def pages(self):
        """--login-rate 1"""
        for n, path in enumerate(('/authorize', '/login', '/consent', '/logout', '/account', '/device')):
            source = address(f'203.0.113.{n + 10}')
            statuses = [a.status for _ in range(30) for a in at_once([lambda: self.apart.get(path, source)] * 5)]
            self.ok(statuses.count(429) > 10, f'{path} is not for one address alone', statuses)
            statuses = [self.apart.get(path, address('203.0.113.9')).status, self.apart.get('/userinfo', source).status]
            self.ok(429 not in statuses, '... nor is it shown to another the less, or programs answered', statuses)

    # -- what nginx keeps --

    def cache(self):
        time.sleep(6)                   # what is kept for five seconds is gone
        plain = {document: self.site.get(document) for document in DOCUMENTS}
        time.sleep(6)
        for document in DOCUMENTS:
            head = self.site.ask('HEAD', document)
            self.ok(head.status == 200 and head.body == b'' and head['Content-Type'] == 'application/json', f'HEAD {document}', head)
            got = self.site.get(document)
            self.ok(got.status == 200 and got.body == plain[document].body, '... and GET', got)
        hostile = [
            ('Host', 'evil.example'), ('X-Forwarded-Host', 'evil.example'), ('X-Forwarded-Proto', 'gopher'), ('X-Original-URL', '/token'),
            ('X-OAuth-Issuer', self.tenant), ('Accept', 'text/html'), ('Accept-Encoding', 'gzip'), ('Accept-Language', 'xx'), ('Range', 'bytes=0-9'),
            ('Authorization', 'Bearer x'), COOKIE, ('If-None-Match', '*'), ('Prefer', 'return=minimal'), ('X-HTTP-Method-Override', 'POST')]
        for document in DOCUMENTS:
            wrong = []
            for n, header in enumerate(hostile):
                if n % 5 == 0:
                    time.sleep(5.1)     # so that it is this one that is asked for, and kept
                self.site.get(f'{document}?{n}', header)
                after = self.site.get(document)
                if after.status != 200 or after.body != plain[document].body or after.all('Set-Cookie'):
                    wrong.append((header, after))
            self.ok(not wrong, f'{document} is the same to whoever asks after whomever', *wrong)
        for path in ('', '/tenant', ''):
            got = self.site.get(path + '/.well-known/openid-configuration')
            self.ok(got.json()['issuer'] == self.site.origin + path, f"... and each issuer's is its own: {path or '/'}", got)

        # counted where they arrive
        self.ours.run('ALTER FUNCTION oauth_http.jwks(bytea) RENAME TO jwks_asked')
        self.ours.run('CREATE SEQUENCE public.asked; GRANT USAGE ON SEQUENCE public.asked TO oauth_anon')
        self.ours.run('''CREATE FUNCTION oauth_http.jwks(bytea) RETURNS oauth_http."*/*" LANGUAGE sql SECURITY DEFINER
            BEGIN ATOMIC SELECT nextval('public.asked'); SELECT oauth_http.jwks_asked($1); END''')
        self.ours.run("SELECT oauth.grant_http('oauth_anon')")
        self.ours.run("NOTIFY pgrst, 'reload schema'")
        time.sleep(6)
        self.site.get('/.well-known/jwks.json')
        answers = at_once([lambda n=n: self.site.get(f'/.well-known/jwks.json?{n}', address(f'192.0.2.{n}')) for n in range(20)])
        asked = self.ours.call('SELECT last_value FROM public.asked WHERE is_called')
        self.ok(all(a.body == plain[DOCUMENTS[0]].body for a in answers) and asked == 1, '20 with a query each are told what is known', asked)
        self.ours.run('DROP FUNCTION oauth_http.jwks(bytea); ALTER FUNCTION oauth_http.jwks_asked(bytea) RENAME TO jwks; DROP SEQUENCE public.asked')
        self.ours.run("NOTIFY pgrst, 'reload schema'")

    def revoked(self):
        def published():
            return [key['kid'] for key in self.site.get(DOCUMENTS[0]).json()['keys']]

        kid = self.ours.call("SELECT kid FROM jwt.keys WHERE issuer = %s AND state = 'active'", self.site.origin)
        self.ours.call('SELECT jwt.rotate_key(%s)', self.site.origin)
        time.sleep(6)
        self.ok(kid in published(), 'a retired key is published')
        self.ours.run(f"SELECT jwt.revoke_key('{self.site.origin}', '{kid}')")
        time.sleep(6)
        self.ok(kid not in published(), '... until it is revoked, and five seconds')

    # -- replay --

    def assertion(self, key, **claims):
        now = int(time.time())
        return pyjwt.encode({'iss': 'key', 'sub': 'key', 'aud': self.site.origin, 'iat': now, 'exp': now + 60, 'jti': uuid.uuid4().hex, **claims},
                            key, 'ES256', headers={'kid': 'k'})

    def replay(self):
        key = ec.generate_private_key(ec.SECP256R1())
        jwk = {**json.loads(pyjwt.algorithms.ECAlgorithm.to_jwk(key.public_key())), 'kid': 'k'}
        for issuer in (self.site.origin, self.tenant):
            self.ours.connection.execute("SELECT oauth.create_scope('api', 'Use the API', issuer => %s)", [issuer])
            self.ours.connection.execute(
                "SELECT oauth.create_client('Key', client_id => 'key', token_endpoint_auth_method => 'private_key_jwt', jwks => %s,"
                " grant_types => '{client_credentials}', scopes => '{api}', issuer => %s)", [json.dumps({'keys': [jwk]}), issuer])

        def ask(assertion, path='/token', *headers, **more):
            return self.site.post(path, urllib.parse.urlencode({
                'grant_type': 'client_credentials', 'token': 'x', 'client_assertion': assertion,
                'client_assertion_type': 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', **more}), *headers)

        self.unthrottle()
        once = self.assertion(key)
        answers = at_once([lambda: ask(once) for _ in range(50)])
        statuses = [a.status for a in answers]
        self.ok(statuses.count(200) == 1 and set(statuses) <= {200, 401, 429}, 'of 50 clients with one assertion one is served', statuses)
        self.unthrottle()
        once = self.assertion(key)
        paths = ('/token', '/revoke', '/introspect') * 10
        statuses = [a.status for a in at_once([lambda path=path: ask(once, path) for path in paths])]
        self.ok(statuses.count(200) == 1 and set(statuses) <= {200, 401, 429}, '... whichever endpoints they ask', statuses)
        self.unthrottle()
        got = ask(once, '/tenant/token')
        self.ok(got.is_error(401, 'invalid_client'), '... nor is it good at another issuer', got)
        jti = uuid.uuid4().hex
        first, second = ask(self.assertion(key, jti=jti)), ask(self.assertion(key, jti=jti, exp=int(time.time()) + 90))
        self.ok(first.status == 200 and second.is_error(401, 'invalid_client'), 'a jti is good once, whatever else the assertion says', first, second)
        late = self.assertion(key, exp=int(time.time()) - 5)
        first = ask(late)
        self.ours.run('SELECT oauth.purge()')
        second = ask(late)
        self.ok(first.status == 200 and second.is_error(401, 'invalid_client'), 'one that is just good still is good once, purged or not', first, second)
        got = ask(self.assertion(key), '/token', ('Authorization', 'Basic ' + base64.b64encode(b'key:x').decode()))
        self.ok(got.is_error(400, 'invalid_request'), 'Basic and an assertion are one too many', got)
        self.unthrottle()

    # -- redirects --

    def redirects(self):
        self.ours.connection.execute(
            "SELECT oauth.create_client('App', '{https://app.example.com/cb}', client_id => 'app', token_endpoint_auth_method => 'none',"
            " post_logout_redirect_uris => '{https://app.example.com/bye}', issuer => %s)", [self.site.origin])
        self.ours.call("SELECT oauth.create_user('alice', 'correct horse battery staple', issuer => %s)", self.site.origin)
        base = 'response_type=code&code_challenge_method=S256&code_challenge=' + 'x' * 43
        here = self.site.origin

        for uri in ('https://app.example.com%40evil.example/cb', 'https://evil.example%5C@app.example.com/cb', 'https%253A%252F%252Fapp.example.com%252Fcb',
                    'https://app.example.com./cb', 'https://app.example.com/cb%0d%0aX-Evil:1', '//evil.example', 'javascript:alert(1)'):
            for target in (f'/authorize?client_id=app&redirect_uri={uri}&scope=openid&{base}',
                           f'/authorize?client_id=app&redirect_uri={uri}&response_type=nonsense', f'/authorize?client_id=nobody&redirect_uri={uri}',
                           f'/logout?client_id=app&post_logout_redirect_uri={uri}'):
                got = self.site.get(target)
                self.ok(got.status == 400 and got['Location'] is None and got['X-Evil'] is None, f'nobody is sent on by {target[:60]}', got)
        for mode in ('query', 'fragment', 'nonsense'):
            got = self.site.get(f'/authorize?client_id=app&redirect_uri=https://app.example.com/cb&scope=nonsense&response_mode={mode}'
                                f'&state=%0d%0aX-Evil:%201%0d%0a%0d%0a&{base}')
            self.ok(got.status == 303 and re.match(r'https://app\.example\.com/cb[?#]error=', got['Location']) and got['X-Evil'] is None
                    and '%0D%0AX-Evil%3A%201' in got['Location'], f'response_mode={mode}: a state ends no header', got)
        got = self.site.get(f'/authorize?client_id=app&redirect_uri=https://app.example.com/cb&scope=openid&{base}', ('Host', 'evil.example'),
                            ('X-Forwarded-Host', 'evil.example'))
        self.ok(got.status == 303 and got['Location'].startswith(f'{here}/login?'), 'where the log-in is, no header says', got)

        csrf = base64url(hashlib.sha256(('csrf:' + 'a' * 43).encode()).digest())
        for field, value in (('request', '//evil.example/'), ('request', 'https://evil.example/'), ('request', '@evil.example'), ('request', 'a=b\r\nX-Evil: 1'),
                             ('request', '#@evil.example'), ('user_code', '//evil.example/\r\nX-Evil: 1'), ('next', '//evil.example'),
                             ('return_to', 'https://evil.example/')):
            got = self.site.post('/login', urllib.parse.urlencode({
                'csrf': csrf, 'username': 'alice', 'password': 'correct horse battery staple', field: value}), COOKIE)
            self.ok(got.status == 303 and re.match(re.escape(here) + r'/(authorize\?|account$|device\?user_code=[A-Z]*$)', got['Location'])
                    and got['X-Evil'] is None, f'a log-in with {field}={value!r} goes on here', got)

    # -- HTTP/2 and logs --

    def http2(self):
        context = ssl.create_default_context(cafile=os.path.join(FOLDER, 'ca.pem'))
        context.set_alpn_protocols(['h2', 'http/1.1'])
        with socket.create_connection(('127.0.0.1', self.secure.port)) as connection:
            with context.wrap_socket(connection, server_hostname='127.0.0.1') as tls:
                self.ok(tls.selected_alpn_protocol() == 'h2', 'nginx speaks HTTP/2', tls.selected_alpn_protocol())
        started = open(os.path.join(FOLDER, 'nginx.log')).read() + open(os.path.join(self.secure.folder, 'start.log')).read()
        self.ok(not re.search(r'\[(warn|error|alert|emerg)\]', started), '... and has nothing to complain of', started)
        for said, expected in (
                ('nginx version: nginx/1.22.1', ['listen 443 ssl http2;']), ('nginx version: nginx/1.25.0', ['listen 443 ssl http2;']),
                ('nginx version: nginx/1.25.1', ['listen 443 ssl;', 'http2 on;']), ('nginx version: nginx/1.26.3 (Ubuntu)', ['listen 443 ssl;', 'http2 on;']),
                ('nginx version: openresty/1.27.1.2', ['listen 443 ssl;', 'http2 on;']), ('nginx version: nginx/2.0', ['listen 443 ssl http2;']),
                ('', ['listen 443 ssl http2;'])):
            program = os.path.join(FOLDER, 'nginx')
            with open(program, 'w') as script:
                script.write(f'#!/bin/sh\necho "{said}" >&2\n')
            os.chmod(program, 0o755)
            folder = os.path.join(FOLDER, 'version')
            subprocess.run([os.path.join(DEPLOY, 'configure.sh'), '--nginx', program, '--certificate', '/c.pem', '--key', '/k.pem', folder, 'https://a.example'],
                           check=True)
            lines = open(os.path.join(folder, 'listen.conf')).read().split('\n')
            self.ok([line for line in lines if 'listen' in line or 'http2' in line] == expected, f'it is asked for as "{said}" wants it', lines)

    def logs(self):
        """Whatever happens, no query is written down."""
        secret = 'id_token_hint=eyJhbGciOi.in-a-log'
        self.site.post('/token?' + secret, 'x' * 70000)
        self.raw(f'POST /token?{secret} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n'.encode())
        at_once([lambda: self.site.post('/login?' + secret, '', address('198.51.100.200')) for _ in range(40)])
        held = []
        for _ in range(8):
            held.append(socket.create_connection(('127.0.0.1', self.site.port)))
            held[-1].sendall(f'POST /token?{secret} HTTP/1.1\r\nHost: x\r\nReferer: https://a.example/?{secret}\r\nContent-Length: 9\r\n\r\nu'.encode())
        time.sleep(0.3)
        refused = self.site.get('/authorize?' + secret)
        for connection in held:
            connection.close()
        time.sleep(0.3)
        self.postgrest.stop()
        answers = [self.site.get(f'{path}?{secret}', ('Referer', f'https://a.example/?{secret}'))
                   for path in ('/authorize', '/login', '/logout', '/device', '/userinfo', '/nothing')]
        answers += [self.site.ask('GET', '/authorize?' + secret + 'x' * 20000), self.site.ask('G T', '/authorize?' + secret),
                    self.site.ask('TRACE', '/authorize?' + secret), self.site.ask('PUT', '/nothing?' + secret, b'x' * 100000)]
        self.ok(refused.status == 429 and [a.status for a in answers] == [503] * 5 + [404, 414, 400, 405, 404], 'many things go wrong', refused, answers)
        written = {}
        for log in glob.glob(os.path.join(self.site.folder, '*.log')) + [os.path.join(FOLDER, 'nginx.log')]:
            written[log] = open(log, errors='replace').read()
        quoted = [line for text in written.values() for line in text.split('\n') if 'in-a-log' in line]
        self.ok(not quoted, '... and no log quotes a query', *quoted[:5])
        access = written[os.path.join(self.site.folder, 'oauth-access.log')]
        self.ok(re.search(r'GET /authorize 503 .* 502 ', access), '... but the access log says what went wrong', access[-600:])

    def include(self, site):
        """As where nginx serves other things."""
        temporary = ''.join(f'{name}_temp_path {site.folder}/temp/{name};\n' for name in ('client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'))
        with open(os.path.join(site.folder, 'nginx.conf'), 'w') as conf:
            conf.write(f'''
                error_log {site.folder}/main-error.log warn;
                pid {site.folder}/nginx.pid;
                events {{}}
                http {{
                    {temporary}
                    access_log {site.folder}/main.log;
                    include {site.folder}/oauth-http.conf;
                    server {{
                        include {site.folder}/listen.conf;
                        include {site.folder}/oauth-errors.conf;
                        include {site.folder}/oauth-issuers.conf;
                        location / {{
                            return 200 mine;
                        }}
                    }}
                }}''')

    def run(self):
        self.site = Site('plain', '--login-rate', '1000', '--logins-rate', '3', '--connections', '5', '--token-rate', '1000', paths=('', '/tenant'))
        self.tenant = self.site.issuers[1]
        self.apart = Site('apart', '--login-rate', '1', '--login-socket', os.path.join(FOLDER, 'run', 'nobody.sock'))
        self.include(self.apart)
        self.secure = Site('tls', *make_certificates(), scheme='https')
        for site in (self.site, self.apart):
            with open(os.path.join(site.folder, 'listen.conf'), 'a') as listen:
                listen.write('set_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;\n')
        sites = (self.site, self.apart, self.secure)
        for site in sites:
            for issuer in site.issuers:
                self.ours.call('SELECT oauth.create_issuer(%s)', issuer)
        self.postgrest = PostgREST(self.database.name, PGRST_DB_POOL='3')
        try:
            for site in sites:
                site.start()
            for part in (self.shapes, self.slowness, self.connections, self.floods, self.pages, self.cache, self.revoked, self.replay, self.redirects,
                         self.http2, self.logs):
                print(f'# {part.__name__}')
                part()
        finally:
            for server in (self.postgrest, *sites):
                server.stop()


run_test(Test, 'interop_oauth_hostile')
