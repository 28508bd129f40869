-- pgjwt's functions on oauth_jwt: the same names, arguments and results.
--
--     psql -v ON_ERROR_STOP=1 -f doc/how-to/pgjwt.sql
--
-- Run it as whoever owned pgjwt, after DROP EXTENSION pgjwt.  If pgjwt was in
-- another schema, replace "public." throughout.  What differs is described in
-- moving-from-pgjwt.md.

BEGIN;

CREATE FUNCTION public.url_encode(data bytea) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(encode(data, 'base64'), E'+/=\n', '-_');

CREATE FUNCTION public.url_decode(data text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN decode(translate(data, '-_', '+/') || repeat('=', -length(data) & 3), 'base64');

-- Internal to this file: the secret as the JWK it stands for, for one algorithm.
CREATE FUNCTION public.pgjwt_key(secret text, algorithm text) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN jsonb_build_object('kty', 'oct', 'alg', algorithm,
                          'k', public.url_encode(convert_to(secret, 'UTF8')));

-- The token is the same, byte for byte: the payload's text is signed as it is.
CREATE FUNCTION public.sign(payload json, secret text, algorithm text DEFAULT 'HS256') RETURNS text
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE
RETURN jwt.jws_sign(convert_to(payload::text, 'UTF8'), public.pgjwt_key(secret, algorithm),
                    '{"typ": "JWT"}');

CREATE FUNCTION public.verify(token text, secret text, algorithm text DEFAULT 'HS256')
RETURNS TABLE (header json, payload json, valid boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.header::json, d.payload::json, c.valid
    FROM jwt.decode(verify.token) AS d,
         jwt.check(verify.token, public.pgjwt_key(verify.secret, verify.algorithm)) AS c;
END;

COMMIT;
