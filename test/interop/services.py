"""Tokens that services want of their clients, in the exact shape they want them:
Google's and Firebase's service accounts, Apple's client secrets.

The keys are made here, in the files the services hand out.  Google's own library
verifies what is meant for Google; where that library makes the same token, ours
must have the same members.
"""

import base64
import datetime

import google.auth.jwt
import jwt as pyjwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.oauth2 import service_account

from common import Ours, Tap

TOKEN_URI = 'https://oauth2.googleapis.com/token'
FIREBASE = 'https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1.IdentityToolkit'
SCOPE = 'https://www.googleapis.com/auth/firebase.messaging'
APPLE = 'https://appleid.apple.com'
APPLE_LONGEST = 15777000                # seconds, six months


def pkcs8(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()


def certificate(key):
    """Self-signed: Google publishes its clients' keys in certificates."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'test')])
    now = datetime.datetime.now(datetime.timezone.utc)
    return (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
            .public_bytes(serialization.Encoding.PEM).decode())


def google_accounts(ours, tap):
    key = rsa.generate_private_key(65537, 2048)
    # The file that Google's console downloads
    account = {
        'type': 'service_account', 'project_id': 'test', 'private_key_id': '0123456789abcdef0123456789abcdef01234567',
        'private_key': pkcs8(key), 'client_email': 'robot@test.iam.gserviceaccount.com', 'client_id': '1',
        'auth_uri': 'https://accounts.google.com/o/oauth2/auth', 'token_uri': TOKEN_URI,
    }
    certificates = {account['private_key_id']: certificate(key)}

    # As an application would: the whole file as a parameter, nothing prepared
    token = ours.call('''
        SELECT jwt.sign(jsonb_build_object('iss', account ->> 'client_email', 'aud', account ->> 'token_uri',
                                           'scope', %s::text),
                        account ->> 'private_key', 'RS256',
                        header => jsonb_build_object('kid', account ->> 'private_key_id'), expires_in => '1 hour')
        FROM (SELECT %s::jsonb AS account) AS file''', SCOPE, account)
    try:
        claims = google.auth.jwt.decode(token, certs=certificates, audience=TOKEN_URI)
    except ValueError as error:
        claims = {'error': str(error)}
    tap.ok(claims.get('iss') == account['client_email'], "Google: the assertion, verified by google-auth", claims)
    tap.ok(claims.get('scope') == SCOPE, 'Google: it has the scope')
    tap.ok(claims.get('exp', 0) - claims.get('iat', 0) == 3600, 'Google: it lives for an hour, the longest allowed')

    theirs = service_account.Credentials.from_service_account_info(account, scopes=[SCOPE]) \
        ._make_authorization_grant_assertion().decode()
    tap.ok(sorted(pyjwt.get_unverified_header(token).items()) == sorted(pyjwt.get_unverified_header(theirs).items()),
           "Google: the header is that of google-auth's own", pyjwt.get_unverified_header(token))
    tap.ok(set(claims) == set(google.auth.jwt.decode(theirs, verify=False)),
           "Google: the claims are those of google-auth's own", claims)
    their_claims = ours.call('SELECT jwt.verify(%s, %s::text, %s, audience => %s)', theirs,
                             certificates[account['private_key_id']], ['RS256'], [TOKEN_URI])
    tap.ok(their_claims['iss'] == account['client_email'], "Google: google-auth's own, verified by ours with the certificate")
    other = certificate(rsa.generate_private_key(65537, 2048))
    tap.refused("Google: google-auth's own, refused with another certificate", 'JW007',
                lambda: ours.call('SELECT jwt.verify(%s, %s::text, %s)', theirs, other, ['RS256']))

    token = ours.call('''
        SELECT jwt.sign(jsonb_build_object('iss', account ->> 'client_email', 'sub', account ->> 'client_email',
                                           'aud', %s::text, 'uid', 'user-1', 'claims', '{"admin": true}'::jsonb),
                        account ->> 'private_key', 'RS256', expires_in => '1 hour')
        FROM (SELECT %s::jsonb AS account) AS file''', FIREBASE, account)
    claims = google.auth.jwt.decode(token, certs=certificate(key), audience=FIREBASE)
    tap.ok((claims['uid'], claims['claims']) == ('user-1', {'admin': True}),
           'Firebase: a custom token, verified by google-auth', claims)


def wrapped(der):
    """PKCS#8 DER as Apple's p8 file has it: lines of 64, and no end of line at the end."""
    text = base64.b64encode(der).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return '\n'.join(['-----BEGIN PRIVATE KEY-----', *lines, '-----END PRIVATE KEY-----'])


def p8_forms(key):
    """The same P-256 key as encoders differ over it: ECPrivateKey (RFC 5915 3) with its
    optional curve and public key, with the latter only, and with neither."""
    d = key.private_numbers().private_value.to_bytes(32, 'big')
    point = key.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    curve = bytes.fromhex('06082a8648ce3d030107')
    algorithm = bytes.fromhex('301306072a8648ce3d0201') + curve

    def sequence(tag, body):
        return bytes([tag]) + (bytes([len(body)]) if len(body) < 128 else bytes([0x81, len(body)])) + body

    public = sequence(0xa1, sequence(0x03, b'\x00' + point))
    for name, optional in (('curve and public key', sequence(0xa0, curve) + public),
                           ('public key', public), ('neither', b'')):
        ec_private_key = sequence(0x30, b'\x02\x01\x01' + sequence(0x04, d) + optional)
        yield name, wrapped(sequence(0x30, b'\x02\x01\x00' + algorithm + sequence(0x04, ec_private_key)))


def apple(ours, tap):
    key = ec.generate_private_key(ec.SECP256R1())
    for name, p8 in p8_forms(key):
        token = ours.call('''
            SELECT jwt.sign('{"iss": "TEAM123456", "aud": "https://appleid.apple.com", "sub": "com.example.web"}',
                            %s::text, 'ES256', header => '{"kid": "KEY1234567"}', expires_in => %s::interval)''',
                          p8, f'{APPLE_LONGEST} seconds')
        claims = pyjwt.decode(token, key.public_key(), algorithms=['ES256'], audience=APPLE, issuer='TEAM123456')
        tap.ok(claims['sub'] == 'com.example.web' and claims['exp'] - claims['iat'] == APPLE_LONGEST,
               f'Apple: a client secret from a p8 file with {name}, verified by PyJWT', claims)
        tap.ok(pyjwt.get_unverified_header(token) == {'alg': 'ES256', 'kid': 'KEY1234567', 'typ': 'JWT'},
               f'Apple: its header names the key', pyjwt.get_unverified_header(token))


def main():
    tap = Tap()
    ours = Ours()
    google_accounts(ours, tap)
    apple(ours, tap)
    tap.done()


main()
