"""The authorization server over HTTP, through nginx and PostgREST, byte for byte.

Its arguments: see oauth_site.py.  First oauth.handle is replaced by a recorder that
shows what reaches it and answers what it is told; then the server itself is
asked; then its parts are taken away, one by one.  Prints TAP.
"""

import json
import os
import re
import socket
import threading
import time
import urllib.parse

from oauth_http_answers import Answers
from oauth_http_server import ServerItself
from oauth_site import FOLDER, PostgREST, Site, ask_postgrest, make_certificates, run_test, wait_until

LIMIT = 64 * 1024

RECORDS = '''
    CREATE SCHEMA recorder;
    CREATE TABLE recorder.request (n bigint GENERATED ALWAYS AS IDENTITY, request oauth.request);
    CREATE TABLE recorder.answer (answer oauth.response, delay double precision DEFAULT 0, error text);
'''

RECORDER = '''
    CREATE OR REPLACE FUNCTION oauth.handle(request oauth.request) RETURNS oauth.response LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE
        answer recorder.answer;
    BEGIN
        SELECT * INTO answer FROM recorder.answer;
        PERFORM pg_sleep(answer.delay);
        INSERT INTO recorder.request (request) VALUES (request);
        IF answer.error IS NOT NULL THEN
            EXECUTE answer.error;
        END IF;
        RETURN answer.answer;
    END
    $$
'''

# path below the issuer, methods, is it for scripts of other sites
ENDPOINTS = [
    ('/authorize', 'GET HEAD POST', False),
    ('/login', 'GET HEAD POST', False),
    ('/consent', 'GET HEAD POST', False),
    ('/logout', 'GET HEAD POST', False),
    ('/account', 'GET HEAD POST', False),
    ('/device', 'GET HEAD POST', False),
    ('/token', 'POST', True),
    ('/revoke', 'POST', True),
    ('/introspect', 'POST', False),
    ('/userinfo', 'GET HEAD POST', True),
    ('/device_authorization', 'POST', True),
    ('/health', 'GET HEAD', False),
    ('/.well-known/jwks.json', 'GET HEAD', True),
    ('/.well-known/openid-configuration', 'GET HEAD', True),
    ('/.well-known/oauth-authorization-server', 'GET HEAD', True),
    ('/.well-known/oauth-protected-resource', 'GET HEAD', True),
]


