"""What an answer may be."""
import json
import re

from mutate import unb64

PUBLIC = {"oct": ("k",), "RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
PRIVATE = {"k", "d", "p", "q", "dp", "dq", "qi", "oth"}
# one code a cause, and what PostgreSQL says of an argument that is none: bad JSON, bad UTF-8, too long
ALLOWED = re.compile("JW0|22|54")
# base64 long enough to be a secret or a part of a token
RUN = re.compile("[A-Za-z0-9+/_-]{24,}")


class Finding(Exception):
    """An answer that must never be given."""


def must(truth, what):
    if not truth:
        raise Finding(what)


def sqlstate(error, secrets):
    """The code of an error that may be; ours echo nothing that was given."""
    must(ALLOWED.match(error.sqlstate), "SQLSTATE %s" % error)
    if error.sqlstate.startswith("JW"):
        silent(error.text, secrets)
    return error.sqlstate


def silent(text, secrets):
    for run in RUN.findall(text):
        must(not any(run in secret for secret in secrets), "it echoes what it was given: " + text)


def material(jwk):
    """What makes a JWK's key, whatever else it says; numbers without their leading zeros."""
    if not isinstance(jwk, dict) or jwk.get("kty") not in PUBLIC:
        return None
    values = [jwk["kty"]]
    for name in PUBLIC[jwk["kty"]]:
        value = jwk.get(name)
        if not isinstance(value, str):
            return None
        raw = value if name == "crv" else unb64(value)
        if raw is None:
            return None
        if jwk["kty"] == "oct":
            raw = raw.rstrip(b"\0")     # HMAC fills a key up with zeros, RFC 2104
        elif name in ("n", "e"):
            raw = raw.lstrip(b"\0")
        values.append(raw)
    return tuple(values)


def materials(text):
    """Of all the keys of a JWK or a JWKS; jsonb keeps the last of two members, as json does."""
    try:
        value = json.loads(text)
    except ValueError:
        return []
    if not isinstance(value, dict):
        return []
    keys = value["keys"] if isinstance(value.get("keys"), list) else [value]
    return [found for found in map(material, keys) if found]


def has_private(text):
    value = json.loads(text)
    keys = value["keys"] if isinstance(value.get("keys"), list) else [value]
    return any(isinstance(key, dict) and PRIVATE & set(key) for key in keys)

