-- The device authorization endpoint (RFC 8628 3.1, 3.2), and what the user then
-- decides (RFC 8628 3.3).

-- As people type it: lower case, with a dash or without (RFC 8628 6.1).
CREATE FUNCTION oauth.normal_user_code(user_code text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN upper(regexp_replace(user_code, '[^A-Za-z]', '', 'g'));

CREATE FUNCTION oauth.shown_user_code(user_code text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN left(user_code, 4) || '-' || substr(user_code, 5);

CREATE FUNCTION oauth.serve_device_authorization(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal oauth.response := oauth.form_only(request);
    authentication oauth.client_authentication;
    client oauth.clients;
    scopes text[] := oauth.scope_list(parameters ->> 'scope');
    resources text[];
    device_code text := oauth.random_token();
    user_code text;
BEGIN
    IF refusal.status IS NOT NULL THEN
        RETURN refusal;
    END IF;
    authentication := oauth.authenticate_client(request, issuer, parameters);
    IF authentication.error IS NOT NULL THEN
        RETURN oauth.error_response(authentication.error, authentication.description, authentication.status, authentication.headers);
    END IF;
    client := authentication.client;

    IF NOT 'urn:ietf:params:oauth:grant-type:device_code' = ANY (client.grant_types) THEN
        RETURN oauth.error_response('unauthorized_client', 'The client may not use this grant type.');
    END IF;
    IF scopes IS NULL OR NOT scopes <@ client.scopes OR scopes = '{}' AND client.scopes <> '{}' THEN
        RETURN oauth.error_response('invalid_scope', 'The scopes are not among those the client may have.');
    END IF;
    resources := oauth.requested_resources(client, parameters);
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

-- Wrong guesses are counted for the user and for the address: 20^8 codes and a
-- few guesses a minute (RFC 8628 5.1).  How long to wait; NULL: not at all.
CREATE FUNCTION oauth.user_code_wait(request oauth.request, issuer oauth.issuers, subject text) RETURNS interval
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN greatest(
        oauth.throttled(issuer.issuer_id, 'user_code', 'user ' || subject),
        oauth.throttled(issuer.issuer_id, 'user_code', 'address ' || coalesce(host(request.remote_addr), '')));
END
$$;

-- The device that waits with this code; a NULL row, and one more failure, when
-- there is none.
CREATE FUNCTION oauth.pending_device(request oauth.request, issuer oauth.issuers, subject text, user_code text) RETURNS oauth.device_codes
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    device oauth.device_codes;
BEGIN
    SELECT d.* INTO device
    FROM oauth.device_codes AS d
    WHERE d.issuer_id = issuer.issuer_id
      AND d.user_code = oauth.normal_user_code(pending_device.user_code)
      AND d.state = 'pending'
      AND d.expires_at > clock_timestamp();
    IF NOT FOUND THEN
        PERFORM oauth.count_failure(issuer.issuer_id, 'user_code', 'user ' || subject);
        PERFORM oauth.count_failure(issuer.issuer_id, 'user_code', 'address ' || coalesce(host(request.remote_addr), ''));
    END IF;
    RETURN device;
END
$$;

-- What the user decided.  Approval begins a family, which the device gets the
-- tokens of; false when there is no longer anything to decide.
CREATE FUNCTION oauth.decide_device(
    request oauth.request,
    issuer  oauth.issuers,
    session oauth.login_sessions,
    device  oauth.device_codes,
    approve boolean
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    client oauth.clients;
    new_family uuid;
BEGIN
    UPDATE oauth.device_codes AS d
    SET state = CASE WHEN approve THEN 'approved' ELSE 'denied' END
    WHERE d.issuer_id = issuer.issuer_id
      AND d.device_code_hash = device.device_code_hash
      AND d.state = 'pending'
      AND d.expires_at > clock_timestamp();
    IF NOT FOUND THEN
        RETURN false;
    END IF;

    IF approve THEN
        SELECT c.* INTO STRICT client
        FROM oauth.clients AS c
        WHERE c.issuer_id = issuer.issuer_id AND c.client_id = device.client_id;
        INSERT INTO oauth.token_families AS f (
            issuer_id, client_id, subject, sid, scopes, resources, auth_time, acr, amr, expires_at)
        VALUES (
            issuer.issuer_id, device.client_id, session.subject, session.sid, device.scopes, device.resources,
            session.auth_time, session.acr, session.amr,
            clock_timestamp() + oauth.family_lifetime(issuer, client, device.scopes))
        RETURNING f.family_id INTO new_family;
        UPDATE oauth.device_codes AS d
        SET family_id = new_family
        WHERE d.issuer_id = issuer.issuer_id AND d.device_code_hash = device.device_code_hash;
    END IF;

    PERFORM oauth.record_event(issuer.issuer_id, CASE WHEN approve THEN 'device_approved' ELSE 'device_denied' END,
        device.client_id, session.subject, request.remote_addr, jsonb_build_object('family_id', new_family));
    RETURN true;
END
$$;

INSERT INTO oauth.endpoints VALUES ('/device_authorization', '{POST}', 'api', 'serve_device_authorization');

COMMENT ON FUNCTION oauth.normal_user_code(text) IS
    'Internal: a user code as it is stored, however it was typed';
COMMENT ON FUNCTION oauth.shown_user_code(text) IS
    'Internal: a user code as it is shown';
COMMENT ON FUNCTION oauth.serve_device_authorization(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /device_authorization (RFC 8628 3.1)';
COMMENT ON FUNCTION oauth.user_code_wait(oauth.request, oauth.issuers, text) IS
    'Internal: how long a user must wait after wrong user codes; NULL: not at all';
COMMENT ON FUNCTION oauth.pending_device(oauth.request, oauth.issuers, text, text) IS
    'Internal: the device that waits with a user code; a wrong one is counted';
COMMENT ON FUNCTION oauth.decide_device(oauth.request, oauth.issuers, oauth.login_sessions, oauth.device_codes, boolean) IS
    'Internal: a user approves or denies a device (RFC 8628 3.3); false when it no longer waits';

REVOKE ALL ON FUNCTION oauth.normal_user_code(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.shown_user_code(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_device_authorization(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.user_code_wait(oauth.request, oauth.issuers, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.pending_device(oauth.request, oauth.issuers, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.decide_device(oauth.request, oauth.issuers, oauth.login_sessions, oauth.device_codes, boolean) FROM PUBLIC;
