-- Token revocation (RFC 7009).

CREATE FUNCTION oauth.serve_revoke(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    authentication oauth.client_authentication := oauth.authenticate_client(request, issuer, parameters);
    client oauth.clients := authentication.client;
    token text := parameters ->> 'token';
    family uuid;
    claims jsonb;
BEGIN
    IF (authentication.refusal).status IS NOT NULL THEN
        RETURN authentication.refusal;
    END IF;
    IF token IS NULL THEN
        RETURN oauth.error_response('invalid_request', 'token is missing.');
    END IF;

    -- token_type_hint is a hint: where a token is found says what it is (RFC 7009 2.1).
    SELECT f.family_id INTO family
    FROM oauth.refresh_tokens AS t
    JOIN oauth.token_families AS f USING (issuer_id, family_id)
    WHERE t.issuer_id = issuer.issuer_id
      AND t.token_hash = oauth.hash_token(token)
      AND f.client_id = client.client_id;
    IF FOUND THEN
        PERFORM oauth.revoke_family(issuer.issuer_id, family);
    ELSE
        claims := oauth.access_token_claims(issuer, token);
        IF claims ->> 'client_id' = client.client_id THEN
            PERFORM oauth.revoke(issuer.issuer_id, 'token', claims ->> 'jti');
            DELETE FROM oauth.access_tokens AS t
            WHERE t.issuer_id = issuer.issuer_id AND t.token_hash = oauth.hash_token(token);
        END IF;
    END IF;

    IF family IS NOT NULL OR claims ->> 'client_id' = client.client_id THEN
        PERFORM oauth.record_event(issuer.issuer_id, 'token_revoked', client.client_id,
            claims ->> 'sub', request.remote_addr, oauth.json_of('family_id', family, 'jti', claims ->> 'jti'));
    END IF;
    -- RFC 7009 2.2: the client is not told what another one's token is
    RETURN ROW(200, oauth.no_store(), ''::bytea)::oauth.response;
END
$$;

INSERT INTO oauth.endpoints VALUES ('/revoke', '{POST}', 'api', 'serve_revoke', 'revocation_endpoint');

COMMENT ON FUNCTION oauth.serve_revoke(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /revoke (RFC 7009)';

REVOKE ALL ON FUNCTION oauth.serve_revoke(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
