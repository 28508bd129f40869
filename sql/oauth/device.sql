-- The page on which a user lets a device in (RFC 8628 3.3).

-- Wrong guesses are counted for the user and for the address: 20^8 codes and a
-- few guesses a minute (RFC 8628 5.1).  How long to wait; NULL: not at all.
CREATE FUNCTION oauth.user_code_wait(request oauth.request, issuer oauth.issuers, subject text) RETURNS interval
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN greatest(
        oauth.throttled(issuer.issuer_id, 'user_code', 'user ' || subject),
        oauth.throttled(issuer.issuer_id, 'user_code', 'address ' || oauth.throttle_address(request.remote_addr)));
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
        PERFORM oauth.count_failure(issuer.issuer_id, 'user_code', 'address ' || oauth.throttle_address(request.remote_addr));
    END IF;
    RETURN device;
END
$$;

-- What the user decided.  Approval is consent, and begins a family, which the
-- device gets the tokens of; it does not end with the session of the browser that
-- approved it.  False when there is no longer anything to decide.
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
    asked oauth.authorization_request;
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
        asked.client := client;
        asked.scopes := device.scopes;
        asked.resources := device.resources;
        PERFORM oauth.give_consent(asked, session.subject);

        INSERT INTO oauth.token_families AS f (
            issuer_id, client_id, subject, grant_id, scopes, resources, auth_time, acr, amr, expires_at)
        VALUES (
            issuer.issuer_id, device.client_id, session.subject,
            (oauth.standing_grant(issuer.issuer_id, session.subject, device.client_id)).grant_id,
            device.scopes, device.resources, session.auth_time, session.acr, session.amr,
            clock_timestamp() + oauth.family_lifetime(issuer, client, device.scopes))
        RETURNING f.family_id INTO new_family;
        UPDATE oauth.device_codes AS d
        SET family_id = new_family
        WHERE d.issuer_id = issuer.issuer_id AND d.device_code_hash = device.device_code_hash;
    END IF;

    PERFORM oauth.record_event(issuer.issuer_id, CASE WHEN approve THEN 'device_approved' ELSE 'device_denied' END,
        device.client_id, session.subject, request.remote_addr,
        oauth.json_of('family_id', new_family));
    RETURN true;
END
$$;

-- The code is shown as well when it came in the link, so that the user can see
-- whether it is the one on the device (RFC 8628 3.3.1, 5.4).
CREATE FUNCTION oauth.device_page(
    request oauth.request,
    issuer  oauth.issuers,
    session oauth.login_sessions,
    device  oauth.device_codes
) RETURNS oauth.response
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    given oauth.grants := oauth.standing_grant(issuer.issuer_id, session.subject, device.client_id);
    client_name text;
BEGIN
    SELECT c.client_name INTO client_name
    FROM oauth.clients AS c
    WHERE c.issuer_id = device.issuer_id AND c.client_id = device.client_id;

    RETURN oauth.page(issuer, 'device_confirm',
        jsonb_build_object(
            'action', issuer.issuer || '/device',
            'csrf', oauth.csrf_token(oauth.cookie(issuer, request)),
            'user_code', oauth.shown_user_code(device.user_code),
            'username', oauth.shown_name(session.issuer_id, session.subject)),
        jsonb_build_object(
            'client', '<strong>' || oauth.html_escape(client_name) || '</strong>',
            'scopes', oauth.scope_items(issuer, device.scopes, given),
            'resources', oauth.resource_note(issuer, device.resources)));
END
$$;

-- The form for the code, with what went wrong.
CREATE FUNCTION oauth.user_code_page(issuer oauth.issuers, message text DEFAULT NULL, status integer DEFAULT 200, headers jsonb DEFAULT '[]') RETURNS oauth.response
LANGUAGE sql STABLE
RETURN oauth.page(
    issuer,
    'device',
    jsonb_build_object('action', issuer.issuer || '/device'),
    jsonb_build_object('message',
        '<p class="message" role="alert">' || oauth.html_escape(oauth.texts(issuer) ->> message) || '</p>'),
    status,
    headers
);

CREATE FUNCTION oauth.serve_device(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    session oauth.login_sessions := oauth.current_session(issuer, request);
    user_code text := oauth.normal_user_code(parameters ->> 'user_code');
    approve boolean := parameters ->> 'decision' IS NOT DISTINCT FROM 'approve';
    wait interval;
    device oauth.device_codes;
BEGIN
    IF coalesce(user_code, '') = '' THEN
        RETURN oauth.user_code_page(issuer);
    END IF;
    -- Nobody learns whether a code is good before a log-in.
    IF session.sid IS NULL THEN
        RETURN oauth.redirect_response(issuer.issuer || '/login?' || oauth.form_of('user_code', left(user_code, 8)));
    END IF;
    IF request.method = 'POST' AND NOT oauth.is_own_form(issuer, request, parameters) THEN
        RETURN oauth.error_page(issuer, 'access_denied', 'text_expired', 403);
    END IF;

    wait := oauth.user_code_wait(request, issuer, session.subject);
    IF wait IS NOT NULL THEN
        RETURN oauth.user_code_page(issuer, 'text_wait', 429, oauth.retry_after(wait));
    END IF;
    device := oauth.pending_device(request, issuer, session.subject, user_code);
    IF device.user_code IS NULL THEN
        RETURN oauth.user_code_page(issuer, 'text_wrong_code', 400);
    END IF;

    IF request.method <> 'POST' THEN
        RETURN oauth.device_page(request, issuer, session, device);
    END IF;
    IF NOT oauth.decide_device(request, issuer, session, device, approve) THEN
        RETURN oauth.user_code_page(issuer, 'text_wrong_code', 400);
    END IF;
    RETURN oauth.page(issuer, 'device_done', jsonb_build_object(
        'outcome', oauth.texts(issuer) ->> CASE WHEN approve THEN 'text_device_approved' ELSE 'text_device_denied' END));
END
$$;

INSERT INTO oauth.endpoints VALUES ('/device', '{GET,HEAD,POST}', 'page', 'serve_device');

COMMENT ON FUNCTION oauth.user_code_wait(oauth.request, oauth.issuers, text) IS
    'Internal: how long a user must wait after wrong user codes; NULL: not at all';
COMMENT ON FUNCTION oauth.pending_device(oauth.request, oauth.issuers, text, text) IS
    'Internal: the device that waits with a user code; a wrong one is counted';
COMMENT ON FUNCTION oauth.decide_device(oauth.request, oauth.issuers, oauth.login_sessions, oauth.device_codes, boolean) IS
    'Internal: a user approves or denies a device; false when it no longer waits';
COMMENT ON FUNCTION oauth.device_page(oauth.request, oauth.issuers, oauth.login_sessions, oauth.device_codes) IS
    'Internal: the question whether a device may';
COMMENT ON FUNCTION oauth.user_code_page(oauth.issuers, text, integer, jsonb) IS
    'Internal: the form for a user code';
COMMENT ON FUNCTION oauth.serve_device(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /device (RFC 8628 3.3)';

REVOKE ALL ON FUNCTION oauth.user_code_wait(oauth.request, oauth.issuers, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.pending_device(oauth.request, oauth.issuers, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.decide_device(oauth.request, oauth.issuers, oauth.login_sessions, oauth.device_codes, boolean) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.device_page(oauth.request, oauth.issuers, oauth.login_sessions, oauth.device_codes) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.user_code_page(oauth.issuers, text, integer, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_device(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
