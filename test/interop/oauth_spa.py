"""A browser's part: oidc-client-ts, unmodified, in the single-page application of
doc/how-to, and our pages, in Chromium.

Its arguments: see oauth_site.py.  The application is of another site (localhost)
than the authorization server and the API (127.0.0.1), as it is in earnest.
Prints TAP.
"""

import functools
import http.server
import os
import subprocess
import threading
import time
import urllib.parse

import jwt as pyjwt
import requests

from chromium import Chromium
from common import Tap
from oauth_site import DEPLOY, FOLDER, Database, PostgREST, Process, Site, free_port, wait_until

PASSWORD = 'correct horse battery staple'
API = 'https://api.example.com'
DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
API_ROLES = 'authenticator, anon, api_user'

SETUP = '''
    CREATE ROLE authenticator LOGIN NOINHERIT;
    CREATE ROLE anon;
    CREATE ROLE api_user;
    GRANT anon, api_user TO authenticator;
    CREATE SCHEMA api;
    GRANT USAGE ON SCHEMA api TO anon, api_user;
    CREATE TABLE api.notes (owner text NOT NULL DEFAULT jwt.subject(), body text NOT NULL);
    GRANT SELECT, INSERT ON api.notes TO api_user;
    INSERT INTO api.notes VALUES ('alice', 'Buy milk'), ('bob', 'Call Alice');
    ALTER TABLE api.notes ENABLE ROW LEVEL SECURITY;
    CREATE POLICY read_own ON api.notes FOR SELECT USING (owner = jwt.subject() AND jwt.has_scope('notes:read'));
    CREATE POLICY write_own ON api.notes FOR INSERT WITH CHECK (owner = jwt.subject() AND jwt.has_scope('notes:write'));
    CREATE FUNCTION api_role(subject text, client_id text, scopes text[]) RETURNS jsonb
        LANGUAGE sql STABLE AS $$SELECT '{"role": "api_user"}'::jsonb$$;
    SELECT oauth.set_claims_function('api_role(text, text, text[])');
'''


class Pages(http.server.SimpleHTTPRequestHandler):
    """The application's files, with the policy that the how-to recommends."""

    connect_to = ()
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, '.mjs': 'text/javascript'}

    def end_headers(self):
        self.send_header('Content-Security-Policy', f"default-src 'self'; img-src data:; connect-src 'self' {' '.join(self.connect_to)}; "
                         "frame-ancestors 'none'; base-uri 'none'; object-src 'none'")
        self.send_header('Cache-Control', 'no-store')
        super().end_headers()

    def log_message(self, *_):
        pass


class Api(Process):
    """The resource server: PostgREST on deploy/postgrest.conf, open to one origin."""

    def __init__(self, database, origin):
        port = free_port()
        self.url = f'http://127.0.0.1:{port}'
        log = os.path.join(FOLDER, 'api.log')
        super().__init__([os.path.join(FOLDER, 'postgrest'), os.path.join(FOLDER, 'postgrest.conf')], log,
                         PGRST_DB_URI=f'postgresql://authenticator@/{database}', PGRST_SERVER_PORT=str(port),
                         PGRST_JWT_AUD=API, PGRST_SERVER_CORS_ALLOWED_ORIGINS=origin)
        if not wait_until(lambda: 'Schema cache loaded' in open(log).read()):
            raise AssertionError(f'PostgREST did not start: {log}')


