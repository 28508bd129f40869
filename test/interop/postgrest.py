"""PostgREST on our keys: deploy/postgrest.sql and deploy/postgrest.conf as they are.

    postgrest.py POSTGREST DEPLOY-FOLDER

Makes a database, starts PostgREST on it, and asks it with good tokens and with
what an attacker would send.  Prints TAP.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import socket
import subprocess
import sys
import time

from common import Ours, Tap, base64url

DATABASE = 'interop_postgrest'
OWN, FOREIGN, SERVER = 'https://own.example', 'https://foreign.example', 'https://auth.example'
ROLES = 'authenticator, anon, api_user'


class PostgREST:
    def __init__(self, program, conf, log):
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.port = free.getsockname()[1]
        environment = {**os.environ, 'PGRST_DB_URI': f'postgresql://authenticator@/{DATABASE}',
                       'PGRST_SERVER_PORT': str(self.port)}
        self.process = subprocess.Popen([program, conf], env=environment, stdin=subprocess.DEVNULL,
                                        stdout=open(log, 'w'), stderr=subprocess.STDOUT)
        self.wait_until(lambda: self.answers() and 'Schema cache loaded' in open(log).read())

    def answers(self):
        try:
            return self.get() is not None
        except OSError:
            return False

    @staticmethod
    def wait_until(condition):
        for _ in range(100):
            if condition():
                return True
            time.sleep(0.1)
        return False

    def get(self, *tokens, path='/notes', headers=(), method='GET', body=None):
        """(status, body or error, headers); several tokens are several headers"""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=20)
        connection.putrequest(method, path)
        for token in tokens:
            connection.putheader('Authorization', token if ' ' in token else f'Bearer {token}')
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader('Content-Type', 'application/json')
            connection.putheader('Content-Length', str(len(body)))
        connection.endheaders(body.encode() if body is not None else None)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, json.loads(text) if text else None, response.headers

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


SETUP = '''
    CREATE ROLE authenticator LOGIN NOINHERIT;
    CREATE ROLE anon;
    CREATE ROLE api_user;
    GRANT anon, api_user TO authenticator;
    CREATE SCHEMA api;
    CREATE TABLE api.notes (
        id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        owner text NOT NULL DEFAULT jwt.subject(),
        note  text NOT NULL
    );
    INSERT INTO api.notes (owner, note) VALUES ('alice', 'hers'), ('bob', 'his');
    ALTER TABLE api.notes ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON api.notes USING (owner = jwt.subject());
    CREATE FUNCTION api.whoami(OUT subject text, OUT role name) LANGUAGE sql STABLE
        AS 'SELECT jwt.subject(), current_user';
    GRANT USAGE ON SCHEMA api TO anon, api_user;
    GRANT SELECT, INSERT ON api.notes TO api_user;
    SELECT jwt.create_issuer('https://own.example', audience => '{notes}');
    UPDATE jwt.issuers SET leeway = '0';
'''


class Test:
    def __init__(self, ours, tap, postgrest):
        self.ours, self.tap, self.postgrest = ours, tap, postgrest
        self.keys = {}

    # -- tokens --

    def issue(self, subject, role='api_user', lifetime='1 hour', **more):
        claims = {'sub': subject, 'aud': 'notes', 'role': role, **more}
        return self.ours.call('SELECT jwt.issue(%s::jsonb, %s, expires_in => %s::interval)', claims, OWN, lifetime)

    def foreign(self, alg, lifetime='1 hour', kid=None, **claims):
        """Signed with a key that the foreign issuer holds, and so do we."""
        claims = {'iss': FOREIGN, 'sub': 'alice', 'aud': 'notes', 'role': 'api_user', **claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.ours.call('SELECT jwt.sign(%s::jsonb, %s::jsonb, %s, %s::jsonb, %s::interval)', claims,
                              self.keys[alg], alg, {'kid': kid or alg}, lifetime)

    def hs256(self, secret, **claims):
        """What an attacker makes who takes a public text for the secret."""
        claims = {'iss': OWN, 'sub': 'bob', 'aud': 'notes', 'role': 'api_user', 'exp': int(time.time()) + 600, **claims}
        signed = '.'.join(base64url(json.dumps(part).encode()) for part in ({'alg': 'HS256', 'typ': 'JWT'}, claims))
        return f'{signed}.{base64url(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}'

    # -- assertions --

    def owners(self, name, expected, *tokens, **request):
        status, body, _ = self.postgrest.get(*tokens, **request)
        got = [row['owner'] for row in body] if status == 200 else body
        self.tap.ok((status, got) == (200, expected), name, f'{status} {body}')

    def refused(self, name, status, code, *tokens, **request):
        got, body, headers = self.postgrest.get(*tokens, **request)
        good = got == status and body.get('code') == code
        # RFC 6750 3: a 401 says how to authenticate
        challenged = status != 401 or (headers['WWW-Authenticate'] or '').startswith('Bearer')
        self.tap.ok(good and challenged, name, f'expected {status} {code}, got {got} {body}',
                    headers['WWW-Authenticate'])

    # -- tests --

    def accepted(self):
        self.owners("Alice's token opens her rows", ['alice'], self.issue('alice'))
        self.owners("Bob's opens his", ['bob'], self.issue('bob'))
        status, _, _ = self.postgrest.get(self.issue('alice'), method='POST', body='{"note": "new"}')
        self.tap.ok(status == 201, 'a row is written', status)
        self.owners('and it is hers', ['alice', 'alice'], self.issue('alice'))
        self.owners('the scheme is case-insensitive, RFC 9110 11.1', ['bob'], 'bearer ' + self.issue('bob'))

    def anonymous(self):
        self.refused('without a token the table is closed', 401, '42501')
        for _ in range(12):             # through all of its pool's connections
            self.postgrest.get(self.issue('alice'))
        seen = {json.dumps(self.postgrest.get(path='/rpc/whoami')[1]) for _ in range(12)}
        self.tap.ok(seen == {'{"subject": null, "role": "anon"}'}, 'no session is left on a connection', seen)

    def bad_tokens(self):
        token = self.issue('alice', lifetime='1 second')
        forged = token.split('.')
        claims = json.loads(base64.urlsafe_b64decode(forged[1] + '=='))
        forged[1] = base64url(json.dumps({**claims, 'sub': 'bob', 'exp': claims['exp'] + 600}).encode())
        self.refused('another name under an old signature is refused', 401, 'PGRST301', '.'.join(forged))
        self.refused('no token at all is refused', 401, 'PGRST301', 'x')
        self.refused('Basic is refused', 401, '28000', 'Basic eDp5')
        time.sleep(1.2)
        self.refused("an expired token is refused, PostgREST's half minute notwithstanding", 401, 'JW010', token)
        self.refused('so is one for another audience, which PostgREST sees', 401, 'PGRST301',
                     self.issue('alice', aud='other'))
        self.refused('and one without any, which it does not', 401, 'JW016', self.foreign('ES256', aud=None))
        # jwt.sign adds an exp only when it is told how long
        self.refused('a token without exp is refused', 401, 'JW019', self.foreign('ES256', lifetime=None))
        self.refused("an unknown issuer's is refused", 401, 'JW015', self.foreign('ES256', iss='https://evil.example'))
        self.refused('so is one without', 401, 'JW015', self.foreign('ES256', iss=None))
        # PostgREST takes any key for any issuer
        self.refused("our name under a foreign issuer's signature is refused", 401, 'JW006',
                     self.foreign('ES256', iss=OWN))

    def roles(self):
        for role, why in (('postgres', 'a superuser'), ('pg_read_all_data', 'a predefined role')):
            self.refused(f'the role of {why} is refused', 403, '42501', self.issue('alice', role))
        for role in ('authenticator', 'none', 'nobody there', '', None, ['api_user']):
            token = self.issue('alice', role)
            status, body, _ = self.postgrest.get(token)
            self.tap.ok(status in (400, 401, 403), f'role {json.dumps(role)} gives nothing', f'{status} {body}')
        # Somebody made the login role a superuser
        self.ours.run('ALTER ROLE authenticator SUPERUSER')
        for role in ('postgres', 'pg_read_all_data'):
            self.refused(f'role {role} is refused even if the login role is a superuser', 403, '42501',
                         self.issue('alice', role))
        self.owners('which changes nothing for the good', ['bob'], self.issue('bob'))
        self.ours.run('ALTER ROLE authenticator NOSUPERUSER')

    def algorithms(self):
        for alg in self.trusted:
            self.owners(f"a foreign issuer's {alg} token is good", ['bob'], self.foreign(alg, sub='bob'))
        # The same RSA key, an algorithm that is not allowed: PostgREST ignores a key's alg
        self.keys['PS512'] = self.keys['RS256']
        self.refused('an algorithm that the issuer does not allow is refused', 401, 'JW003',
                     self.foreign('PS512', kid='RS256'))

    def two_headers(self):
        alice, bob = self.issue('alice'), self.issue('bob')
        status, body, _ = self.postgrest.get(alice, bob)
        self.tap.ok(status != 200 or {row['owner'] for row in body} in ({'alice'}, {'bob'}),
                    "two tokens never open both users' rows", f'{status} {body}')
        for name, hidden in (('a good token', alice), ('a superuser', self.issue('alice', 'postgres'))):
            for other in ('Basic eDp5', 'Bearer'):
                for order, pair in (('before', (hidden, other)), ('after', (other, hidden))):
                    status, body, _ = self.postgrest.get(*pair)
                    allowed = (200, 401) if hidden is alice else (401, 403)
                    self.tap.ok(status in allowed and (status != 200 or {r['owner'] for r in body} == {'alice'}),
                                f'{name} {order} "{other}" gains nothing', f'{status} {body}')

    def key_confusion(self):
        """A JWKS that PostgREST cannot parse it takes as a secret, as text."""
        published = self.ours.call('SELECT jwt.jwks()::text')
        given = self.ours.call('SELECT postgrest.verification_keys()::text')
        for name, secret in (("jwt.jwks()'s text", published), ("the keys' text", given),
                             ('them as a JWKS', f'{{"keys": {given}}}'), ('nothing', '')):
            self.refused(f'HS256 under {name} is refused', 401, 'PGRST301', self.hs256(secret.encode()))

        # An Ed448 key is one that PostgREST 12 cannot parse
        ed448 = self.ours.call("SELECT jwt.public_key(jwt.generate_key('Ed448', kid => 'ed448'))")
        self.ours.call('SELECT jwt.trust_issuer(%s, jwks => %s::jsonb)', 'https://ed448.example', ed448)
        self.tap.ok(self.ours.call('SELECT postgrest.verification_keys()') == json.loads(given),
                    'a key that PostgREST does not know is kept from it')
        time.sleep(0.3)
        self.owners('so the others still work', ['bob'], self.issue('bob'))

        # The attack is real: without the salt PostgREST believes it.  The second gate does not.
        unsalted = json.dumps({'keys': [ed448]})
        original = self.ours.call("SELECT pg_get_functiondef('postgrest.pre_config'::regproc)")
        self.ours.connection.execute(
            "CREATE OR REPLACE FUNCTION postgrest.pre_config() RETURNS void LANGUAGE plpgsql AS "
            "$f$ BEGIN PERFORM set_config('pgrst.jwt_secret', '" + unsalted + "', true); END $f$")
        self.ours.run("NOTIFY pgrst, 'reload config'")
        forged = self.hs256(unsalted.encode())
        fooled = self.postgrest.wait_until(lambda: self.postgrest.get(forged)[1].get('code', '').startswith('JW'))
        if fooled:
            self.refused('HS256 that PostgREST believes is refused by jwt.set_session', 401, 'JW003', forged)
        else:
            self.tap.skip('this PostgREST does not take a JWKS for a secret')

        self.ours.run("DROP FUNCTION postgrest.pre_config()")
        self.ours.run(original)
        self.ours.run('GRANT EXECUTE ON FUNCTION postgrest.pre_config() TO authenticator')
        self.ours.run("NOTIFY pgrst, 'reload config'")
        self.tap.ok(self.postgrest.wait_until(lambda: self.postgrest.get(self.issue('bob'))[0] == 200),
                    'with its keys again it is well again')
        self.refused('and the forgery is refused at the first gate', 401, 'PGRST301', forged)

    def rotation(self):
        old = self.issue('alice')
        kid = self.ours.call("SELECT kid FROM jwt.keys WHERE issuer = %s AND state = 'active'", OWN)
        self.ours.call('SELECT jwt.rotate_key(%s)', OWN)
        began = time.monotonic()
        good = self.postgrest.wait_until(lambda: self.postgrest.get(self.issue('bob'))[0] == 200)
        took = time.monotonic() - began
        self.tap.ok(good and took < 2, 'PostgREST knows a rotated key without a restart', f'{took:.2f} s')
        self.owners('and the one before', ['alice', 'alice'], old)
        self.ours.call('SELECT jwt.revoke_key(%s, %s)', OWN, kid)
        status, body, _ = self.postgrest.get(old)
        self.tap.ok(status == 401, "a revoked key's tokens are refused at the very next request", f'{status} {body}')

        self.owners('a foreign issuer is trusted', ['bob'], self.foreign('ES256', sub='bob'))
        self.ours.run(f"UPDATE jwt.issuers SET enabled = false WHERE issuer = '{FOREIGN}'")
        status, body, _ = self.postgrest.get(self.foreign('ES256'))
        self.tap.ok(status == 401, 'and disabled, no longer, at the very next request', f'{status} {body}')

    def revocation(self):
        """This database's own authorization server takes a token back."""
        issuer_id = self.ours.call("SELECT oauth.create_issuer(%s)", SERVER)
        self.ours.run(f"UPDATE jwt.issuers SET audience = '{{notes}}', leeway = '0' WHERE issuer = '{SERVER}'")

        def token(jti):
            claims = {'sub': 'bob', 'aud': 'notes', 'role': 'api_user', 'client_id': 'app', 'jti': jti}
            return self.ours.call("SELECT jwt.issue(%s::jsonb, %s, expires_in => '1 hour', type => 'at+jwt')", claims, SERVER)

        good, bad = token('good'), token('bad')
        self.tap.ok(self.postgrest.wait_until(lambda: self.postgrest.get(good)[0] == 200),
                    "our own authorization server's tokens are good")
        self.owners('all of them', ['bob'], bad)
        self.ours.call('SELECT oauth.revoke(%s, %s, %s)', issuer_id, 'token', 'bad')
        self.refused('a revoked one is refused at the very next request', 401, '28000', bad)
        self.owners('and another is not', ['bob'], good)
        self.ours.call('SELECT oauth.revoke(%s, %s, %s)', issuer_id, 'user', 'bob')
        self.refused('until its user is', 401, '28000', good)

    def no_keys(self):
        self.ours.run('DELETE FROM jwt.issuers')
        time.sleep(0.5)
        for name, secret in (('an empty set', '{"keys": []}'), ('nothing', '')):
            self.refused(f'without any key, HS256 under {name} is refused', 401, 'PGRST301',
                         self.hs256(secret.encode()))

    def run(self):
        self.trusted = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA']
        for alg in self.trusted:
            self.keys[alg] = self.ours.call('SELECT jwt.generate_key(%s, kid => %s)', alg, alg)
            del self.keys[alg]['alg']
        public = [self.ours.call('SELECT jwt.public_key(%s)', key) for key in self.keys.values()]
        self.ours.call('SELECT jwt.trust_issuer(%s, jwks => %s::jsonb, algorithms => %s, audience => %s)', FOREIGN,
                       {'keys': public}, self.trusted, ['notes'])
        first = self.foreign('ES512')
        self.tap.ok(self.postgrest.wait_until(lambda: self.postgrest.get(first)[0] == 200),
                    'an issuer added while PostgREST runs is known to it')
        self.accepted()
        self.anonymous()
        self.bad_tokens()
        self.roles()
        self.algorithms()
        self.two_headers()
        self.key_confusion()
        self.rotation()
        self.revocation()
        self.no_keys()


def main():
    program, deploy = sys.argv[1:]
    log = os.path.join(os.environ['WORK'], 'postgrest.log')
    tap = Tap()
    server = Ours()
    drop = [f'DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)', f'DROP ROLE IF EXISTS {ROLES}']
    for statement in [*drop, f'CREATE DATABASE {DATABASE}']:
        server.run(statement)
    ours = Ours(DATABASE)
    ours.run(SETUP)
    psql = ['psql', '-X', '-q', '-d', DATABASE, '-f', os.path.join(deploy, 'postgrest.sql')]
    for name in ('deploy/postgrest.sql runs', 'and once more'):
        done = subprocess.run(psql, capture_output=True, text=True)
        tap.ok(done.returncode == 0, name, *done.stderr.splitlines())
    postgrest = PostgREST(program, os.path.join(deploy, 'postgrest.conf'), log)
    try:
        Test(ours, tap, postgrest).run()
    finally:
        postgrest.stop()
        ours.connection.close()
        for statement in drop:
            server.run(statement)
    print(f'# PostgREST: {log}')
    tap.done()


main()
