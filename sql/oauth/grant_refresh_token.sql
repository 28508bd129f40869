-- The refresh token grant (RFC 6749 6), with rotation and the detection of reuse
-- (RFC 9700 4.14.2), for every client.

CREATE FUNCTION oauth.grant_refresh_token(
    request    oauth.request,
    issuer     oauth.issuers,
    client     oauth.clients,
    parameters jsonb
) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    hash bytea := oauth.hash_token(parameters ->> 'refresh_token');
    token oauth.refresh_tokens;
    family oauth.token_families;
    scopes text[] := oauth.requested_scopes(parameters);
    resources text[];
    issued oauth.issued_token;
    id_token text;
    consumed boolean;
BEGIN
    IF NOT parameters ? 'refresh_token' THEN
        RETURN oauth.error_response('invalid_request', 'refresh_token is missing.');
    END IF;

    SELECT f.* INTO family
    FROM oauth.refresh_tokens AS t
    JOIN oauth.token_families AS f USING (issuer_id, family_id)
    WHERE t.issuer_id = issuer.issuer_id AND t.token_hash = hash;
    IF NOT FOUND OR family.client_id <> client.client_id THEN
        RETURN oauth.error_response('invalid_grant', 'The refresh token is not good.');
    END IF;

    -- What could be asked wrongly is asked before the token is used up.
    IF scopes IS NULL OR NOT scopes <@ family.scopes THEN
        RETURN oauth.error_response('invalid_scope', 'The scopes go beyond those granted.');
    END IF;
    resources := oauth.requested_resources(issuer, client, parameters, family.resources);
    IF resources IS NULL THEN
        RETURN oauth.error_response('invalid_target', 'The authorization is not for one of these resources.');
    END IF;
    IF scopes = '{}' THEN
        scopes := family.scopes;
    END IF;

    UPDATE oauth.refresh_tokens AS t
    SET consumed_at = clock_timestamp()
    WHERE t.issuer_id = issuer.issuer_id AND t.token_hash = hash AND t.consumed_at IS NULL
    RETURNING t.* INTO token;
    consumed := FOUND;

    IF NOT consumed THEN
        SELECT t.* INTO STRICT token
        FROM oauth.refresh_tokens AS t
        WHERE t.issuer_id = issuer.issuer_id AND t.token_hash = hash;
        IF token.consumed_at + issuer.refresh_token_grace <= clock_timestamp() THEN
            PERFORM oauth.revoke_family(token.issuer_id, token.family_id);
            PERFORM oauth.record_event(issuer.issuer_id, 'refresh_token_reused', client.client_id, family.subject,
                request.remote_addr, jsonb_build_object('family_id', family.family_id, 'generation', token.generation));
            RETURN oauth.error_response('invalid_grant', 'The refresh token is not good.');
        END IF;
        PERFORM oauth.record_event(issuer.issuer_id, 'refresh_token_grace', client.client_id, family.subject,
            request.remote_addr, jsonb_build_object('family_id', family.family_id, 'generation', token.generation));
    END IF;

    -- Looked at again, now that the token is ours: another request may have revoked it.
    family := oauth.standing_family(token.issuer_id, token.family_id);
    IF family.family_id IS NULL OR token.expires_at <= clock_timestamp() THEN
        RETURN oauth.error_response('invalid_grant', 'The refresh token is not good.');
    END IF;

    issued := oauth.issue_access_token(issuer, client, family, scopes, resources);
    IF 'openid' = ANY (scopes) THEN
        -- OpenID Connect Core 1.0 12.2: the nonce belongs to the first one
        family.nonce := NULL;
        id_token := oauth.issue_id_token(issuer, client, family, access_token => issued.token,
            claims => oauth.user_claims(issuer, family.subject, '{}', family.claims_request, 'id_token'));
    END IF;
    PERFORM oauth.record_event(issuer.issuer_id, 'token_issued', client.client_id, family.subject, request.remote_addr,
        jsonb_build_object('grant_type', 'refresh_token', 'family_id', family.family_id));
    RETURN oauth.token_response(issued, scopes, oauth.issue_refresh_token(issuer, family, token.generation + 1), id_token);
END
$$;

INSERT INTO oauth.grant_types VALUES ('refresh_token', 'grant_refresh_token');

COMMENT ON FUNCTION oauth.grant_refresh_token(oauth.request, oauth.issuers, oauth.clients, jsonb) IS
    'Internal: the refresh token grant (RFC 6749 6, RFC 9700 4.14.2)';

REVOKE ALL ON FUNCTION oauth.grant_refresh_token(oauth.request, oauth.issuers, oauth.clients, jsonb) FROM PUBLIC;
