"""Mutations of text, of base64url and of JSON, all from one random.Random."""
import base64
import json

WORDS = [
    "", ".", "..", "=", "==", '"', "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "\t", "+", "/", "-", "_", "%s", "\ufeff",
    "\u00e9", "\U0001f600", "null", "true", "0", "-1", "1e400", "2147483648", "18446744073709551616", "\\u0000", "\\ud800", "\\u0061",
    '"alg":"none",', '"alg":"HS256",', '"\\u0061lg":1,', '"crit":["b64"],', '"b64":false,', '"kid":"",', '"zip":"DEF",',
    '"p2c":999,', '"epk":{},', '"keys":[', '"use":"enc",', '"key_ops":[],', "-----BEGIN PUBLIC KEY-----\n", "eyJ", "AAAA", "e30",
]

NAMES = ["alg", "enc", "kid", "typ", "cty", "crit", "b64", "zip", "epk", "apu", "apv", "iv", "tag", "p2c", "p2s", "jwk", "jku", "x5c",
         "x5u", "kty", "crv", "k", "n", "e", "d", "p", "q", "dp", "dq", "qi", "oth", "x", "y", "use", "key_ops", "keys",
         "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "", "Alg", "\u0000"]

VALUES = [None, True, False, 0, 1, -1, 1.5, 999, 1000, 4000, 2 ** 31, 2 ** 63, 2 ** 64, 10 ** 30, 1e300, "", "x", "AA", "AQAB", "AQ", "=", "none",
          "HS256", "RS256", "PS384", "ES256", "ES256K", "EdDSA", "Ed448", "dir", "A128KW", "A256GCMKW", "RSA-OAEP-256", "ECDH-ES",
          "ECDH-ES+A128KW", "PBES2-HS256+A128KW", "A128GCM", "A256CBC-HS512", "P-256", "P-384", "P-521", "secp256k1", "X25519",
          "Ed25519", "oct", "RSA", "EC", "OKP", "sig", "enc", "JWT", "\u00e9", [], {}, [[]], ["b64"], ["alg"], ["exp", "exp"], ["sign"],
          ["verify", "sign"], {"kty": "EC"}, {"keys": []}, "A" * 5000, "\ud800", "a\u0000b"]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    """The bytes, or None where the text is not canonical base64url."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return data if b64(data) == text else None


class Mutator:
    def __init__(self, random):
        self.random = random

    # ---- bytes and text ----

    def data(self, data):
        """Bytes that differ from these in one place, mostly."""
        r = self.random
        data = bytearray(data)
        at = r.randrange(len(data) + 1)
        kind = r.randrange(7)
        if kind <= 2 and data:
            data[at % len(data)] ^= 1 << r.randrange(8)
        elif kind == 3 and data:
            data[at % len(data)] = r.choice(b"\0\xff\x80\x7f\x01 ")
        elif kind == 4:
            del data[at:at + r.choice([1, 1, 2, 16, len(data)])]
        elif kind == 5:
            data[at:at] = data[at:at + r.choice([1, 2, 16, 64])] or b"\0"
        else:
            data = data[:at] if r.randrange(2) else data + bytes(r.choice([1, 1, 8, 300]))
        return bytes(data)

    def text(self, text, others=()):
        """The text, altered; sometimes with the tail of another."""
        r = self.random
        at = r.randrange(len(text) + 1)
        kind = r.randrange(8)
        if kind <= 1 and text:
            alphabet = "ABCabc019-_.=+/ \n\"{}[]:,\\\x01\u00e9"
            text = text[:at] + r.choice(alphabet) + text[at + 1:]
        elif kind == 2:
            text = text[:at] + text[at + r.choice([1, 1, 3, 40]):]
        elif kind == 3:
            text = text[:at] + r.choice(WORDS) + text[at + r.choice([0, 0, 1, 4]):]
        elif kind == 4:
            text = text[:at] + r.choice(WORDS) * r.choice([2, 20, 200, 4000]) + text[at:]
        elif kind == 5:
            end = at + r.randrange(1, 80)
            text = text[:end] + text[at:end] + text[end:]
        elif kind == 6 and others:
            other = r.choice(others)
            text = text[:at] + other[r.randrange(len(other) + 1):]
        else:
            text = text[:at]
        return text

    # ---- JSON ----

    def value(self, value):
        r = self.random
        if isinstance(value, str) and r.randrange(3):
            raw = unb64(value) if len(value) > 8 else None
            return b64(self.data(raw)) if raw is not None and r.randrange(3) else self.text(value)
        if isinstance(value, list) and value and r.randrange(2):
            return value + [r.choice(value)] if r.randrange(2) else value[:-1]
        if isinstance(value, dict) and r.randrange(3):
            return self.object(value)
        return r.choice(VALUES)

    def object(self, value):
        """The object with a member changed, added, removed or renamed."""
        r = self.random
        names = list(value)
        kind = r.randrange(6)
        if kind <= 2 and names:
            name = r.choice(names)
            return {**value, name: self.value(value[name])}
        if kind == 3 and names:
            name = r.choice(names)
            return {other: value[other] for other in names if other != name}
        if kind == 4 and names:
            name = r.choice(names)
            return {r.choice(NAMES) if other == name else other: value[other] for other in names}
        return {**value, r.choice(NAMES): r.choice(VALUES)}

    def json(self, value):
        """Its text: of a changed object mostly, else changed as text."""
        r = self.random
        for _ in range(r.choice([1, 1, 2, 3])):
            value = self.object(value) if isinstance(value, dict) else r.choice(VALUES)
        text = json.dumps(value)
        kind = r.randrange(10)
        if kind == 0:
            text = self.text(text)
        elif kind == 1 and text.startswith("{") and len(text) > 2:
            # a member twice, in either order
            name, other = json.dumps(r.choice(NAMES)), json.dumps(r.choice(VALUES))
            text = "{%s: %s, %s" % (name, other, text[1:]) if r.randrange(2) else "%s, %s: %s}" % (text[:-1], name, other)
        elif kind == 2 and r.randrange(8) == 0:
            depth = r.choice([10, 60, 70, 1000, 10000])
            text = '{"a": %s1%s, %s' % ("[" * depth, "]" * depth, text[1:])
        return text

    # ---- tokens ----

    def token(self, token, others):
        """A token altered as text, in what a part stands for, in its JSON, or spliced."""
        r = self.random
        parts = token.split(".")
        at = r.randrange(len(parts))
        kind = r.randrange(9)
        if kind <= 1:
            return self.text(token, others)
        if kind <= 3:
            parts[at] = b64(self.data(unb64(parts[at])))
        elif kind <= 5:
            parts[0] = b64(self.json(json.loads(unb64(parts[0]))).encode())
        elif kind == 6:
            try:
                parts[1] = b64(self.json(json.loads(unb64(parts[1]))).encode())
            except ValueError:
                parts[1] = b64(self.data(unb64(parts[1])))
        elif kind == 7:
            other = r.choice(others).split(".")
            parts[at] = other[min(r.choice([at, at, r.randrange(len(other))]), len(other) - 1)]
        else:
            other = r.randrange(len(parts))
            parts[at], parts[other] = parts[other], parts[at]
        if r.randrange(12) == 0:
            parts.append(r.choice(parts))
        return ".".join(parts)
