\i test/tap.psql
-- A database in another encoding than tokens have: iss is looked up by its
-- characters, not by its UTF-8 bytes, which spell another issuer there.
\set original :DBNAME
CREATE DATABASE oauth_jwt_latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0;
\c oauth_jwt_latin1
SET client_encoding = 'UTF8';
CREATE EXTENSION pgtap;
CREATE EXTENSION oauth_jwt;
SELECT no_plan();

-- The UTF-8 bytes of "ü" read as LATIN1 are "Ã¼".
SELECT jwt.create_issuer('https://Ã¼.example') \g /dev/null
SELECT jwt.jws_sign(convert_to('{"iss":"https://ü.example","exp":4102444800}', 'UTF8'), private_jwk::jsonb) AS other FROM jwt.keys WHERE state = 'active' \gset

SELECT is((jwt.check(:'other')).error, 'token''s issuer is not trusted', 'another issuer''s name in the same bytes');
SELECT is(jwt.verify(jwt.issue('{}')) ->> 'iss', 'https://Ã¼.example', 'the issuer''s own tokens');
SELECT is(jwt.verify(jwt.sign('{"iss":"https://Ã¼.example","exp":4102444800}', private_jwk::jsonb)) ->> 'iss', 'https://Ã¼.example', 'and those signed with its key') FROM jwt.keys WHERE state = 'active';
-- What the extension's own script says comes in as it was written.
SELECT is(oauth.texts('de') ->> 'text_deny', 'Ablehnen', 'German pages');
SELECT is(oauth.texts('de') ->> 'text_asks', 'möchte:', '... with their umlauts');
-- A kid, in the header's UTF-8 and as an escape, which many write
SELECT '{"kty":"oct","kid":"ü","k":"YSBzZWNyZXQgb2YgYXQgbGVhc3QgMzIgYnl0ZXMgLi4u"}'::jsonb AS jwk \gset
SELECT jsonb_build_object('keys', jsonb_build_array(:'jwk'::jsonb)) AS jwks \gset
SELECT is((jwt.decode(jwt.sign('{}', :'jwks'::jsonb, header => '{"kid":"ü"}'))).header ->> 'kid', 'ü', 'LATIN1: a kid chooses the key that signs');
SELECT is((jwt.check(header || '.e30.', :'jwks'::jsonb)).error, want, 'LATIN1: kid ' || kid)
FROM (VALUES ('ü', 'token''s signature is not valid'), ('\u00fc', 'token''s signature is not valid'),
        ('Ã¼', 'no key for the token'), ('\u00c3\u00bc', 'no key for the token'), ('\u20ac', 'no key for the token')) AS t(kid, want),
    oauth.base64url(convert_to('{"alg":"HS256","kid":"' || kid || '"}', 'UTF8')) AS header;
SELECT is((jwt.check(oauth.base64url(convert_to('{"alg":"HS256","ü":1,"\u00fc":2}', 'UTF8')) || '.e30.', :'jwks'::jsonb)).error,
    'JSON object has a member twice', 'LATIN1: one name, spelled in two ways');
SELECT * FROM finish();

\c :original
DROP DATABASE oauth_jwt_latin1;

-- ---------------------------------------------------------------------------
-- SQL_ASCII, which knows no character beyond ASCII and keeps UTF-8 as bytes

CREATE DATABASE oauth_jwt_sql_ascii ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0;
\c oauth_jwt_sql_ascii
CREATE EXTENSION pgtap;
CREATE EXTENSION oauth_jwt;
SELECT no_plan();
SELECT '{"kty":"oct","kid":"ü","k":"YSBzZWNyZXQgb2YgYXQgbGVhc3QgMzIgYnl0ZXMgLi4u"}'::jsonb AS jwk \gset
SELECT jsonb_build_object('keys', jsonb_build_array(:'jwk'::jsonb)) AS jwks \gset
SELECT is((jwt.check(header || '.e30.', :'jwks'::jsonb)).error, want, 'SQL_ASCII: kid ' || kid)
FROM (VALUES ('ü', 'token''s signature is not valid'), ('\u00fc', 'token''s signature is not valid'),
        ('\u20ac', 'no key for the token'), ('\ud83d\ude00', 'no key for the token'), ('\ud83d', 'not a JSON object in UTF-8')) AS t(kid, want),
    oauth.base64url(convert_to('{"alg":"HS256","kid":"' || kid || '"}', 'UTF8')) AS header;
SELECT is((jwt.decode(oauth.base64url(convert_to('{"kid":"' || kid || '"}', 'UTF8')) || '.e30.')).header ->> 'kid', want, 'SQL_ASCII: decode ' || kid)
FROM (VALUES ('ü', 'ü'), ('\u00fc', 'ü'), ('\u20ac \\u20ac', '€ \u20ac')) AS t(kid, want);
SELECT * FROM finish();

\c :original
DROP DATABASE oauth_jwt_sql_ascii;

-- ---------------------------------------------------------------------------
-- One in which the script's UTF-8 would not even be text

CREATE DATABASE oauth_jwt_euc_jp ENCODING 'EUC_JP' LOCALE 'C' TEMPLATE template0;
\c oauth_jwt_euc_jp
SET client_encoding = 'UTF8';
CREATE EXTENSION pgtap;
CREATE EXTENSION oauth_jwt;
SELECT no_plan();
SELECT is(oauth.texts('de') ->> 'text_asks', 'möchte:', 'EUC_JP: installed, with its texts');
SELECT jwt.create_issuer('https://日本.example') \g /dev/null
SELECT is(jwt.verify(jwt.issue('{"sub":"花子"}')) ->> 'sub', '花子', 'EUC_JP: a token there and back');
SELECT is(convert_from((jwt.jws_verify(jwt.issue('{"sub":"花子"}'), jwt.jwks())), 'UTF8')::jsonb ->> 'sub', '花子', '... in UTF-8 on the way');
-- The attack: a subject whose name the encoding cannot tell from another's.
SELECT is((jwt.check(jwt.jws_sign(convert_to('{"sub":"', 'UTF8') || sub || convert_to('"}', 'UTF8'), key), key)).valid, want, 'EUC_JP: sub of the bytes ' || encode(sub, 'escape'))
FROM jwt.generate_key('HS256') AS key,
    (VALUES ('\xc2a6'::bytea, false), ('\xefbfa4', true), ('\\uffe4', true), ('\\u00a6', false), ('\\u82b1', true), ('\\"\\\\u00a6\\n', true)) AS t(sub, want);
SELECT * FROM finish();

\c :original
DROP DATABASE oauth_jwt_euc_jp;
