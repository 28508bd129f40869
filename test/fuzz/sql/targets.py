"""One call of one SQL function each, with something mutated, and what its answer may be."""
import base64
import json
import re
from urllib.parse import unquote_plus, urlencode

import libpq
from judge import has_private, material, materials, must, silent, sqlstate
from mutate import NAMES, VALUES, unb64

TARGETS = [
    ("verify_jwk", 12), ("verify_text", 8), ("verify_trusted", 10), ("check", 10), ("explain", 8), ("set_session", 3), ("decode", 6),
    ("jws_verify", 10), ("signature_verify", 4), ("jwe_decrypt", 14), ("verify_algorithms", 3), ("mutated_jwk", 12),
    ("mutated_key_text", 8), ("mutated_decryption_key", 4), ("public_key", 6), ("thumbprint", 4), ("key_from_pem", 6),
    ("key_to_pem", 6), ("is_public_jwks", 3), ("sign", 8), ("sign_mutated_key", 4), ("jws_sign", 6), ("jwe_encrypt", 6),
    ("serve", 12),
]

CLAIMS = json.dumps({"iss": "x", "sub": "y", "exp": 4102444800})


class Fuzzer:
    def __init__(self, connection, seeds, chance, mutator, client):
        self.connection = connection
        self.random = chance
        self.mutator = mutator
        self.jws = seeds["jws"]
        self.jwe = seeds["jwe"]
        self.tokens = [seed["token"] for seed in self.jws]
        self.encrypted = [seed["token"] for seed in self.jwe]
        self.all = self.tokens + self.encrypted
        self.call = ("", ())
        self.client, self.secret = client

    # ---- calling ----

    def last(self):
        """The statement that was called last, as psql takes it, nearly."""
        return "%s\n    with %s" % (self.call[0], json.dumps(self.call[1]))

    def ask(self, sql, *values):
        """The first row, or the SQLSTATE of an error that may be."""
        values = tuple(value.replace("\0", "\x01") if isinstance(value, str) else value for value in values)
        # a lone surrogate cannot be sent as UTF-8: send it as bytes that are not
        sent = [value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value for value in values]
        self.call = (sql, values)
        try:
            return self.connection.rows(sql, *sent)[0], None
        except libpq.SqlError as error:
            return None, sqlstate(error, [value for value in values if value is not None])

    def ask_one(self, sql, *values):
        row, state = self.ask(sql, *values)
        return (row[0], None) if row else (None, state)

    # ---- choosing ----

    def signed(self):
        return self.random.choice(self.jws)

    def public(self, seed):
        key = seed["key"]
        return key if key["kty"] == "oct" else {name: key[name] for name in key if name not in
                                                ("d", "p", "q", "dp", "dq", "qi")}

    def jwks(self, key):
        """The key alone, or in a set with others."""
        if self.random.randrange(3):
            return [key]
        return [key] + [self.public(self.signed()) for _ in range(self.random.randrange(3))]

    def as_text(self, keys):
        return json.dumps(keys[0] if len(keys) == 1 and self.random.randrange(2) else {"keys": keys})

    def mutated(self, seed):
        return self.mutator.token(seed["token"], self.all)

    def only_seeds(self, accepted, token, keys):
        """A token is good only if one of these keys made it, byte for byte."""
        if accepted:
            made = [seed for seed in self.jws if seed["token"] == token and material(self.public(seed)) in map(material, keys)]
            must(made, "a mutated token is taken for good")

    # ---- mutated tokens ----

    def verify_jwk(self):
        seed = self.signed()
        token, keys = self.mutated(seed), self.jwks(self.public(seed))
        claims, state = self.ask_one("SELECT jwt.verify($1::text, $2::jsonb)", token, self.as_text(keys))
        self.only_seeds(claims is not None, token, keys)
        return state or "ok"

    def verify_text(self):
        seed = self.signed()
        token = self.mutated(seed)
        key = json.dumps(seed["key"]) if seed["pem"] is None else self.random.choice(seed["pem"])
        claims, state = self.ask_one("SELECT jwt.verify($1::text, $2::text, ARRAY[$3])", token, key, seed["alg"])
        self.only_seeds(claims is not None, token, [self.public(seed)])
        return state or "ok"

    def verify_trusted(self):
        token = self.mutated(self.signed())
        claims, state = self.ask_one("SELECT jwt.verify($1::text)", token)
        must(claims is None or token in self.tokens, "a mutated token is taken for good")
        return state or "ok"

    def verify_algorithms(self):
        seed = self.signed()
        algorithms = [self.random.choice([other["alg"] for other in self.jws] + ["none", "", "hs256", "A128KW", None])
                      for _ in range(self.random.randrange(4))]
        claims, state = self.ask_one(
            "SELECT jwt.verify($1::text, $2::jsonb, ARRAY(SELECT jsonb_array_elements_text($3::jsonb)))",
            seed["token"], json.dumps(self.public(seed)), json.dumps(algorithms))
        # none named means the key's own; Ed25519 and Ed448 are what EdDSA was, RFC 9864
        must(claims is None or not algorithms or seed["alg"] in algorithms, "an algorithm that was not allowed")
        return state or "ok"

    def check(self):
        seed = self.signed()
        token, key = self.mutated(seed), self.public(seed)
        if self.random.randrange(2):
            row, state = self.ask("SELECT valid, claims IS NOT NULL, error FROM jwt.check($1::text, $2::jsonb)", token, json.dumps(key))
            same, refusal = self.ask_one("SELECT jwt.verify($1::text, $2::jsonb)", token, json.dumps(key))
        else:
            row, state = self.ask("SELECT valid, claims IS NOT NULL, error FROM jwt.check($1::text)", token)
            same, refusal = self.ask_one("SELECT jwt.verify($1::text)", token)
        if row is None:
            must(state == "22021", "jwt.check raised %s" % state)
            return state
        must(row[0] in (b"t", b"f") and (row[1] == b"t") == (row[0] == b"t") == (row[2] is None), "check: a torn row")
        must((row[0] == b"t") == (same is not None), "check and verify differ")
        if row[2] is not None:
            silent(row[2].decode(), [token])
        must(row[0] == b"f" or token in self.tokens, "a mutated token is taken for good")
        return "ok" if row[0] == b"t" else refusal

    def explain(self):
        seed = self.signed()
        token = self.mutated(seed)
        given = ("$1::text, $2::jsonb", [token, json.dumps(self.public(seed))]) if self.random.randrange(2) else ("$1::text", [token])
        row, state = self.ask("SELECT bool_and(ok IS NOT false), string_agg(detail, ' ') FROM jwt.explain(%s)" % given[0], *given[1])
        if row is None:
            must(state == "22021", "jwt.explain raised %s" % state)
            return state
        silent((row[1] or b"").decode(), token.split(".")[:3] if "." in token else [token])
        must(row[0] == b"f" or token in self.tokens, "explain finds nothing wrong with a mutated token")
        return "ok" if row[0] == b"t" else "explained"

    def set_session(self):
        token = self.mutated(self.signed())
        claims, state = self.ask_one("SELECT jwt.set_session($1::text)", token)
        must(claims is None or token in self.tokens, "a session of a mutated token")
        return state or "ok"

    def decode(self):
        token = self.mutator.token(self.random.choice(self.all), self.all)
        row, state = self.ask("SELECT header, encode(signature, 'hex') FROM jwt.decode($1::text)", token)
        if row is None:
            return state
        parts = token.split(".")
        must(len(parts) == 3 and all(unb64(part) is not None for part in parts), "decode takes what is not canonical")
        must(unb64(parts[2]).hex() == row[1].decode(), "decode has another signature")
        # 1e300 is an integer to numeric
        given, answer = (json.loads(text, parse_int=float) for text in (unb64(parts[0]), row[0]))
        must(given == answer, "decode has another header")
        return "ok"

    def jws_verify(self):
        seed = self.signed()
        token, keys = self.mutated(seed), self.jwks(self.public(seed))
        payload, state = self.ask_one("SELECT jwt.jws_verify($1::text, $2::jsonb)", token, self.as_text(keys))
        self.only_seeds(payload is not None, token, keys)
        return state or "ok"

    def signature_verify(self):
        seed = self.signed()
        message, _, signature = seed["token"].rpartition(".")
        good = (message.encode(), unb64(signature))
        given = (good[0], self.mutator.data(good[1])) if self.random.randrange(4) else (self.mutator.data(good[0]), good[1])
        answer, state = self.ask_one("SELECT jwt.signature_verify($1::bytea, $2::bytea, $3::jsonb, $4)",
                                     *("\\x" + part.hex() for part in given), json.dumps(self.public(seed)), seed["alg"])
        must(answer != b"t" or given == good, "a mutated signature is valid")
        return state or ("ok" if answer == b"t" else "false")

    def jwe_decrypt(self):
        seed = self.random.choice(self.jwe)
        token = self.mutated(seed)
        plaintext, state = self.ask_one("SELECT convert_from(jwt.jwe_decrypt($1::text, $2::jsonb), 'UTF8')", token, json.dumps(seed["key"]))
        must(plaintext is None or (token == seed["token"] and plaintext.decode() == seed["plaintext"]), "a mutated JWE is decrypted")
        return state or "ok"

    # ---- mutated keys ----

    def mutated_jwk(self):
        seed = self.signed()
        key = self.mutator.json(self.random.choice([seed["key"], self.public(seed), {"keys": self.jwks(self.public(seed))}]))
        function = self.random.choice(["verify", "jws_verify"])
        claims, state = self.ask_one("SELECT jwt.%s($1::text, $2::jsonb)" % function, seed["token"], key)
        must(claims is None or material(self.public(seed)) in materials(key), "another key verifies the token")
        return state or "ok"

    def mutated_key_text(self):
        seed = self.signed()
        good = json.dumps(seed["key"]) if seed["pem"] is None or self.random.randrange(3) == 0 else self.random.choice(seed["pem"])
        key = self.mutator.text(good, [other["pem"][0] for other in self.jws if other["pem"]])
        claims, state = self.ask_one("SELECT jwt.verify($1::text, $2::text, ARRAY[$3])", seed["token"], key, seed["alg"])
        if claims is None:
            return state
        call = self.call
        if material(self.public(seed)) not in materials(key):
            same, _ = self.ask_one("SELECT jwt.thumbprint(jwt.key_from_pem($1)) = jwt.thumbprint($2::jsonb)", key, json.dumps(seed["key"]))
            self.call = call
            must(same == b"t", "another key verifies the token")
        return "ok"

    def mutated_decryption_key(self):
        seed = self.random.choice(self.jwe)
        key = self.mutator.json(seed["key"])
        plaintext, state = self.ask_one("SELECT convert_from(jwt.jwe_decrypt($1::text, $2::jsonb), 'UTF8')", seed["token"], key)
        must(plaintext is None or material(seed["key"]) in materials(key), "another key decrypts the token")
        return state or "ok"

    def any_key(self):
        seed = self.random.choice(self.jws + self.jwe)
        return self.mutator.json(seed["key"] if self.random.randrange(8) else {"keys": [seed["key"], self.signed()["key"]]})

    def public_key(self):
        public, state = self.ask_one("SELECT jwt.public_key($1::jsonb)", self.any_key())
        must(public is None or not has_private(public), "a public key with a private member")
        return state or "ok"

    def thumbprint(self):
        thumbprint, state = self.ask_one("SELECT jwt.thumbprint($1::jsonb)", self.any_key())
        must(thumbprint is None or len(unb64(thumbprint.decode())) == 32, "no thumbprint")
        return state or "ok"

    def key_to_pem(self):
        row, state = self.ask("SELECT jwt.thumbprint(jwt.key_from_pem(jwt.key_to_pem($1::jsonb))) = jwt.thumbprint($1::jsonb)", self.any_key())
        must(row is None or row[0] == b"t", "PEM is of another key")
        return state or "ok"

    def key_from_pem(self):
        pems = [pem for seed in self.jws if seed["pem"] for pem in seed["pem"]]
        jwk, state = self.ask_one("SELECT jwt.key_from_pem($1)", self.mutator.text(self.random.choice(pems), pems))
        if jwk is None:
            return state
        again, refusal = self.ask_one("SELECT jwt.thumbprint($1::jsonb)", jwk.decode())
        must(again is not None, "key_from_pem gives a key that is refused: %s" % refusal)
        return "ok"

    def is_public_jwks(self):
        keys = self.jwks(self.random.choice([self.signed()["key"], self.public(self.signed())]))
        text = self.mutator.json({"keys": keys})
        answer, state = self.ask_one("SELECT jwt.is_public_jwks($1::jsonb)", text)
        must(answer != b"t" or not has_private(text), "a private key is called public")
        return state or ("ok" if answer == b"t" else "false")

    # ---- mutated payloads and headers ----

    def header(self, seed, *names):
        header = {name: seed[name] for name in names if self.random.randrange(4)}
        if seed["alg"].startswith("PBES2"):
            header["p2c"] = 1000    # or every call takes as long as guessing a password should
        for _ in range(self.random.choice([0, 1, 1, 2])):
            header[self.random.choice(NAMES)] = self.random.choice(VALUES)
        return self.mutator.json(header) if self.random.randrange(2) else json.dumps(header)

    def sign(self):
        seed = self.signed()
        payload = CLAIMS if self.random.randrange(2) else self.mutator.json({"iss": "x", "aud": ["a"], "exp": 4102444800, "n": 1.5})
        key = json.dumps(seed["key"])
        token, state = self.ask_one("SELECT jwt.sign($1::jsonb, $2::jsonb, $3, $4::jsonb)", payload, key, seed["alg"], self.header(seed, "alg"))
        if token is None:
            return state
        call = self.call
        same, refusal = self.ask_one("SELECT convert_from(jwt.jws_verify($1::text, $2::jsonb), 'UTF8')::jsonb = $3::jsonb",
                                     token.decode(), key, payload)
        self.call = call
        must(same == b"t", "what was signed is not verified: %s" % refusal)
        return "ok"

    def sign_mutated_key(self):
        seed = self.signed()
        key = self.mutator.json(seed["key"])
        token, state = self.ask_one("SELECT jwt.sign($1::jsonb, $2::jsonb, $3)", CLAIMS, key, self.random.choice([seed["alg"], None]))
        if token is None:
            return state
        call = self.call
        header = json.loads(unb64(token.decode().split(".")[0]))
        same, refusal = self.ask_one("SELECT jwt.jws_verify($1::text, $2::jsonb, ARRAY[$3]) IS NOT NULL", token.decode(), key, header["alg"])
        self.call = call
        # a mutated key may be for signing only
        must(same == b"t" or refusal == "JW037", "what was signed is not verified: %s" % refusal)
        return "ok"

    def jws_sign(self):
        seed = self.signed()
        payload = self.mutator.data(b"any bytes, in truth")
        key = json.dumps(seed["key"])
        token, state = self.ask_one("SELECT jwt.jws_sign($1::bytea, $2::jsonb, $3::jsonb)", "\\x" + payload.hex(), key, self.header(seed, "alg"))
        if token is None:
            return state
        call = self.call
        same, refusal = self.ask_one("SELECT encode(jwt.jws_verify($1::text, $2::jsonb), 'hex')", token.decode(), key)
        self.call = call
        must(same is not None and same.decode() == payload.hex(), "what was signed is not verified: %s" % refusal)
        return "ok"

    def jwe_encrypt(self):
        seed = self.random.choice(self.jwe)
        plaintext = self.mutator.data(b"any bytes, in truth")
        key = json.dumps(seed["key"]) if self.random.randrange(3) else self.mutator.json(seed["key"])
        header = self.header(seed, "alg", "enc")
        token, state = self.ask_one("SELECT jwt.jwe_encrypt($1::bytea, $2::jsonb, $3::jsonb)", "\\x" + plaintext.hex(), key, header)
        if token is None:
            return state
        call = self.call
        named = json.loads(unb64(token.decode().split(".")[0]))
        same, refusal = self.ask_one("SELECT encode(jwt.jwe_decrypt($1::text, $2::jsonb, ARRAY[$3], ARRAY[$4]), 'hex')",
                                     token.decode(), key, named["alg"], named["enc"])
        self.call = call
        # a mutated key may be public, or for encryption only
        must((same is not None and same.decode() == plaintext.hex()) or (same is None and refusal in ("JW037", "JW038")),
             "what was encrypted is not decrypted: %s" % refusal)
        return "ok"

    # ---- requests to the authorization server ----

    def token_request(self):
        """Method, path, query, headers and body of a good one."""
        form = {"grant_type": "client_credentials", "scope": "read"}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "*/*"}
        if self.random.randrange(2):
            pair = "%s:%s" % (self.client, self.secret)
            if self.random.randrange(4) == 0:
                pair = self.mutator.data(pair.encode()).decode("latin-1")
            headers["authorization"] = "Basic " + base64.b64encode(pair.encode("latin-1")).decode()
        else:
            form.update(client_id=self.client, client_secret=self.secret)
        return ["POST", "/token", "", headers, urlencode(form).encode()]

    def brings_secret(self, headers, body):
        """Is the client's secret, whole, anywhere that it may be?"""
        places = [body.decode("latin-1")]
        for encoded in re.findall("[A-Za-z0-9+/]{8,}", headers):
            places.append(base64.b64decode(encoded[:len(encoded) // 4 * 4]).decode("latin-1"))
            places.append(base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode("latin-1") if len(encoded) % 4 != 1 else "")
        return any(self.secret in unquote_plus(place) for place in places)

    def serve(self):
        request = self.token_request()
        part = self.random.randrange(8)
        if part == 3 or part >= 6:
            request[3] = self.mutator.json(request[3])
        else:
            request[3] = json.dumps(request[3])
            if part == 4 or part == 5:
                request[4] = self.mutator.data(request[4])
            else:
                request[part] = self.mutator.text(request[part], ["GET", "/login", "/authorize", "client_id=x&scope=a"])
        method, path, query, headers, body = request
        row, state = self.ask("SELECT status, headers, convert_from(body, 'UTF8') FROM oauth.serve(NULL, $1, $2, $3, $4::jsonb, $5::bytea, $6::inet)",
                              method, path, query, headers, "\\x" + body.hex(), "10.%d.%d.%d" % tuple(self.random.randrange(256) for _ in range(3)))
        if row is None:
            must(not state.startswith("JW"), "oauth.serve raised %s" % state)
            return state
        status, answered, page = (value.decode() for value in row)
        must(int(status) < 500, "the server met an unexpected condition")
        must(self.secret not in answered + page, "it echoes the secret")
        if '"access_token"' not in page:
            return status
        must(status == "200" and self.brings_secret(headers, body), "a token without the secret")
        return "ok"
