\i test/tap.psql
-- jwt.explain: every check of a token, its outcome and why, for a person to act
-- on; and no part of the token.
BEGIN;
\i test/forge.psql
SELECT no_plan();
SET LOCAL timezone = 'UTC';
SELECT jwt.trust_issuer('https://a.example', secret => secret(), algorithms => '{HS256}', audience => '{api}') \g /dev/null

-- The rows as text, to be read here as a user reads them.
CREATE FUNCTION explained(call text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT concat_ws('' | '', "check", coalesce(ok::text, ''-''), detail) FROM jwt.explain(%s)', call);
END
$$;

-- ---------------------------------------------------------------------------
-- A good token

CREATE FUNCTION moment(distance interval) RETURNS text LANGUAGE sql STABLE
RETURN to_char(to_timestamp(at(distance)), 'YYYY-MM-DD HH24:MI:SS') || '+00';

SELECT results_eq(format('SELECT explained($c$%L, secret()$c$)',
        forge('{"alg":"HS256","typ":"JWT","kid":"k"}', format('{"sub":"alice","aud":"api","iss":"me","iat":%s,"nbf":%s}', at('-3 days -1 minute'), at('-90s')))),
    format($$VALUES
    ('form | true | three parts'),
    ('header | true | alg HS256, with a kid'),
    ('algorithm | true | HS256; allowed: HS256, HS384, HS512'),
    ('key | true | oct, 368 bits'),
    ('signature | true | valid'),
    ('claims | true | a JSON object'),
    ('expiration | - | the token has no exp, so it never expires'),
    ('not before | true | %s, 1 minute ago'),
    ('issued at | true | %s, 3 days ago'),
    ('max age | - | not asked for'),
    ('issuer | - | the token says "me"'),
    ('audience | - | the token says "api"'),
    ('subject | - | the token has one'),
    ('type | - | not asked for'),
    ('required claims | - | not asked for')$$, moment('-90s'), moment('-3 days -1 minute')), 'a good token');

-- Everything asked for
SELECT is(array_agg(ok), array_fill(true, ARRAY[15]), 'fifteen checks asked for, all passed')
FROM jwt.explain(forge('{"alg":"HS256","typ":"at+jwt"}', format('{"sub":"alice","aud":["api"],"iss":"me","exp":%s,"nbf":%s,"iat":%s}', at('1h'), at('-1s'), at('-1s'))),
    secret(), '{HS256}', 'me', '{api}', 'alice', 'at+jwt', '{sub}', '1h', '1s');

-- ---------------------------------------------------------------------------
-- Bad ones: what is wrong, and what that leaves open

SELECT results_eq(format('SELECT explained($c$%L, repeat(''x'', 40), audience => ''{api}'', issuer => ''me'', subject => ''bob'', type => ''at+jwt'', required_claims => ''{jti}'', max_age => ''1h''$c$)',
    token(format('{"sub":"alice","aud":["web"],"iss":"you","exp":%s}', at('-3h -1s')))), format($$VALUES
    ('form | true | three parts'),
    ('header | true | alg HS256, no kid'),
    ('algorithm | true | HS256; allowed: HS256, HS384, HS512'),
    ('key | true | oct, 320 bits'),
    ('signature | false | token''s signature is not valid'),
    ('claims | - | not checked, since an earlier check failed'),
    ('expiration | false | token has expired: It expired at %s, 3 hours ago.'),
    ('not before | - | the token has no nbf'),
    ('issued at | - | the token has no iat'),
    ('max age | false | token lacks a required claim: max_age needs the iat claim.'),
    ('issuer | false | token is of another issuer: The token says "you"; expected: "me".'),
    ('audience | false | token is for another audience: The token says a list; expected: "api".'),
    ('subject | false | token is of another subject'),
    ('type | false | token is of another type: Expected: "at+jwt".'),
    ('required claims | false | token lacks a required claim: Missing: jti.')$$, moment('-3h -1s')), 'a token with nothing right');

SELECT results_eq(format('SELECT explained($c$%L$c$)', token(format('{"iss":"https://a.example","aud":"web","exp":%s}', at('90 minutes')))), format($$VALUES
    ('form | true | three parts'),
    ('header | true | alg HS256, no kid'),
    ('claims | true | a JSON object'),
    ('trusted issuer | true | its row in jwt.issuers is enabled'),
    ('algorithm | true | HS256; allowed: HS256'),
    ('key | true | oct, 368 bits'),
    ('signature | true | valid'),
    ('expiration | true | %s, in 1 hour'),
    ('not before | - | the token has no nbf'),
    ('issued at | - | the token has no iat'),
    ('max age | - | not asked for'),
    ('issuer | - | the token says "https://a.example"'),
    ('audience | false | token is for another audience: The token says "web"; expected: "api".'),
    ('subject | - | the token has none'),
    ('type | - | not asked for'),
    ('required claims | true | all there')$$, moment('90 minutes')), 'against jwt.issuers: the wrong audience');

-- The one row that tells the cause, for each cause
CREATE FUNCTION cause(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT string_agg("check" || '': '' || detail, ''; '') FROM jwt.explain(%s) WHERE NOT ok', call) INTO result;
    RETURN result;
END
$$;
SELECT is(cause(format('%L%s', token, rest)), expected, what)
FROM (VALUES
    ('no token', NULL, ', secret()', 'form: the token is null'),
    ('no token, no key', NULL, '::text', 'form: the token is null'),
    ('no form', 'garbage', ', secret()', 'form: token is malformed'),
    ('encrypted', 'a.b.c.d.e', ', secret()', 'form: token is encrypted, not signed'),
    ('too large', repeat('x', 65537), ', secret()', 'form: token or key is too large'),
    ('alg none', forge('{"alg":"none"}'), ', secret()', 'header: algorithm is not supported'),
    ('crit', forge('{"alg":"HS256","crit":["x"],"x":1}'), ', secret()', 'header: token header has a critical member that is not understood'),
    ('b64 false', forge('{"alg":"HS256","crit":["b64"],"b64":false}'), ', secret()', 'header: token header has a critical member that is not understood'),
    ('member twice', forge('{"alg":"HS256","alg":"HS256"}'), ', secret()', 'header: JSON object has a member twice'),
    ('another alg', token('{}'), ', secret(), ''{HS512}''', 'algorithm: token''s algorithm is not allowed here: The token says HS256; allowed: HS512.'),
    ('a key of another kind', token('{}'), ', rfc_key(''RFC 7515 A.2'')', 'algorithm: token''s algorithm is not allowed here: The token says HS256; allowed: RS256, RS384, RS512, PS256, PS384, PS512.'),
    ('a key of another kind, allowed', token('{}'), ', rfc_key(''RFC 7515 A.2''), ''{HS256}''', 'key: key does not fit the algorithm'),
    ('no key of that kid', forge('{"alg":"HS256","kid":"x"}'), ', jsonb_build_object(''keys'', jsonb_build_array(rfc_key(''RFC 7515 A.1'')))', 'key: no key for the token: The set has 1 usable key, none with the token''s kid and algorithm.'),
    ('no key at all', token('{}'), ', ''{"keys":[]}''::jsonb', 'algorithm: no key for the token: There is no usable key.'),
    ('a short secret', token('{}'), ', ''short''', 'key: shared secret is too short for the algorithm: HS256 needs 32 bytes.'),
    ('an empty secret', token('{}'), ', ''''', 'key: shared secret is empty'),
    ('a bad key', token('{}'), ', ''{}''::jsonb', 'key: JWK has a missing or malformed member'),
    ('no claims', token('[]'), ', secret()', 'claims: claims are not a JSON object in UTF-8'),
    ('an unknown issuer', token('{"iss":"https://x"}'), '', 'trusted issuer: token''s issuer is not trusted: jwt.issuers has no enabled row for "https://x".'),
    ('no issuer', token('{}'), '', 'trusted issuer: token''s issuer is not trusted: The token has no iss claim.'),
    ('exp: a string', token('{"exp":"1"}'), ', secret()', 'expiration: claim is malformed: exp is not a number.'),
    ('exp: beyond reason', token('{"exp":1e26}'), ', secret()', 'expiration: claim is malformed: exp lies beyond the year 9999.'),
    ('sub: a number', token('{"sub":1}'), ', secret()', 'subject: claim is malformed: sub is not a string.')
) AS t(what, token, rest, expected);

-- What explain finds is what verify finds
SELECT is(string_agg(payload || options, ', '), NULL, 'explain has a false row exactly where verify refuses')
FROM unnest(ARRAY['{}', '[]', '{"exp":1}', '{"nbf":1}', '{"iat":99999999999}', '{"aud":"api"}', '{"iss":"a","sub":"b"}']) AS payload,
    unnest(ARRAY['', ', audience => ''{api}''', ', issuer => ''a''', ', subject => ''b''', ', type => ''JWT''', ', required_claims => ''{sub}''', ', max_age => ''1h''', ', algorithms => ''{ES256}''']) AS options
WHERE (cause(format('%L, secret()%s', token(payload), options)) IS NULL)
    IS DISTINCT FROM ((refusal(format('SELECT jwt.verify(%L, secret()%s)', token(payload), options))).code IS NULL);

-- An issuer's terms are not for everybody: who brings no token of the issuer's
-- does not learn what it must look like.
CREATE ROLE regress_jwt_curious;
CREATE FUNCTION seen_by(somebody name, token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text;
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', somebody);
    SELECT string_agg(format('%s: %s, %s', e."check", e.ok, e.detail), E'\n') INTO seen FROM jwt.explain(token) AS e;
    RESET ROLE;
    RETURN seen;
END
$$;
CREATE TEMPORARY TABLE stranger ON COMMIT DROP AS
SELECT jwt.sign('{"iss":"https://a.example","aud":"x"}', rpad('another secret', 32, '.'), expires_in => '1h') AS token
UNION ALL SELECT jwt.sign('{"iss":"https://a.example","aud":"x"}', jwt.generate_key('ES256'), expires_in => '1h');
SELECT is(seen_by('regress_jwt_curious', token) ~ 'allowed:|"api"|bits|expected|Expected', false, 'a stranger''s token shows no terms') FROM stranger;
SELECT is(seen_by('regress_jwt_curious', token) ~ E'\naudience: , not checked', true, '... nor whether it guessed them') FROM stranger;
SELECT is(seen_by(current_user, token) ~ 'allowed: HS256.*expected: "api"', true, '... but to the owner') FROM stranger;
SELECT is(seen_by('regress_jwt_curious', token(format('{"iss":"https://a.example","aud":"x","exp":%s}', at('1h')))) ~ 'audience: f, .*expected: "api"', true,
          'a token of the issuer''s shows what it lacks');
SELECT is(seen_by('regress_jwt_curious', token(format('{"iss":"https://a.example","aud":"x","exp":%s}', at('1h')))) ~ 'allowed:|bits', false,
          '... and no more');
SET LOCAL ROLE regress_jwt_curious;
SELECT is((refusal(format('SELECT jwt.verify(%L)', token))).detail, 'The token says ES256.', 'nor does the error of jwt.verify') FROM (SELECT jwt.sign('{"iss":"https://a.example"}', jwt.generate_key('ES256')) AS token) AS t;
RESET ROLE;
GRANT SELECT ON jwt.issuers TO regress_jwt_curious;
SELECT is(seen_by('regress_jwt_curious', token) ~ 'allowed: HS256.*expected: "api"', true, 'whoever may read jwt.issuers sees them') FROM stranger;

-- A bad option is the caller's mistake
SELECT refuses(format('SELECT * FROM jwt.explain(%L, %s)', token('{}'), arguments), code, arguments)
FROM (VALUES ('NULL::text', '22004'), ('NULL::jsonb', '22004'), ('secret(), ''{none}''', 'JW002'), ('secret(), leeway => ''-1s''', '22023')) AS t(arguments, code);

-- ---------------------------------------------------------------------------
-- No detail shows any sixteen characters of any token, nor does a message of
-- verify: these end up in logs, and a token is a credential.

CREATE TEMPORARY TABLE tokens ON COMMIT DROP AS
SELECT token FROM unnest(ARRAY[
    token('{"sub":"alice","aud":"api","iss":"https://a.example","exp":1}'), token(format('{"iss":"https://x","jti":%s}', to_json(repeat('j', 500)))),
    jwt.sign('{"sub": "alice"}', rfc_key('RFC 7515 A.2')), jwt.jwe_encrypt('x', jwt.generate_key('A256KW')), token('[]'), forge('{"alg":"none"}'),
    forge('{"alg":"HS256","kid":"a kid of some length, to be seen"}'), forge('{"alg":"an algorithm that nobody has"}'), forge('{"alg":"HS256","typ":"a type of some length"}'),
    token('{"exp":"a string of some length"}'), token('{"sub":["a string of some length"]}'), 'just some words instead of a token'
]) AS token;
CREATE FUNCTION leaks(token text, message text) RETURNS boolean LANGUAGE sql AS $$
    SELECT coalesce(bool_or(position(substr(token, i, 16) IN message) > 0), false) FROM generate_series(1, greatest(length(token) - 15, 1)) AS i
$$;
SELECT ok(leaks(token('{}'), 'token ' || substr(token('{}'), 5, 16) || ' is bad'), 'a leak would be seen');
SELECT is(string_agg(detail, E'\n'), NULL, 'no part of a token in a detail of explain')
FROM tokens,
    LATERAL (SELECT detail FROM jwt.explain(token, secret(), audience => '{x}', issuer => 'x', subject => 'x', type => 'x')
        UNION ALL SELECT detail FROM jwt.explain(token) UNION ALL SELECT detail FROM jwt.explain(token, rfc_key('RFC 7515 A.2'))) AS e
WHERE leaks(token, detail);
SELECT is(string_agg(concat_ws(' ', r.message, r.detail, r.hint), E'\n'), NULL, 'nor in a message of verify')
FROM tokens, unnest(ARRAY['', ', secret()', ', rfc_key(''RFC 7515 A.2'')', ', ''{"kty":"oct"}''::jsonb']) AS key, refusal(format('SELECT jwt.verify(%L%s)', token, key)) AS r
WHERE leaks(token, concat_ws(' ', r.message, r.detail, r.hint));
SELECT is(string_agg(concat_ws(' ', r.message, r.detail, r.hint), E'\n'), NULL, 'nor of decode, jws_verify, jwe_decrypt, set_session')
FROM tokens, unnest(ARRAY['jwt.decode(%L)', 'jwt.jws_verify(%L, rfc_key(''RFC 7515 A.2''))', 'jwt.jwe_decrypt(%L, rfc_key(''RFC 7515 A.2''))', 'jwt.set_session(%L)']) AS call,
    refusal(format('SELECT ' || call, token)) AS r
WHERE leaks(token, concat_ws(' ', r.message, r.detail, r.hint));
SELECT is(string_agg(concat_ws(' ', r.message, r.detail, r.hint), E'\n'), NULL, 'and no message shows a key')
FROM unnest(ARRAY['a secret that is too short', '-----BEGIN PRIVATE KEY-----' || repeat('k', 64) || '-----END PRIVATE KEY-----', '{"kty":"oct","k":"a secret that is no base64"}',
        '{"kty":"EC","crv":"P-256","d":"' || repeat('d', 43) || '"}', '{"kty":"oct","k":']) AS key,
    refusal(format('SELECT jwt.sign(''{}'', %L::text)', key)) AS r
WHERE r.code IS NULL OR leaks(key, concat_ws(' ', r.message, r.detail, r.hint));

SELECT finish();
ROLLBACK;
