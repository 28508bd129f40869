-- Consent: what a user allows a client is a row, asked for once and taken back at
-- any time.

-- What the user is asked for: the scopes, and those whose claims are named one by one.
CREATE FUNCTION oauth.consent_scopes(asked oauth.authorization_request) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF asked.claims IS NULL THEN
        RETURN asked.scopes;
    END IF;
    RETURN asked.scopes || ARRAY(
        SELECT s.scope
        FROM unnest('{profile,email,address,phone}'::text[]) AS s (scope)
        WHERE s.scope <> ALL (asked.scopes)
          AND s.scope = ANY ((asked.client).scopes)
          AND (asked.claims -> 'userinfo' ?| oauth.scope_claims(ARRAY[s.scope])
               OR asked.claims -> 'id_token' ?| oauth.scope_claims(ARRAY[s.scope])));
END
$$;

-- ... and the resources: who names none means the default one.
CREATE FUNCTION oauth.consent_resources(asked oauth.authorization_request) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF asked.resources <> '{}' THEN
        RETURN asked.resources;
    END IF;
    RETURN ARRAY(SELECT oauth.default_resource(i) FROM oauth.issuers AS i WHERE i.issuer_id = (asked.client).issuer_id);
END
$$;

-- Is it surely the client that gets the answer?  What listens on a port of the user's
-- machine, or has taken an application's scheme, can say that it is a public client; so
-- the user decides each time (RFC 8252 8.6, RFC 6749 10.2).
CREATE FUNCTION oauth.is_assured(asked oauth.authorization_request) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (asked.client).application_type <> 'native'
        OR (asked.client).token_endpoint_auth_method <> 'none'
        OR asked.redirect_uri ~ '^https:';
END
$$;

-- The consent that stands for this request, or a sign that none is needed.
CREATE FUNCTION oauth.has_consent(asked oauth.authorization_request, subject text) RETURNS boolean
LANGUAGE sql STABLE
RETURN NOT (asked.client).require_consent OR oauth.is_assured(asked) AND EXISTS (
    SELECT
    FROM oauth.grants AS g
    WHERE g.issuer_id = (asked.client).issuer_id
      AND g.client_id = (asked.client).client_id
      AND g.subject = has_consent.subject
      AND g.revoked_at IS NULL
      AND oauth.consent_scopes(asked) <@ g.scopes
      AND oauth.consent_resources(asked) <@ g.resources
);

CREATE FUNCTION oauth.standing_grant(issuer_id bigint, subject text, client_id text) RETURNS oauth.grants
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT g.*
    FROM oauth.grants AS g
    WHERE g.issuer_id = standing_grant.issuer_id
      AND g.subject = standing_grant.subject
      AND g.client_id = standing_grant.client_id
      AND g.revoked_at IS NULL;
END;

-- Given or widened; what was allowed before stays.
CREATE FUNCTION oauth.give_consent(asked oauth.authorization_request, subject text) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO oauth.grants AS g (issuer_id, subject, client_id, scopes, resources)
    VALUES ((asked).client.issuer_id, give_consent.subject, (asked).client.client_id, oauth.consent_scopes(asked), oauth.consent_resources(asked))
    ON CONFLICT (issuer_id, subject, client_id) WHERE revoked_at IS NULL
    DO UPDATE SET
        scopes = ARRAY(SELECT unnest(g.scopes) UNION SELECT unnest(excluded.scopes) ORDER BY 1),
        resources = ARRAY(SELECT unnest(g.resources) UNION SELECT unnest(excluded.resources) ORDER BY 1);
END;

-- Scopes in words, for a list; those that are asked for beyond a consent that
-- stands are marked as new.
CREATE FUNCTION oauth.scope_items(issuer oauth.issuers, scopes text[], given oauth.grants) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    template text := oauth.template(issuer, 'scope');
    texts jsonb := oauth.texts(issuer);
    tag text := ' <span class="tag">' || oauth.html_escape(texts ->> 'text_new') || '</span>';
BEGIN
    RETURN (
        SELECT string_agg(
            oauth.render(
                template,
                jsonb_build_object('description', coalesce(texts ->> s.description, s.description, a.scope)),
                jsonb_build_object('new', CASE WHEN given.grant_id IS NOT NULL AND NOT a.scope = ANY (given.scopes) THEN tag END)),
            '' ORDER BY a.n)
        FROM unnest(scope_items.scopes) WITH ORDINALITY AS a (scope, n)
        LEFT JOIN oauth.scopes AS s ON s.issuer_id = issuer.issuer_id AND s.scope = a.scope);
END
$$;

CREATE FUNCTION oauth.resource_note(issuer oauth.issuers, resources text[]) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT '<p class="note">' || oauth.html_escape(oauth.texts(issuer) ->> 'text_resources') || ' <strong>'
            || oauth.html_escape(string_agg(coalesce(r.resource_name, a.resource), ', ' ORDER BY a.n)) || '</strong></p>'
        FROM unnest(resource_note.resources) WITH ORDINALITY AS a (resource, n)
        LEFT JOIN oauth.resources AS r ON r.issuer_id = issuer.issuer_id AND r.resource = a.resource);
END
$$;

CREATE FUNCTION oauth.consent_page(
    issuer  oauth.issuers,
    request oauth.request,
    asked   oauth.authorization_request,
    session oauth.login_sessions,
    carried text
) RETURNS oauth.response
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    client oauth.clients := asked.client;
    given oauth.grants := oauth.standing_grant(issuer.issuer_id, session.subject, client.client_id);
