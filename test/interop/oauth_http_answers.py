"""A part of oauth_http.py: what test/sql/oauth_*.sql says of bytes and headers, once
more through nginx and PostgREST, of the server itself.
"""

import base64
import os
import re
import time
import urllib.parse

from browser import Browser
from common import base64url
from oauth_site import FOLDER

CALLBACK = 'https://app.example.com/cb'
PASSWORD = 'correct horse battery staple'
CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'           # RFC 7636 B
VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'


def basic(client_id, secret):
    return ('Authorization', 'Basic ' + base64.b64encode(f'{client_id}:{secret}'.encode()).decode())


def form(**parameters):
    return urllib.parse.urlencode(parameters, doseq=True)


class Answers:
    def answers(self):
        """The issuer of self.site that has no path."""
        issuer = self.site.issuers[0]
        self.logged_from = os.path.getsize(os.environ['OAUTH_JWT_LOG'])
        self.ours.call("SELECT oauth.create_user('bob', %s, issuer => %s)", PASSWORD, issuer)
        self.ours.run("SELECT oauth.create_resource('https://a.example.com', 'A', '{}', issuer => '%s'), "
                      "oauth.create_resource('https://b.example.com', 'B', '{}', issuer => '%s')" % (issuer, issuer))

        def client(client_id, **more):
            columns = {'client_id': client_id, 'redirect_uris': [CALLBACK], 'scopes': ['openid'], 'require_consent': False, 'issuer': issuer, **more}
            return self.ours.connection.execute(
                "SELECT client_secret FROM oauth.create_client('App', %s)" % ', '.join(f'{name} => %s' for name in columns), list(columns.values())).fetchone()[0]
        machine = {'redirect_uris': [], 'scopes': [], 'grant_types': ['client_credentials']}
        self.secrets = {
            'machine': client('machine', **machine), 'post': client('post', token_endpoint_auth_method='client_secret_post', **machine),
            'web': client('web', response_types=['code', 'id_token'], grant_types=['authorization_code', 'implicit']),
            'plain': client('plain', scopes=['profile'])}
        client('tv', redirect_uris=[], grant_types=['urn:ietf:params:oauth:grant-type:device_code'], token_endpoint_auth_method='none', application_type='native')
        for part in (self.parameters, self.clients, self.kept_out, self.pages, self.modes, self.tokens, self.device, self.guesses):
            print(f'# {part.__name__}')
            part()
        unexpected = self.ours.call("SELECT coalesce(jsonb_agg(detail), '[]') FROM oauth.audit WHERE event = 'server_error'")
        self.ok(unexpected == [], 'nothing unexpected happened', unexpected)

    def told(self, name, answer, status, error, challenge=None):
        """An error as programs read it."""
        self.ok(answer.is_error(status, error) and answer.tells_nothing() and answer['Pragma'] == 'no-cache'
                and (answer['WWW-Authenticate'] or '').partition(' ')[0] == (challenge or ''), name, f'expected {status} {error}', answer)

    def authorize(self, **changes):
        parameters = {'client_id': 'web', 'response_type': 'code', 'redirect_uri': CALLBACK, 'scope': 'openid', 'state': 'a "state"', 'nonce': 'n',
                      'code_challenge_method': 'S256', 'code_challenge': CHALLENGE, **changes}
        return '/authorize?' + form(**{name: value for name, value in parameters.items() if value is not None})

    # -- every endpoint --

    def parameters(self):
        good = form(grant_type='client_credentials') + '&'
        machine = basic('machine', self.secrets['machine'])
        for name, body in (('repeated', good + 'scope=a&scope=b'), ('repeated in other words', good + 'scope=a&%73cope=b'), ('%zz', good + 'a=%zz'),
                           ('%', good + 'a=%'), ('NUL', good + 'a=%00'), ('no UTF-8', good + 'a=%c0%80')):
            self.told(f'/token: {name}', self.site.post('/token', body, machine), 400, 'invalid_request')
        got = self.site.post('/token', good + form(resource=['https://a.example.com', 'https://b.example.com'], unknown='1') + '&scope=&scope=', machine)
        self.ok(got.status == 200 and got['Cache-Control'] == 'no-store' and got['Pragma'] == 'no-cache' and got['Content-Type'] == 'application/json'
                and self.claims(got.json()['access_token'])['aud'] == ['https://a.example.com', 'https://b.example.com'],
                '... resources may be, and what is empty or unknown is not looked at', got)
        for query in ('client_id=web&client_id=web', 'a=%zz', 'a=%00', 'a=%e2%82'):
            got = self.site.get(self.authorize() + '&' + query)
            self.ok(got.status == 400 and got['Location'] is None and b'<code>invalid_request</code>' in got.body, f'/authorize: {query}', got)

        for target in ('/token', '/introspect', '/revoke', '/device_authorization'):
            body = form(grant_type='client_credentials', token='x')
            for content_type in ('application/json', 'multipart/form-data; boundary=x', 'text/plain', ''):
                self.told(f'{target}: sent as {content_type or "nothing"}', self.site.ask('POST', target, body.encode(), [('Content-Type', content_type), machine]), 400, 'invalid_request')
            self.told(f'{target}: a secret in the query', self.site.post(f'{target}?client_id=post&client_secret=x', body), 400, 'invalid_request')

    def clients(self):
        body = form(grant_type='client_credentials', token='x')
        for target in ('/token', '/introspect', '/revoke', '/device_authorization'):
            self.ours.run('DELETE FROM oauth.throttle')
            self.told(f'{target}: nobody', self.site.post(target, body), 401, 'invalid_client')
            self.told(f'{target}: a wrong secret', self.site.post(target, body + '&client_id=post&client_secret=x'), 401, 'invalid_client')
            self.told(f'{target}: ... by Basic', self.site.post(target, body, basic('machine', 'x')), 401, 'invalid_client', 'Basic')
            self.told(f'{target}: two methods', self.site.post(target, body + '&client_id=machine&client_secret=x', basic('machine', self.secrets['machine'])), 400, 'invalid_request')
            self.told(f'{target}: another method', self.site.post(target, body, basic('post', self.secrets['post'])), 401, 'invalid_client', 'Basic')
            self.ours.run('DELETE FROM oauth.throttle')
            unknown, wrong = (self.site.post(target, body, basic(name, 'x')) for name in ('nobody', 'machine'))
            seen = [[a.status, a.body, [h for h in a.headers.items() if h[0] != 'Date']] for a in (unknown, wrong)]
            self.ok(seen[0] == seen[1], f'{target}: an unknown client looks like a wrong secret', *seen)
        self.ours.run('DELETE FROM oauth.throttle')
        encoded = ''.join(f'%{ord(c):02x}' for c in self.secrets['machine'])
        self.ok(self.site.post('/token', body, basic('machin%65', encoded)).status == 200, 'the halves of Basic may be encoded (RFC 6749 2.3.1)')

    # -- pages --

    def kept_out(self):
        """Nobody is sent to an address that is not the client's, however it is written."""
        for uri in ('https://app.example.com.evil.com/cb', 'https://evil.com@app.example.com/cb', 'https://app.example.com/cb/../evil', 'https://app.example.com/cb/%2e%2e/evil',
                    'https://app.example.com%2fcb', 'https://APP.example.com/cb', 'https://app.example.com/cb?a=b', 'https://app.example.com/cb#', 'https://app.example.com/cb\r\nSet-Cookie: a=b',
                    'https://app.example.com/cb\u00e9', 'https://\u0430pp.example.com/cb', 'javascript:alert(1)', '//app.example.com/cb', ' https://app.example.com/cb'):
            got = self.site.get(self.authorize(redirect_uri=uri))
            self.ok(got.status == 400 and got['Location'] is None and got['Set-Cookie'] is None and got['Content-Type'] == 'text/html; charset=utf-8',
                    f'not to {uri!a}', got)
        got = self.site.get(self.authorize(scope='nothing'))
        self.ok(got.status == 303 and got['Location'].startswith(CALLBACK + '?error=invalid_scope&') and '&state=a%20%22state%22&' in got['Location']
                and got['Location'].endswith('&iss=' + urllib.parse.quote(self.site.issuers[0], safe='')), 'an error is told to the client, with state and iss', got)
        got = self.site.post('/authorize', self.authorize().partition('?')[2], ('Origin', 'https://app.example.com'))
        self.ok(got.status == 303 and got['Location'].startswith(self.site.issuers[0] + '/authorize?') and not [h for h in got.headers if h.lower().startswith('access-control')],
                'a POST of another site comes back as a GET, which it cannot read', got)

    def pages(self):
        browser = Browser('bob', PASSWORD, self.site.issuers[0])
        landed = browser.visit(self.site.issuers[0] + self.authorize())
        self.ok(landed.startswith(CALLBACK + '?code='), 'bob logs in', landed)
        cookie = '; '.join(f'{c.name}={c.value}' for c in browser.session.cookies)
        self.session = ('Cookie', cookie)
        self.secrets['session'] = cookie.partition('=')[2]
        csrf = re.search(rb'name="csrf" value="([^"]*)"', self.site.get('/account', self.session).body).group(1).decode()
        self.secrets['csrf'] = csrf
        for name, page, scripts in (
                ('/login', self.site.get('/login'), 0), ('/account', self.site.get('/account', self.session), 0), ('/logout', self.site.get('/logout', self.session), 0),
                ('/device', self.site.get('/device'), 0), ('/consent', self.site.get('/consent?' + form(request=self.authorize(prompt='consent').partition('?')[2]), self.session), 0),
                ('an error', self.site.get('/authorize'), 0), ('a method that is not', self.site.ask('PUT', '/login', b''), 0),
                ('form_post', self.site.get(self.authorize(response_mode='form_post'), self.session), 1)):
            policy = page['Content-Security-Policy'] or ''
            nonce = re.search(r"script-src 'nonce-([A-Za-z0-9_-]{43})'", policy)
            self.ok(page['Content-Type'] == 'text/html; charset=utf-8' and page.all('Content-Security-Policy') == [policy] and policy.startswith("default-src 'none'; ")
                    and "frame-ancestors 'none'" in policy and 'unsafe' not in policy and (page['X-Frame-Options'], page['Referrer-Policy'], page['X-Content-Type-Options'], page['Cache-Control'])
                    == ('DENY', 'no-referrer', 'nosniff', 'no-store'), f'the page {name}: in no frame, kept nowhere, tells nobody', page)
            self.ok(page.body.count(b'<script') == scripts == (nonce is not None) and (not scripts or f'<script nonce="{nonce.group(1)}">'.encode() in page.body),
                    f'... {"one script, by its nonce" if scripts else "without scripts"}', page)
        for target, body in (('/login', form(username='bob', password=PASSWORD)), ('/account', 'end_all=yes'), ('/device', 'user_code=BBBBBBBB&decision=approve'),
                             ('/consent', form(request=self.authorize(prompt='consent').partition('?')[2], decision='approve'))):
            for token in ('', '&csrf=' + csrf[::-1]):
                got = self.site.post(target, body + token, self.session)
                self.ok(got.status == 403 and got['Set-Cookie'] is None and got['Location'] is None, f'{target}: a form of another site is refused', got)
        self.ok(self.site.get('/account', self.session).status == 200, '... and has ended nothing')

    def modes(self):
        got = self.site.get(self.authorize(response_mode='fragment'), self.session)
        self.ok(got.status == 303 and got['Location'].startswith(CALLBACK + '#code='), 'response_mode fragment', got)
        got = self.site.get(self.authorize(response_type='id_token'), self.session)
        answer = dict(urllib.parse.parse_qsl(got['Location'].partition('#')[2]))
        self.secrets['id_token'] = answer.get('id_token')
        self.ok(got['Location'].startswith(CALLBACK + '#id_token=') and {'state', 'iss'} < answer.keys(), 'a token comes in the fragment', got)
        got = self.site.get(self.authorize(response_mode='form_post', state='"><script>'), self.session)
        self.ok(got.status == 200 and f'<form method="post" action="{CALLBACK}"'.encode() in got.body and b'name="state" value="&quot;&gt;&lt;script&gt;"' in got.body
                and "form-action 'self' https://app.example.com;" in got['Content-Security-Policy'], 'response_mode form_post', got)
        for changes, error in (({'prompt': 'none'}, 'login_required'), ({'prompt': 'none login'}, 'invalid_request'), ({'code_challenge_method': 'plain'}, 'invalid_request'),
                               ({'code_challenge': None, 'code_challenge_method': None}, 'invalid_request'), ({'response_type': 'id_token', 'nonce': None}, 'invalid_request')):
            got = self.site.get(self.authorize(**changes))
            self.ok(got.status == 303 and re.search(rf'[?#]error={error}&', got['Location']), f'{changes}: {error}', got)

    # -- tokens --

    def claims(self, token):
        return self.ours.call('SELECT (jwt.decode(%s)).payload', token)

    def code(self, client_id, scope):
        location = self.site.get(self.authorize(client_id=client_id, scope=scope), self.session)['Location']
        return dict(urllib.parse.parse_qsl(location.partition('?')[2]))['code']

    def tokens(self):
        tokens = {}
        for client_id, scope in (('web', 'openid'), ('plain', 'profile')):
            code = self.code(client_id, scope)
            got = self.site.post('/token', form(grant_type='authorization_code', code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER), basic(client_id, self.secrets[client_id]))
            tokens[client_id] = got.json()['access_token']
            self.secrets |= {f'code of {client_id}': code, f'token of {client_id}': tokens[client_id]}
            self.ok((got.status, got['Content-Type'], got['Cache-Control'], got['Pragma']) == (200, 'application/json', 'no-store', 'no-cache')
                    and got.json()['token_type'] == 'Bearer', f'tokens of {client_id}, not to be stored', got.status, got.headers)

        # RFC 6750 3
        for name, answer, status, error in (
                ('an altered token', self.site.get('/userinfo', ('Authorization', f'Bearer {tokens["web"][:-4]}AAAA')), 401, 'invalid_token'),
                ('an ID token', self.site.get('/userinfo', ('Authorization', f'Bearer {self.secrets["id_token"]}')), 401, 'invalid_token'),
                ('a token without openid', self.site.get('/userinfo', ('Authorization', f'Bearer {tokens["plain"]}')), 403, 'insufficient_scope'),
                ('a token in the query', self.site.get(f'/userinfo?access_token={tokens["web"]}'), 400, 'invalid_request'),
                ('... of a POST', self.site.post(f'/userinfo?access_token={tokens["web"]}'), 400, 'invalid_request')):
            self.told(f'/userinfo: {name}', answer, status, error, 'Bearer')
            self.ok(f'error="{error}"' in answer['WWW-Authenticate'], '... as WWW-Authenticate says', answer)
        got = self.site.get('/userinfo')
        self.ok(got.status == 401 and got.all('WWW-Authenticate') == ['Bearer'] and got['Cache-Control'] == 'no-store', 'no token: told how, and nothing else', got)
        got = self.site.post('/userinfo', form(access_token=tokens['web']))
        self.ok(got.status == 200 and got.json()['sub'] and got['Cache-Control'] == 'no-store', 'a token in the form of a POST', got)

        web = basic('web', self.secrets['web'])
        for name, token, client in (('unknown', 'x', web), ("another client's", tokens['plain'], web)):
            got = self.site.post('/introspect', form(token=token), client)
            self.ok(got.status == 200 and got.body == b'{"active": false}' and got['Cache-Control'] == 'no-store', f'/introspect: {name} is inactive, and nothing more', got)
            got = self.site.post('/revoke', form(token=token), client)
            self.ok(got.status == 200 and got.body == b'' and not got['Content-Type'] and got['Cache-Control'] == 'no-store', f'/revoke: {name} is answered with nothing', got)
        self.ok(self.site.post('/introspect', form(token=tokens['plain']), basic('plain', self.secrets['plain'])).json()['active'] is True, '... and stands')
        got = self.site.post('/introspect', form(token=tokens['web']), web, ('Accept', 'application/token-introspection+jwt'))
        header = self.ours.call('SELECT (jwt.decode(%s)).header', got.body.decode())
        self.ok(got['Content-Type'] == 'application/token-introspection+jwt' and header['typ'] == 'token-introspection+jwt', 'a signed answer on request (RFC 9701)', got)
        keys = self.site.get('/.well-known/jwks.json').json()['keys']
        self.ok(keys and not [k for k in keys if set(k) & {'d', 'p', 'q', 'dp', 'dq', 'qi', 'k'}] and len({k['kid'] for k in keys}) == len(keys), 'keys: public members, each kid once', keys)

    def device(self):
        got = self.site.post('/device_authorization', form(client_id='tv', scope='openid'))
        device = got.json()
        self.ok(got.status == 200 and got['Cache-Control'] == 'no-store' and device['interval'] == 5, 'a device asks', got)
        self.secrets['device code'] = device['device_code']
        poll = form(grant_type='urn:ietf:params:oauth:grant-type:device_code', client_id='tv', device_code=device['device_code'])
        self.told('... and polls', self.site.post('/token', poll), 400, 'authorization_pending')
        self.told('... too soon', self.site.post('/token', poll), 400, 'slow_down')
        self.ok(self.site.get('/device?user_code=' + device['user_code'].lower().replace('-', ''), self.session).status == 200, 'its code as people type it')

    def guesses(self):
        """What a failed request counts is there for the next one."""
        def log_in(password):
            page = self.site.get('/login')
            cookie = ('Cookie', page['Set-Cookie'].partition(';')[0])
            csrf = re.search(rb'name="csrf" value="([^"]*)"', page.body).group(1).decode()
            return self.site.post('/login', form(username='bob', password=password, csrf=csrf), cookie)
        wrong = [log_in('wrong ' + base64url(os.urandom(9))) for _ in range(5)]
        self.ok([a.status for a in wrong] == [401] * 5 and not any(a['Set-Cookie'] for a in wrong), 'five wrong passwords', *wrong)
        got = log_in(PASSWORD)
        self.ok(got.status == 429 and got['Retry-After'] in ('1', '2') and got['Content-Type'] == 'text/html; charset=utf-8' and b'role="alert"' in got.body,
                '... and then a wait, with the right one, too', got)
        self.ok(self.ours.call("SELECT count(*) FROM oauth.audit WHERE event = 'login_failed'") == 5, '... and all are in the audit trail')
        time.sleep(1.5)
        self.ok(log_in(PASSWORD).status == 303, '... not for good')
        answers = [self.site.post('/token', form(grant_type='client_credentials'), basic('machine', 'x')) for _ in range(6)]
        self.ok([a.status for a in answers] == [401] * 5 + [429] and answers[5]['Retry-After'], 'clients, likewise', *answers)
        self.ok(self.site.post('/token', form(grant_type='client_credentials'), basic('machine', self.secrets['machine'])).status == 200, '... but who has the secret')
        self.ours.run('DELETE FROM oauth.throttle')

    # -- what is left of it --

    def logs(self):
        """After everything, failures of each part included."""
        self.secrets['password'] = PASSWORD
        text = {name: open(os.path.join(FOLDER, name), errors='replace').read() for name in ('nginx.log', 'postgrest.log')}
        for site in self.sites:
            for name in ('oauth-access.log', 'oauth-error.log'):
                text[f'{site.folder}/{name}'] = open(os.path.join(site.folder, name), errors='replace').read()
        with open(os.environ['OAUTH_JWT_LOG'], errors='replace') as log:
            log.seek(self.logged_from)
            text['postgresql.log'] = log.read()
        access = text[f'{self.site.folder}/oauth-access.log']
        self.ok('POST /token 400' in access and re.search(r'POST /token 503 .* 502 ', access), 'the log has what happened')
        found = [(log, name) for log, content in text.items() for name, secret in self.secrets.items() if secret and secret.rpartition('.')[2] in content]
        self.ok(not found, '... and no password, secret, code, cookie or token', *found)
