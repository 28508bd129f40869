-- Pages for people: a template in the layout, with headers that let it do nothing
-- but what it is for.

CREATE FUNCTION oauth.template(issuer oauth.issuers, name text) RETURNS text
LANGUAGE sql STABLE
RETURN coalesce(
    (SELECT t.body FROM oauth.templates AS t WHERE t.issuer_id = issuer.issuer_id AND t.name = template.name),
    oauth.default_template(name)
);

-- The origin of a URI as a content security policy names it.  It goes into a
-- header, so what is not plainly a scheme and a host is left out.  A policy cannot
-- name an IPv6 address, and an application's own scheme has no host: the scheme alone.
CREATE FUNCTION oauth.origin(uri text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN uri ~ '^https?://\[' THEN substring(uri FROM '^https?:')
    WHEN uri ~ '^https?:' THEN substring(uri FROM '^(https?://[A-Za-z0-9._-]+(?::[0-9]{1,5})?)(?:[/?#]|$)')
    ELSE substring(uri FROM '^[a-z][a-z0-9.+-]*:')
END;

-- What a page may do (CSP 3): nothing but show itself, the images named, and send
-- its form to us.  form-action governs the redirects after a form as well, so a page
-- whose form ends at a client names that client's origin.
CREATE FUNCTION oauth.content_security_policy(style text, image_uris text[], form_target text, nonce text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN concat_ws('; ',
    'default-src ''none''',
    'style-src ''sha256-' || encode(sha256(convert_to(style, 'UTF8')), 'base64') || '''',
    'img-src ' || (SELECT string_agg(DISTINCT oauth.origin(u), ' ') FROM unnest(image_uris) AS u),
    'script-src ''nonce-' || nonce || '''',
    'form-action ''self''' || coalesce(' ' || oauth.origin(form_target), ''),
    'frame-ancestors ''none''',
    'base-uri ''none''');

CREATE FUNCTION oauth.image(uri text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN '<img src="' || oauth.html_escape(uri) || '" alt="">';

-- As a page calls a user, who may have no name but what a foreign issuer said.
CREATE FUNCTION oauth.shown_name(issuer_id bigint, subject text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT coalesce(u.username, u.claims ->> 'name', u.subject)
        FROM oauth.users AS u
        WHERE u.issuer_id = shown_name.issuer_id AND u.subject = shown_name.subject);
END
$$;

CREATE FUNCTION oauth.page(
    issuer      oauth.issuers,
    name        text,
    "values"    jsonb DEFAULT '{}',
    parts       jsonb DEFAULT '{}',
    status      integer DEFAULT 200,
    headers     jsonb DEFAULT '[]',
    form_target text DEFAULT NULL,
    image_uri   text DEFAULT NULL
) RETURNS oauth.response
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    style text := oauth.template(issuer, 'style');
    policy text := oauth.content_security_policy(style, ARRAY[issuer.logo_uri, image_uri], form_target, "values" ->> 'nonce');
    all_values jsonb := oauth.texts(issuer) || jsonb_build_object(
        'locale', issuer.ui_locale,
        'direction', CASE WHEN split_part(issuer.ui_locale, '-', 1) IN ('ar', 'fa', 'he', 'ur') THEN 'rtl' ELSE 'ltr' END,
        'display_name', issuer.display_name) || "values";
BEGIN
    all_values := all_values || jsonb_build_object('title', all_values ->> ('title_' || name));
    RETURN oauth.make_response(
        status,
        'text/html; charset=utf-8',
        oauth.render(
            oauth.template(issuer, 'layout'),
            all_values,
            jsonb_build_object(
                'style', style,
                'logo', oauth.image(issuer.logo_uri),
                'body', oauth.render(oauth.template(issuer, name), all_values, parts))),
        oauth.no_store() || jsonb_build_array(
            jsonb_build_object('Content-Security-Policy', policy),
            jsonb_build_object('Content-Language', issuer.ui_locale)) || '[
            {"Referrer-Policy": "no-referrer"},
            {"X-Content-Type-Options": "nosniff"},
            {"X-Frame-Options": "DENY"}]'::jsonb || headers);
END
$$;

CREATE FUNCTION oauth.error_page(
    issuer      oauth.issuers,
    error       text,
    description text,
    status      integer DEFAULT 400,
    headers     jsonb DEFAULT '[]'
) RETURNS oauth.response
LANGUAGE sql STABLE
RETURN oauth.page(
    issuer,
    'error',
    -- the description may be a text's name; where it is one in English, the person's
    -- language may have a text of that name
    jsonb_build_object('error', error, 'description', coalesce(oauth.texts(issuer) ->> description, description)),
    status => status,
    headers => headers
);

-- OAuth 2.0 Form Post Response Mode 2: a script sends it on, and a button where there are none.
CREATE FUNCTION oauth.form_post_page(issuer oauth.issuers, uri text, members text[], form_target text DEFAULT NULL) RETURNS oauth.response
LANGUAGE sql VOLATILE
RETURN oauth.page(
    issuer,
    'form_post',
    jsonb_build_object('uri', uri, 'nonce', oauth.random_token()),
    jsonb_build_object('fields', (
        SELECT string_agg(
            oauth.render(oauth.template(issuer, 'form_post_field'), jsonb_build_object('name', members[n], 'value', members[n + 1])),
            '' ORDER BY n)
        FROM generate_series(1, cardinality(members), 2) AS n
        WHERE members[n + 1] IS NOT NULL)),
    form_target => coalesce(form_target, uri)
);

COMMENT ON FUNCTION oauth.template(oauth.issuers, text) IS
    'Internal: a template, the issuer''s own or the default';
COMMENT ON FUNCTION oauth.origin(text) IS
    'Internal: the origin of a URI, for a content security policy';
COMMENT ON FUNCTION oauth.content_security_policy(text, text[], text, text) IS
    'Internal: what a page may do (CSP 3)';
COMMENT ON FUNCTION oauth.image(text) IS
    'Internal: a logo beside the name it belongs to';
COMMENT ON FUNCTION oauth.shown_name(bigint, text) IS
    'Internal: a user''s name on pages';
COMMENT ON FUNCTION oauth.page(oauth.issuers, text, jsonb, jsonb, integer, jsonb, text, text) IS
    'Internal: a page from a template';
COMMENT ON FUNCTION oauth.error_page(oauth.issuers, text, text, integer, jsonb) IS
    'Internal: an error that a person reads';
COMMENT ON FUNCTION oauth.form_post_page(oauth.issuers, text, text[], text) IS
    'Internal: an authorization response by form post';

REVOKE ALL ON FUNCTION oauth.template(oauth.issuers, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.origin(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.content_security_policy(text, text[], text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.image(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.shown_name(bigint, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.page(oauth.issuers, text, jsonb, jsonb, integer, jsonb, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.error_page(oauth.issuers, text, text, integer, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.form_post_page(oauth.issuers, text, text[], text) FROM PUBLIC;
