-- Token introspection (RFC 7662), as a signed answer on request (RFC 9701).

-- What a token says, if it stands and this client may know: its own tokens, and
-- those for a resource that it is.  NULL otherwise.
CREATE FUNCTION oauth.introspection(issuer oauth.issuers, client oauth.clients, token text) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    claims jsonb := oauth.access_token_claims(issuer, token);
BEGIN
    IF claims IS NOT NULL THEN
        IF claims ->> 'client_id' = client.client_id OR EXISTS (
            SELECT
            FROM oauth.resources AS r
            WHERE r.issuer_id = issuer.issuer_id
              AND r.client_id = introspection.client.client_id
              AND r.resource = ANY (oauth.parameter_list(claims -> 'aud')))
        THEN
            RETURN claims || '{"active": true, "token_type": "Bearer"}';
        END IF;
        RETURN NULL;
    END IF;

    RETURN (
        SELECT jsonb_build_object(
            'active', true,
            'iss', issuer.issuer,
            'client_id', f.client_id,
            'sub', f.subject,
            'scope', array_to_string(f.scopes, ' '),
            'iat', extract(epoch FROM t.created_at)::bigint,
            'exp', extract(epoch FROM t.expires_at)::bigint)
        FROM oauth.refresh_tokens AS t
        JOIN oauth.token_families AS f USING (issuer_id, family_id)
        WHERE t.issuer_id = issuer.issuer_id
          AND t.token_hash = oauth.hash_token(introspection.token)
          AND f.client_id = introspection.client.client_id
          AND t.consumed_at IS NULL
          AND t.expires_at > statement_timestamp()
          AND f.revoked_at IS NULL
          AND f.expires_at > statement_timestamp());
END
$$;

CREATE FUNCTION oauth.serve_introspect(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal oauth.response := oauth.form_only(request);
    authentication oauth.client_authentication;
    answer jsonb;
BEGIN
    IF refusal.status IS NOT NULL THEN
        RETURN refusal;
    END IF;
    authentication := oauth.authenticate_client(request, issuer, parameters);
    IF authentication.error IS NOT NULL THEN
        RETURN oauth.error_response(authentication.error, authentication.description, authentication.status, authentication.headers);
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
                issuer.issuer, type => 'token-introspection+jwt'),
            oauth.no_store());
    END IF;
    RETURN oauth.json_response(answer);
END
$$;

INSERT INTO oauth.endpoints VALUES ('/introspect', '{POST}', 'api', 'serve_introspect');

COMMENT ON FUNCTION oauth.introspection(oauth.issuers, oauth.clients, text) IS
    'Internal: what a client may know of a token, NULL: that it is not active (RFC 7662 2.2)';
COMMENT ON FUNCTION oauth.serve_introspect(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /introspect (RFC 7662, RFC 9701)';

REVOKE ALL ON FUNCTION oauth.introspection(oauth.issuers, oauth.clients, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_introspect(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