BEGIN
    RETURN oauth.page(issuer, 'consent',
        jsonb_build_object(
            'action', issuer.issuer || '/consent',
            'csrf', oauth.csrf_token(oauth.cookie(issuer, request)),
            'request', carried,
            'client_name', client.client_name,
            'username', oauth.shown_name(session.issuer_id, session.subject)),
        jsonb_build_object(
            'client_logo', oauth.image(client.logo_uri),
            'client_link', '<a href="' || oauth.html_escape(client.client_uri) || '" target="_blank" rel="noopener noreferrer">'
                || oauth.html_escape(client.client_uri) || '</a>',
            'scopes', oauth.scope_items(issuer, oauth.consent_scopes(asked), given),
            'resources', oauth.resource_note(issuer, asked.resources)),
        form_target => asked.redirect_uri,
        image_uri => client.logo_uri);
END
$$;

CREATE FUNCTION oauth.serve_consent(request oauth.request, issuer oauth.issuers, parameters jsonb) RETURNS oauth.response
LANGUAGE plpgsql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    carried text := oauth.carried_request(parameters);
    session oauth.login_sessions := oauth.current_session(issuer, request);
    asked oauth.authorization_request := oauth.read_carried_request(issuer, carried);
BEGIN
    IF carried IS NULL THEN
        RETURN oauth.error_page(issuer, 'invalid_request', 'There is nothing to consent to.');
    END IF;
    IF session.sid IS NULL THEN
        RETURN oauth.redirect_response(issuer.issuer || '/login?' || oauth.form_of('request', carried));
    END IF;

    IF asked.error IS NOT NULL THEN
        RETURN oauth.authorization_error(issuer, asked, asked.error, asked.error_description);
    END IF;
    IF request.method <> 'POST' THEN
        RETURN oauth.consent_page(issuer, request, asked, session, carried);
    END IF;
    IF NOT oauth.is_own_form(issuer, request, parameters) THEN
        RETURN oauth.error_page(issuer, 'access_denied', 'text_expired', 403);
    END IF;

    IF parameters ->> 'decision' IS DISTINCT FROM 'approve' THEN
        PERFORM oauth.record_event(issuer.issuer_id, 'consent_denied', (asked.client).client_id, session.subject, request.remote_addr);
        RETURN oauth.authorization_error(issuer, asked, 'access_denied', 'The user did not allow it.');
    END IF;
    PERFORM oauth.give_consent(asked, session.subject);
    PERFORM oauth.record_event(issuer.issuer_id, 'consent_given', (asked.client).client_id, session.subject, request.remote_addr,
        jsonb_build_object('scopes', oauth.consent_scopes(asked), 'resources', oauth.consent_resources(asked)));
    carried := oauth.without_prompt(carried, 'consent');
    IF NOT oauth.is_assured(asked) THEN
        -- for this once: /authorize would ask again
        RETURN oauth.answer_request(request, issuer, asked, session, carried, consented => true);
    END IF;
    RETURN oauth.redirect_response(issuer.issuer || '/authorize?' || carried);
END
$$;

INSERT INTO oauth.endpoints VALUES ('/consent', '{GET,HEAD,POST}', 'page', 'serve_consent');

COMMENT ON FUNCTION oauth.consent_scopes(oauth.authorization_request) IS
    'Internal: the scopes that a request needs the user''s consent to';
COMMENT ON FUNCTION oauth.consent_resources(oauth.authorization_request) IS
    'Internal: the resources that a request needs the user''s consent to';
COMMENT ON FUNCTION oauth.is_assured(oauth.authorization_request) IS
    'Internal: is it surely the client that gets the answer? (RFC 8252 8.6)';
COMMENT ON FUNCTION oauth.has_consent(oauth.authorization_request, text) IS
    'Internal: has the user consented to all that is asked for?';
COMMENT ON FUNCTION oauth.standing_grant(bigint, text, text) IS
    'Internal: what a user allows a client';
COMMENT ON FUNCTION oauth.give_consent(oauth.authorization_request, text) IS
    'Internal: record or widen a user''s consent';
COMMENT ON FUNCTION oauth.scope_items(oauth.issuers, text[], oauth.grants) IS
    'Internal: a list of scopes in words, new ones marked';
COMMENT ON FUNCTION oauth.resource_note(oauth.issuers, text[]) IS
    'Internal: the resources that are asked for, by name';
COMMENT ON FUNCTION oauth.consent_page(oauth.issuers, oauth.request, oauth.authorization_request, oauth.login_sessions, text) IS
    'Internal: the question';
COMMENT ON FUNCTION oauth.serve_consent(oauth.request, oauth.issuers, jsonb) IS
    'Internal: /consent';

REVOKE ALL ON FUNCTION oauth.consent_scopes(oauth.authorization_request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.consent_resources(oauth.authorization_request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.is_assured(oauth.authorization_request) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.has_consent(oauth.authorization_request, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.standing_grant(bigint, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.give_consent(oauth.authorization_request, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.scope_items(oauth.issuers, text[], oauth.grants) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.resource_note(oauth.issuers, text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.consent_page(oauth.issuers, oauth.request, oauth.authorization_request, oauth.login_sessions, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.serve_consent(oauth.request, oauth.issuers, jsonb) FROM PUBLIC;
