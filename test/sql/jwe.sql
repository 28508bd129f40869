\i test/tap.psql
-- jwt.jwe_encrypt and jwt.jwe_decrypt: what they take and what they give.  All
-- algorithms are in algorithms.sql, the attacks in attacks_jwe.sql.
BEGIN;
\i test/forge.psql
SELECT no_plan();

CREATE FUNCTION secret_key(bytes integer, members jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql
RETURN jsonb_build_object('kty', 'oct', 'k', b64(substr(sha512('one'), 1, bytes))) || members;
CREATE FUNCTION header(token text) RETURNS jsonb LANGUAGE sql
RETURN convert_from(unb64(split_part(token, '.', 1)), 'UTF8')::jsonb;

-- ---------------------------------------------------------------------------
-- Of other hands: RFC 7516 A.3, RFC 7517 C

SELECT is(jwt.jwe_decrypt('eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.'
        'AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ', '{"kty":"oct","k":"GawgguFyGrWKav7AX4VKUg"}'),
    'Live long and prosper.', 'RFC 7516 A.3');
CREATE TEMPORARY TABLE encrypted (line jsonb) ON COMMIT DROP;
\copy encrypted FROM 'test/vectors/jwk_encrypted.jsonl' (FORMAT csv, QUOTE E'\x01', DELIMITER E'\x02')
SELECT is(convert_from(jwt.jwe_decrypt(line ->> 'token', jsonb_build_object('kty', 'oct', 'k', b64(line ->> 'password')), '{PBES2-HS256+A128KW}'), 'UTF8')::jsonb,
    line -> 'key', line ->> 'id')
FROM encrypted;

-- ---------------------------------------------------------------------------
-- Encryption: alg from the header, else the key's, else its family's first; enc
-- from the header, else a dir key's own, else A256GCM

SELECT is(header(jwt.jwe_encrypt('x', jwk, header)) - 'epk', expected, what)
FROM (VALUES
    ('32 bytes', secret_key(32), NULL::jsonb, '{"alg":"A256KW","enc":"A256GCM"}'::jsonb),
    ('16 bytes', secret_key(16), NULL, '{"alg":"A128KW","enc":"A256GCM"}'),
    ('64 bytes', secret_key(64), NULL, '{"alg":"dir","enc":"A256CBC-HS512"}'),
    ('alg dir, 24 bytes', secret_key(24, '{"alg":"dir"}'), NULL, '{"alg":"dir","enc":"A192GCM"}'),
    ('a key of alg A128CBC-HS256', secret_key(32, '{"alg":"A128CBC-HS256"}'), NULL, '{"alg":"dir","enc":"A128CBC-HS256"}'),
    ('alg in the header', secret_key(32), '{"alg":"dir"}', '{"alg":"dir","enc":"A256GCM"}'),
    ('alg and enc in the header', secret_key(32), '{"alg":"dir","enc":"A128CBC-HS256"}', '{"alg":"dir","enc":"A128CBC-HS256"}'),
    ('enc in the header', secret_key(16), '{"enc":"A128CBC-HS256"}', '{"alg":"A128KW","enc":"A128CBC-HS256"}'),
    ('the key''s kid', secret_key(16, '{"kid":"k"}'), NULL, '{"alg":"A128KW","enc":"A256GCM","kid":"k"}'),
    ('the header''s kid', secret_key(16, '{"kid":"k"}'), '{"kid":"h","cty":"JWT"}', '{"alg":"A128KW","enc":"A256GCM","kid":"h","cty":"JWT"}'),
    ('an RSA public key', jwt.public_key(rfc_key('RFC 7515 A.2')), NULL, '{"alg":"RSA-OAEP-256","enc":"A256GCM"}'),
    ('an EC public key', jwt.public_key(rfc_key('RFC 7515 A.3')), NULL, '{"alg":"ECDH-ES","enc":"A256GCM"}')
) AS t(what, jwk, header, expected);
SELECT is(header(jwt.jwe_encrypt('x', secret_key(16), '{"alg":"PBES2-HS256+A128KW"}')) - 'p2s', '{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2c":600000}',
    'a password, which must be asked for by name, is hashed 600,000 times');
SELECT is(header(jwt.jwe_encrypt('x', secret_key(16), '{"alg":"PBES2-HS256+A128KW","p2c":1000}')) ->> 'p2c', '1000', 'or as often as the caller says');

SELECT is(jwt.jwe_decrypt(jwt.jwe_encrypt(plaintext, secret_key(32)), secret_key(32)), plaintext, what)
FROM (VALUES ('nothing', ''::bytea), ('one byte', 'x'), ('a block', '0123456789abcdef'), ('zero bytes', '\x000000'), ('40,000 bytes', repeat('x', 40000)::bytea)) AS t(what, plaintext);
SELECT isnt(jwt.jwe_encrypt('x', secret_key(32)), jwt.jwe_encrypt('x', secret_key(32)), 'never twice the same');
SELECT is(convert_from(jwt.jwe_decrypt(jwt.jwe_encrypt(convert_to(token('{"n":1}'), 'UTF8'), secret_key(32), '{"cty":"JWT"}'), secret_key(32)), 'UTF8'), token('{"n":1}'), 'a signed token, encrypted');
SELECT is(jwt.jwe_encrypt(NULL, secret_key(32)), NULL, 'plaintext null: null');
SELECT is(jwt.jwe_encrypt('x', NULL), NULL, 'key null: null');

SELECT refuses(format('SELECT jwt.jwe_encrypt(''x'', %L, %L)', jwk, header), code, what)
FROM (VALUES
    ('alg RSA1_5', rfc_key('RFC 7515 A.2'), '{"alg":"RSA1_5"}', 'JW002'),
    ('alg none', secret_key(32), '{"alg":"none"}', 'JW002'),
    ('an alg of signatures', secret_key(32), '{"alg":"HS256"}', 'JW002'),
    ('an unknown enc', secret_key(32), '{"enc":"A256CTR"}', 'JW002'),
    ('zip', secret_key(32), '{"zip":"DEF"}', 'JW002'),
    ('crit', secret_key(32), '{"crit":["x"],"x":1}', 'JW004'),
    ('crit b64', secret_key(32), '{"crit":["b64"],"b64":true}', 'JW004'),
    ('enc: a number', secret_key(32), '{"enc":1}', 'JW001'),
    ('header: no object', secret_key(32), '1', 'JW001'),
    ('an epk of the caller''s', rfc_key('RFC 7515 A.3'), '{"epk":{}}', 'JW001'),
    ('a p2s of the caller''s', secret_key(32), '{"alg":"PBES2-HS256+A128KW","p2s":"AAAAAAAAAAA"}', 'JW001'),
    ('an iv of the caller''s', secret_key(32), '{"alg":"A256GCMKW","iv":"AAAA"}', 'JW001'),
    ('p2c under 1000', secret_key(32), '{"alg":"PBES2-HS256+A128KW","p2c":999}', 'JW009'),
    ('p2c over a million', secret_key(32), '{"alg":"PBES2-HS256+A128KW","p2c":1000001}', 'JW009'),
    ('a dir key of no enc''s size', secret_key(20, '{"alg":"dir"}'), '{}', 'JW032'),
    ('a dir key of another enc''s size', secret_key(16), '{"alg":"dir","enc":"A256GCM"}', 'JW032'),
    ('a key of another size', secret_key(16), '{"alg":"A256KW"}', 'JW032'),
    ('a key of another type', secret_key(16), '{"alg":"RSA-OAEP"}', 'JW036'),
    ('a key of another alg', secret_key(16, '{"alg":"A128KW"}'), '{"alg":"A128GCMKW"}', 'JW036'),
    ('a key for signatures', secret_key(16, '{"use":"sig"}'), '{}', 'JW037'),
    ('a key that may only decrypt', secret_key(16, '{"key_ops":["unwrapKey"]}'), '{}', 'JW037'),
    ('a curve of signatures', rfc_key('RFC 8037 A.4'), '{}', 'JW036'),
    ('no kid like this in the set', jsonb_build_object('keys', jsonb_build_array(secret_key(16))), '{"kid":"x"}', 'JW006'),
    ('no key', '{}', '{}', 'JW030')
) AS t(what, jwk, header, code);

-- ---------------------------------------------------------------------------
-- Decryption: the caller decides

CREATE TEMPORARY TABLE given ON COMMIT DROP AS
SELECT jwt.jwe_encrypt('x', secret_key(32, '{"kid":"k"}'), '{"alg":"A256KW","enc":"A128GCM"}') AS token;
SELECT is(jwt.jwe_decrypt(token, jwk, algorithms, encryptions), 'x', what)
FROM given, (VALUES
    ('algorithms and encryptions null', secret_key(32), NULL::text[], NULL::text[]),
    ('algorithms and encryptions empty', secret_key(32), '{}', '{}'),
    ('its alg', secret_key(32), '{dir,A256KW}', NULL),
    ('its enc', secret_key(32), NULL, '{A256GCM,A128GCM}'),
    ('a key of its alg', secret_key(32, '{"alg":"A256KW","use":"enc"}'), NULL, NULL),
    ('a key of another kid', secret_key(32, '{"kid":"z"}'), NULL, NULL),
    ('a set, its kid in it', jsonb_build_object('keys', jsonb_build_array(secret_key(16), secret_key(32, '{"kid":"k"}'))), NULL, NULL)
) AS t(what, jwk, algorithms, encryptions);
SELECT refuses(format('SELECT jwt.jwe_decrypt(%L, %L, %L, %L)', token, jwk, algorithms, encryptions), code, what)
FROM given, (VALUES
    ('another alg', secret_key(32), '{A256GCMKW}', NULL, 'JW003'),
    ('another enc', secret_key(32), NULL, '{A256GCM}', 'JW003'),
    ('an alg of signatures', secret_key(32), '{HS256}', NULL, 'JW002'),
    ('an enc for an alg', secret_key(32), '{A128GCM}', NULL, 'JW002'),
    ('an unknown enc', secret_key(32), NULL, '{none}', 'JW002'),
    ('an alg null', secret_key(32), '{NULL}', NULL, '22004'),
    ('an enc null', secret_key(32), NULL, '{NULL}', '22004'),
    ('a key of another alg', secret_key(32, '{"alg":"A256GCMKW"}'), NULL, NULL, 'JW003'),
    ('a key of another alg, allowed', secret_key(32, '{"alg":"A256GCMKW"}'), '{A256KW}', NULL, 'JW036'),
    ('a key of another size', secret_key(16), '{A256KW}', NULL, 'JW032'),
    ('a key for signatures', secret_key(32, '{"use":"sig"}'), NULL, NULL, 'JW037'),
    ('a set without its kid', jsonb_build_object('keys', jsonb_build_array(secret_key(32, '{"kid":"z"}'))), NULL, NULL, 'JW006'),
    ('no key', '{}', NULL, NULL, 'JW030')
) AS t(what, jwk, algorithms, encryptions, code);
SELECT refuses(format('SELECT jwt.jwe_decrypt(%L, %L)', jwt.jwe_encrypt('x', jwt.public_key(rfc_key('RFC 7515 A.2'))), jwt.public_key(rfc_key('RFC 7515 A.2'))), 'JW038', 'a public key decrypts nothing');
SELECT refuses(format('SELECT jwt.jwe_decrypt(%L, %L)', jwt.jwe_encrypt('x', secret_key(32), '{"alg":"PBES2-HS256+A128KW","p2c":1000}'), secret_key(32)), 'JW003', 'a password is asked for by name');
SELECT is(jwt.jwe_decrypt(NULL, secret_key(32)), NULL, 'token null: null');
SELECT is(jwt.jwe_decrypt('a.b.c.d.e', NULL), NULL, 'key null: null');
SELECT refuses(format('SELECT jwt.jwe_decrypt(%L, secret_key(32))', token), code, what)
FROM (VALUES
    ('empty', '', 'JW001'), ('a signed token', token('{}'), 'JW001'), ('four parts', 'a.b.c.d', 'JW001'), ('six parts', 'a.b.c.d.e.f', 'JW001'),
    ('no header', '.b.c.d.e', 'JW001'), ('too large', repeat('x', 65537), 'JW005'), ('JSON serialization', '{"protected":"e30"}', 'JW001')
) AS t(what, token, code);

SELECT finish();
ROLLBACK;