class Test(ServerItself, Answers):
    def __init__(self, database, tap):
        self.database, self.ours, self.tap = database, database.ours, tap

    def start_postgrest(self):
        # so that the pool can be seen to be empty, soon
        self.postgrest = PostgREST(self.database.name, PGRST_DB_POOL='3', PGRST_DB_POOL_ACQUISITION_TIMEOUT='1')

    # -- the recorder --

    def answer(self, status=200, headers=(), body=b'', delay=0, error=None):
        self.ours.run('TRUNCATE recorder.answer, recorder.request')
        self.ours.connection.execute(
            'INSERT INTO recorder.answer VALUES (ROW(%s, %s::jsonb, %s)::oauth.response, %s, %s)',
            [status, json.dumps([{name: value} for name, value in headers]), body, delay, error])

    def recorded(self):
        """The last request that came, its body as bytes; None if none did."""
        row = self.ours.connection.execute(
            'SELECT to_jsonb(request), (request).body FROM recorder.request ORDER BY n DESC LIMIT 1').fetchone()
        return {**row[0], 'body': bytes(row[1])} if row else None

    def count(self):
        return self.ours.call('SELECT count(*) FROM recorder.request')

    def ok(self, good, name, *explanation):
        self.tap.ok(bool(good), name, *explanation)

    def is_error(self, name, answer, status, error):
        self.ok(answer.is_error(status, error) and answer.tells_nothing(), name, f'expected {status} {error}', answer)

    def is_page(self, name, answer, status):
        """What a person is told by nginx."""
        self.ok(answer.status == status and answer['Content-Type'] == 'text/html; charset=utf-8' and answer.body.startswith(b'<!DOCTYPE html>')
                and answer['Cache-Control'] == 'no-store' and re.fullmatch("default-src 'none'; style-src 'sha256-[^']*'; frame-ancestors 'none'; base-uri 'none'", answer['Content-Security-Policy'])
                and not answer['Access-Control-Allow-Origin'] and answer.tells_nothing(), name, f'expected {status}', answer)

    # -- what reaches the server --

    def paths(self):
        for site in self.sites:
            for issuer in site.issuers:
                prefix = issuer[len(site.origin):]
                for path, methods, _ in ENDPOINTS:
                    # RFC 8414 3, RFC 9728 3: before the issuer's path
                    target = path + prefix if '/oauth-' in path else prefix + path
                    self.answer()
                    got = site.ask(methods.split()[0], target, b'' if 'GET' not in methods else None)
                    seen = self.recorded() or {}
                    self.ok(got.status == 200 and (seen.get('issuer'), seen.get('path')) == (issuer, path),
                            f'{target} is {path} of {issuer.replace(str(site.port), "PORT")}'.replace(str(site.port), 'PORT'), got, seen)
        self.answer()
        for target in ('/', '/nothing', '/rpc/token', '/rpc/', '/token/', '/Token', '/token;x', '/tenant', '/.well-known/'):
            self.is_error(f'{target} is not there', self.site.post(target), 404, 'invalid_request')
        self.ok(self.count() == 0, '... nor does the server hear of it')
        for target in ('//token', '/./token', '/x/../token', '/%74oken'):
            got = self.site.post(target)
            self.ok(got.status in (200, 404) and (self.recorded() or {}).get('path', '/token') == '/token',
                    f'{target} is /token or nothing', got)

    def methods(self):
        for method in ('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND'):
            self.answer(body=b'x', headers=[('Content-Type', 'text/plain')])
            got = self.site.ask(method, '/authorize?a=b', b'c=d' if method == 'POST' else None)
            seen = self.recorded() or {}
            self.ok(got.status == 200 and got.body == (b'' if method == 'HEAD' else b'x')
                    and (seen.get('method'), seen.get('query')) == (method, 'a=b'), f'{method} arrives as it is', got, seen)
        self.answer()
        self.is_error('TRACE does not', self.site.ask('TRACE', '/authorize'), 405, 'invalid_request')
        self.is_error('a request that is none is refused', self.site.ask('G T', '/authorize'), 400, 'invalid_request')
        self.ok(self.count() == 0, '... unheard')

    def bodies(self):
        everything = bytes(range(256))
        for name, body in (('every byte', everything), ('NUL in the middle', b'a=1\0&b=2'), ('invalid UTF-8', b'a=\xff\xc0\x80'),
                           ('repeated parameters', b'a=1&a=2&select=x&order=y'), ('nothing', b''), ('JSON', b'{"body": "x"}'),
                           ('a backslash and x', b'\\x41'), ('64 KiB', everything * 256)):
            self.answer(body=body, headers=[('Content-Type', 'application/x-any')])
            got = self.site.post('/token', body)
            seen = self.recorded() or {}
            self.ok(seen.get('body') == body, f'a body with {name} arrives byte for byte', got, str(seen.get('body'))[:200])
            self.ok(got.status == 200 and got.body == body and got['Content-Type'] == 'application/x-any',
                    '... and leaves so', got)
        self.answer()
        for size in (LIMIT + 1, 1024 * 1024):
            self.is_error(f'{size} bytes are too many', self.site.post('/token', b'x' * size), 413, 'invalid_request')
        chunk = b'%x\r\n%s\r\n' % (4096, b'x' * 4096)
        self.is_error('so they are in chunks', self.site.ask(
            'POST', '/token', chunk * 64 + b'0\r\n\r\n', [('Transfer-Encoding', 'chunked')]), 413, 'invalid_request')
        self.ok(self.count() == 0, '... and the server hears of none')
        got = self.site.ask('POST', '/token', chunk + b'0\r\n\r\n', [('Transfer-Encoding', 'chunked')])
        self.ok(got.status == 200 and self.recorded()['body'] == b'x' * 4096, 'a small body may come in chunks', got)

    def queries(self):
        for query in ('a=1&a=2', 'select=x&order=y&limit=1', 'a=%FF%00%0d%0aX:%20y', 'a=b?c/d', '', "a='\\\"<>&;--", 'x' * 9000):
            self.answer()
            got = self.site.get('/authorize?' + query)
            self.ok(got.status == 200 and self.recorded()['query'] == query, f'the query {query[:40]!r} arrives as it is', got)
        self.answer()
        got = self.site.post('/token?client_secret=x', 'a=b')
        self.ok(self.recorded()['query'] == 'client_secret=x' and self.recorded()['body'] == b'a=b', "so does a POST's", got)
        self.site.get('/authorize?a=\xff\xfe')
        self.ok(self.recorded()['query'] == '%', 'bytes that are not ASCII make it malformed', self.recorded())
        self.answer()
        self.is_error('a query of 20,000 bytes is too long', self.site.get('/authorize?' + 'x' * 20000), 414, 'invalid_request')
        self.ok(self.count() == 0, '... unheard')

    def headers(self):
        sent = {'authorization': 'Basic eDp5', 'accept': 'application/token-introspection+jwt', 'dpop': 'a.b.c',
                'accept-language': 'de', 'user-agent': 'test'}
        self.answer()
        got = self.site.post('/token', 'a=b', *sent.items(), ('Cookie', 'a=b; oauth_session=abc; c=d'),
                             ('Prefer', 'params=single-object'), ('Range', '0-0'), ('Range-Unit', 'items'), ('Accept-Profile', 'oauth'),
                             ('Content-Profile', 'oauth'), ('Origin', 'https://evil.example'), ('X-HTTP-Method-Override', 'GET'),
                             ('X-Forwarded-For', '1.2.3.4'), ('Forwarded', 'for=1.2.3.4'), ('Host', 'evil.example'),
                             ('X-OAuth-Issuer', 'https://evil.example'), ('X-OAuth-Method', 'GET'), ('X-OAuth-Query', 'evil=1'),
                             ('X-OAuth-Remote-Addr', '1.2.3.4'), ('X-OAuth-Client-Cert', 'evil'), ('X-OAuth-Header-Cookie', 'evil=1'),
                             ('X-OAuth-Header-Evil', '1'), ('x_oauth_issuer', 'evil'))
        seen = self.recorded() or {}
        self.ok(got.status == 200 and seen.get('headers') == {
            **sent, 'content-type': 'application/x-www-form-urlencoded', 'cookie': 'oauth_session=abc'},
            'of the headers those of the list arrive, and no others', got, seen)
        self.ok((seen.get('issuer'), seen.get('method'), seen.get('query'), seen.get('remote_addr'), seen.get('client_cert'))
                == (self.site.origin, 'POST', '', '127.0.0.1', None), "the proxy's own cannot be forged", seen)

        for name in ('Authorization', 'Content-Type', 'Accept', 'DPoP', 'Accept-Language', 'User-Agent', 'Cookie'):
            for value in (b'\xff', 'ü'.encode(), b'a\x01b', b'a\tb', b'oauth_session=\xe4'):
                self.answer()
                got = self.site.ask('POST', '/token', b'', [(name, value)])
                seen = (self.recorded() or {}).get('headers', {})
                self.ok(got.status == 200 and seen.get(name.lower()) in (None, 'invalid') or got.is_error(400, 'invalid_request'),
                        f'{name}: {value!r} does no harm', got, seen)

        self.answer()
        for token in ('Bearer x', 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.x', 'Bearer'):
            got = self.site.get('/userinfo', ('Authorization', token))
            self.ok(got.status == 200 and self.recorded()['headers']['authorization'] == token,
                    f'PostgREST has no say on "{token}"', got)
        self.answer()
        for twice in (('Authorization', 'Basic eDp5', 'Bearer x'), ('Content-Length', '0', '0'), ('Host', 'a', 'b')):
            name, *values = twice
            self.is_error(f'two headers {name} are refused', self.site.ask(
                'POST', '/token', None, [(name, value) for value in values]), 400, 'invalid_request')
        self.ok(self.count() == 0, '... unheard')

        self.is_error('a header of 11,000 bytes is refused', self.site.post('/token', '', ('DPoP', 'x' * 11000)), 400, 'invalid_request')
        names = ('DPoP', 'Accept', 'User-Agent', 'Accept-Language', 'Authorization')
        self.is_error('so are five of 9,000', self.site.post('/token', '', *((name, 'x' * 9000) for name in names)), 400, 'invalid_request')
        self.ok(self.count() == 0, '... unheard')
        # PostgREST has a limit of its own, and must not be the one that says so
        got = self.secure.post('/token?' + 'x' * 10000, '', *((name, 'x' * 10000) for name in names[:3]),
                               certificate=os.path.join(FOLDER, 'client.pem'))
        self.ok(got.status == 200 and self.recorded()['headers']['dpop'] == 'x' * 10000, 'as much as there may be arrives', got)

    def cookies(self):
        for cookie, expected in (
                ('x=y', None), ('oauth_session=', None), ('oauth_session=a b', None), ('xoauth_session=abc', None),
                ('oauth_session=abc', 'oauth_session=abc'), ('a=b; oauth_session=A-_9; c=d', 'oauth_session=A-_9'),
                ('a=b;oauth_session=abc', 'oauth_session=abc'), ('__Host-oauth_session=abc', '__Host-oauth_session=abc; '),
                # planted beside the browser's own, it must not hide it
                ('oauth_session=evil; __Host-oauth_session=good', '__Host-oauth_session=good; oauth_session=evil'),
                ('__Secure-oauth_session=good; oauth_session=evil', '__Secure-oauth_session=good; oauth_session=evil'),
                ('oauth_session=' + 'a' * 200, None)):
            self.answer()
            self.site.get('/login', ('Cookie', cookie))
            seen = self.recorded()['headers'].get('cookie')
            self.ok((seen or '').rstrip('; ') == (expected or '').rstrip('; '), f'Cookie: {cookie[:60]}', seen)

    # -- what leaves it --

    def responses(self):
        for status in (200, 201, 204, 302, 303, 400, 401, 403, 405, 429):
            self.answer(status, [('Content-Type', 'application/json'), ('Cache-Control', 'no-store'), ('Allow', 'POST'),
                                 ('Pragma', 'no-cache'), ('WWW-Authenticate', 'Basic realm="x"'), ('Location', 'https://a.example/?x=y#z'),
                                 ('Retry-After', '64')],
                        b'' if status == 204 else b'{"error": "own"}')
            got = self.site.post('/token')
            body = b'' if status == 204 else b'{"error": "own"}'
            self.ok((got.status, got.body) == (status, body) and (
                got['Cache-Control'], got['Pragma'], got['WWW-Authenticate'], got['Allow'], got['Location'], got['Retry-After'])
                == ('no-store', 'no-cache', 'Basic realm="x"', 'POST', 'https://a.example/?x=y#z', '64'),
                f'{status} leaves with its headers and body', got)
            self.ok(got['X-OAuth-Status'] is None and got['Content-Range'] is None and got['Content-Location'] is None,
                    "... and without the gateway's own", got)
        for status, error, seen_as in ((404, 'invalid_request', 404), (500, 'server_error', 500), (503, 'temporarily_unavailable', 503)):
            self.answer(status, [('Content-Type', 'application/json')], b'{"error": "own"}')
            self.is_error(f'{status} leaves in nginx\'s words', self.site.post('/token'), seen_as, error)

        self.answer(303, [('Set-Cookie', 'a=1; Path=/'), ('Set-Cookie', 'b=2; Path=/'), ('X-Once', '1'), ('Location', '/x')])
        got = self.site.post('/login')
        self.ok(got.all('Set-Cookie') == ['a=1; Path=/', 'b=2; Path=/'], 'two cookies are set by two headers', got)
        self.answer(200, [('Content-Type', 'text/plain')])
        after = [self.site.get('/login') for _ in range(12)]        # through the whole pool
        self.ok(all(a['Set-Cookie'] is None and a['X-Once'] is None and a.status == 200 for a in after),
                'nothing of a response is left on the connection for the next', *after)
        # ... even if the next sets nothing, on PostgREST's own socket
        self.ours.run('CREATE FUNCTION oauth_http.bare(bytea) RETURNS oauth_http."*/*" LANGUAGE sql RETURN $1')
        self.ours.run("SELECT oauth.grant_http('oauth_anon')")
        self.ok(wait_until(lambda: ask_postgrest('/rpc/bare').status == 200), 'a function that sets nothing')
        self.answer(202, [('Set-Cookie', 'a=1; Path=/')])
        for _ in range(12):
            self.site.post('/token')
        after = [ask_postgrest('/rpc/bare') for _ in range(12)]
        self.ok(all(a['Set-Cookie'] is None and a.status == 200 for a in after), '... finds nothing set', *after)
        self.ours.run('DROP FUNCTION oauth_http.bare(bytea)')

    def errors(self):
        for name, sql in (
                ('a division by zero', 'SELECT 1/0'), ('a raised error', "DO $$BEGIN RAISE EXCEPTION 'secret %', 1; END$$"),
                ('a unique violation', 'INSERT INTO oauth.endpoints SELECT * FROM oauth.endpoints'),
                ('no privilege', "DO $$BEGIN RAISE insufficient_privilege; END$$"),
                ('an error for PostgREST', """DO $$BEGIN RAISE SQLSTATE 'PGRST' USING MESSAGE = '{"code":"1","message":"x"}',
                    DETAIL = '{"status":402,"headers":{}}'; END$$"""),
                ('a serialization failure', 'DO $$BEGIN RAISE serialization_failure; END$$'),
                ('a cancelled statement', 'SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)')):
            self.answer(error=sql)
            self.is_error(f'{name} is told to nobody', self.site.post('/token'), 500, 'server_error')
        self.answer(error='SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(5)')
        got = self.site.post('/token')
        self.ok(got.status in (500, 503) and got.is_error(got.status, got.json()['error']) and got.tells_nothing(),
                'a backend that ends is told to nobody', got)
        self.answer()
        self.ok(wait_until(lambda: self.site.post('/token').status == 200), '... and the next request is served')

    def cors(self):
        origin = ('Origin', 'https://app.example.com')
        for path, methods, shared in ENDPOINTS:
            self.answer()
            preflight = self.site.ask('OPTIONS', path, None, [origin, ('Access-Control-Request-Method', 'POST'),
                                                              ('Access-Control-Request-Headers', 'authorization')])
            heard = self.count()
            got = self.site.ask(methods.split()[0], path, b'' if 'GET' not in methods else None, [origin])
            if shared:
                self.ok(preflight.status == 204 and heard == 0 and preflight['Access-Control-Allow-Origin'] == '*'
                        and 'POST' in preflight['Access-Control-Allow-Methods']
                        and 'Authorization' in preflight['Access-Control-Allow-Headers'], f'{path} may be called by scripts', preflight)
                self.ok(got.all('Access-Control-Allow-Origin') == ['*'] and got['Access-Control-Allow-Credentials'] is None,
                        '... which may read the answer, without cookies', got)
            else:
                allowed = [a for answer in (preflight, got) for a in answer.headers if a.lower().startswith('access-control')]
                self.ok(not allowed, f'{path} may not', preflight, got)
        self.answer(error='SELECT 1/0')
        got = self.site.post('/token', '', origin)
        self.is_error("nginx's own errors", got, 500, 'server_error')
        self.ok(got.all('Access-Control-Allow-Origin') == ['*'], '... may be read by them too', got)

    def rates(self):
        self.answer()
        got = [self.site.post('/login') for _ in range(60)]
        limited = [a for a in got if a.status == 429]
        self.ok(limited and all(a.status in (200, 429) for a in got), 'log-ins are limited by address', *got[:3])
        self.is_page('... and told so', limited[0], 429)
        self.ok(limited[0]['Retry-After'] == '1', '... and when to come again', limited[0])
        self.ok(all(self.site.get('/login').status == 200 for _ in range(30)), '... while the page may be looked at')

    def disconnecting(self):
        self.answer(delay=1)
        for _ in range(3):
            client = socket.create_connection(('127.0.0.1', self.site.port))
            client.sendall(b'POST /token HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b')
            time.sleep(0.1)
            client.close()
        self.ok(wait_until(lambda: self.count() == 3), 'who hangs up is served nevertheless, once', self.count())
        time.sleep(1.2)
        self.ok(self.count() == 3, '... and not twice', self.count())
        self.answer()
        self.ok(self.site.post('/token').status == 200, '... and the connections are well')

    def pool(self):
        self.answer(delay=2.5)
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.site.post('/token'))) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        busy = [a for a in answers if a.status != 200]
        self.ok(len(answers) == 6 and len(busy) == 3, 'of six at a pool of three, three are served', *answers)
        for a in busy:
            self.is_error('... the others are told to come again', a, 503, 'temporarily_unavailable')
        self.ok(self.count() == 3, '... and were not carried out', self.count())
        self.answer()
        self.ok(self.site.post('/token').status == 200, '... and then all is well')

    def tls(self):
        self.answer(headers=[('Content-Type', 'text/plain')])
        got = self.secure.get('/login')
        self.ok(got.status == 200 and got.all('Strict-Transport-Security') == ['max-age=31536000'], 'HSTS over TLS', got)
        self.ok(self.secure.get('/nothing')['Strict-Transport-Security'], '... on errors too')
        self.ok(self.site.get('/login')['Strict-Transport-Security'] is None, '... and not without TLS')
        self.secure.get('/login', ('Cookie', '__Secure-oauth_session=abc; __Host-oauth_session=def'))
        self.ok('__Host-oauth_session=def' in self.recorded()['headers']['cookie'], "the browser's own cookie arrives", self.recorded())
        self.secure.post('/token', '', certificate=os.path.join(FOLDER, 'client.pem'))
        sent = open(os.path.join(FOLDER, 'client.crt')).read()
        self.ok((self.recorded()['client_cert'] or '').strip() == sent.strip(), 'a client certificate arrives (RFC 8705)', self.recorded())
        self.is_error('one of another CA is refused', self.secure.post(
            '/token', '', certificate=os.path.join(FOLDER, 'other.pem')), 400, 'invalid_request')
        self.answer()
        self.secure.post('/token', '', ('X-OAuth-Client-Cert', urllib.parse.quote(sent)),
                         ('X-SSL-Client-Cert', urllib.parse.quote(sent)))
        self.ok(self.recorded()['client_cert'] is None, '... and cannot be claimed', self.recorded())

    def run(self):
        self.site = Site('plain', '--login-rate', '4', '--logins-rate', '1000', '--token-rate', '1000', paths=('', '/tenant'))
        self.secure = Site('tls', *make_certificates(), scheme='https', paths=('', '/a/b'))
        self.sites = [self.site, self.secure]
        for site in self.sites:
            for issuer in site.issuers:
                self.ours.call('SELECT oauth.create_issuer(%s)', issuer)
        self.start_postgrest()
        try:
            for site in self.sites:
                site.start()
            original = self.ours.call("SELECT pg_get_functiondef('oauth.handle'::regproc)")
            self.ours.run(RECORDS)
            self.ours.run(RECORDER)
            for part in (self.paths, self.methods, self.bodies, self.queries, self.headers, self.cookies, self.responses,
                         self.errors, self.cors, self.disconnecting, self.pool, self.tls, self.rates):
                print(f'# {part.__name__}')
                part()
            self.ours.run(original)
            time.sleep(6)               # nginx forgets what the recorder answered, and the rate of log-ins recovers
            self.documents()
            self.answers()
            for site in self.sites:
                for issuer in site.issuers:
                    self.flow(site, issuer[len(site.origin):])
            self.without()
            self.logs()
        finally:
            for server in (self.postgrest, *self.sites):
                server.stop()


run_test(Test, 'interop_oauth_http')