class Test:
    def __init__(self, tap, database, site, chromium):
        self.tap, self.ours, self.chromium = tap, database.ours, chromium
        self.issuer = site.origin

    # -- the application --

    def set_up(self, origin, database):
        self.home, self.stranger = f'{origin}/', origin.replace('localhost', '127.0.0.1') + '/'
        self.ours.run('SET oauth_jwt.password_cost = 12')
        self.ours.call('SELECT oauth.create_issuer(%s, %s)', self.issuer, 'Notes Inc.')
        psql = ['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', database, '-o', os.devnull]
        subprocess.run([*psql, '-v', f'app={self.home}', '-f', f'{FOLDER}/spa/setup.sql'], check=True)
        self.ours.run(SETUP)
        subprocess.run([*psql, '-f', os.path.join(DEPLOY, 'postgrest.sql')], check=True)
        self.ours.call("SELECT oauth.create_user('alice', %s, %s::jsonb, subject => 'alice')", PASSWORD,
                       {'name': 'Alice A.', 'email': 'alice@example.com'})
        self.ours.run(f"""SELECT oauth.create_client('TV', grant_types => '{{{DEVICE_GRANT},refresh_token}}', client_id => 'tv',
            scopes => '{{openid,offline_access,notes:read}}', token_endpoint_auth_method => 'none', application_type => 'native')""")

    def app(self, script, *arguments):
        """Script in the page, where the application's module is known as app."""
        return self.chromium.run("const app = await import(location.origin + '/app.mjs'); " + script, *arguments)

    def user(self):
        return self.app('return await app.manager.getUser()')

    def fetch(self, url, **options):
        """[status, body] as a script of the page gets them, or the error that CORS makes of it."""
        return self.chromium.run('const answer = await fetch(given[0], given[1]); return [answer.status, await answer.text()]', url, options)

    def token_request(self, **form):
        return self.fetch(self.issuer + '/token', method='POST', body=urllib.parse.urlencode(form),
                          headers={'Content-Type': 'application/x-www-form-urlencoded'})

    def is_ready(self):
        """The application has the page, and has done what it does when it begins."""
        return self.chromium.wait(lambda: self.chromium.url == self.home and self.chromium.there('body[data-ready]'))

    def has_come_to(self, path):
        return self.chromium.wait(lambda: self.chromium.url.split('?')[0] == self.issuer + path and self.chromium.there('h1'))

    def log_in(self):
        self.chromium.type('#username', 'alice')
        self.chromium.type('#password', PASSWORD)
        self.chromium.click('button')

    def no_complaints(self, name):
        seen = [line for line in self.chromium.complaints() if 'Failed to load resource' not in line]
        self.tap.ok(seen == [], name, *seen)

    # -- tests, in the order in which a person does these things --

    def first_log_in(self):
        tap, chromium = self.tap, self.chromium
        chromium.open(self.home)
        tap.ok(self.is_ready() and self.user() is None, 'the application begins, and nobody is logged in')
        chromium.click('#log-in')
        tap.ok(self.has_come_to('/login'), 'signinRedirect: the log-in page', chromium.url)
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(chromium.url).query)).get('request', chromium.url)
        tap.ok('code_challenge_method=S256' in urllib.parse.unquote(asked), '... with PKCE', asked)
        self.log_in()
        tap.ok(self.has_come_to('/consent'), 'a password, typed: the consent page', chromium.url)
        tap.ok('Notes' in chromium.text('.client') and 'Write notes for you' in chromium.text('.scopes'),
               '... which says who wants what', chromium.text('main'))
        chromium.click('button[value=approve]')
        tap.ok(self.is_ready(), 'allowed: back at the application, without a code in the address bar', chromium.url)

        user = self.user()
        tap.ok(chromium.text('#name') == 'Alice A.', 'signinCallback: the profile is shown', chromium.text('body'))
        said = pyjwt.decode(user['id_token'], options={'verify_signature': False})
        tap.ok((said['iss'], said['aud'], user['profile']['sub']) == (self.issuer, 'notes-spa', 'alice'), 'the ID token is for it', said)
        tap.ok('email' not in said and user['profile']['email'] == 'alice@example.com', 'what the ID token lacks came from userinfo', user['profile'])
        tap.ok(set(user['scope'].split()) >= {'notes:read', 'notes:write'} and user['refresh_token'], 'scopes and a refresh token', user['scope'])
        self.no_complaints('no policy stood in its way')

    def use_api(self, api):
        tap, chromium = self.tap, self.chromium
        tap.ok(chromium.text('#list') == 'Buy milk', 'the access token opens her rows, across origins', chromium.text('#list'))
        chromium.type('#body', 'Water the plants')
        chromium.click('#add button')
        tap.ok(chromium.wait(lambda: chromium.text('#list') == 'Buy milk\nWater the plants'), 'and takes a new one', chromium.text('body'))
        owners = self.ours.call('SELECT array_agg(owner ORDER BY body) FROM api.notes')
        tap.ok(owners == ['alice', 'bob', 'alice'], '... which is hers', owners)
        tap.ok(self.fetch(api.url + '/notes')[0] == 401, 'without a token: 401')

    def refresh(self):
        tap, old = self.tap, self.user()
        self.app('await app.manager.signinSilent()')
        new = self.user()
        tap.ok(new['refresh_token'] != old['refresh_token'] and new['access_token'] != old['access_token'],
               'signinSilent: an access token, and the refresh token is replaced')
        tap.ok(new['profile']['sub'] == 'alice' and new['id_token'] != old['id_token'], '... and the ID token is one of the same user')

        revoked = self.fetch(self.issuer + '/revoke', method='POST', headers={'Content-Type': 'application/x-www-form-urlencoded'},
                             body=urllib.parse.urlencode({'token': new['access_token'], 'client_id': 'notes-spa'}))
        notes = self.app("return await (await app.ask('/notes')).json()")
        tap.ok(revoked[0] == 200 and len(notes) == 2 and self.user()['access_token'] != new['access_token'],
               'an access token that was revoked: the application gets another and goes on', revoked, notes)

        stale = self.token_request(grant_type='refresh_token', client_id='notes-spa', refresh_token=old['refresh_token'])
        tap.ok(stale[0] == 400 and '"invalid_grant"' in stale[1], 'a stale refresh token is refused, and the browser may know why', stale)
        dead = self.app("return await (await app.ask('/notes')).json()")
        tap.ok('error' in dead, '... and ends what came of it (RFC 9700 4.14.2)', dead)

    def second_log_in(self):
        """The session at the authorization server stands, and so does the consent."""
        chromium = self.chromium
        chromium.open(self.home)
        self.is_ready()
        chromium.click('#log-in')
        self.tap.ok(chromium.wait(lambda: chromium.there('#list li')) and chromium.url == self.home, 'logging in again asks for nothing', chromium.url)

    def revoke(self, api):
        user = self.user()
        error = self.app('await app.manager.revokeTokens()')
        self.tap.ok(error is None and not self.user().get('refresh_token'), 'revokeTokens', error)
        answer = self.fetch(api.url + '/notes', headers={'Authorization': f'Bearer {user["access_token"]}'})
        self.tap.ok(answer[0] == 401, '... the API refuses the access token, and the browser may know', answer)
        answer = self.token_request(grant_type='refresh_token', client_id='notes-spa', refresh_token=user['refresh_token'])
        self.tap.ok(answer[0] == 400 and '"invalid_grant"' in answer[1], '... and the server the refresh token', answer)

    def denied(self):
        """Access is taken back on the account page, asked for again, and denied."""
        chromium = self.chromium
        chromium.open(self.issuer + '/account')
        chromium.screenshot(f'{FOLDER}/account.png')
        chromium.click('button[name=revoke_grant]')
        self.tap.ok(chromium.wait(lambda: not chromium.there('button[name=revoke_grant]')), 'the account page takes the access back')
        chromium.open(self.home)
        self.is_ready()
        self.app('await app.manager.removeUser()')
        chromium.open(self.home)
        self.is_ready()
        chromium.click('#log-in')
        self.has_come_to('/consent')
        chromium.screenshot(f'{FOLDER}/consent.png')
        chromium.click('button[value=deny]')
        self.is_ready()
        self.tap.ok(chromium.there('#log-in:not([hidden])') and chromium.text('#message') != '', 'a person who denies: the application says so',
                    chromium.text('body'))

    def log_out(self):
        tap, chromium = self.tap, self.chromium
        chromium.click('#log-in')
        self.has_come_to('/consent')
        chromium.click('button[value=approve]')
        chromium.wait(lambda: chromium.there('#list li'))
        refresh_token = self.user()['refresh_token']
        chromium.click('#log-out')
        tap.ok(chromium.wait(lambda: chromium.there('#log-in:not([hidden])') and chromium.url == self.home), 'signoutRedirect comes back to the application', chromium.url)
        left = chromium.run('return JSON.stringify([{...sessionStorage}, {...localStorage}])')
        tap.ok(left == '[{},{}]', '... which has kept nothing', left)
        answer = self.token_request(grant_type='refresh_token', client_id='notes-spa', refresh_token=refresh_token)
        tap.ok(answer[0] == 400, '... and whose tokens are dead', answer)
        chromium.click('#log-in')
        tap.ok(self.has_come_to('/login'), '... and the log-in page asks again', chromium.url)
        chromium.screenshot(f'{FOLDER}/login.png')
        self.no_complaints('no policy stood in its way')

    def log_out_pages(self):
        """Without an ID token a person is asked."""
        tap, chromium = self.tap, self.chromium
        back = urllib.parse.urlencode({'client_id': 'notes-spa', 'post_logout_redirect_uri': self.home})
        for query, name in ((back, 'back at the application'), ('', 'the logged-out page')):
            chromium.open(self.issuer + '/account')
            self.log_in()
            self.has_come_to('/account')
            chromium.open(f'{self.issuer}/logout?{query}')
            tap.ok(chromium.text('h1') == 'Log out?', 'a log-out that anybody could have begun asks', chromium.text('h1'))
            chromium.screenshot(f'{FOLDER}/logout.png')
            chromium.click('button')
            tap.ok(self.is_ready() if query else chromium.wait(lambda: chromium.text('h1') == 'Logged out'), f'... and then: {name}', chromium.url)
        chromium.screenshot(f'{FOLDER}/logged_out.png')
        chromium.click('a.button')
        tap.ok(self.has_come_to('/login'), '... which leads to the log-in page, as the session is over', chromium.url)
        self.no_complaints('no policy stood in their way')

    def strangers(self, api):
        """A page of another origin, with the same code."""
        tap, chromium = self.tap, self.chromium
        for origin, allowed in ((self.home[:-1], self.home[:-1]), (self.stranger[:-1], None)):
            # (to a preflight PostgREST 12.0 says "*" in any case)
            got = requests.get(api.url + '/notes', headers={'Origin': origin}, timeout=20).headers.get('Access-Control-Allow-Origin')
            tap.ok(got == allowed, f'the API, asked from {"its application" if allowed else "elsewhere"}: {"" if allowed else "no "}CORS header', got)
        chromium.open(self.stranger)
        chromium.wait(lambda: chromium.there('body[data-ready]'))
        for url in (api.url + '/notes', self.issuer + '/authorize', self.issuer + '/login', self.issuer + '/account', self.issuer + '/introspect'):
            answer = self.fetch(url)
            tap.ok(answer == {'error': 'TypeError: Failed to fetch'}, f'a script from elsewhere cannot read {url.rsplit("/", 1)[1]}', answer)
        tap.ok(self.fetch(self.issuer + '/.well-known/openid-configuration')[0] == 200, '... but what the server says of itself')
        cookies = [name for name in ('/token', '/userinfo', '/revoke')
                   if 'Access-Control-Allow-Credentials' in requests.post(self.issuer + name, headers={'Origin': self.stranger[:-1]}, timeout=20).headers]
        tap.ok(cookies == [], 'no endpoint takes cookies from scripts', cookies)
        chromium.click('#log-in')
        self.has_come_to('/authorize')
        tap.ok(chromium.text('h1') == 'That did not work' and self.stranger not in chromium.text('main'),
               'and it gets no log-in for the application: the address is not its', chromium.text('body'))
        chromium.complaints()       # of CORS, as they should be

    # -- a device (RFC 8628) --

    def device(self):
        answer = requests.post(self.issuer + '/device_authorization', timeout=20,
                               data={'client_id': 'tv', 'scope': 'openid offline_access notes:read'})
        return answer.json()

    def poll(self, device):
        answer = requests.post(self.issuer + '/token', timeout=20,
                               data={'grant_type': DEVICE_GRANT, 'client_id': 'tv', 'device_code': device['device_code']})
        return answer.status_code, answer.json()

    def approve_device(self):
        tap, chromium, device = self.tap, self.chromium, self.device()
        polled = self.poll(device)
        tap.ok(polled == (400, {**polled[1], 'error': 'authorization_pending'}), 'a device waits', polled)
        chromium.open(device['verification_uri'])
        chromium.type('#user_code', device['user_code'].replace('-', '').lower())
        chromium.click('button')
        tap.ok(self.has_come_to('/login'), 'its code is typed, and a log-in asked for', chromium.url)
        self.log_in()
        tap.ok(self.has_come_to('/device') and chromium.there('.code') and chromium.text('.code') == device['user_code'],
               'the page shows the code to compare', chromium.text('body'))
        tap.ok('TV' in chromium.text('.lead') and 'Read your notes' in chromium.text('.scopes'), '... and who wants what', chromium.text('main'))
        chromium.screenshot(f'{FOLDER}/device_confirm.png')
        chromium.click('button[value=approve]')
        tap.ok(chromium.wait(lambda: 'The device is connected' in chromium.text('main')), 'allowed', chromium.text('body'))
        chromium.screenshot(f'{FOLDER}/device_done.png')
        time.sleep(device['interval'])
        status, tokens = self.poll(device)
        tap.ok(status == 200 and {'access_token', 'refresh_token', 'id_token'} <= tokens.keys(), 'the device gets its tokens', status, tokens.keys())
        said = self.ours.call('SELECT jwt.verify(%s)', tokens['access_token'])
        tap.ok((said['sub'], said['client_id']) == ('alice', 'tv'), '... of the one who allowed it', said)

    def deny_device(self):
        tap, chromium, device = self.tap, self.chromium, self.device()
        chromium.open(device['verification_uri'])
        chromium.type('#user_code', 'BCDF-GHJK')
        chromium.click('button')
        tap.ok(chromium.wait(lambda: 'No device waits' in chromium.text('.message')), 'a wrong code: the form again', chromium.text('body'))
        chromium.screenshot(f'{FOLDER}/device.png')
        chromium.open(device['verification_uri_complete'])
        tap.ok(chromium.text('.code') == device['user_code'], 'the complete address shows the code as well', chromium.text('body'))
        chromium.click('button[value=deny]')
        tap.ok(chromium.wait(lambda: 'was not connected' in chromium.text('main')), 'denied', chromium.text('body'))
        polled = self.poll(device)
        tap.ok(polled == (400, {**polled[1], 'error': 'access_denied'}), '... and the device is told', polled)
        chromium.open(device['verification_uri_complete'])
        tap.ok('No device waits' in chromium.text('.message'), '... once', chromium.text('body'))
        self.no_complaints('no policy stood in its way')


