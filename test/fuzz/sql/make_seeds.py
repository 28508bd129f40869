"""Seeds: a key and a token for every algorithm, kept so that each run begins from the same."""
import json

SIGNATURES = ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
              "ES256", "ES384", "ES512", "ES256K", "Ed25519", "Ed448"]
ENCRYPTIONS = [
    ("dir", "A128GCM", None), ("dir", "A256CBC-HS512", None), ("A128KW", "A128GCM", None), ("A192KW", "A192GCM", None),
    ("A256KW", "A256GCM", None), ("A128GCMKW", "A128CBC-HS256", None), ("A192GCMKW", "A192CBC-HS384", None),
    ("A256GCMKW", "A256GCM", None), ("RSA-OAEP", "A128GCM", None), ("RSA-OAEP-256", "A256GCM", None),
    ("RSA-OAEP-384", "A128GCM", None), ("RSA-OAEP-512", "A128GCM", None), ("ECDH-ES", "A128GCM", "P-256"),
    ("ECDH-ES", "A128CBC-HS256", "P-384"), ("ECDH-ES+A128KW", "A128GCM", "P-521"), ("ECDH-ES+A192KW", "A128GCM", "X25519"),
    ("ECDH-ES+A256KW", "A128GCM", "X448"), ("PBES2-HS256+A128KW", "A128GCM", None),
    ("PBES2-HS384+A192KW", "A128GCM", None), ("PBES2-HS512+A256KW", "A128GCM", None),
]
FAR = 4102444800  # 2100
SECRET_BYTES = {"A128GCM": 16, "A256CBC-HS512": 64}


def new_key(connection, algorithm, curve, kid):
    return json.loads(connection.value("SELECT jwt.generate_key($1, curve => $2, kid => $3)", algorithm, curve, kid))


def signed(connection, index, algorithm):
    key = new_key(connection, algorithm, None, "s%d" % index)
    issuer = "https://i%d.example" % index
    payload = {"iss": issuer, "sub": "u%d" % index, "aud": ["a", "b"], "iat": 1700000000, "exp": FAR, "roles": ["x"]}
    token = connection.value("SELECT jwt.sign($1::jsonb, $2::jsonb, $3)", json.dumps(payload), json.dumps(key), algorithm).decode()
    pem = None
    if key["kty"] != "oct":
        pem = [connection.value("SELECT jwt.key_to_pem($1::jsonb)", json.dumps(key)).decode(),
               connection.value("SELECT jwt.key_to_pem(jwt.public_key($1::jsonb))", json.dumps(key)).decode()]
    return {"alg": algorithm, "issuer": issuer, "key": key, "pem": pem, "token": token}


def encrypted(connection, index, algorithm, encryption, curve):
    if algorithm == "dir":
        secret = connection.value("SELECT rtrim(translate(replace(encode(sha512($1::bytea), 'base64'), E'\\n', ''), '+/', '-_'), '=')",
                                  encryption)
        if SECRET_BYTES[encryption] == 16:
            secret = b"AyM1SysPpbyDfgZld3umjw"
        key = {"kty": "oct", "k": secret.decode(), "kid": "e%d" % index}
    else:
        key = new_key(connection, algorithm, curve, "e%d" % index)
    header = {"alg": algorithm, "enc": encryption}
    if algorithm.startswith("PBES2"):
        header["p2c"] = 1000
    plaintext = b"plaintext %d" % index
    token = connection.value("SELECT jwt.jwe_encrypt(convert_to($1, 'UTF8'), $2::jsonb, $3::jsonb)", plaintext,
                             json.dumps(key), json.dumps(header)).decode()
    return {"alg": algorithm, "enc": encryption, "key": key, "token": token, "plaintext": plaintext.decode()}


def write(connection, path):
    seeds = {"jws": [signed(connection, i, algorithm) for i, algorithm in enumerate(SIGNATURES)],
             "jwe": [encrypted(connection, i, *row) for i, row in enumerate(ENCRYPTIONS)]}
    with open(path, "w", encoding="ascii") as file:
        json.dump(seeds, file, indent=1)
        file.write("\n")
