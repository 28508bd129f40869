\i test/tap.psql
-- Which function a call means.  verify, check and explain exist with a key as
-- jsonb, as text, and without; argument names are API.
BEGIN;
\i test/forge.psql
SELECT no_plan();
SELECT jwt.trust_issuer('https://a.example', secret => secret()) \g /dev/null
CREATE FUNCTION jwk() RETURNS jsonb LANGUAGE sql IMMUTABLE RETURN jsonb_build_object('kty', 'oct', 'k', b64(secret()));
SELECT token(format('{"iss":"https://a.example","aud":"api","sub":"alice","iat":%s,"exp":%s}', at('-1s'), at('1h'))) AS token, secret() AS secret, jwk() AS jwk \gset

-- ---------------------------------------------------------------------------
-- Literals as people write them: the token and the secret of unknown type

SELECT is(jwt.verify(:'token') ->> 'sub', 'alice', 'verify(t)');
SELECT is(jwt.verify(:'token', :'secret') ->> 'sub', 'alice', 'verify(t, ''secret'')');
SELECT is(jwt.verify(:'token', :'jwk') ->> 'sub', 'alice', 'verify(t, ''{"kty": ...}''): a JWK as a literal');
SELECT is(jwt.verify(:'token', :'jwk'::jsonb) ->> 'sub', 'alice', 'verify(t, jwk)');
SELECT is(jwt.verify(:'token'::text, :'secret'::text) ->> 'sub', 'alice', 'verify(text, text)');
SELECT is(jwt.verify(:'token'::varchar, :'secret'::varchar(1000)) ->> 'sub', 'alice', 'verify(varchar, varchar)');
SELECT is(jwt.verify(t, k) ->> 'sub', 'alice', 'verify of columns of text') FROM (VALUES (:'token', :'secret')) AS v(t, k);
SELECT is(jwt.verify(t, k) ->> 'sub', 'alice', 'verify of columns of text and jsonb') FROM (VALUES (:'token', :'jwk'::jsonb)) AS v(t, k);
SELECT is(jwt.verify(:'token', ARRAY['HS256']) ->> 'sub', 'alice', 'verify(t, algorithms): against jwt.issuers');
SELECT is(jwt.verify(:'token', '{HS256}'::text[]) ->> 'sub', 'alice', 'verify(t, algorithms), cast');
SELECT is(jwt.verify(:'token', :'jwk'::jsonb, ARRAY['HS256'], 'https://a.example', ARRAY['api'], 'alice', 'JWT', ARRAY['sub'], '1h', '1s') ->> 'sub', 'alice', 'verify, all in order, jsonb');
SELECT is(jwt.verify(:'token', :'secret'::text, ARRAY['HS256'], 'https://a.example', ARRAY['api'], 'alice', 'JWT', ARRAY['sub'], '1h', '1s') ->> 'sub', 'alice', 'verify, all in order, text');
SELECT is(jwt.verify(:'token', ARRAY['HS256'], 'https://a.example', ARRAY['api'], 'alice', 'JWT', ARRAY['sub'], '1h', '1s') ->> 'sub', 'alice', 'verify, all in order, jwt.issuers');

-- ---------------------------------------------------------------------------
-- Parameters whose type nobody names, as drivers send them

PREPARE one AS SELECT is(jwt.verify($1) ->> 'sub', 'alice', 'verify($1)');
PREPARE two AS SELECT is(jwt.verify($1, $2) ->> 'sub', 'alice', 'verify($1, $2): the key is text');
PREPARE literal AS SELECT is(jwt.verify(:'token', $1) ->> 'sub', 'alice', 'verify(t, $1): the key is text');
PREPARE column_and AS SELECT is(jwt.verify(t, $1) ->> 'sub', 'alice', 'verify(column, $1)') FROM (VALUES (:'token')) AS v(t);
PREPARE named AS SELECT is(jwt.verify(token => $1, key => $2, issuer => $3) ->> 'sub', 'alice', 'verify(token => $1, key => $2, issuer => $3)');
PREPARE trusted AS SELECT is(jwt.verify($1, issuer => $2, audience => $3) ->> 'sub', 'alice', 'verify($1, issuer => $2, audience => $3): jwt.issuers');
PREPARE spans AS SELECT is(jwt.verify($1, $2, max_age => $3, leeway => $4) ->> 'sub', 'alice', 'verify($1, $2, max_age => $3, leeway => $4)');
EXECUTE one(:'token');
EXECUTE two(:'token', :'secret');
EXECUTE two(:'token', :'jwk');
EXECUTE literal(:'secret');
EXECUTE column_and(:'secret');
EXECUTE named(:'token', :'secret', 'https://a.example');
EXECUTE trusted(:'token', 'https://a.example', '{api}');
EXECUTE spans(:'token', :'secret', '1h', '1s');
SELECT is(parameter_types, expected::regtype[], name || ': the types found')
FROM (VALUES ('one', '{text}'), ('two', '{text,text}'), ('literal', '{text}'), ('trusted', '{text,text,text[]}'), ('spans', '{text,text,interval,interval}')) AS t(name, expected)
    JOIN pg_prepared_statements USING (name);
PREPARE typed(text, jsonb) AS SELECT is(jwt.verify($1, $2) ->> 'sub', 'alice', 'verify($1 text, $2 jsonb)');
EXECUTE typed(:'token', :'jwk');

