-- Interim, in SQL: the C functions take their place.
CREATE FUNCTION oauth.base64url(data bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT
RETURN rtrim(translate(encode(data, 'base64'), E'+/\n', '-_'), '=');
CREATE FUNCTION oauth.hash_token(token text) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT
RETURN sha256(convert_to(token, 'UTF8'));
CREATE FUNCTION oauth.random_token() RETURNS text LANGUAGE sql VOLATILE
RETURN oauth.base64url(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
CREATE FUNCTION oauth.equal(a bytea, b bytea) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT RETURN a = b;
CREATE FUNCTION oauth.form_encode(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
RETURN (SELECT coalesce(string_agg(CASE WHEN c ~ '^[A-Za-z0-9._~-]$' THEN c ELSE regexp_replace(upper(encode(convert_to(c, 'UTF8'), 'hex')), '(..)', '%\1', 'g') END, '' ORDER BY n), '')
        FROM regexp_split_to_table(value, '') WITH ORDINALITY AS t (c, n));
CREATE FUNCTION oauth.form_decode_part(part text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE r bytea := ''; i int := 1; p text := replace(part, '+', ' ');
BEGIN
    WHILE i <= length(p) LOOP
        IF substr(p, i, 1) = '%' THEN r := r || decode(substr(p, i + 1, 2), 'hex'); i := i + 3;
        ELSE r := r || convert_to(substr(p, i, 1), 'UTF8'); i := i + 1; END IF;
    END LOOP;
    RETURN convert_from(r, 'UTF8');
END $$;
CREATE FUNCTION oauth.parse_form(form bytea) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(name, CASE cardinality(v) WHEN 1 THEN to_jsonb(v[1]) ELSE to_jsonb(v) END), '{}')
            FROM (SELECT oauth.form_decode_part(split_part(p, '=', 1)) AS name, array_agg(oauth.form_decode_part(substr(p, strpos(p, '=') + 1)) ORDER BY n) AS v
                  FROM string_to_table(convert_from(form, 'UTF8'), '&') WITH ORDINALITY AS t (p, n)
                  WHERE p <> '' AND substr(p, strpos(p, '=') + 1) <> '' GROUP BY 1) AS x);
EXCEPTION WHEN OTHERS THEN RETURN NULL;
END $$;
