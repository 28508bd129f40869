"""PyJWT, joserfc and jwcrypto as peers of matrix.py: requests in, answers out,
a JSON object a line.  Each library is used as its manual shows; what it has no
way to do it does not define here."""

import json
import sys
import warnings

import joserfc
import jwcrypto
import jwt as pyjwt
from joserfc import jwe as joserfc_jwe
from joserfc import jwk as joserfc_jwk
from joserfc import jwt as joserfc_jwt
from jwcrypto import jwe as jwcrypto_jwe
from jwcrypto import jwk as jwcrypto_jwk
from jwcrypto import jwt as jwcrypto_jwt
from importlib.metadata import version

warnings.simplefilter('ignore')         # joserfc calls some algorithms not recommended
joserfc_jwk.register_secp256k1()        # and has this curve on request only


class PyJWT:
    """Takes PEM where there is one, as its users mostly do."""

    @staticmethod
    def key(jwk, pem):
        return pem or pyjwt.PyJWK(jwk, jwk['alg']).key

    def sign(self, alg, jwk, pem, claims):
        return pyjwt.encode(claims, self.key(jwk, pem), algorithm=alg)

    def verify(self, alg, jwk, pem, token):
        return pyjwt.decode(token, self.key(jwk, pem), algorithms=[alg])


class Joserfc:
    @staticmethod
    def generate(kty, size):
        classes = {'RSA': joserfc_jwk.RSAKey, 'EC': joserfc_jwk.ECKey, 'OKP': joserfc_jwk.OKPKey}
        return classes[kty].generate_key(size).as_dict(private=True)

    def sign(self, alg, jwk, pem, claims):
        return joserfc_jwt.encode({'alg': alg}, claims, joserfc_jwk.import_key(jwk), algorithms=[alg])

    def verify(self, alg, jwk, pem, token):
        return joserfc_jwt.decode(token, joserfc_jwk.import_key(jwk), algorithms=[alg]).claims

    def encrypt(self, alg, enc, jwk, text):
        return joserfc_jwe.encrypt_compact({'alg': alg, 'enc': enc}, text.encode(),
                                           joserfc_jwk.import_key(jwk), algorithms=[alg, enc])

    def decrypt(self, alg, enc, jwk, token):
        return joserfc_jwe.decrypt_compact(token, joserfc_jwk.import_key(jwk),
                                           algorithms=[alg, enc]).plaintext.decode()

    def thumbprint(self, jwk):
        return joserfc_jwk.import_key(jwk).thumbprint()

    def to_pem(self, alg, jwk, private):
        return joserfc_jwk.import_key(jwk).as_pem(private=private).decode()

    def from_pem(self, alg, kty, pem, private):
        return joserfc_jwk.import_key(pem, kty).as_dict(private=private)


class Jwcrypto:
    @staticmethod
    def generate(kty, size):
        named = {'size': size} if kty == 'RSA' else {'crv': size}
        return jwcrypto_jwk.JWK.generate(kty=kty, **named).export(as_dict=True)

    def sign(self, alg, jwk, pem, claims):
        token = jwcrypto_jwt.JWT(header={'alg': alg}, claims=claims, algs=[alg])
        token.make_signed_token(jwcrypto_jwk.JWK(**jwk))
        return token.serialize()

    def verify(self, alg, jwk, pem, token):
        return json.loads(jwcrypto_jwt.JWT(jwt=token, key=jwcrypto_jwk.JWK(**jwk), algs=[alg]).claims)

    def encrypt(self, alg, enc, jwk, text):
        token = jwcrypto_jwe.JWE(text.encode(), json.dumps({'alg': alg, 'enc': enc}), algs=[alg, enc])
        token.add_recipient(jwcrypto_jwk.JWK(**jwk))
        return token.serialize(compact=True)

    def decrypt(self, alg, enc, jwk, token):
        jwe = jwcrypto_jwe.JWE(algs=[alg, enc])
        jwe.deserialize(token, jwcrypto_jwk.JWK(**jwk))
        return jwe.payload.decode()

    def thumbprint(self, jwk):
        return jwcrypto_jwk.JWK(**jwk).thumbprint()

    def to_pem(self, alg, jwk, private):
        return jwcrypto_jwk.JWK(**jwk).export_to_pem(private_key=private, password=None).decode()

    def from_pem(self, alg, kty, pem, private):
        key = jwcrypto_jwk.JWK.from_pem(pem.encode())
        return json.loads(key.export(private_key=private))


peers = {
    f'PyJWT {version("PyJWT")}': PyJWT(),
    f'joserfc {version("joserfc")}': Joserfc(),
    f'jwcrypto {version("jwcrypto")}': Jwcrypto(),
}

print(json.dumps(list(peers)), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    peer, operation = peers[request.pop('peer')], request.pop('do')
    try:
        answer = {'result': getattr(peer, operation)(**request)}
    except Exception as error:          # whatever a library raises is its answer
        answer = {'error': f'{type(error).__name__}: {error}'}
    print(json.dumps(answer), flush=True)
