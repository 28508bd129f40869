"""Log-ins elsewhere, and stronger ones where a client asks for them (doc/how-to/step-up.md):
two authorization servers of ours, one of which the other sends people to, in Chromium.

Its arguments: see oauth_site.py.  The other server and the application are of another site
(localhost) than the authorization server (127.0.0.1), so that cookies and policies
stand in the way as they do in earnest.  Prints TAP.
"""

import base64
import hashlib
import http.server
import secrets
import threading
import urllib.parse

import jwt as pyjwt
import requests

from chromium import Chromium
from common import Tap
from oauth_site import FOLDER, Database, PostgREST, Site, free_port

PASSWORD, MFA, GOLD = 'urn:example:password', 'urn:example:mfa', 'urn:example:gold'


class Application(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Type', 'text/html')
        self.end_headers()
        self.wfile.write(b'<h1>Back</h1>')

    def log_message(self, *_):
        pass


class Test:
    def __init__(self, tap, database, site, elsewhere, chromium, home):
        self.tap, self.ours, self.chromium = tap, database.ours, chromium
        self.issuer, self.elsewhere, self.home = site.origin, elsewhere.origin, home

    def set_up(self):
        ours = self.ours
        ours.run('SET oauth_jwt.password_cost = 12')
        for issuer, name, acr in ((self.issuer, 'Notes Inc.', PASSWORD), (self.elsewhere, 'Elsewhere', MFA)):
            ours.call('SELECT oauth.create_issuer(%s, %s)', issuer, name)
            ours.call('UPDATE oauth.issuers SET acr_values = ARRAY[%s] WHERE issuer = %s RETURNING 1', acr, issuer)
            ours.call("SELECT oauth.create_user('alice', 'horse', issuer => %s)", issuer)
        ours.call("""SELECT oauth.create_client('Notes', ARRAY[%s], '{openid}', client_id => 'notes', issuer => %s,
            token_endpoint_auth_method => 'none', require_consent => false)""", self.home + '/cb', self.issuer)
        ours.call("""SELECT oauth.create_client('Notes Inc.', ARRAY[%s], '{openid,email,profile}', '{implicit}', client_id => 'we-there', issuer => %s,
            response_types => '{id_token}', token_endpoint_auth_method => 'none', require_consent => false)""", self.issuer + '/login', self.elsewhere)
        ours.call("""SELECT oauth.create_identity_provider(%s, 'we-there', 'Elsewhere', %s, create_users => true, acr_values => ARRAY[%s], issuer => %s)""",
                  self.elsewhere, self.elsewhere + '/authorize', MFA, self.issuer)

    def ask(self, **more):
        """To /authorize as the application sends its user there."""
        self.verifier = secrets.token_urlsafe(32)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b'=').decode()
        self.chromium.open(self.issuer + '/authorize?' + urllib.parse.urlencode({
            'response_type': 'code', 'client_id': 'notes', 'redirect_uri': self.home + '/cb', 'scope': 'openid', 'state': 's',
            'code_challenge': challenge, 'code_challenge_method': 'S256', **more}))

    def essential(self, *values):
        return '{"id_token": {"acr": {"essential": true, "values": [%s]}}}' % ', '.join(f'"{value}"' for value in values)

    def has_come_to(self, address):
        return self.chromium.wait(lambda: self.chromium.url.split('?')[0] == address and self.chromium.there('h1'))

    def log_in(self):
        self.chromium.type('#username', 'alice')
        self.chromium.type('#password', 'horse')
        self.chromium.click('button')

    def come_back(self):
        """What the application is told: the ID token's claims, or the error."""
        if not self.has_come_to(self.home + '/cb'):
            return {'error': f'nothing at {self.chromium.url}', 'complaints': self.chromium.complaints()}
        told = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.chromium.url).query))
        if 'code' not in told:
            return told
        answer = requests.post(self.issuer + '/token', timeout=20, data={
            'grant_type': 'authorization_code', 'client_id': 'notes', 'code': told['code'], 'redirect_uri': self.home + '/cb',
            'code_verifier': self.verifier}).json()
        return pyjwt.decode(answer['id_token'], options={'verify_signature': False})

    def advertised(self):
        said = requests.get(self.issuer + '/.well-known/openid-configuration', timeout=20).json()
        self.tap.ok(said['acr_values_supported'] == [MFA, PASSWORD], 'what log-ins can be is advertised', said)

    def step_up(self):
        tap, chromium = self.tap, self.chromium
        self.ask()
        self.has_come_to(self.issuer + '/login')
        self.log_in()
        said = self.come_back()
        tap.ok(said.get('acr') == PASSWORD, 'a log-in by password', said)
        self.ask(acr_values=PASSWORD)
        said = self.come_back()
        tap.ok(said.get('acr') == PASSWORD, 'asked for what it is, the session goes on', said)

        self.ask(acr_values=MFA)
        tap.ok(self.has_come_to(self.issuer + '/login'), 'asked for more, it is not enough', chromium.url)
        tap.ok('another kind of log-in' in chromium.text('.message'), '... as the page says', chromium.text('body'))
        chromium.screenshot(f'{FOLDER}/step_up.png')
        chromium.click('a.button')
        tap.ok(self.has_come_to(self.elsewhere + '/login'), 'the other server', chromium.url)
        asked = urllib.parse.parse_qs(dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(chromium.url).query))['request'])
        tap.ok(asked.get('acr_values') == [MFA], '... is asked for the same', asked)
        self.log_in()
        said = self.come_back()
        tap.ok(said.get('acr') == MFA, '... from where the browser comes back, by way of us, to the application', said)
        self.ask(claims=self.essential(MFA))
        said = self.come_back()
        tap.ok(said.get('acr') == MFA, 'an application that insists is content', said)

    def refused(self):
        tap = self.tap
        self.ask(claims=self.essential(MFA), prompt='login')
        self.has_come_to(self.issuer + '/login')
        self.log_in()
        said = self.come_back()
        tap.ok(said.get('error') == 'unmet_authentication_requirements', 'it is told when somebody logs in by password', said)
        self.ask(claims=self.essential(GOLD))
        said = self.come_back()
        tap.ok(said.get('error') == 'unmet_authentication_requirements', '... and at once what nobody can do', said)


def main():
    tap, database = Tap(), Database('interop_oauth_step_up')
    application = http.server.ThreadingHTTPServer(('127.0.0.1', free_port()), Application)
    threading.Thread(target=application.serve_forever, daemon=True).start()
    site, elsewhere = Site('here'), Site('elsewhere', host='localhost')
    postgrest = chromium = None
    try:
        chromium = Chromium(f'{FOLDER}/chromedriver.log')
        test = Test(tap, database, site, elsewhere, chromium, f'http://localhost:{application.server_port}')
        test.set_up()
        postgrest = PostgREST(database.name)
        site.start()
        elsewhere.start()
        test.advertised()
        test.step_up()
        test.refused()
        seen = [line for line in chromium.complaints() if 'favicon.ico' not in line]
        tap.ok(seen == [], 'no policy stood in their way', *seen)
        unexpected = database.ours.call("SELECT coalesce(jsonb_agg(a), '[]') FROM oauth.audit AS a WHERE a.event = 'server_error'")
        tap.ok(unexpected == [], 'nothing unexpected happened in the server', unexpected)
    finally:
        if chromium:
            chromium.stop()
        site.stop()
        elsewhere.stop()
        if postgrest:
            postgrest.stop()
        database.close()
        application.shutdown()
    tap.done()


main()
