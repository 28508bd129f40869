"""Every key type against every algorithm of other libraries, both ways.

    matrix.py PEER-PROGRAM [ARG]...

The peer program speaks for one language's libraries (see peers/); ours are the
functions of the private server, found through PGHOST and its kin.  Prints TAP.

For each library and all it supports: their tokens verified by ours, ours by
theirs, with their keys and with ours; each of their tokens refused when its key is
offered for any other algorithm; JWE in every pair of alg and enc; keys as PEM
and JWK, both ways; thumbprints.

What a library lacks stands in LACKS, and is tried all the same: the list must be
exact, so that an update of the library that brings more is noticed.
"""

import fnmatch
import json
import os
import subprocess
import sys
import time

from common import Ours, Refused, Tap, base64url

# algorithm, key type, size or curve
SIGNATURES = [
    ('HS256', 'oct', 32), ('HS384', 'oct', 48), ('HS512', 'oct', 64),
    ('RS256', 'RSA', 2048), ('RS384', 'RSA', 2048), ('RS512', 'RSA', 2048),
    ('PS256', 'RSA', 2048), ('PS384', 'RSA', 2048), ('PS512', 'RSA', 2048),
    ('ES256', 'EC', 'P-256'), ('ES384', 'EC', 'P-384'), ('ES512', 'EC', 'P-521'),
    ('ES256K', 'EC', 'secp256k1'),
    ('EdDSA', 'OKP', 'Ed25519'), ('EdDSA', 'OKP', 'Ed448'),
    ('Ed25519', 'OKP', 'Ed25519'), ('Ed448', 'OKP', 'Ed448'),
]
AGREEMENT = [('EC', 'P-256'), ('EC', 'P-384'), ('EC', 'P-521'), ('OKP', 'X25519'), ('OKP', 'X448')]
KEY_MANAGEMENT = [
    ('A128KW', 'oct', 16), ('A192KW', 'oct', 24), ('A256KW', 'oct', 32),
    ('A128GCMKW', 'oct', 16), ('A192GCMKW', 'oct', 24), ('A256GCMKW', 'oct', 32),
    ('dir', 'oct', None),
    ('RSA-OAEP', 'RSA', 2048), ('RSA-OAEP-256', 'RSA', 2048),
    ('RSA-OAEP-384', 'RSA', 2048), ('RSA-OAEP-512', 'RSA', 2048),
    *[(alg, kty, size) for alg in ('ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW')
      for kty, size in AGREEMENT],
    ('PBES2-HS256+A128KW', 'oct', 20), ('PBES2-HS384+A192KW', 'oct', 20), ('PBES2-HS512+A256KW', 'oct', 20),
]
ENCRYPTIONS = {'A128GCM': 16, 'A192GCM': 24, 'A256GCM': 32,
               'A128CBC-HS256': 32, 'A192CBC-HS384': 48, 'A256CBC-HS512': 64}
# Our own default is far more than jose (10,000) and jwcrypto (16,384) accept unless told to.
PBES2_COUNT = 10000
KEYS = [('RSA', 2048), ('EC', 'P-256'), ('EC', 'P-384'), ('EC', 'P-521'), ('EC', 'secp256k1'),
        ('OKP', 'Ed25519'), ('OKP', 'Ed448'), ('OKP', 'X25519'), ('OKP', 'X448')]

# Patterns of what a library has not: "sign ALG CURVE", "encrypt ALG CURVE",
# "key KTY CURVE", "generate KTY CURVE", "thumbprint KTY CURVE".
LACKS = json.load(open(os.path.join(os.path.dirname(__file__), 'lacks.json')))

CLAIMS = {'sub': 'Zoë', 'n': 1, 'nested': {'a': [True, None, '"\\/\u2028']}}


class Theirs:
    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.names = json.loads(self.process.stdout.readline())

    def call(self, peer, operation, **arguments):
        """(result, None) or (None, error)"""
        request = {'peer': peer, 'do': operation, **arguments}
        self.process.stdin.write(json.dumps(request) + '\n')
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer.get('result'), answer.get('error')