-- ---------------------------------------------------------------------------
-- Every name, for each of the nine: on a literal key, on a jsonb one, on none

CREATE FUNCTION resolved(call text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'SELECT * FROM ' || call;
    RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
SELECT is(resolved(format('jwt.%s(%s%s)', function, key, option)), 'ok', format('%s(t%s%s)', function, replace(replace(key, quote_literal(:'token'), ''), quote_literal(:'secret'), '''...'''), option))
FROM unnest(ARRAY['verify', 'check', 'explain']) AS function,
    unnest(ARRAY[format('%L', :'token'), format('%L, %L', :'token', :'secret'), format('%L, jwk()', :'token'), format('%L, key => %L', :'token', :'secret'), format('token => %L, key => jwk()', :'token')]) AS key,
    unnest(ARRAY[', algorithms => ''{HS256}''', ', algorithms => NULL', ', issuer => ''https://a.example''', ', audience => ''{api}''', ', subject => ''alice''', ', type => ''JWT''', ', required_claims => ''{sub}''', ', max_age => ''1h''', ', leeway => ''1s''',
        ', leeway => NULL, issuer => NULL']) AS option;
SELECT is(resolved(format('jwt.verify(leeway => ''1s'', max_age => ''1h'', required_claims => ''{sub}'', type => ''JWT'', subject => ''alice'', audience => ''{api}'', issuer => ''https://a.example'', algorithms => ''{HS256}'', %s token => %L)', key, :'token')),
    'ok', 'all names, in the other order: ' || key)
FROM unnest(ARRAY['', 'key => secret(),', 'key => jwk(),']) AS key;
SELECT is(resolved(format('jwt.%s(%L, %L, ARRAY[''HS256''], issuer => ''https://a.example'')', function, :'token', :'secret')), 'ok', function || ': mixed') FROM unnest(ARRAY['verify', 'check', 'explain']) AS function;

-- null: which of them, still counts
SELECT is(left(resolved(format('jwt.verify(%L, %s)', :'token', key)), 5), '22004', 'verify(t, ' || key || ')') FROM unnest(ARRAY['NULL', 'NULL::text', 'NULL::jsonb', 'key => NULL']) AS key;
SELECT is(resolved(format('jwt.verify(%L, NULL::text[])', :'token')), 'ok', 'verify(t, NULL::text[]): no algorithms, so jwt.issuers');
SELECT is(resolved('jwt.verify(NULL)'), 'ok', 'verify(NULL)');
SELECT is(resolved('jwt.verify(NULL, NULL)'), 'ok', 'verify(NULL, NULL)');

-- ---------------------------------------------------------------------------
-- jwt.sign, likewise

SELECT is(jwt.verify(jwt.sign('{"userId": 123, "role": "admin"}', 'a secret of at least 32 bytes ...', expires_in => '1h'), 'a secret of at least 32 bytes ...') ->> 'role', 'admin', 'the tutorial''s one-liner');
SELECT is(resolved(format('jwt.sign(%s)', call)), 'ok', format('sign(%s)', call))
FROM unnest(ARRAY['''{}'', secret()', '''{}''::jsonb, jwk()', '''{}'', ''{"kty":"oct","k":"c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IHNlY3JldCE"}''', '''{}'', secret(), ''HS256''', '''{}'', jwk(), ''HS256'', ''{"kid":"k"}'', ''1h''',
    'payload => ''{}'', key => secret()', 'payload => ''{}'', key => jwk(), algorithm => ''HS256'', header => ''{}'', expires_in => ''1h''', 'key => ''a secret of at least 32 bytes ...'', payload => ''{}''', '''{}'', secret(), header => NULL, expires_in => NULL, algorithm => NULL']) AS call;
PREPARE signed AS SELECT is(jwt.verify(jwt.sign($1, $2), $2) ->> 'n', '1', 'sign($1, $2): the key is text');
EXECUTE signed('{"n": 1}', :'secret');
SELECT is(parameter_types, '{jsonb,text}'::regtype[], 'sign($1, $2): the types found') FROM pg_prepared_statements WHERE name = 'signed';

-- ---------------------------------------------------------------------------
-- The others have one form each; their names

SELECT is(resolved(call), 'ok', call)
FROM unnest(ARRAY[
    format('jwt.decode(token => %L)', token('{}')), 'jwt.jws_sign(payload => ''x'', key => jwk(), header => ''{}'')', format('jwt.jws_verify(token => %L, key => jwk(), algorithms => ''{HS256}'')', token('{}')),
    'jwt.jwe_encrypt(plaintext => ''x'', key => ''{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAA"}'', header => ''{}'')', 'jwt.jwe_decrypt(token => NULL, key => NULL, algorithms => NULL, encryptions => NULL)',
    'jwt.signature_verify(message => ''x'', signature => ''x'', key => jwk(), algorithm => ''HS256'')', 'jwt.generate_key(algorithm => ''EdDSA'', bits => NULL, curve => ''Ed448'', kid => ''k'')', 'jwt.public_key(jwk => rfc_key(''RFC 7515 A.3''))', 'jwt.thumbprint(jwk => rfc_key(''RFC 7515 A.3''))',
    'jwt.key_to_pem(jwk => rfc_key(''RFC 7515 A.3''))', 'jwt.key_from_pem(pem => jwt.key_to_pem(rfc_key(''RFC 7515 A.3'')))'
]) AS call;

DEALLOCATE ALL;
SELECT finish();
ROLLBACK;
