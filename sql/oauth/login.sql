-- Logging in.

-- By the operator's own function, which answers with the subject, or with an object
-- that has it as sub, and may have acr and amr.  The function's name is the operator's,
-- and checked when it was set.
CREATE FUNCTION oauth.authenticate_by_function(issuer oauth.issuers, username text, password text) RETURNS oauth.user_authentication
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    answer jsonb;
    authenticated oauth.user_authentication;
BEGIN
    EXECUTE format('SELECT to_jsonb(%s($1, $2))', (issuer.authenticate_function || '(text, text)')::regprocedure::regproc)
    INTO answer
    USING username, password;
    authenticated.subject := CASE jsonb_typeof(answer) WHEN 'string' THEN answer #>> '{}' ELSE answer ->> 'sub' END;
    authenticated.acr := CASE WHEN answer ->> 'acr' = ANY (issuer.acr_values) THEN answer ->> 'acr' END;
    authenticated.amr := coalesce(CASE jsonb_typeof(answer -> 'amr') WHEN 'array' THEN oauth.parameter_list(answer -> 'amr') END, '{pwd}');
    IF authenticated.subject IS NULL THEN
        RETURN NULL;
    END IF;

    -- or without the name, when somebody else had it first
    INSERT INTO oauth.users AS u (issuer_id, subject, username)
    VALUES (issuer.issuer_id, authenticated.subject, authenticate_by_function.username)
    ON CONFLICT DO NOTHING;
    INSERT INTO oauth.users AS u (issuer_id, subject)
    VALUES (issuer.issuer_id, authenticated.subject)
    ON CONFLICT ON CONSTRAINT users_pkey DO NOTHING;
    IF NOT (SELECT u.enabled FROM oauth.users AS u WHERE u.issuer_id = issuer.issuer_id AND u.subject = authenticated.subject) THEN
        RETURN NULL;
    END IF;
    RETURN authenticated;
END
$$;

-- Whose name and password these are, by the operator's own function or by oauth.users;
-- NULL: nobody's.
CREATE FUNCTION oauth.authenticate_user(issuer oauth.issuers, username text, password text) RETURNS oauth.user_authentication
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known oauth.users;
    authenticated oauth.user_authentication;
BEGIN
    IF issuer.authenticate_function IS NOT NULL THEN
        RETURN oauth.authenticate_by_function(issuer, username, password);
    END IF;

    SELECT u.* INTO known
    FROM oauth.users AS u
    WHERE u.issuer_id = issuer.issuer_id AND lower(u.username) = lower(authenticate_user.username);
    -- asked whoever it is, and whether enabled or not: the time tells nothing
    IF NOT oauth.verify_password(password, known.password_hash) OR NOT coalesce(known.enabled, false) THEN
        RETURN NULL;
    END IF;

    IF oauth.password_needs_rehash(known.password_hash) THEN
        known.password_hash := oauth.hash_password(password);
        UPDATE oauth.users AS u
        SET password_hash = known.password_hash
        WHERE u.issuer_id = known.issuer_id AND u.subject = known.subject;
    END IF;
    authenticated.subject := known.subject;
    authenticated.acr := issuer.acr_values[1];
    authenticated.amr := '{pwd}';
    RETURN authenticated;
END
$$;

-- The name as it is counted, for one address.
CREATE FUNCTION oauth.user_address(username text, remote_addr inet) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN lower(username) || ' ' || oauth.throttle_address(remote_addr);

-- Has this user logged in from there before?
CREATE FUNCTION oauth.is_known_address(issuer_id bigint, username text, remote_addr inet) RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (
    SELECT
    FROM oauth.users AS u
    JOIN oauth.login_sessions AS s USING (issuer_id, subject)
    WHERE u.issuer_id = is_known_address.issuer_id
      AND lower(u.username) = lower(is_known_address.username)
      AND oauth.throttle_address(s.remote_addr) = oauth.throttle_address(is_known_address.remote_addr)
);

-- Guessing is slowed down for one user from one address after 5 failures, for an
-- address after 50, for a user after 100, to one attempt a minute.  The last would
-- let an attacker with many addresses keep a user out, so it leaves alone addresses
-- that this user has logged in from: nobody shuts out somebody else.
CREATE FUNCTION oauth.login_throttled(issuer oauth.issuers, username text, remote_addr inet) RETURNS interval
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM oauth.queue_attempt(issuer.issuer_id, 'user_address', oauth.user_address(username, remote_addr));
    RETURN greatest(
        oauth.throttled(issuer.issuer_id, 'user_address', oauth.user_address(username, remote_addr)),
        oauth.throttled(issuer.issuer_id, 'address', oauth.throttle_address(remote_addr), 50),
        CASE WHEN NOT oauth.is_known_address(issuer.issuer_id, username, remote_addr) THEN
            oauth.throttled(issuer.issuer_id, 'user', lower(username), 100)
        END);
END
$$;

