-- Token introspection (RFC 7662), as a signed answer on request (RFC 9701).

-- May this client know of a token with these claims?  Its own tokens, and those
-- for a resource that it is (RFC 7662 4).
CREATE FUNCTION oauth.may_introspect(client oauth.clients, claims jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN claims ->> 'client_id' = client.client_id OR EXISTS (
        SELECT
        FROM oauth.resources AS r
        WHERE r.issuer_id = client.issuer_id
          AND r.client_id = client.client_id
          AND r.resource = ANY (oauth.parameter_list(claims -> 'aud')));
END
$$;

-- What a token says, if it stands and this client may know; NULL otherwise.
CREATE FUNCTION oauth.introspection(issuer oauth.issuers, client oauth.clients, token text) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    claims jsonb := oauth.access_token_claims(issuer, token);
    refresh_token oauth.refresh_tokens;
    family oauth.token_families;
    pairwise text;
BEGIN
    IF claims IS NOT NULL THEN
        IF NOT oauth.may_introspect(client, claims)
           OR claims ? 'family_id'
              AND (oauth.standing_family(issuer.issuer_id, (claims ->> 'family_id')::uuid)).family_id IS NULL
           OR NOT EXISTS (
              SELECT
              FROM oauth.clients AS c
              WHERE c.issuer_id = issuer.issuer_id AND c.client_id = claims ->> 'client_id' AND c.enabled)
        THEN
            RETURN NULL;
        END IF;
        RETURN claims || '{"active": true, "token_type": "Bearer"}';
    END IF;

    SELECT t.* INTO refresh_token
    FROM oauth.refresh_tokens AS t
    WHERE t.issuer_id = issuer.issuer_id
      AND t.token_hash = oauth.hash_token(introspection.token)
      AND t.consumed_at IS NULL
      AND t.expires_at > statement_timestamp();
    family := oauth.standing_family(issuer.issuer_id, refresh_token.family_id);
    IF family.family_id IS NULL OR family.client_id <> client.client_id THEN
        RETURN NULL;
    END IF;
    -- read, not made: introspection runs on a standby as well
    SELECT p.pairwise_subject INTO pairwise
    FROM oauth.pairwise_subjects AS p
    WHERE client.subject_type = 'pairwise'
      AND p.issuer_id = client.issuer_id
      AND p.sector_identifier = client.sector_identifier
      AND p.subject = family.subject;
    RETURN oauth.json_of(
        'active', true,
        'iss', issuer.issuer,
        'client_id', family.client_id,
        'sub', CASE client.subject_type WHEN 'public' THEN family.subject ELSE pairwise END,
        'scope', nullif(array_to_string(family.scopes, ' '), ''),
        'iat', extract(epoch FROM refresh_token.created_at)::bigint,
        'exp', extract(epoch FROM refresh_token.expires_at)::bigint);
END
$$;

CREATE FUNCTION oauth.serve_introspect(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    authentication oauth.client_authentication := oauth.authenticate_client(request, issuer, parameters);
    answer jsonb;
BEGIN
    IF (authentication.refusal).status IS NOT NULL THEN
        RETURN authentication.refusal;
    END IF;
    -- RFC 7662 4: who could try tokens out must be known
    IF (authentication.client).token_endpoint_auth_method = 'none' THEN
        RETURN oauth.error_response('invalid_client', 'Introspection needs an authenticated client.', 401);
    END IF;
    IF NOT parameters ? 'token' THEN
        RETURN oauth.error_response('invalid_request', 'token is missing.');
    END IF;

    answer := coalesce(oauth.introspection(issuer, authentication.client, parameters ->> 'token'), '{"active": false}'::jsonb);
    IF request.headers ->> 'accept' ~* '(^|,)[ \t]*application/token-introspection\+jwt' THEN
        RETURN oauth.make_response(200, 'application/token-introspection+jwt',
            jwt.issue(
                jsonb_build_object('aud', (authentication.client).client_id, 'token_introspection', answer),
                issuer.issuer, expires_in => '1 minute', type => 'token-introspection+jwt'),
            oauth.no_store());
    END IF;
    RETURN oauth.json_response(answer);
END
$$;

INSERT INTO oauth.endpoints VALUES ('/introspect', '{POST}', 'api', 'serve_introspect', 'introspection_endpoint');

COMMENT ON FUNCTION oauth.may_introspect(oauth.clients, jsonb) IS
    'Internal: may a client know of a token with these claims? (RFC 7662 4)';
COMMENT ON FUNCTION oauth.introspection(oauth.issuers, oauth.clients, text) IS
    'Internal: what a client may know of a token, NULL: that it is not active (RFC 7662 2.2)';
COMMENT ON FUNCTION oauth.serve_introspect(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /introspect (RFC 7662, RFC 9701)';

REVOKE ALL ON FUNCTION oauth.may_introspect(oauth.clients, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.introspection(oauth.issuers, oauth.clients, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_introspect(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