def generate(ours, kty, size):
    """A key as JWK without alg and use, so that it fits all of its algorithms."""
    algorithm, named = {
        'oct': ('HS256', 'bits'), 'RSA': ('RS256', 'bits'),
        'EC': ('ECDH-ES', 'curve'), 'OKP': ('ECDH-ES', 'curve'),
    }[kty]
    algorithm = {'Ed25519': 'EdDSA', 'Ed448': 'EdDSA', 'secp256k1': 'ES256K'}.get(size, algorithm)
    if kty == 'oct':
        return {'kty': 'oct', 'k': base64url(os.urandom(size))}
    return bare(ours.call(f'SELECT jwt.generate_key(%s, {named} => %s)', algorithm, size))


def bare(jwk):
    return {name: jwk[name] for name in jwk if name not in ('alg', 'use', 'kid', 'key_ops', 'ext')}


def numbers_of(jwk):
    """What makes two JWKs the same key."""
    return {name: jwk[name] for name in jwk
            if name in ('kty', 'crv', 'n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'x', 'y', 'k')}


def public(jwk):
    return jwk if jwk['kty'] == 'oct' else {
        name: jwk[name] for name in jwk if name not in ('d', 'p', 'q', 'dp', 'dq', 'qi')}


class Matrix:
    def __init__(self, ours, theirs, tap):
        self.ours, self.theirs, self.tap = ours, theirs, tap
        self.keys = {}

    def key(self, kty, size):
        """One of our keys of each kind is enough."""
        if (kty, size) not in self.keys:
            jwk = generate(self.ours, kty, size)
            pem = {}
            if kty != 'oct':
                pem = {'private': self.ours.call('SELECT jwt.key_to_pem(%s)', jwk),
                       'public': self.ours.call('SELECT jwt.key_to_pem(%s)', public(jwk))}
            self.keys[kty, size] = jwk, pem
        return self.keys[kty, size]

    def has(self, feature, works, error):
        """Does the peer have it?  It must be as LACKS says."""
        stated = next((p for p in LACKS.get(self.name, []) if fnmatch.fnmatchcase(feature, p)), None)
        if stated is None and not works:
            self.tap.ok(False, f'{self.peer}: {feature}', error, 'if it lacks that, say so in lacks.json')
        if stated is not None:
            self.used.add(stated)
            if works:
                self.tap.ok(False, f'{self.peer}: {feature}', f'it has it, against lacks.json: "{stated}"')
        return stated is None and works

    def run(self):
        for self.peer in self.theirs.names:
            self.name = self.peer if self.peer in LACKS else self.peer.split()[0]
            self.used = set()
            for row in SIGNATURES:
                self.signature(*row)
            for row in KEY_MANAGEMENT:
                self.encryption(*row)
            for row in KEYS:
                self.keys_of(*row)
            unused = set(LACKS.get(self.name, [])) - self.used
            self.tap.ok(not unused, f'{self.peer}: lacks.json has nothing stale', *unused)
            if self.used:
                self.tap.skip(f'{self.peer} lacks: {", ".join(sorted(self.used))}')

    # -- signatures --

    def signature(self, alg, kty, size):
        jwk, pem = self.key(kty, size)
        label = f'{self.peer}: {alg}' + (f' with {size}' if alg == 'EdDSA' else '')
        private = {'jwk': {**jwk, 'alg': alg}, 'pem': pem.get('private')}
        readable = {'jwk': {**public(jwk), 'alg': alg}, 'pem': pem.get('public')}

        token, error = self.theirs.call(self.peer, 'sign', alg=alg, claims=CLAIMS, **private)
        if not self.has(f'sign {alg} {size}', token is not None, error):
            return
        self.verified_by_ours(f'{label}: theirs, verified by ours', token, public(jwk), alg)
        self.refused_elsewhere(f'{label}: theirs, refused for every other algorithm', token, jwk, alg, size)

        token = self.ours.call('SELECT jwt.sign(%s::jsonb, %s::jsonb, %s)', CLAIMS, jwk, alg)
        claims, error = self.theirs.call(self.peer, 'verify', alg=alg, token=token, **readable)
        self.tap.ok(claims == CLAIMS, f'{label}: ours, verified by theirs', f'{claims} {error}')

        # A check that cannot fail is none: the same token, one character changed
        broken = token[:-12] + ('A' if token[-12] != 'A' else 'B') + token[-11:]
        claims, error = self.theirs.call(self.peer, 'verify', alg=alg, token=broken, **readable)
        self.tap.ok(claims is None, f'{label}: ours altered, refused by theirs')

    def verified_by_ours(self, name, token, jwk, alg):
        try:
            claims = self.ours.call('SELECT jwt.verify(%s, %s::jsonb, %s)', token, jwk, [alg])
            self.tap.ok(claims == CLAIMS, name, claims)
        except Refused as error:
            self.tap.ok(False, name, error)

    def refused_elsewhere(self, name, token, jwk, alg, size):
        """The token with its own key offered for each other algorithm, in every way
        to say so, and with each other algorithm's key."""
        accepted = []
        key, pem = public(jwk), self.keys[jwk['kty'], size][1].get('public')
        for other, other_kty, other_size in SIGNATURES:
            # RFC 9864: EdDSA and Ed25519 or Ed448 are the same signature, but not the same name
            if other == alg:
                continue
            offers = {
                'its key': ('jsonb', key, [other]),
                'its key with alg': ('jsonb', {**key, 'alg': other}, None),
                'its key with alg, allowed both': ('jsonb', {**key, 'alg': other}, [alg, other]),
                'its key as secret': ('jsonb', {'kty': 'oct', 'k': base64url(json.dumps(key).encode())}, [other]),
                'its JWK as text': ('text', json.dumps(key), [other]),
                'the key of that': ('jsonb', public(self.key(other_kty, other_size)[0]), [other]),
            }
            if pem is not None:
                offers['its PEM'] = ('text', pem, [other])
                offers['its PEM as secret'] = ('jsonb', {'kty': 'oct', 'k': base64url(pem.encode())}, [other])
            for what, (form, offered, algorithms) in offers.items():
                try:
                    self.ours.call(f'SELECT jwt.verify(%s, %s::{form}, %s::text[])', token, offered, algorithms)
                    accepted.append(f'{other}, {what}: accepted')
                except Refused as error:
                    # the token or the key is at fault, not something else
                    if not 'JW001' <= error.sqlstate <= 'JW007' and not 'JW030' <= error.sqlstate <= 'JW038':
                        accepted.append(f'{other}, {what}: {error}')
        self.tap.ok(not accepted, name, *accepted)

    # -- encryption --

    def encryption(self, alg, kty, size):
        curve = size if alg.startswith('ECDH') else ''
        feature = f'encrypt {alg} {curve}'.rstrip()
        for enc in ENCRYPTIONS:
            jwk = self.key(kty, size or ENCRYPTIONS[enc])[0]
            label = f'{self.peer}: {alg}{curve and " with " + curve}, {enc}'
            text = f'{alg} {enc} Zoë'
            token, error = self.theirs.call(self.peer, 'encrypt', alg=alg, enc=enc, jwk=public(jwk), text=text)
            if not self.has(feature, token is not None, error):
                return
            try:
                plain = self.ours.call("SELECT convert_from(jwt.jwe_decrypt(%s, %s, %s, %s), 'UTF8')",
                                       token, jwk, [alg], [enc])
                self.tap.ok(plain == text, f'{label}: theirs, decrypted by ours', plain)
            except Refused as refusal:
                self.tap.ok(False, f'{label}: theirs, decrypted by ours', refusal)

            header = {'alg': alg, 'enc': enc}
            if alg.startswith('PBES2'):
                header['p2c'] = PBES2_COUNT
            try:
                token = self.ours.call("SELECT jwt.jwe_encrypt(convert_to(%s, 'UTF8'), %s, %s)",
                                       text, public(jwk), header)
            except Refused as refusal:
                self.tap.ok(False, f'{label}: ours, decrypted by theirs', refusal)
                continue
            plain, error = self.theirs.call(self.peer, 'decrypt', alg=alg, enc=enc, jwk=jwk, token=token)
            self.tap.ok(plain == text, f'{label}: ours, decrypted by theirs', f'{plain} {error}')

    # -- keys --

    def keys_of(self, kty, size):
        label = f'{self.peer}: {kty} {size}'
        jwk, pem = self.key(kty, size)
        alg = {'RSA': 'RS256', 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512', 'secp256k1': 'ES256K',
               'X25519': 'ECDH-ES', 'X448': 'ECDH-ES'}.get(kty if kty == 'RSA' else size, 'EdDSA')

        for half, of_half in (('private', lambda k: k), ('public', public)):
            theirs, error = self.theirs.call(self.peer, 'from_pem', alg=alg, kty=kty, pem=pem[half],
                                             private=half == 'private')
            if not self.has(f'key {kty} {size}', theirs is not None, error):
                break
            self.tap.ok(numbers_of(theirs) == numbers_of(of_half(jwk)), f'{label}: our {half} PEM, read by theirs',
                        f'the numbers differ: {sorted(theirs)}')
            theirs, error = self.theirs.call(self.peer, 'to_pem', alg=alg, jwk=of_half(jwk), private=half == 'private')
            name = f'{label}: their {half} PEM, read by ours'
            try:
                ours = self.ours.call('SELECT jwt.key_from_pem(%s)', theirs)
                self.tap.ok(numbers_of(ours or {}) == numbers_of(of_half(jwk)), name, error)
            except Refused as refusal:
                self.tap.ok(False, name, refusal)

        theirs, error = self.theirs.call(self.peer, 'thumbprint', jwk=jwk)
        if self.has(f'thumbprint {kty} {size}', theirs is not None, error):
            ours = self.ours.call('SELECT jwt.thumbprint(%s)', jwk)
            self.tap.ok(ours == theirs, f'{label}: thumbprint', f'ours {ours}, theirs {theirs}')

        fresh, error = self.theirs.call(self.peer, 'generate', kty=kty, size=size)
        if self.has(f'generate {kty} {size}', fresh is not None, error):
            self.fresh_key(label, bare(fresh), alg)

    def fresh_key(self, label, jwk, alg):
        """A key they made: we use its private half, they the public one."""
        name = f'{label}: their key, used by ours'
        try:
            if alg == 'ECDH-ES':
                token = self.ours.call("SELECT jwt.jwe_encrypt('text', %s, %s)", public(jwk),
                                       {'alg': alg, 'enc': 'A128GCM'})
                result, error = self.theirs.call(self.peer, 'decrypt', alg=alg, enc='A128GCM', jwk=jwk, token=token)
                self.tap.ok(result == 'text', name, error)
            else:
                token = self.ours.call('SELECT jwt.sign(%s::jsonb, %s::jsonb, %s)', CLAIMS, jwk, alg)
                pem = self.ours.call('SELECT jwt.key_to_pem(%s)', public(jwk))
                result, error = self.theirs.call(self.peer, 'verify', alg=alg, jwk={**public(jwk), 'alg': alg},
                                                 pem=pem, token=token)
                self.tap.ok(result == CLAIMS, name, error)
        except Refused as refusal:
            self.tap.ok(False, name, refusal)


def main():
    tap = Tap()
    began = time.monotonic()
    Matrix(Ours(), Theirs(sys.argv[1:]), tap).run()
    print(f'# {time.monotonic() - began:.1f} s')
    tap.done()


main()
