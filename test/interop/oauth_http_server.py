"""The second half of oauth_http.py: the server itself is asked through nginx and
PostgREST, and then its parts are taken away, one by one.
"""

import base64
import hashlib
import html
import os
import re
import socket
import threading
import time
import urllib.parse

from common import base64url
from oauth_site import SOCKET, wait_until


class ServerItself:
    def flow(self, site, path):
        """A browser and a client, from the first click to the revoked token."""
        issuer = site.origin + path
        client_id, secret = self.ours.connection.execute(
            "SELECT client_id, client_secret FROM oauth.create_client('App', '{https://app.example.com/callback}', "
            "scopes => '{openid,profile,offline_access}', issuer => %s)", [issuer]).fetchone()
        self.ours.call("SELECT oauth.create_user('alice', 'correct horse battery staple', issuer => %s)", issuer)
        verifier = base64url(os.urandom(32))
        query = urllib.parse.urlencode({
            'response_type': 'code', 'client_id': client_id, 'redirect_uri': 'https://app.example.com/callback',
            'scope': 'openid profile offline_access', 'state': 'ü "x"', 'nonce': 'n', 'code_challenge_method': 'S256',
            'code_challenge': base64url(hashlib.sha256(verifier.encode()).digest())})
        cookie = []

        def visit(method, url, form=None):
            assert url.startswith(issuer + '/'), url
            target = url[len(site.origin):]
            got = site.get(target, *cookie) if method == 'GET' else site.post(target, urllib.parse.urlencode(form), *cookie)
            for line in got.all('Set-Cookie'):
                cookie[:] = [('Cookie', line.split(';')[0])]
            return got

        def hidden(page):
            fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.body.decode())
            return {name: html.unescape(value) for name, value in fields}

        name = f'{"https" if site.tls else "http"}{path}'
        got = visit('GET', f'{issuer}/authorize?{query}')
        page = visit('GET', got['Location'])
        self.ok(got.status == 303 and page.status == 200 and page['Content-Type'] == 'text/html; charset=utf-8'
                and b'<!DOCTYPE html>' in page.body, f'{name}: /authorize leads to the log-in page', got, page)
        got = visit('POST', f'{issuer}/login', {**hidden(page), 'username': 'alice', 'password': 'correct horse battery staple'})
        expected = {'http': 'oauth_session', 'https': '__Host-oauth_session' if not path else '__Secure-oauth_session'}
        self.ok(got.status == 303 and cookie[0][1].startswith(expected['https' if site.tls else 'http'] + '='),
                '... that sets the session cookie', got)
        got = visit('GET', got['Location'])
        page = visit('GET', got['Location'])
        got = visit('POST', f'{issuer}/consent', {**hidden(page), 'decision': 'approve'})
        self.ok(got.status == 303, '... to consent', page, got)
        got = visit('GET', got['Location'])
        answer = dict(urllib.parse.parse_qsl((got['Location'] or '').partition('?')[2]))
        self.ok(got.status == 303 and (got['Location'] or '').startswith('https://app.example.com/callback?')
                and answer.get('state') == 'ü "x"' and answer.get('iss') == issuer, '... and back with a code, state and iss', got)

        basic = ('Authorization', 'Basic ' + base64.b64encode(f'{client_id}:{secret}'.encode()).decode())
        form = urllib.parse.urlencode({'grant_type': 'authorization_code', 'code': answer.get('code'), 'code_verifier': verifier,
                                       'redirect_uri': 'https://app.example.com/callback'})
        got = site.post(path + '/token', form, basic)
        tokens = got.json() or {}
        self.ok(got.status == 200 and {'access_token', 'id_token', 'refresh_token'} <= set(tokens)
                and got['Cache-Control'] == 'no-store', '... which gives tokens', got.status, sorted(tokens))
        bearer = ('Authorization', f'Bearer {tokens.get("access_token")}')
        for method in ('GET', 'POST'):
            got = site.ask(method, path + '/userinfo', b'' if method == 'POST' else None, [bearer])
            self.ok(got.status == 200 and got.json().get('sub'), f'... that open /userinfo to {method}', got)
        got = site.post(path + '/introspect', f'token={tokens.get("access_token")}', basic)
        self.ok(got.status == 200 and got.json().get('active') is True, '... and are active', got)
        got = site.post(path + '/revoke', f'token={tokens.get("refresh_token")}', basic)
        self.ok(got.status == 200, '... until they are revoked', got)
        got = site.get(path + '/userinfo', bearer)
        self.ok(got.status == 401 and 'invalid_token' in got['WWW-Authenticate'], '... and open nothing more', got)
        got = site.post(path + '/token', form, basic)
        self.is_error('the code is not good twice', got, 400, 'invalid_grant')
        got = site.post(path + '/token', form, ('Authorization', 'Basic eDp5'))
        self.ok(got.is_error(401, 'invalid_client') and got['WWW-Authenticate'].startswith('Basic'), 'a wrong client is challenged', got)

    def documents(self):
        for site in self.sites:
            for issuer in site.issuers:
                path = issuer[len(site.origin):]
                appended = site.get(path + '/.well-known/openid-configuration')
                inserted = site.get('/.well-known/oauth-authorization-server' + path)
                self.ok(appended.status == 200 and appended.json()['issuer'] == issuer and appended.json() == inserted.json(),
                        f'{"https" if site.tls else "http"}{path}: both places of the metadata agree', appended, inserted)
                self.ok(appended['Content-Type'] == 'application/json' and appended['Cache-Control'] == 'public, max-age=300',
                        '... and may be cached', appended)
                keys = site.get(appended.json()['jwks_uri'][len(site.origin):])
                self.ok(keys.status == 200 and keys.json()['keys'], '... and name the keys', keys)
                for name, uri in appended.json().items():
                    if name.endswith('_endpoint'):
                        got = site.ask('PUT', uri[len(site.origin):], b'')
                        self.ok(uri.startswith(issuer + '/') and got.status == 405 and got['Allow'], f'... and {name}', uri, got)
        for target in ('/token', '/revoke', '/introspect', '/device_authorization'):
            got = self.site.get(target)
            self.is_error(f'GET {target} is refused', got, 405, 'invalid_request')
            self.ok(got['Allow'] == 'POST', '... naming POST', got)
        got = self.site.get('/health')
        self.ok(got.status == 200 and got.json() == {'status': 'pass'}, '/health passes', got)
        got = self.site.post('/token', b'a=\xff')
        self.is_error('a malformed form is refused', got, 400, 'invalid_request')
        got = self.site.get('/authorize?a=%FF')
        self.ok(got.status == 400 and got['Content-Type'].startswith('text/html'), 'a malformed query gets a page', got)

    # -- without its parts --

    def without(self):
        self.ours.run('ALTER FUNCTION oauth_http.device(bytea) RENAME TO device_gone')
        self.ours.run("NOTIFY pgrst, 'reload schema'")
        self.ok(wait_until(lambda: self.site.get('/device').status == 503), 'a function that is not there')
        self.is_error('... is for the time being', self.site.get('/device'), 503, 'temporarily_unavailable')
        self.ours.run('ALTER FUNCTION oauth_http.device_gone(bytea) RENAME TO device')
        self.ours.run("NOTIFY pgrst, 'reload schema'")
        self.ok(wait_until(lambda: self.site.get('/device').status != 503), '... until it is')

        self.ours.run("UPDATE jwt.keys SET state = 'retired', retired_at = now() WHERE state = 'active'")
        self.is_error('/health without a key', self.site.get('/health'), 503, 'temporarily_unavailable')

        server = self.database.server
        server.run(f'ALTER DATABASE {self.database.name} ALLOW_CONNECTIONS false')
        server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'oauth_authenticator'")
        for target in ('/token', '/userinfo', '/health', '/.well-known/jwks.json'):
            got = self.site.post(target)
            self.is_error(f'{target} without the database', got, 503, 'temporarily_unavailable')
        self.is_page('/login without the database', self.site.post('/login'), 503)
        got_keys = self.site.get('/.well-known/jwks.json')
        self.ok(got_keys.status == 200 and got_keys.json()['keys'], '... but resource servers still get the keys', got_keys)
        server.run(f'ALTER DATABASE {self.database.name} ALLOW_CONNECTIONS true')
        self.ok(wait_until(lambda: self.site.post('/token').status == 400, 40), '... which comes back by itself')

        self.ok(got['Retry-After'] == '5', '... which may be asked again soon', got)

        self.postgrest.stop()
        for target in ('/token', '/userinfo', '/health', '/.well-known/jwks.json'):
            self.is_error(f'{target} without PostgREST', self.site.post(target), 503, 'temporarily_unavailable')
        for target in ('/authorize', '/login', '/consent', '/logout', '/account', '/device'):
            self.is_page(f'{target} without PostgREST', self.site.get(target), 503)
        self.not_twice()
        self.start_postgrest()
        self.ok(wait_until(lambda: self.site.post('/token').status == 400), '... which comes back')
        self.kept()

    def kept(self):
        """A key that has leaked must not be published longer than is said, even where nobody has asked for a while."""
        def published():
            return [key['kid'] for key in self.site.get('/.well-known/jwks.json').json()['keys']]

        kid = published()[0]
        self.ours.run(f"DELETE FROM jwt.keys WHERE kid = '{kid}'")
        self.ok(kid in published(), 'nginx keeps the keys that it has')
        time.sleep(6)
        self.ok(kid not in published(), '... for five seconds')

    def not_twice(self):
        """Something in PostgREST's place that hears a request, and dies of it."""
        heard = []

        def serve(connection):
            while (request := connection.recv(65536)) and not heard.append(request):
                if len(heard) > 1:
                    break
                connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
            connection.close()

        def listen():
            while True:
                try:
                    threading.Thread(target=serve, args=listener.accept()[:1], daemon=True).start()
                except OSError:
                    return

        if os.path.exists(SOCKET):
            os.unlink(SOCKET)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(SOCKET)
            os.chmod(SOCKET, 0o666)
            listener.listen()
            threading.Thread(target=listen, daemon=True).start()
            first, second = self.site.get('/authorize'), self.site.get('/authorize')
            self.ok(first.status == 200 and len(heard) == 2, 'a request that may have been carried out is not sent again', first, heard)
            self.is_page('... but given up', second, 503)
            listener.shutdown(socket.SHUT_RDWR)
        os.unlink(SOCKET)