CREATE FUNCTION oauth.login_failed(issuer oauth.issuers, request oauth.request, username text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    attacked text;
BEGIN
    IF username IS NOT NULL THEN
        PERFORM oauth.count_failure(issuer.issuer_id, 'user_address', oauth.user_address(username, request.remote_addr));
        PERFORM oauth.count_failure(issuer.issuer_id, 'user', lower(username));
    END IF;
    IF request.remote_addr IS NOT NULL THEN
        PERFORM oauth.count_failure(issuer.issuer_id, 'address', oauth.throttle_address(request.remote_addr));
    END IF;
    -- whose, if it is a user's, but not what was typed: people type passwords into the wrong field
    SELECT u.subject INTO attacked
    FROM oauth.users AS u
    WHERE u.issuer_id = issuer.issuer_id AND lower(u.username) = lower(login_failed.username);
    PERFORM oauth.record_event(issuer.issuer_id, 'login_failed', subject => attacked, remote_addr => request.remote_addr);
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
    texts jsonb := oauth.texts(issuer);
    asked oauth.authorization_request := oauth.read_carried_request(issuer, carried);
    username text := coalesce(parameters ->> 'username', asked.parameters ->> 'login_hint');
    session oauth.login_sessions;
BEGIN
    IF cookie IS NULL THEN
        cookie := oauth.random_token();
        headers := headers || oauth.set_cookie(issuer, cookie);
    END IF;
    -- why somebody is asked who is logged in already
    IF message IS NULL AND NOT oauth.is_wanted_acr(asked, NULL) THEN
        session := oauth.current_session(issuer, request);
        message := CASE WHEN session.sid IS NOT NULL AND NOT oauth.is_wanted_acr(asked, session.acr) THEN 'text_other_login' END;
    END IF;

    RETURN oauth.page(issuer, 'login',
        jsonb_build_object(
            'action', issuer.issuer || '/login',
            'csrf', oauth.csrf_token(cookie),
            'request', carried,
            'user_code', oauth.normal_user_code(parameters ->> 'user_code'),
            'username', username),
        jsonb_build_object(
            'lead', '<p class="lead">' || oauth.html_escape(texts ->> 'text_to_continue')
                || ' <strong>' || oauth.html_escape((asked.client).client_name) || '</strong></p>',
            'message', '<p class="message" id="message" role="alert">' || oauth.html_escape(texts ->> message) || '</p>',
            'faulty', CASE WHEN message = 'text_wrong' THEN ' aria-invalid="true" aria-describedby="message"' END,
            'focus_username', CASE WHEN username IS NULL THEN ' autofocus' END,
            'focus_password', CASE WHEN username IS NOT NULL THEN ' autofocus' END,
            'providers', oauth.provider_links(issuer, oauth.login_nonce(cookie), carried, asked)),
        status,
        headers,
        form_target => CASE WHEN asked.redirectable THEN asked.redirect_uri END);
END
$$;

-- Where the user goes after a log-in.  What was just done is not asked for again:
-- neither by prompt, nor by acr_values, which are no more than a wish, nor by a max_age
-- shorter than the consent page may take.
CREATE FUNCTION oauth.after_login(issuer oauth.issuers, asked oauth.authorization_request, parameters jsonb) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    carried text := oauth.carried_request(parameters);
BEGIN
    IF carried IS NULL THEN
        RETURN issuer.issuer || coalesce('/device?user_code=' || oauth.normal_user_code(parameters ->> 'user_code'), '/account');
    END IF;

    carried := oauth.without_prompt(carried, 'login', 'select_account');
    carried := regexp_replace(carried, '(^|&)acr_values=[^&]*', '', 'g');
    IF asked.max_age < 600 THEN
        carried := regexp_replace(carried, '(^|&)max_age=[^&]*', '', 'g') || '&max_age=600';
    END IF;
    RETURN issuer.issuer || '/authorize?' || carried;
END
$$;

-- The client is told when it insists on an acr that the log-in does not have (OpenID
-- Connect Core 1.0 5.5.1.1: as if it had failed); else the user goes on.

CREATE FUNCTION oauth.logged_in(
    request    oauth.request,
    issuer     oauth.issuers,
    parameters jsonb,
    subject    text,
    amr        text[],
    detail     jsonb DEFAULT NULL,
    auth_time  timestamptz DEFAULT clock_timestamp(),
    acr        text DEFAULT NULL
) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    asked oauth.authorization_request := oauth.read_carried_request(issuer, oauth.carried_request(parameters));
    cookie jsonb := oauth.set_cookie(issuer, oauth.start_session(
        issuer, request, logged_in.subject, logged_in.amr, logged_in.auth_time, logged_in.acr));
    refusal oauth.response;
BEGIN
    PERFORM oauth.record_event(issuer.issuer_id, 'login', subject => logged_in.subject, remote_addr => request.remote_addr,
        detail => logged_in.detail);
    IF oauth.is_acr_essential(asked) AND NOT oauth.is_wanted_acr(asked, logged_in.acr) THEN
        refusal := oauth.authorization_error(issuer, asked,
            'unmet_authentication_requirements', 'The user is not logged in by the means that acr asks for.');
        refusal.headers := refusal.headers || cookie;
        RETURN refusal;
    END IF;
    RETURN oauth.redirect_response(oauth.after_login(issuer, asked, parameters), cookie);
END
$$;

CREATE FUNCTION oauth.log_in_by_password(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    username text := coalesce(parameters ->> 'username', '');
    password text := parameters ->> 'password';
    wait interval;
    authenticated oauth.user_authentication;
BEGIN
    IF NOT oauth.is_own_form(issuer, request, parameters) THEN
        RETURN oauth.login_page(request, issuer, parameters, 'text_expired', 403);
    END IF;
    wait := oauth.login_throttled(issuer, username, request.remote_addr);
    IF wait IS NOT NULL THEN
        RETURN oauth.login_page(request, issuer, parameters, 'text_wait', 429, oauth.retry_after(wait));
    END IF;

    -- none that can be set is longer
    IF username <> '' AND octet_length(convert_to(password, 'UTF8')) <= 1024 THEN
        authenticated := oauth.authenticate_user(issuer, username, password);
    END IF;
    IF authenticated.subject IS NULL THEN
        PERFORM oauth.login_failed(issuer, request, username);
        RETURN oauth.login_page(request, issuer, parameters, 'text_wrong', 401);
    END IF;
    PERFORM oauth.clear_failures(issuer.issuer_id, 'user_address', oauth.user_address(username, request.remote_addr));
    RETURN oauth.logged_in(request, issuer, parameters, authenticated.subject, authenticated.amr, acr => authenticated.acr);
END
$$;

CREATE FUNCTION oauth.serve_login(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF request.method <> 'POST' THEN
        RETURN oauth.login_page(request, issuer, parameters - '{id_token,username,password}'::text[]);
    END IF;
    IF parameters ? 'id_token' THEN
        RETURN oauth.log_in_by_token(request, issuer, parameters);
    END IF;
    IF parameters ? 'error' AND NOT parameters ? 'username' THEN
        -- a foreign issuer's answer: the user came back without a log-in there
        RETURN oauth.redirect_response(issuer.issuer || '/login?'
            || oauth.form_of('request', oauth.carried_request(jsonb_build_object('request', parameters -> 'state'))));
    END IF;
    -- Without a cookie it comes from another site, or the browser keeps none.  It gets
    -- none now: that would take the place of the one that another site's form hides.
    IF oauth.cookie(issuer, request) IS NULL THEN
        RETURN oauth.error_page(issuer, 'access_denied', 'text_expired', 403);
    END IF;
    RETURN oauth.log_in_by_password(request, issuer, parameters);
END
$$;

INSERT INTO oauth.endpoints VALUES ('/login', '{GET,HEAD,POST}', 'page', 'serve_login');

COMMENT ON FUNCTION oauth.authenticate_by_function(oauth.issuers, text, text) IS
    'Internal: who the operator''s own function says it is; NULL: nobody';
COMMENT ON FUNCTION oauth.authenticate_user(oauth.issuers, text, text) IS
    'Internal: whose name and password these are; NULL: nobody''s';
COMMENT ON FUNCTION oauth.user_address(text, inet) IS
    'Internal: a user at an address, to count failures for';
COMMENT ON FUNCTION oauth.is_known_address(bigint, text, inet) IS
    'Internal: has this user logged in from there before?';
COMMENT ON FUNCTION oauth.login_throttled(oauth.issuers, text, inet) IS
    'Internal: how long a log-in has to wait; NULL: not at all';
COMMENT ON FUNCTION oauth.login_failed(oauth.issuers, oauth.request, text) IS
    'Internal: count a failed log-in';
COMMENT ON FUNCTION oauth.login_page(oauth.request, oauth.issuers, jsonb, text, integer, jsonb) IS
    'Internal: the log-in form';
COMMENT ON FUNCTION oauth.after_login(oauth.issuers, oauth.authorization_request, jsonb) IS
    'Internal: where the user goes after a log-in';
COMMENT ON FUNCTION oauth.logged_in(oauth.request, oauth.issuers, jsonb, text, text[], jsonb, timestamptz, text) IS
    'Internal: begin a session and go on';
COMMENT ON FUNCTION oauth.log_in_by_password(oauth.request, oauth.issuers, jsonb) IS
    'Internal: log in by name and password';
COMMENT ON FUNCTION oauth.serve_login(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /login';

REVOKE ALL ON FUNCTION oauth.authenticate_by_function(oauth.issuers, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.authenticate_user(oauth.issuers, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.user_address(text, inet) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_known_address(bigint, text, inet) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.login_throttled(oauth.issuers, text, inet) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.login_failed(oauth.issuers, oauth.request, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.login_page(oauth.request, oauth.issuers, jsonb, text, integer, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.after_login(oauth.issuers, oauth.authorization_request, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.logged_in(oauth.request, oauth.issuers, jsonb, text, text[], jsonb, timestamptz, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.log_in_by_password(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_login(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
