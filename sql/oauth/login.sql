-- Logging in.

-- The subject, or NULL: by the operator's own function, or by oauth.users.  The
-- function's name is the operator's, and checked when it was set.
CREATE FUNCTION oauth.authenticate_user(issuer oauth.issuers, username text, password text) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known oauth.users;
    own_subject text;
BEGIN
    IF issuer.authenticate_function IS NOT NULL THEN
        EXECUTE format('SELECT %s($1, $2)', issuer.authenticate_function::regproc) INTO own_subject USING username, password;
        IF own_subject IS NOT NULL THEN
            INSERT INTO oauth.users AS u (issuer_id, subject, username)
            VALUES (issuer.issuer_id, own_subject, authenticate_user.username)
            ON CONFLICT ON CONSTRAINT users_pkey DO NOTHING;
        END IF;
        SELECT u.* INTO known
        FROM oauth.users AS u
        WHERE u.issuer_id = issuer.issuer_id AND u.subject = own_subject AND u.enabled;
        RETURN known.subject;
    END IF;

    SELECT u.* INTO known
    FROM oauth.users AS u
    WHERE u.issuer_id = issuer.issuer_id AND lower(u.username) = lower(authenticate_user.username);
    -- asked whoever it is, and whether enabled or not: the time tells nothing
    IF NOT oauth.verify_password(password, known.password_hash) OR NOT coalesce(known.enabled, false) THEN
        RETURN NULL;
    END IF;

    IF oauth.password_needs_rehash(known.password_hash) THEN
        UPDATE oauth.users AS u
        SET password_hash = oauth.hash_password(password)
        WHERE u.issuer_id = known.issuer_id AND u.subject = known.subject;
    END IF;
    RETURN known.subject;
END
$$;

-- Guessing is slowed down for one user from one address at once, for an address
-- or a user as a whole much later: nobody shuts out somebody else.
CREATE FUNCTION oauth.login_throttled(issuer oauth.issuers, username text, remote_addr inet) RETURNS interval
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
RETURN greatest(
    oauth.throttled(issuer.issuer_id, 'user_address', lower(username) || ' ' || coalesce(host(remote_addr), '')),
    oauth.throttled(issuer.issuer_id, 'address', host(remote_addr), 50),
    oauth.throttled(issuer.issuer_id, 'user', lower(username), 100)
);

CREATE FUNCTION oauth.login_failed(issuer oauth.issuers, request oauth.request, username text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM oauth.count_failure(issuer.issuer_id, 'user_address', lower(username) || ' ' || coalesce(host(request.remote_addr), ''));
    PERFORM oauth.count_failure(issuer.issuer_id, 'user', lower(username));
    IF request.remote_addr IS NOT NULL THEN
        PERFORM oauth.count_failure(issuer.issuer_id, 'address', host(request.remote_addr));
    END IF;
    -- no name: people type passwords into the wrong field
    PERFORM oauth.record_event(issuer.issuer_id, 'login_failed', remote_addr => request.remote_addr);
END
$$;

CREATE FUNCTION oauth.login_page(
    request    oauth.request,
    issuer     oauth.issuers,
    parameters jsonb,
    message    text DEFAULT NULL,
    status     integer DEFAULT 200,
    headers    jsonb DEFAULT '[]'
) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    cookie text := oauth.cookie(issuer, request);
    carried text := oauth.carried_request(parameters);
    asked oauth.authorization_request;
    texts jsonb := oauth.texts(issuer.ui_locale);
    client_name text;
BEGIN
    IF cookie IS NULL THEN
        cookie := oauth.random_token();
        headers := headers || oauth.set_cookie(issuer, cookie);
    END IF;
    IF carried IS NOT NULL THEN
        asked := oauth.read_authorization_request(issuer, oauth.parse_form(convert_to(carried, 'UTF8')));
        client_name := (asked.client).client_name;
    END IF;

    RETURN oauth.page(issuer, 'login',
        jsonb_build_object(
            'action', issuer.issuer || '/login',
            'csrf', oauth.csrf_token(cookie),
            'request', carried,
            'user_code', oauth.normal_user_code(parameters ->> 'user_code'),
            'username', coalesce(parameters ->> 'username', asked.parameters ->> 'login_hint')),
        jsonb_build_object(
            'lead', '<p class="lead">' || (texts ->> 'text_to_continue') || ' <strong>' || oauth.html_escape(client_name) || '</strong></p>',
            'message', '<p class="message" role="alert">' || oauth.html_escape(texts ->> message) || '</p>'),
        status,
        headers,
        CASE WHEN asked.redirectable THEN asked.redirect_uri END);
END
$$;

CREATE FUNCTION oauth.serve_login(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    username text := parameters ->> 'username';
    carried text := oauth.carried_request(parameters);
    wait interval;
    known_subject text;
BEGIN
    IF request.method <> 'POST' THEN
        RETURN oauth.login_page(request, issuer, parameters);
    END IF;
    IF NOT oauth.is_own_form(issuer, request, parameters) THEN
        RETURN oauth.login_page(request, issuer, parameters, 'text_expired', 403);
    END IF;

    wait := oauth.login_throttled(issuer, coalesce(username, ''), request.remote_addr);
    IF wait IS NOT NULL THEN
        RETURN oauth.login_page(request, issuer, parameters, 'text_wait', 429,
            jsonb_build_array(jsonb_build_object('Retry-After', ceil(extract(epoch FROM wait))::text)));
    END IF;

    IF username IS NOT NULL AND length(parameters ->> 'password') <= 256 THEN
        known_subject := oauth.authenticate_user(issuer, username, parameters ->> 'password');
    END IF;
    IF known_subject IS NULL THEN
        PERFORM oauth.login_failed(issuer, request, coalesce(username, ''));
        RETURN oauth.login_page(request, issuer, parameters, 'text_wrong', 401);
    END IF;

    PERFORM oauth.clear_failures(issuer.issuer_id, 'user_address', lower(username) || ' ' || coalesce(host(request.remote_addr), ''));
    PERFORM oauth.record_event(issuer.issuer_id, 'login', subject => known_subject, remote_addr => request.remote_addr);
    RETURN oauth.redirect_response(
        issuer.issuer || coalesce(
            '/authorize?' || oauth.without_prompt(carried, 'login', 'select_account'),
            '/device?user_code=' || oauth.normal_user_code(parameters ->> 'user_code'),
            '/account'),
        oauth.set_cookie(issuer, oauth.start_session(issuer, request, known_subject, '{pwd}')));
END
$$;

INSERT INTO oauth.endpoints VALUES ('/login', '{GET,HEAD,POST}', 'page', 'serve_login');

COMMENT ON FUNCTION oauth.authenticate_user(oauth.issuers, text, text) IS
    'Internal: whose name and password these are; NULL: nobody''s';
COMMENT ON FUNCTION oauth.login_throttled(oauth.issuers, text, inet) IS
    'Internal: how long a log-in has to wait; NULL: not at all';
COMMENT ON FUNCTION oauth.login_failed(oauth.issuers, oauth.request, text) IS
    'Internal: count a failed log-in';
COMMENT ON FUNCTION oauth.login_page(oauth.request, oauth.issuers, jsonb, text, integer, jsonb) IS
    'Internal: the log-in form';
COMMENT ON FUNCTION oauth.serve_login(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /login';

REVOKE ALL ON FUNCTION oauth.authenticate_user(oauth.issuers, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.login_throttled(oauth.issuers, text, inet) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.login_failed(oauth.issuers, oauth.request, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.login_page(oauth.request, oauth.issuers, jsonb, text, integer, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_login(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
