-- The device authorization endpoint (RFC 8628 3.1, 3.2).

-- As people type it: lower case, with a dash or without (RFC 8628 6.1).
CREATE FUNCTION oauth.normal_user_code(user_code text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN upper(regexp_replace(user_code, '[^A-Za-z]', '', 'g'));

CREATE FUNCTION oauth.shown_user_code(user_code text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN left(user_code, 4) || '-' || substr(user_code, 5);

CREATE FUNCTION oauth.serve_device_authorization(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    authentication oauth.client_authentication := oauth.authenticate_client(request, issuer, parameters);
    client oauth.clients := authentication.client;
    scopes text[] := oauth.requested_scopes(parameters);
    resources text[];
    device_code text := oauth.random_token();
    user_code text;
BEGIN
    IF (authentication.refusal).status IS NOT NULL THEN
        RETURN authentication.refusal;
    END IF;

    IF NOT 'urn:ietf:params:oauth:grant-type:device_code' = ANY (client.grant_types) THEN
        RETURN oauth.error_response('unauthorized_client', 'The client may not use this grant type.');
    END IF;
    IF scopes IS NULL OR NOT scopes <@ client.scopes OR scopes = '{}' AND client.scopes <> '{}' THEN
        RETURN oauth.error_response('invalid_scope', 'The scopes are not among those the client may have.');
    END IF;
    resources := oauth.requested_resources(issuer, client, parameters);
    IF resources IS NULL THEN
        RETURN oauth.error_response('invalid_target', 'The client may not have one of these resources.');
    END IF;

    -- Of 20^8 codes a few are pending, and a user code names one of them at most.
    LOOP
        user_code := oauth.random_user_code();
        INSERT INTO oauth.device_codes (issuer_id, device_code_hash, user_code, client_id, scopes, resources, expires_at)
        VALUES (issuer.issuer_id, oauth.hash_token(device_code), user_code, client.client_id,
                scopes, resources,
                clock_timestamp() + issuer.device_code_lifetime)
        ON CONFLICT DO NOTHING;
        EXIT WHEN FOUND;
    END LOOP;

    RETURN oauth.json_response(jsonb_build_object(
        'device_code', device_code,
        'user_code', oauth.shown_user_code(user_code),
        'verification_uri', issuer.issuer || '/device',
        'verification_uri_complete', issuer.issuer || '/device?user_code=' || oauth.shown_user_code(user_code),
        'expires_in', extract(epoch FROM issuer.device_code_lifetime)::integer,
        'interval', 5));
END
$$;

INSERT INTO oauth.endpoints VALUES ('/device_authorization', '{POST}', 'api', 'serve_device_authorization', 'device_authorization_endpoint');

COMMENT ON FUNCTION oauth.normal_user_code(text) IS
    'Internal: a user code as it is stored, however it was typed';
COMMENT ON FUNCTION oauth.shown_user_code(text) IS
    'Internal: a user code as it is shown';
COMMENT ON FUNCTION oauth.serve_device_authorization(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /device_authorization (RFC 8628 3.1)';

REVOKE ALL ON FUNCTION oauth.normal_user_code(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.shown_user_code(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_device_authorization(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
