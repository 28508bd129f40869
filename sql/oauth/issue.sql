-- Tokens are made here, and nowhere else.

-- What a token endpoint gives out: the token, how many seconds it lives, and its scopes.
CREATE TYPE oauth.issued_token AS (
    token      text,
    expires_in integer,
    scopes     text[]
);
REVOKE ALL ON TYPE oauth.issued_token FROM PUBLIC;
COMMENT ON TYPE oauth.issued_token IS
    'A token, its lifetime in seconds, and its scopes';

-- "a b c", RFC 6749 3.3, as a list without repetitions; NULL when it is none.
CREATE FUNCTION oauth.scope_list(scope text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF scope !~ '^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$' THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT array_agg(s.scope ORDER BY s.n)
        FROM (
            SELECT t.scope, min(t.n) AS n
            FROM string_to_table(scope_list.scope, ' ') WITH ORDINALITY AS t (scope, n)
            GROUP BY t.scope
        ) AS s);
END
$$;

-- The scopes a request asks for; NULL when they are malformed.
CREATE FUNCTION oauth.requested_scopes(parameters jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN parameters ? 'scope' THEN oauth.scope_list(parameters ->> 'scope') ELSE '{}'::text[] END;

-- A parameter that may be repeated (RFC 8707 2): a string or an array of them, as a list.
CREATE FUNCTION oauth.parameter_list(parameter jsonb) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF jsonb_typeof(parameter) = 'array' THEN
        RETURN (
            SELECT array_agg(p.value ORDER BY p.n)
            FROM jsonb_array_elements_text(parameter) WITH ORDINALITY AS p (value, n));
    END IF;
    IF jsonb_typeof(parameter) = 'string' THEN
        RETURN ARRAY[parameter #>> '{}'];
    END IF;
    RETURN '{}'::text[];
END
$$;

-- The audience of tokens that no resource was asked for (RFC 9068 3).
CREATE FUNCTION oauth.default_resource(issuer oauth.issuers) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN coalesce(issuer.default_resource, issuer.issuer);

-- The sub a client sees (OpenID Connect Core 1.0 8).
CREATE FUNCTION oauth.subject_for(client oauth.clients, subject text) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    pairwise text;
BEGIN
    IF client.subject_type = 'public' THEN
        RETURN subject;
    END IF;

    INSERT INTO oauth.pairwise_subjects (issuer_id, sector_identifier, subject)
    VALUES (client.issuer_id, client.sector_identifier, subject_for.subject)
    ON CONFLICT ON CONSTRAINT pairwise_subjects_pkey DO NOTHING;

    SELECT p.pairwise_subject INTO STRICT pairwise
    FROM oauth.pairwise_subjects AS p
    WHERE p.issuer_id = client.issuer_id
      AND p.sector_identifier = client.sector_identifier
      AND p.subject = subject_for.subject;
    RETURN pairwise;
END
$$;

-- The sid a client sees.  Sectors that see different subjects must not learn from one
-- session that they are the same user (OpenID Connect Core 1.0 8.1).
CREATE FUNCTION oauth.sid_for(client oauth.clients, sid uuid) RETURNS uuid
LANGUAGE sql STABLE
RETURN CASE client.subject_type
    WHEN 'public' THEN sid
    ELSE encode(substr(oauth.hash_token(sid || ' ' || client.sector_identifier), 1, 16), 'hex')::uuid
END;

-- Claims of the operator's own making, for an issuer that has a claims_function, but for
-- those that are ours to make.  The function's name is set by the operator, and checked
-- when it is set; nothing of a request gets into it.
CREATE FUNCTION oauth.custom_claims(issuer oauth.issuers, subject text, client_id text, scopes text[]) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    claims jsonb;
BEGIN
    EXECUTE format('SELECT %s($1, $2, $3)', (issuer.claims_function || '(text, text, text[])')::regprocedure::regproc)
    INTO claims
    USING subject, client_id, scopes;
    IF jsonb_typeof(claims) <> 'object' THEN
        RAISE EXCEPTION 'the claims_function of issuer "%" returns something else than a JSON object', issuer.issuer
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN coalesce(claims, '{}'::jsonb)
           - ARRAY['iss', 'exp', 'iat', 'nbf', 'jti', 'cnf', 'act']
           - ARRAY['sub', 'aud', 'client_id', 'scope', 'family_id', 'sid', 'auth_time', 'acr', 'amr'];
END
$$;

-- A token goes with every request, in a header, of which most servers take 8 kB: the
-- operator hears of one that grows, and what made it large, before a user does.  The
-- claim's name is told, not what it holds.
CREATE FUNCTION oauth.warn_of_large_claims(client oauth.clients, claims jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    largest text;
    size integer;
BEGIN
    SELECT c.key, octet_length(c.value::text) INTO largest, size
    FROM jsonb_each(claims) AS c
    ORDER BY 2 DESC
    LIMIT 1;
    RAISE WARNING 'claim "%" makes the access token of client "%" large', largest, client.client_id
        USING DETAIL = format('It is %s of %s bytes of claims.', size, octet_length(claims::text)),
              HINT = 'Leave out of the token what the resource server can look up by sub.';
END
$$;

-- Claims of an access token that came of a user's authorization (RFC 9068 2.2.1).
CREATE FUNCTION oauth.family_claims(client oauth.clients, family oauth.token_families) RETURNS jsonb
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN oauth.json_of(
        'sub', oauth.subject_for(client, family.subject),
        'family_id', family.family_id,
        'sid', oauth.sid_for(client, family.sid),
        'auth_time', extract(epoch FROM date_trunc('second', family.auth_time))::bigint,
        'acr', family.acr,
        'amr', family.amr);
END
$$;

-- A token that says nothing: what it stands for is kept here, and introspected.
CREATE FUNCTION oauth.issue_opaque_token(issuer oauth.issuers, claims jsonb, lifetime interval) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    token constant text := oauth.random_token();
    until constant timestamptz := statement_timestamp() + lifetime;
BEGIN
    INSERT INTO oauth.access_tokens (issuer_id, token_hash, claims, expires_at)
    VALUES (issuer.issuer_id, oauth.hash_token(token),
            issue_opaque_token.claims || jsonb_build_object(
                'iss', issuer.issuer,
                'jti', gen_random_uuid(),
                'iat', extract(epoch FROM statement_timestamp())::bigint,
                'exp', extract(epoch FROM until)::bigint),
            until);
    RETURN token;
END
$$;

-- RFC 9068 2.2; opaque where one of the resources wants it.  Without a family
-- the client acts for itself, and is its own subject.
CREATE FUNCTION oauth.issue_access_token(
    issuer    oauth.issuers,
    client    oauth.clients,
    family    oauth.token_families,
    scopes    text[],
    resources text[]
) RETURNS oauth.issued_token
LANGUAGE c VOLATILE
AS 'MODULE_PATHNAME', 'oauth_issue_access_token';

-- The left half of a hash, of the size the signature's algorithm has
-- (OpenID Connect Core 1.0 3.1.3.6); Ed25519 goes with SHA-512 (RFC 8032 5.1).
CREATE FUNCTION oauth.half_hash(algorithm text, value text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN algorithm ~ '384$' THEN oauth.base64url(substr(sha384(convert_to(value, 'UTF8')), 1, 24))
    WHEN algorithm ~ '(512|EdDSA|Ed25519)$' THEN oauth.base64url(substr(sha512(convert_to(value, 'UTF8')), 1, 32))
    ELSE oauth.base64url(substr(sha256(convert_to(value, 'UTF8')), 1, 16))
END;

-- OpenID Connect Core 1.0 2.  claims: those of the user that belong into it.
CREATE FUNCTION oauth.issue_id_token(
    issuer       oauth.issuers,
    client       oauth.clients,
    family       oauth.token_families,
    access_token text DEFAULT NULL,
    code         text DEFAULT NULL,
    claims       jsonb DEFAULT '{}'
) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    algorithm text;
BEGIN
    SELECT k.algorithm INTO algorithm
    FROM jwt.keys AS k
    WHERE k.issuer = issue_id_token.issuer.issuer AND k.state = 'active'
    ORDER BY k.activated_at DESC
    LIMIT 1;

    RETURN jwt.issue(
        claims || oauth.json_of(
            'sub', oauth.subject_for(client, family.subject),
            'aud', client.client_id,
            'auth_time', extract(epoch FROM date_trunc('second', family.auth_time))::bigint,
            'nonce', family.nonce,
            'acr', family.acr,
            'amr', family.amr,
            'sid', oauth.sid_for(client, family.sid),
            'at_hash', oauth.half_hash(algorithm, access_token),
            'c_hash', oauth.half_hash(algorithm, code)),
        issuer.issuer,
        expires_in => issuer.id_token_lifetime,
        type => 'JWT');
END
$$;

CREATE FUNCTION oauth.issue_refresh_token(issuer oauth.issuers, family oauth.token_families, generation integer DEFAULT 1) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    token text := oauth.random_token();
BEGIN
    INSERT INTO oauth.refresh_tokens (issuer_id, token_hash, family_id, generation, expires_at)
    VALUES (family.issuer_id, oauth.hash_token(token), family.family_id, issue_refresh_token.generation,
            least(clock_timestamp() + issuer.refresh_token_idle_lifetime, family.expires_at));
    RETURN token;
END
$$;

COMMENT ON FUNCTION oauth.scope_list(text) IS
    'Internal: a scope parameter as a list (RFC 6749 3.3); NULL when malformed';
COMMENT ON FUNCTION oauth.requested_scopes(jsonb) IS
    'Internal: the scopes of a request, NULL when malformed (RFC 6749 3.3)';
COMMENT ON FUNCTION oauth.parameter_list(jsonb) IS
    'Internal: a parameter that may be repeated, as a list';
COMMENT ON FUNCTION oauth.default_resource(oauth.issuers) IS
    'Internal: an issuer''s audience of tokens that no resource was asked for (RFC 9068 3)';
COMMENT ON FUNCTION oauth.subject_for(oauth.clients, text) IS
    'Internal: the sub a client sees, public or pairwise (OpenID Connect Core 1.0 8)';
COMMENT ON FUNCTION oauth.sid_for(oauth.clients, uuid) IS
    'Internal: the sid a client sees, its own for pairwise subjects';
COMMENT ON FUNCTION oauth.custom_claims(oauth.issuers, text, text, text[]) IS
    'Internal: claims from the operator''s own function';
COMMENT ON FUNCTION oauth.warn_of_large_claims(oauth.clients, jsonb) IS
    'Internal: tell the operator which claim makes an access token large';
COMMENT ON FUNCTION oauth.family_claims(oauth.clients, oauth.token_families) IS
    'Internal: the claims of an access token that tell of its authorization (RFC 9068 2.2.1)';
COMMENT ON FUNCTION oauth.issue_opaque_token(oauth.issuers, jsonb, interval) IS
    'Internal: a random access token, and what it stands for';
COMMENT ON FUNCTION oauth.issue_access_token(oauth.issuers, oauth.clients, oauth.token_families, text[], text[]) IS
    'Internal: an access token, JWT (RFC 9068) or opaque';
COMMENT ON FUNCTION oauth.half_hash(text, text) IS
    'Internal: at_hash and c_hash (OpenID Connect Core 1.0 3.1.3.6)';
COMMENT ON FUNCTION oauth.issue_id_token(oauth.issuers, oauth.clients, oauth.token_families, text, text, jsonb) IS
    'Internal: an ID token (OpenID Connect Core 1.0 2)';
COMMENT ON FUNCTION oauth.issue_refresh_token(oauth.issuers, oauth.token_families, integer) IS
    'Internal: a refresh token of a family';

REVOKE ALL ON FUNCTION oauth.scope_list(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.requested_scopes(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.parameter_list(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.default_resource(oauth.issuers) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.subject_for(oauth.clients, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.sid_for(oauth.clients, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.custom_claims(oauth.issuers, text, text, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.warn_of_large_claims(oauth.clients, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.family_claims(oauth.clients, oauth.token_families) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.issue_opaque_token(oauth.issuers, jsonb, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.issue_access_token(oauth.issuers, oauth.clients, oauth.token_families, text[], text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.half_hash(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.issue_id_token(oauth.issuers, oauth.clients, oauth.token_families, text, text, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.issue_refresh_token(oauth.issuers, oauth.token_families, integer) FROM PUBLIC;
