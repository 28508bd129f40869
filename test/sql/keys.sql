\i test/tap.psql
-- Keys: made, halved, named, read from PEM and written to it.
BEGIN;
\i test/forge.psql
SELECT no_plan();

-- ---------------------------------------------------------------------------
-- jwt.generate_key: a private JWK fit for the algorithm

SELECT is((SELECT array_agg(name ORDER BY name COLLATE "C") FROM jsonb_object_keys(jwt.generate_key(algorithm)) AS name), members::text[], format('%s: its members', algorithm))
FROM (VALUES
    ('HS256', '{alg,k,kid,kty,use}'),
    ('A128KW', '{alg,k,kid,kty,use}'),
    ('ES256', '{alg,crv,d,kid,kty,use,x,y}'),
    ('EdDSA', '{alg,crv,d,kid,kty,use,x}'),
    ('ECDH-ES', '{alg,crv,d,kid,kty,use,x,y}'),
    ('RS256', '{alg,d,dp,dq,e,kid,kty,n,p,q,qi,use}')
) AS t(algorithm, members);
SELECT is(jsonb_build_array(jwk -> 'kty', jwk -> 'crv', jwk -> 'use', jwk -> 'alg', length(unb64(jwk ->> member)) * 8),
    jsonb_build_array(kty, crv, use, algorithm, bits), format('generate_key(%s)', call))
