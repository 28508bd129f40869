-- The authorization code grant's second half (RFC 6749 4.1.3, RFC 7636 4.6).

-- RFC 7636 4.6; a verifier without a challenge is refused as well, or a code
-- asked for without PKCE could be slipped to a client that uses it.
CREATE FUNCTION oauth.is_code_verifier(code_challenge text, code_verifier text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN code_challenge IS NULL THEN code_verifier IS NULL
    ELSE coalesce(
        code_verifier ~ '^[A-Za-z0-9._~-]{43,128}$'
        AND oauth.equal(convert_to(code_challenge, 'UTF8'),
                        convert_to(oauth.base64url(oauth.hash_token(code_verifier)), 'UTF8')),
        false)
END;

CREATE FUNCTION oauth.grant_authorization_code(
    request    oauth.request,
    issuer     oauth.issuers,
    client     oauth.clients,
    parameters jsonb
) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    hash bytea := oauth.hash_token(parameters ->> 'code');
    code oauth.authorization_codes;
    family oauth.token_families;
    resources text[];
    consumed boolean;
BEGIN
    IF NOT parameters ? 'code' THEN
        RETURN oauth.error_response('invalid_request', 'code is missing.');
    END IF;

    -- The one moment in which a code is used, rightly or not: a verifier is guessed
    -- once.  Another client's code is left alone, so that who has caught one cannot
    -- spoil it for its owner; it is bound to its client (RFC 9700 4.5).
    UPDATE oauth.authorization_codes AS c
    SET consumed_at = clock_timestamp()
    WHERE c.issuer_id = issuer.issuer_id
      AND c.code_hash = hash
      AND c.client_id = client.client_id
      AND c.consumed_at IS NULL
    RETURNING c.* INTO code;
    consumed := FOUND;

    -- RFC 6749 4.1.2, RFC 9700 4.5: of a code that comes twice, one was stolen.
    IF NOT consumed THEN
        SELECT c.* INTO code
        FROM oauth.authorization_codes AS c
        WHERE c.issuer_id = issuer.issuer_id
          AND c.code_hash = hash
          AND c.client_id = client.client_id;
        IF FOUND THEN
            PERFORM oauth.revoke_family(code.issuer_id, code.family_id);
            PERFORM oauth.record_event(issuer.issuer_id, 'code_replayed', client.client_id,
                remote_addr => request.remote_addr, detail => jsonb_build_object('family_id', code.family_id));
        END IF;
        RETURN oauth.error_response('invalid_grant', 'The code is not good.');
    END IF;

    family := oauth.standing_family(code.issuer_id, code.family_id);
    resources := oauth.requested_resources(issuer, client, parameters, family.resources);

    IF family.family_id IS NULL
       OR code.expires_at <= clock_timestamp()
       OR code.redirect_uri IS DISTINCT FROM (parameters ->> 'redirect_uri')
       OR NOT oauth.is_code_verifier(code.code_challenge, parameters ->> 'code_verifier')
    THEN
        PERFORM oauth.record_event(issuer.issuer_id, 'code_refused', client.client_id, family.subject, request.remote_addr);
        RETURN oauth.error_response('invalid_grant', 'The code is not good.');
    END IF;
    IF resources IS NULL THEN
        RETURN oauth.error_response('invalid_target', 'The authorization is not for one of these resources.');
    END IF;

    PERFORM oauth.record_event(issuer.issuer_id, 'token_issued', client.client_id, family.subject, request.remote_addr,
        jsonb_build_object('grant_type', 'authorization_code', 'family_id', family.family_id));
    RETURN oauth.issue_tokens(issuer, client, family, resources);
END
$$;

INSERT INTO oauth.grant_types VALUES ('authorization_code', 'grant_authorization_code');

COMMENT ON FUNCTION oauth.is_code_verifier(text, text) IS
    'Internal: does the verifier match the S256 challenge? (RFC 7636 4.6)';
COMMENT ON FUNCTION oauth.grant_authorization_code(oauth.request, oauth.issuers, oauth.clients, jsonb) IS
    'Internal: the authorization code grant (RFC 6749 4.1.3)';

REVOKE ALL ON FUNCTION oauth.is_code_verifier(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.grant_authorization_code(oauth.request, oauth.issuers, oauth.clients, jsonb) FROM PUBLIC;