def serve_pages(connect_to, **settings):
    folder = os.path.join(FOLDER, 'spa')
    with open(os.path.join(folder, 'settings.mjs'), 'w') as file:
        file.writelines(f"export const {name} = '{value}';\n" for name, value in settings.items())
    Pages.connect_to = connect_to
    server.RequestHandlerClass = functools.partial(Pages, directory=folder)
    threading.Thread(target=server.serve_forever, daemon=True).start()


server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Pages)


def main():
    tap, database = Tap(), Database('interop_oauth_spa')
    database.server.run(f'DROP ROLE IF EXISTS {API_ROLES}')
    origin = f'http://localhost:{server.server_port}'
    site, running = Site('spa-site'), []
    try:
        chromium = Chromium(os.path.join(FOLDER, 'chromedriver.log'))
        running.append(chromium)
        test = Test(tap, database, site, chromium)
        test.set_up(origin, database.name)
        running += [site, PostgREST(database.name)]
        site.start()
        api = Api(database.name, origin)
        running.append(api)
        serve_pages((site.origin, api.url), issuer=site.origin, clientId='notes-spa', api=api.url)
        test.first_log_in()
        test.use_api(api)
        test.refresh()
        test.second_log_in()
        test.revoke(api)
        test.denied()
        test.log_out()
        test.log_out_pages()
        test.strangers(api)
        test.approve_device()
        test.deny_device()
        unexpected = database.ours.call("SELECT coalesce(jsonb_agg(detail), '[]') FROM oauth.audit WHERE event = 'server_error'")
        tap.ok(unexpected == [], 'nothing unexpected happened in the server', unexpected)
    finally:
        for one in reversed(running):
            one.stop()
        database.close()
        database.server.run(f'DROP ROLE IF EXISTS {API_ROLES}')
    print(f'# logs and pictures of pages: {FOLDER}')
    tap.done()


main()