FROM (VALUES
    ('HS256', '''HS256''', 'oct', NULL, 'sig', 'k', 256),
    ('HS384', '''HS384''', 'oct', NULL, 'sig', 'k', 384),
    ('HS512', '''HS512''', 'oct', NULL, 'sig', 'k', 512),
    ('HS256', '''HS256'', 1024', 'oct', NULL, 'sig', 'k', 1024),
    ('A192KW', '''A192KW''', 'oct', NULL, 'enc', 'k', 192),
    ('A256GCMKW', '''A256GCMKW''', 'oct', NULL, 'enc', 'k', 256),
    ('dir', '''dir''', 'oct', NULL, 'enc', 'k', 256),
    ('dir', '''dir'', bits => 512', 'oct', NULL, 'enc', 'k', 512),
    ('A128CBC-HS256', '''A128CBC-HS256''', 'oct', NULL, 'enc', 'k', 256),
    ('A128GCM', '''A128GCM''', 'oct', NULL, 'enc', 'k', 128),
    ('PBES2-HS256+A128KW', '''PBES2-HS256+A128KW''', 'oct', NULL, 'enc', 'k', 128),
    ('ES256', '''ES256''', 'EC', 'P-256', 'sig', 'x', 256),
    ('ES384', '''ES384''', 'EC', 'P-384', 'sig', 'd', 384),
    ('ES512', '''ES512''', 'EC', 'P-521', 'sig', 'y', 528),
    ('ES256K', '''ES256K''', 'EC', 'secp256k1', 'sig', 'x', 256),
    ('EdDSA', '''EdDSA''', 'OKP', 'Ed25519', 'sig', 'x', 256),
    ('EdDSA', '''EdDSA'', curve => ''Ed448''', 'OKP', 'Ed448', 'sig', 'x', 456),
    ('Ed25519', '''Ed25519''', 'OKP', 'Ed25519', 'sig', 'd', 256),
    ('Ed448', '''Ed448''', 'OKP', 'Ed448', 'sig', 'd', 456),
    ('ECDH-ES', '''ECDH-ES''', 'EC', 'P-256', 'enc', 'x', 256),
    ('ECDH-ES', '''ECDH-ES'', curve => ''P-521''', 'EC', 'P-521', 'enc', 'x', 528),
    ('ECDH-ES+A256KW', '''ECDH-ES+A256KW'', curve => ''X448''', 'OKP', 'X448', 'enc', 'x', 448),
    ('RS256', '''RS256''', 'RSA', NULL, 'sig', 'n', 2048),
    ('PS256', '''PS256'', 3072', 'RSA', NULL, 'sig', 'n', 3072),
    ('RSA-OAEP-256', '''RSA-OAEP-256'', bits => 2048', 'RSA', NULL, 'enc', 'n', 2048)
) AS t(algorithm, call, kty, crv, use, member, bits),
    LATERAL (SELECT jwt.generate_key(split_part(call, '''', 2), substring(call FROM '[0-9]{3,4}$')::integer, substring(call FROM 'curve => ''(.*)''')) AS jwk) AS made;
SELECT isnt(jwt.generate_key(algorithm) - 'kid', jwt.generate_key(algorithm) - 'kid', format('%s: never twice the same', algorithm)) FROM unnest(ARRAY['HS256', 'ES256', 'EdDSA']) AS algorithm;
SELECT is(jwk ->> 'kid', jwt.thumbprint(jwk), 'the kid of a key pair is its thumbprint') FROM jwt.generate_key('ES256') AS jwk;
SELECT isnt(jwk ->> 'kid', jwt.thumbprint(jwk), 'that of a secret is not, since it would tell of it') FROM jwt.generate_key('HS256') AS jwk;
SELECT is(jwt.generate_key('ES256', kid => 'mine') ->> 'kid', 'mine', 'a kid that is given');
SELECT is(jwt.generate_key('HS256', kid => E'"quoted" \\ é') ->> 'kid', E'"quoted" \\ é', 'of any characters');
SELECT is(jwt.generate_key(NULL), NULL, 'null: null');
SELECT refuses(format('SELECT jwt.generate_key(%s)', call), code, call)
FROM (VALUES
    ('''none''', 'JW002'), ('''''', 'JW002'), ('''es256''', 'JW002'), ('''RSA1_5''', 'JW002'), ('''RSA''', 'JW002'),
    ('''RS256'', 1024', 'JW033'), ('''RS256'', 2047', 'JW033'), ('''RS256'', 16384', 'JW005'), ('''RS256'', -1', 'JW033'), ('''RS256'', curve => ''P-256''', 'JW031'),
    ('''HS256'', 128', 'JW033'), ('''HS512'', 256', 'JW033'), ('''HS256'', 257', 'JW032'), ('''HS256'', 100000', 'JW005'), ('''HS256'', curve => ''P-256''', 'JW031'),
    ('''A128KW'', 256', 'JW032'), ('''A128GCM'', 256', 'JW032'), ('''dir'', -8', 'JW005'),
    ('''ES256'', curve => ''P-384''', 'JW031'), ('''EdDSA'', curve => ''X25519''', 'JW031'), ('''ECDH-ES'', curve => ''secp256k1''', 'JW031'), ('''ES256'', curve => ''''', 'JW031'),
    ('''HS256'', curve => ''P-256''', 'JW031'), ('''RS256'', curve => ''P-256''', 'JW031'), ('''dir'', curve => ''X25519''', 'JW031'),
    ('''EdDSA'', curve => ''nonsense''', 'JW031'), ('''ES256'', curve => ''nonsense''', 'JW031'), ('''ECDH-ES'', curve => ''nonsense''', 'JW031')
) AS t(call, code);

-- ---------------------------------------------------------------------------
-- jwt.public_key: what may be published

SELECT is((SELECT array_agg(name ORDER BY name COLLATE "C") FROM jsonb_object_keys(jwt.public_key(rfc_key(id) || '{"kid":"k","use":"sig"}')) AS name), members::text[], format('%s: its public half', id))
FROM (VALUES
    ('RFC 7515 A.2', '{e,kid,kty,n,use}'), ('RFC 7515 A.3', '{crv,kid,kty,use,x,y}'), ('RFC 8037 A.4', '{crv,kid,kty,use,x}')
) AS t(id, members);
SELECT is(jwt.public_key(jwt.public_key(rfc_key('RFC 7515 A.3'))), jwt.public_key(rfc_key('RFC 7515 A.3')), 'a public key''s public half is itself');
SELECT is(jwt.public_key(rfc_key('RFC 7515 A.3') || '{"key_ops":["sign"]}') -> 'key_ops', '["verify"]', 'who signs with one half, verifies with the other');
SELECT is(jwt.public_key(rfc_key('RFC 7515 A.3') || '{"secret":"x","x5c":["AA=="],"nested":{"d":1}}') - 'x' - 'y' - 'kty' - 'crv', '{}', 'members that are not known are left out');
SELECT is(jwt.public_key(NULL), NULL, 'null: null');
SELECT refuses(format('SELECT jwt.public_key(%L)', jwk), code, what)
FROM (VALUES
    ('a secret has no public half', rfc_key('RFC 7515 A.1'), 'JW031'),
    ('not a key', '{}', 'JW030'), ('a list', '[]', 'JW030'), ('a set', '{"keys":[]}', 'JW030'),
    ('halves that do not belong together', rfc_key('RFC 7515 A.3') || jsonb_build_object('d', b64('\x00'::bytea || substr(sha256('x'), 2))), 'JW032'),
    ('d: a number', rfc_key('RFC 7515 A.3') || '{"d":1}', 'JW030')
) AS t(what, jwk, code);

-- JSON that is no key is the key's fault, JW030, wherever one is taken: a code up
-- to JW029 would be answered with a 401, as if the token were to blame.
SELECT jwt.create_issuer('https://keys.example') AS kid \gset
SELECT refuses(format(call, key), 'JW030', format(call, left(key, 40)))
FROM unnest(ARRAY['SELECT jwt.public_key(%L)', 'SELECT jwt.thumbprint(%L)', 'SELECT jwt.key_to_pem(%L)', 'SELECT jwt.sign(''{}'', %L::jsonb)', 'SELECT jwt.verify(''a.b.c'', %L::jsonb)',
        'SELECT jwt.jws_sign(''x'', %L)', 'SELECT jwt.jws_verify(''a.b.c'', %L)', 'SELECT jwt.jwe_encrypt(''x'', %L)', 'SELECT jwt.jwe_decrypt(''a.b.c.d.e'', %L)', 'SELECT jwt.signature_verify(''x'', ''x'', %L)']) AS call,
    unnest(ARRAY['[]', '"x"', '{"kty":"oct","x":' || repeat('[', 20) || repeat(']', 20) || '}']) AS key;
SELECT refuses(format(call, key), 'JW030', format(call, left(key, 40)))
FROM unnest(ARRAY['SELECT jwt.sign(''{}'', %L::text)', 'SELECT jwt.verify(''a.b.c'', %L::text)', 'SELECT jwt.import_key(''https://keys.example'', %L)', 'SELECT jwt.trust_issuer(''https://f.example'', secret => %L)']) AS call,
    unnest(ARRAY['{"kty":"oct","kty":"oct"}', '{"kty":"oct","x":' || repeat('[', 20) || repeat(']', 20) || '}']) AS key;

-- ---------------------------------------------------------------------------
-- jwt.thumbprint: RFC 7638

SELECT is(jwt.thumbprint(line -> 'key'), line ->> 'thumbprint', line ->> 'id') FROM vectors WHERE line ? 'thumbprint' ORDER BY line ->> 'id' COLLATE "C";
SELECT is(jwt.thumbprint(rfc_key(id) || '{"kid":"x","use":"sig","z":1}'), jwt.thumbprint(jwt.public_key(rfc_key(id))), format('%s: neither the private half nor other members count', id))
FROM unnest(ARRAY['RFC 7515 A.2', 'RFC 7515 A.3', 'RFC 8037 A.4']) AS id;
SELECT is(jwt.thumbprint(rfc_key('RFC 7515 A.1')),
    b64(sha256(convert_to(format('{"k":"%s","kty":"oct"}', rfc_key('RFC 7515 A.1') ->> 'k'), 'UTF8'))), 'of a secret, as 3.2 has it');
SELECT is(jwt.thumbprint(NULL), NULL, 'null: null');
SELECT refuses($$SELECT jwt.thumbprint('{"kty":"EC"}')$$, 'JW030', 'not a key');

-- ---------------------------------------------------------------------------
-- PEM, there and back

SELECT is(jwt.key_from_pem(jwt.key_to_pem(jwk)), jwk, format('%s there and back', what))
FROM (SELECT id, rfc_key(id) - 'kid' FROM unnest(ARRAY['RFC 7515 A.2', 'RFC 7515 A.3', 'RFC 7515 A.4', 'RFC 8037 A.4']) AS id
    UNION ALL SELECT id || ', public', jwt.public_key(rfc_key(id) - 'kid') FROM unnest(ARRAY['RFC 7515 A.2', 'RFC 7515 A.3', 'RFC 7515 A.4', 'RFC 8037 A.4']) AS id) AS t(what, jwk);
SELECT is(jwt.key_from_pem(jwt.key_to_pem(jwk)), jwk - 'kid' - 'alg' - 'use', format('%s there and back', coalesce(curve, algorithm)))
FROM (VALUES ('ES256K', NULL), ('Ed448', NULL), ('ECDH-ES', 'X25519'), ('ECDH-ES', 'X448'), ('ES384', NULL)) AS t(algorithm, curve), jwt.generate_key(algorithm, curve => curve) AS jwk;
SELECT matches(jwt.key_to_pem(jwk), format(E'^-----BEGIN %s-----\n[A-Za-z0-9+/=\n]+-----END %s-----\n$', label, label), label)
FROM (VALUES (rfc_key('RFC 7515 A.3'), 'PRIVATE KEY'), (jwt.public_key(rfc_key('RFC 7515 A.3')), 'PUBLIC KEY')) AS t(jwk, label);
-- Written by openssl: PKCS#1, SEC 1 with its parameters, a certificate
SELECT is(jwt.thumbprint(jwt.key_from_pem(pem)), thumbprint, what)
FROM (VALUES
('SEC 1, behind its parameters', '9UNNoWMe1-4_q2di94NgGNiyRYPwpR702vEvnltfFo4', $pem$
-----BEGIN EC PARAMETERS-----
BggqhkjOPQMBBw==
-----END EC PARAMETERS-----
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIKuxV4bGHijikr0bB06OKT1BKPqzxWbGJoXdlz7Bpwt1oAoGCCqGSM49
AwEHoUQDQgAE2CAXgzLHEqxi6QZ1hMkrhoc7XEl+ZbwHgoYvL52uCup0DlqZxJl7
8AVyQNmK97POB1aYSjun4Bq/APNOqnfVfQ==
-----END EC PRIVATE KEY-----
$pem$),
('a certificate of the same key', '9UNNoWMe1-4_q2di94NgGNiyRYPwpR702vEvnltfFo4', $pem$
-----BEGIN CERTIFICATE-----
MIIBdjCCARugAwIBAgIUdfwyexJPzRgX+ggxGdgg1SzlvTIwCgYIKoZIzj0EAwIw
DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjQwMjAwMzZaGA8yMTI2MTAzMTAyMDAz
NlowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNgg
F4MyxxKsYukGdYTJK4aHO1xJfmW8B4KGLy+drgrqdA5amcSZe/AFckDZivezzgdW
mEo7p+AavwDzTqp31X2jUzBRMB0GA1UdDgQWBBTUS211ShNBRzl77sHjNm6GeeQn
xTAfBgNVHSMEGDAWgBTUS211ShNBRzl77sHjNm6GeeQnxTAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0kAMEYCIQC651ofC9R9nqwPsSD1qu2P2WP13ho9+p7s
LuuOJs/ZjwIhAJRcaVUITuDBgssBmzv9ewiwZ+Vtqn+tKzMypPfnhSKV
-----END CERTIFICATE-----
$pem$),
('PKCS#1, private', 's527lFn7amhg3t3hIYzuXvzc7TOwTjZ5wMBJODOUUGQ', $pem$
-----BEGIN RSA PRIVATE KEY-----
MIIEpAIBAAKCAQEA6MU1AVl2LnJX77xafgdMoelMYnlI8M7RNERBldI4OY5f+TTy
l0MUTmybgqHp0UYh2aI2Ixllh3/hVkXoOZXOpE/tZ0A3k5rAfdDRi6pHKa7jsAlT
vUCfYIpFl8hNqvo5NvVVDwWrmlmbQe1YpzFAZk8VodPtMCnhp3u3ksvLLrOga5DX
dc6Gcmj/iU6oDwf7qNUVvKGBls5i0PL8/XJJORUBqSp1HnalNTeINGcsYFvf3vlG
4mgsc1zEERLkLTJ7mueqI8tcJXXVZ3CQ/uSwt1W6liXyrWj/zDaQ23CzgTLBzU2y
p3e1dY4+u42zzK4MBriQqXJvfWbaFYVslJqTtQIDAQABAoIBAGM0lYwvMD7IbfEX
givfeYoyL+NyVKOJScFwa9FqSJtDMmU4a0ILjU6FXFv3HPub29ZxG4inDM4MsyG9
ZqWQUwNVq1VLmcQ3et3Ej2JqnqzFxHWk7AMnVSXkmJeBf5Sk05i4Q9nErWf508Fr
4lJTm+Jex1XyyE60Mt/aSxlt8PlENghQ8IrKy0qMDEjPl6biyo3ENmzwAVZEIUiy
Nco1f9TaLIpHMiIXWFme605lIStMBBkNa5uozbmucoYm+aS6Da1NdEZz8jUV9Wxx
31NTeEVlFtjOUCp0ubc6mAAVEspY9mwprW34sUSFv45348yZW8IW/HGrrCo87Uah
A+ExyesCgYEA/6UXwmfjK1fc9q5Q6kM86Sj1UkzIVj+pofU9QtHqeaaFyZO1O9/8
aFRnGqprf6lrLdbymWEIahQx344rJeYOpJFFhiTGy4kNZnLlmVjV/cXBXLZClvbT
h4aaCEKsm4fwJoUY3NKYGY3/8uYyBt4KFQdrkPGh24gv3lHLtT21jMMCgYEA6Rf6
5V6wnDl2hUjY65OrkTH51j4gl4CAj748ANb0ivG6IcRNQTAOXhpF/wVr8uFM6bED
7TxDmsX2t6amXCu/bRMXOfF6iyE9IvUnec2PyCrIBkrIA48g2pMVLbsFQowQDr2S
SvQJ9HnOWgTwrXbAqs6I4Bd/y/Q3BR4BX/SrNicCgYAxHFgaIrcDZpeuVAJ7Xntf
F105eEKsPwKpeGFSat0ujYz6EoQognkM2doMx1xrY/KRFc/5IyjoqASEu90SJMX/
W2ENyhbelu+aFMyCzwwc+laRJvpX4gb07Ci/GX/rSQwbekoyccqCbkMTOKG3rAQn
0gsaBzFe6SS5AuGtabNs3QKBgQDeVppjCcRq8EEGd+s6IpynncUTQCW0fcWj1zDD
GEcg9dy28tlCEgXSaztTO6exgIjt7ISzWSWfT6+7lEHhb3VkJK6l/ZoHdkgrvS7P
d23r4Cr2HYTWKEONWnj8KwWkaZezh84wosGQKlPT+BxfSgQTqXhUUPX85NFKl0l2
bxqVRwKBgQD5zSaHepnoavfNqHhmVzI+NQv7fCI1WYE8LZ3izDcdXDrL27keiNME
10U6DFT7Dco8AWg8pQFXiB6OrKwd/B4PEw2RpONR7B2l8G8ZdyrQqCFVegmkBCfP
m3hev2BgONSXXmuoJR1LaMBaTOS2ksRzy7tC6b/vDQjdThFhpN7SOg==
-----END RSA PRIVATE KEY-----
$pem$),
('PKCS#1, public', 's527lFn7amhg3t3hIYzuXvzc7TOwTjZ5wMBJODOUUGQ', $pem$
-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEA6MU1AVl2LnJX77xafgdMoelMYnlI8M7RNERBldI4OY5f+TTyl0MU
TmybgqHp0UYh2aI2Ixllh3/hVkXoOZXOpE/tZ0A3k5rAfdDRi6pHKa7jsAlTvUCf
YIpFl8hNqvo5NvVVDwWrmlmbQe1YpzFAZk8VodPtMCnhp3u3ksvLLrOga5DXdc6G
cmj/iU6oDwf7qNUVvKGBls5i0PL8/XJJORUBqSp1HnalNTeINGcsYFvf3vlG4mgs
c1zEERLkLTJ7mueqI8tcJXXVZ3CQ/uSwt1W6liXyrWj/zDaQ23CzgTLBzU2yp3e1
dY4+u42zzK4MBriQqXJvfWbaFYVslJqTtQIDAQAB
-----END RSA PUBLIC KEY-----
$pem$)) AS t(what, thumbprint, pem);
SELECT is(jwt.key_from_pem(NULL), NULL, 'PEM null: null');
SELECT is(jwt.key_to_pem(NULL), NULL, 'JWK null: null');
SELECT refuses(format('SELECT jwt.key_from_pem(%L)', pem), code, what)
FROM (VALUES
    ('empty', '', 'JW030'),
    ('words', 'no key', 'JW030'),
    ('a JWK', '{"kty":"oct","k":"AAAA"}', 'JW030'),
    ('an unknown label', E'-----BEGIN LETTER-----\nAAAA\n-----END LETTER-----\n', 'JW030'),
    ('no end', E'-----BEGIN PUBLIC KEY-----\nAAAA\n', 'JW030'),
    ('labels that differ', E'-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', 'JW030'),
    ('no key inside', E'-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', 'JW032'),
    ('two keys', jwt.key_to_pem(jwt.public_key(rfc_key('RFC 7515 A.3'))) || jwt.key_to_pem(jwt.public_key(rfc_key('RFC 8037 A.4'))), 'JW030'),
    ('encrypted', E'-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n', 'JW035'),
    ('encrypted, the old way', E'-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00000000000000000000000000000000\n\nAAAA\n-----END RSA PRIVATE KEY-----\n', 'JW035'),
    ('too large', repeat(' ', 65537), 'JW005')
) AS t(what, pem, code);
SELECT refuses(format('SELECT jwt.key_to_pem(%L)', jwk), code, what)
FROM (VALUES ('a secret has no PEM', '{"kty":"oct","k":"AAAA"}', 'JW031'), ('not a key', '{}', 'JW030')) AS t(what, jwk, code);

-- ---------------------------------------------------------------------------
-- What the tables' CHECK constraints ask

SELECT is(jwt.is_public_jwks(jwks), expected, what)
FROM (VALUES
    ('a public key', jwt.public_key(rfc_key('RFC 7515 A.3')), true),
    ('a set of them', jsonb_build_object('keys', jsonb_build_array(jwt.public_key(rfc_key('RFC 7515 A.3')), jwt.public_key(rfc_key('RFC 7515 A.2')))), true),
    ('an empty set', '{"keys":[]}', true),
    ('a set with one not understood', '{"keys":[{"kty":"LWE"}]}', true),
    ('a private key', rfc_key('RFC 7515 A.3'), false),
    ('a set with a private key', jsonb_build_object('keys', jsonb_build_array(jwt.public_key(rfc_key('RFC 7515 A.3')), rfc_key('RFC 7515 A.2'))), false),
    ('a set with a private key that is not understood', jsonb_build_object('keys', jsonb_build_array(jsonb_set(rfc_key('RFC 7515 A.3'), '{crv}', '"P-257"'))), false),
    ('a set with a secret that is malformed', '{"keys":[{"kty":"oct","k":"="}]}', false),
    ('a secret', rfc_key('RFC 7515 A.1'), false),
    ('not a key', '{}', false), ('a list', '[]', false), ('a string', '"x"', false),
    ('null', NULL, NULL)
) AS t(what, jwks, expected);
SELECT is(jwt.are_signature_algorithms(names), expected, coalesce(names::text, 'null'))
FROM (VALUES ('{ES256}'::text[], true), ('{HS256,EdDSA}', true), ('{}', false), ('{none}', false), ('{ES256,none}', false), ('{dir}', false), ('{ES256,NULL}', false), (NULL, NULL)) AS t(names, expected);

SELECT finish();
ROLLBACK;
