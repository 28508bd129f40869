// A client as every tutorial has it, on the user's own machine: log in, get tokens,
// ask the API.  Open it in a browser.
//
//	ISSUER=http://127.0.0.1:8080 API=http://localhost:3000/notes node client.mjs PORT
import crypto from 'node:crypto';
import http from 'node:http';

const { ISSUER, API } = process.env;
const port = Number(process.argv[2]);
const redirectUri = `http://127.0.0.1:${port}/callback`;
const pending = new Map(); // state -> PKCE verifier

const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const page = (body) => `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Notes for the desktop</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}
pre{padding:1rem;border:1px solid #8886;border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere}
a.button{display:inline-block;padding:.6rem 1.2rem;border-radius:8px;background:#2450c8;color:#fff;text-decoration:none;font-weight:600}</style>
<h1>Notes for the desktop</h1>${body}`;
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

function authorizationUrl() {
	const state = crypto.randomBytes(16).toString('base64url');
	const verifier = crypto.randomBytes(32).toString('base64url');
	pending.set(state, verifier);
	return `${ISSUER}/authorize?${new URLSearchParams({
		response_type: 'code', client_id: 'notes-desktop', redirect_uri: redirectUri,
		scope: 'openid profile notes:read', state, code_challenge_method: 'S256',
		code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url'),
	})}`;
}

async function callback(query) {
	const verifier = pending.get(query.get('state'));
	pending.delete(query.get('state'));
	if (!verifier || query.get('iss') !== ISSUER) return page('<p>This answer belongs to no question of ours.</p>');
	if (query.has('error')) return page(`<p>Not allowed: ${escape(query.get('error'))}</p><p><a href="/">Again</a></p>`);
	const answer = await fetch(`${ISSUER}/token`, {
		method: 'POST',
		body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'notes-desktop', redirect_uri: redirectUri,
			code: query.get('code'), code_verifier: verifier }),
	});
	const tokens = await answer.json();
	if (!answer.ok) return page(`<pre>${escape(JSON.stringify(tokens, null, 2))}</pre>`);
	const notes = await fetch(API, { headers: { Authorization: `Bearer ${tokens.access_token}` } });
	return page(`<h2>Who you are (ID token)</h2><pre>${escape(JSON.stringify(claimsOf(tokens.id_token), null, 2))}</pre>
<h2>What we may do (access token)</h2><pre>${escape(JSON.stringify(claimsOf(tokens.access_token), null, 2))}</pre>
<h2>Your notes (PostgREST, row-level security)</h2><pre>${escape(JSON.stringify(await notes.json(), null, 2))}</pre>
<p><a href="${escape(ISSUER)}/account">Your account</a>: where you can take it all back</p>`);
}

http.createServer(async (request, response) => {
	const url = new URL(request.url, redirectUri);
	response.setHeader('Content-Type', 'text/html; charset=utf-8');
	response.setHeader('Cache-Control', 'no-store');
	if (url.pathname === '/callback') return response.end(await callback(url.searchParams).catch((error) => page(escape(error.message))));
	response.end(page(`<p>It keeps your notes, and knows nothing of your password.</p><p><a class="button" href="${escape(authorizationUrl())}">Log in</a></p>`));
}).listen(port, '127.0.0.1');
