-- What pages look like.  An operator replaces a template of an issuer, or the style
-- sheet of all of them, by a row of oauth.templates.
--
-- {{name}} is replaced by a value, always escaped; {{{part}}} by a part that was
-- rendered here, from escaped values.

CREATE TABLE oauth.templates (
    issuer_id bigint NOT NULL REFERENCES oauth.issuers ON DELETE CASCADE,
    name      text NOT NULL CHECK (name IN ('style', 'layout', 'login', 'login_provider', 'consent', 'scope', 'error', 'logout', 'logged_out',
                                            'account', 'account_session', 'account_grant', 'form_post', 'form_post_field',
                                            'device', 'device_confirm', 'device_done')),
    body      text NOT NULL,
    PRIMARY KEY (issuer_id, name)
);

COMMENT ON TABLE oauth.templates IS
    'Templates of pages that replace those of oauth.default_template';
REVOKE ALL ON TABLE oauth.templates FROM PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('oauth.templates', '');

CREATE FUNCTION oauth.html_escape(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT
RETURN replace(replace(replace(replace(replace(value, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;');

-- A placeholder without a value becomes nothing.
CREATE FUNCTION oauth.render(template text, "values" jsonb, parts jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql IMMUTABLE
RETURN (
    SELECT string_agg(
        piece[1] || coalesce(parts ->> piece[2], oauth.html_escape("values" ->> piece[3]), ''),
        '' ORDER BY n)
    FROM regexp_matches(template, '(.*?)(?:\{\{\{(\w+)\}\}\}|\{\{(\w+)\}\}(?!\})|$)', 'g') WITH ORDINALITY AS m (piece, n)
);

CREATE FUNCTION oauth.style() RETURNS text
LANGUAGE sql IMMUTABLE
RETURN $css$
:root{color-scheme:light dark;--bg:#eef0f5;--card:#fff;--text:#171a21;--muted:#596173;--line:#d9dde6;--field:#8a92a3;--accent:#2450c8;--on-accent:#fff;--tint:#eef2fd;--bad-bg:#fdecec;--bad:#9b1c1c;--shadow:0 1px 2px rgba(20,26,45,.06),0 12px 32px rgba(20,26,45,.08)}
@media (prefers-color-scheme:dark){:root{--bg:#0f1116;--card:#191c24;--text:#e8eaf0;--muted:#a2a9b8;--line:#313645;--field:#737b8d;--accent:#93b2ff;--on-accent:#0d1530;--tint:#20273a;--bad-bg:#3a1d20;--bad:#ffb4b4;--shadow:none}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem 1rem;background:var(--bg);color:var(--text);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
.card{width:100%;max-width:27rem;padding:2rem;background:var(--card);border:1px solid var(--line);border-radius:16px;box-shadow:var(--shadow);overflow-wrap:anywhere}
header{display:flex;align-items:center;gap:.65rem;font-weight:600;color:var(--muted)}
header img{height:2rem;max-width:8rem}
h1{margin:1.1rem 0 .9rem;font-size:1.6rem;line-height:1.2;letter-spacing:-.01em}
h2{margin:1.75rem 0 .5rem;font-size:1.05rem}
.lead{margin:0 0 1rem}
.lead:last-child{margin-bottom:0}
.note,small{color:var(--muted);font-size:.875rem}
.note{margin:1.25rem 0 0}
.note+.lead{margin-top:1.25rem}
.message{margin:0 0 1rem;padding:.7rem .9rem;border-radius:10px;background:var(--bad-bg);color:var(--bad)}
.client{display:flex;align-items:center;gap:.8rem;margin:0 0 1rem;padding:.85rem 1rem;background:var(--tint);border-radius:12px}
.client img{width:2.5rem;height:2.5rem;border-radius:8px;object-fit:contain}
.client strong,.client a{display:block}
.client a{font-size:.875rem}
label{display:block;margin:1rem 0 .35rem;font-weight:600}
input:not([type=hidden]){width:100%;min-height:2.9rem;padding:.6rem .8rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--field);border-radius:10px}
input[aria-invalid]{border-color:var(--bad)}
button,.button{display:block;width:100%;min-height:2.9rem;margin-top:1.4rem;padding:.65rem 1rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer;color:var(--on-accent);background:var(--accent);border:1px solid var(--accent);border-radius:10px}
.quiet,button.small{color:var(--accent);background:transparent;border-color:var(--line)}
.quiet{margin-top:.65rem}
.rows+form .quiet{margin-top:1.5rem}
button.small{width:auto;min-height:2.25rem;margin:0;padding:.3rem .85rem;font-size:.875rem;white-space:nowrap}
button:hover,.button:hover{filter:brightness(1.1)}
.quiet:hover,button.small:hover{background:var(--tint);filter:none}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.or{display:flex;align-items:center;gap:.8rem;margin:1.4rem 0 .9rem;color:var(--muted);font-size:.875rem}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
ul{margin:0;padding:0;list-style:none}
.scopes{margin:0 0 1rem;border-bottom:1px solid var(--line)}
.scopes li{display:flex;align-items:baseline;gap:.6rem;padding:.5rem .2rem;border-top:1px solid var(--line)}
.scopes li::before{content:"\2713";content:"\2713"/"";color:var(--accent);font-weight:700}
.scopes .tag{margin-inline-start:auto}
.rows li{display:flex;justify-content:space-between;align-items:center;gap:1rem;padding:.8rem 0;border-top:1px solid var(--line)}
.rows li>div{min-width:0}
.tag{padding:.1rem .55rem;border-radius:99px;background:var(--tint);color:var(--accent);font-size:.75rem;font-weight:600;white-space:nowrap}
code{font-size:.875rem}
.code{margin:.75rem 0 0;padding:.6rem;border:1px dashed var(--field);border-radius:10px;font:600 1.5rem/1.3 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.12em;text-align:center}
a:not(.button){color:var(--accent)}
@media (max-width:30rem){body{padding:0;background:var(--card);place-items:start stretch}.card{max-width:none;padding:1.5rem 1.25rem;border:0;border-radius:0;box-shadow:none}}
@media (prefers-contrast:more){:root{--line:var(--text);--muted:var(--text)}}
$css$;

CREATE FUNCTION oauth.default_template(name text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE name
WHEN 'style' THEN oauth.style()
WHEN 'layout' THEN $html$<!DOCTYPE html>
<html lang="{{locale}}" dir="{{direction}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{{title}} - {{display_name}}</title>
<style>{{{style}}}</style>
</head>
<body>
<div class="card">
<header>{{{logo}}}<span>{{display_name}}</span></header>
<main>
<h1>{{title}}</h1>
{{{body}}}</main>
</div>
</body>
</html>
$html$
WHEN 'login' THEN $html${{{lead}}}{{{message}}}<form method="post" action="{{action}}">
<input type="hidden" name="csrf" value="{{csrf}}">
<input type="hidden" name="request" value="{{request}}">
<input type="hidden" name="user_code" value="{{user_code}}">
<label for="username">{{text_username}}</label>
<input id="username" name="username" value="{{username}}" autocomplete="username" autocapitalize="none" spellcheck="false" required{{{faulty}}}{{{focus_username}}}>
<label for="password">{{text_password}}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required{{{faulty}}}{{{focus_password}}}>
<button type="submit">{{text_login}}</button>
</form>
{{{providers}}}$html$
WHEN 'login_provider' THEN $html$<a class="button quiet" href="{{uri}}">{{text_login_with}} {{provider_name}}</a>
$html$
WHEN 'consent' THEN $html$<div class="client">{{{client_logo}}}<div><strong>{{client_name}}</strong>{{{client_link}}}</div></div>
<p class="lead">{{text_asks}}</p>
<ul class="scopes" role="list">
{{{scopes}}}</ul>
{{{resources}}}<form method="post" action="{{action}}">
<input type="hidden" name="csrf" value="{{csrf}}">
<input type="hidden" name="request" value="{{request}}">
<button type="submit" name="decision" value="approve">{{text_allow}}</button>
<button type="submit" name="decision" value="deny" class="quiet">{{text_deny}}</button>
</form>
<p class="note">{{text_logged_in_as}} <strong>{{username}}</strong>. {{text_consent_note}}</p>
$html$
WHEN 'scope' THEN $html$<li>{{description}}{{{new}}}</li>
$html$
WHEN 'error' THEN $html$<p class="lead" role="alert">{{description}}</p>
<p class="note">{{text_error_note}} <code>{{error}}</code></p>
$html$
WHEN 'logout' THEN $html$<p class="lead">{{text_logout_question}}</p>
<form method="post" action="{{action}}">
<input type="hidden" name="csrf" value="{{csrf}}">
<input type="hidden" name="client_id" value="{{client_id}}">
<input type="hidden" name="post_logout_redirect_uri" value="{{uri}}">
<input type="hidden" name="state" value="{{state}}">
<button type="submit" name="decision" value="logout">{{text_logout}}</button>
</form>
$html$
WHEN 'logged_out' THEN $html$<p class="lead" role="status">{{text_logged_out}}</p>
<a class="button quiet" href="{{account}}">{{text_login}}</a>
$html$
WHEN 'account' THEN $html$<p class="lead">{{text_logged_in_as}} <strong>{{username}}</strong>.</p>
<h2 id="sessions">{{text_sessions}}</h2>
<ul class="rows" role="list" aria-labelledby="sessions">
{{{sessions}}}</ul>
<h2 id="grants">{{text_grants}}</h2>
{{{no_grants}}}<ul class="rows" role="list" aria-labelledby="grants">
{{{grants}}}</ul>
<form method="post" action="{{action}}">
<input type="hidden" name="csrf" value="{{csrf}}">
<button type="submit" name="end_all" value="yes" class="quiet">{{text_end_all}}</button>
</form>
$html$
WHEN 'account_session' THEN $html$<li><div><strong>{{agent}}</strong>{{{here}}}<br><small>{{remote_addr}}<br>{{since}}</small></div>
<form method="post" action="{{action}}"><input type="hidden" name="csrf" value="{{csrf}}"><button type="submit" name="end_session" value="{{sid}}" class="small" aria-label="{{text_end}}: {{agent}}, {{since}}">{{text_end}}</button></form></li>
$html$
WHEN 'account_grant' THEN $html$<li><div><strong>{{client_name}}</strong><br><small>{{scopes}}<br>{{since}}</small></div>
<form method="post" action="{{action}}"><input type="hidden" name="csrf" value="{{csrf}}"><button type="submit" name="revoke_grant" value="{{client_id}}" class="small" aria-label="{{text_revoke}}: {{client_name}}">{{text_revoke}}</button></form></li>
$html$
WHEN 'device' THEN $html${{{message}}}<form method="get" action="{{action}}">
<label for="user_code">{{text_user_code}}</label>
<input id="user_code" name="user_code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20" required autofocus>
<button type="submit">{{text_continue}}</button>
</form>
$html$
WHEN 'device_confirm' THEN $html$<p class="lead">{{{client}}} {{text_asks}}</p>
<ul class="scopes" role="list">
{{{scopes}}}</ul>
{{{resources}}}<p class="lead">{{text_compare_code}}</p>
<p class="code">{{user_code}}</p>
<form method="post" action="{{action}}">
<input type="hidden" name="csrf" value="{{csrf}}">
<input type="hidden" name="user_code" value="{{user_code}}">
<button type="submit" name="decision" value="approve">{{text_allow}}</button>
<button type="submit" name="decision" value="deny" class="quiet">{{text_deny}}</button>
</form>
<p class="note">{{text_logged_in_as}} <strong>{{username}}</strong>. {{text_consent_note}}</p>
$html$
WHEN 'device_done' THEN $html$<p class="lead">{{outcome}}</p>
$html$
WHEN 'form_post' THEN $html$<form method="post" action="{{uri}}" id="answer">
{{{fields}}}<button type="submit">{{text_continue}}</button>
</form>
<script nonce="{{nonce}}">document.getElementById('answer').submit()</script>
$html$
WHEN 'form_post_field' THEN $html$<input type="hidden" name="{{name}}" value="{{value}}">
$html$
END;

COMMENT ON FUNCTION oauth.html_escape(text) IS
    'Internal: text that HTML shows as it is, in content and in quoted attributes';
COMMENT ON FUNCTION oauth.render(text, jsonb, jsonb) IS
    'Internal: a template with its values escaped and its parts put in';
COMMENT ON FUNCTION oauth.default_template(text) IS
    'The template of a page, to begin one''s own from';
COMMENT ON FUNCTION oauth.style() IS
    'Internal: the style sheet of all pages';

REVOKE ALL ON FUNCTION oauth.html_escape(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.render(text, jsonb, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.default_template(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION oauth.style() FROM PUBLIC;
