-- Pages for people: a template in the layout, with headers that let it do nothing
-- but what it is for.

CREATE FUNCTION oauth.template(issuer oauth.issuers, name text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN coalesce(
    (SELECT t.body FROM oauth.templates AS t WHERE t.issuer_id = issuer.issuer_id AND t.name = template.name),
    oauth.default_template(name)
);

-- CSP's form-action applies to redirects after a form as well, so a page whose
-- form ends at a client names that client's origin.
CREATE FUNCTION oauth.page(
    issuer        oauth.issuers,
    name          text,
    "values"      jsonb DEFAULT '{}',
    parts         jsonb DEFAULT '{}',
    status        integer DEFAULT 200,
    headers       jsonb DEFAULT '[]',
    form_target   text DEFAULT NULL
) RETURNS oauth.response
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    texts jsonb := oauth.texts(issuer.ui_locale);
    style text := oauth.style();
    policy text := concat_ws('; ',
        'default-src ''none''',
        'style-src ''sha256-' || encode(sha256(convert_to(style, 'UTF8')), 'base64') || '''',
        'img-src https: http:',
        'form-action ''self''' || coalesce(' ' || oauth.origin(form_target), ''),
        'frame-ancestors ''none''',
        'base-uri ''none''',
        'script-src ''nonce-' || ("values" ->> 'nonce') || '''');
BEGIN
    "values" := texts || jsonb_build_object('locale', issuer.ui_locale, 'display_name', issuer.display_name) || "values";
    RETURN oauth.make_response(
        status,
        'text/html; charset=utf-8',
        oauth.render(
            oauth.template(issuer, 'layout'),
            "values" || jsonb_build_object('title', "values" ->> ('title_' || name)),
            jsonb_build_object(
                'style', style,
                'logo', '<img src="' || oauth.html_escape(issuer.logo_uri) || '" alt="">',
                'body', oauth.render(oauth.template(issuer, name), "values", parts))),
        oauth.no_store() || jsonb_build_array(
            jsonb_build_object('Content-Security-Policy', policy),
            jsonb_build_object('Content-Language', issuer.ui_locale)) || '[
            {"Referrer-Policy": "no-referrer"},
            {"X-Content-Type-Options": "nosniff"},
            {"X-Frame-Options": "DENY"}]'::jsonb || headers);
END
$$;

-- scheme and host of a URI; the scheme alone for one of an application's own
CREATE FUNCTION oauth.origin(uri text) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
RETURN coalesce(substring(uri FROM '^https?://[^/?;,'' ]+'), substring(uri FROM '^[a-z][a-z0-9.+-]*:'));

CREATE FUNCTION oauth.error_page(
    issuer      oauth.issuers,
    error       text,
    description text,
    status      integer DEFAULT 400,
    headers     jsonb DEFAULT '[]'
) RETURNS oauth.response
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
RETURN oauth.page(issuer, 'error', jsonb_build_object('error', error, 'description', description), status => status, headers => headers);

-- OAuth 2.0 Form Post Response Mode 2: a script sends it on, and a button where there are none.
CREATE FUNCTION oauth.form_post_page(issuer oauth.issuers, uri text, members text[]) RETURNS oauth.response
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
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
    form_target => uri
);

COMMENT ON FUNCTION oauth.template(oauth.issuers, text) IS
    'Internal: a template, the issuer''s own or the default';
COMMENT ON FUNCTION oauth.page(oauth.issuers, text, jsonb, jsonb, integer, jsonb, text) IS
    'Internal: a page from a template';
COMMENT ON FUNCTION oauth.origin(text) IS
    'Internal: the origin of a URI, for a content security policy';
COMMENT ON FUNCTION oauth.error_page(oauth.issuers, text, text, integer, jsonb) IS
    'Internal: an error that a person reads';
COMMENT ON FUNCTION oauth.form_post_page(oauth.issuers, text, text[]) IS
    'Internal: an authorization response by form post';

REVOKE ALL ON FUNCTION oauth.template(oauth.issuers, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.page(oauth.issuers, text, jsonb, jsonb, integer, jsonb, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.origin(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.error_page(oauth.issuers, text, text, integer, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.form_post_page(oauth.issuers, text, text[]) FROM PUBLIC;
