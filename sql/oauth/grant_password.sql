-- The resource owner password credentials grant (RFC 6749 4.3).  RFC 9700 2.4
-- forbids it; it is here for what cannot be changed yet, off unless a client's
-- grant_types has it, and every use is recorded as legacy.

CREATE FUNCTION oauth.grant_password(
    request    oauth.request,
    issuer     oauth.issuers,
    client     oauth.clients,
    parameters jsonb
) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    scopes text[] := oauth.requested_scopes(parameters);
    resources text[] := oauth.requested_resources(issuer, client, parameters);
    username text := parameters ->> 'username';
    authenticated oauth.user_authentication;
    wait interval;
    family oauth.token_families;
BEGIN
    IF NOT parameters ?& '{username,password}' THEN
        RETURN oauth.error_response('invalid_request', 'username or password is missing.');
    END IF;
    IF scopes IS NULL OR NOT scopes <@ client.scopes OR scopes = '{}' AND client.scopes <> '{}' THEN
        RETURN oauth.error_response('invalid_scope', 'The scopes are not among those the client may have.');
    END IF;
    IF resources IS NULL THEN
        RETURN oauth.error_response('invalid_target', 'The client may not have one of these resources.');
    END IF;

    -- The same brake as on the log-in page, so that this is no way around it.
    wait := oauth.login_throttled(issuer, username, request.remote_addr);
    IF wait IS NOT NULL THEN
        RETURN oauth.error_response('invalid_grant', 'Too many attempts. Please wait.', 429, oauth.retry_after(wait));
    END IF;
    IF octet_length(convert_to(parameters ->> 'password', 'UTF8')) <= 1024 THEN
        authenticated := oauth.authenticate_user(issuer, username, parameters ->> 'password');
    END IF;
    IF authenticated.subject IS NULL THEN
        PERFORM oauth.login_failed(issuer, request, username);
        RETURN oauth.error_response('invalid_grant', 'The user name or the password is wrong.');
    END IF;
    PERFORM oauth.clear_failures(issuer.issuer_id, 'user_address', oauth.user_address(username, request.remote_addr));

    INSERT INTO oauth.token_families AS f (issuer_id, client_id, subject, scopes, resources, auth_time, acr, amr, expires_at)
    VALUES (issuer.issuer_id, client.client_id, authenticated.subject, scopes, resources,
            clock_timestamp(), authenticated.acr, authenticated.amr, clock_timestamp() + oauth.family_lifetime(issuer, client, scopes))
    RETURNING f.* INTO family;
    PERFORM oauth.record_event(issuer.issuer_id, 'token_issued_legacy', client.client_id, family.subject, request.remote_addr,
        jsonb_build_object('grant_type', 'password', 'family_id', family.family_id));
    RETURN oauth.issue_tokens(issuer, client, family, resources);
END
$$;

INSERT INTO oauth.grant_types VALUES ('password', 'grant_password');

COMMENT ON FUNCTION oauth.grant_password(oauth.request, oauth.issuers, oauth.clients, jsonb) IS
    'Internal: the password grant, legacy (RFC 6749 4.3)';

REVOKE ALL ON FUNCTION oauth.grant_password(oauth.request, oauth.issuers, oauth.clients, jsonb) FROM PUBLIC;
