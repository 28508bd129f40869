// The authorization server behind Node, without PostgREST: an HTTP server over
// oauth.handle.  Put nginx in front of it for TLS.
//
//	npm install pg
//	ISSUER=https://auth.example.com DATABASE_URL=postgresql://... node gateway.mjs
//
// Also: PORT (8080) or SOCKET, HOST (127.0.0.1), POOL (connections, and half as many for
// log-ins: three for each processor; give it if the database has more processors
// than this machine, or a slow disk), TRUST_PROXY=1 to believe X-Forwarded-For's last
// address, as is done on a SOCKET.  gateway.sql grants its database role what it calls.
import http from 'node:http';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import pg from 'pg';

const env = process.env;

// Where it cannot start, whoever started it is told in a line.
function quit(message) {
	console.error(message);
	process.exit(1);
}

if (!URL.canParse(env.ISSUER)) quit('ISSUER is not set to a URL; set it to the issuer\'s, such as https://auth.example.com');
const issuer = new URL(env.ISSUER).href.replace(/\/$/, '');
const base = new URL(issuer).pathname.replace(/^\/$/, '');
const limit = 64 * 1024; // bytes of a body
const queue = 200; // requests that may wait for a connection; more are told to come again

// Where none of a name's addresses answers, there is no message.
const reason = (error) => error.message || error.code;

function connections(max) {
	const pool = new pg.Pool({
		connectionString: env.DATABASE_URL,
		max,
		connectionTimeoutMillis: 2000,
		idleTimeoutMillis: 0, // never: a new one has everything to prepare again
		keepAlive: true, // lest a firewall forgets one
		keepAliveInitialDelayMillis: 60_000,
		statement_timeout: 15000,
		application_name: 'oauth gateway',
	});
	pool.on('error', (error) => console.error(`database: ${reason(error)}`));
	return pool;
}

// A password takes a tenth of a second: guesses from everywhere leave connections to the rest.
const size = Number(env.POOL ?? 3 * availableParallelism());
const pool = connections(size);
const logins = connections(Math.ceil(size / 2));

// Inherited, all of it: what a query has of its own pg copies each time, and slowly.
const handle = Object.create({
	name: 'handle', // prepared once on each connection
	rowMode: 'array',
	// text, which goes out in one piece with the head, and is not spelled in hexadecimal before
	text: "SELECT status, headers, convert_from(body, 'UTF8') FROM oauth.serve($1, $2, $3, $4, $5, $6, $7)",
});

// headers: names and values in turn, Set-Cookie as often as it takes
function answer(response, status, headers, body = '') {
	const length = status === 204 ? [] : ['Content-Length', Buffer.byteLength(body)]; // RFC 9110 8.6
	const last = server.listening || headers.includes('Connection') ? [] : ['Connection', 'close'];
	response.writeHead(status, [...headers, ...length, ...response.crossOrigin, ...last]);
	response.end(body); // which a HEAD is not sent
}

function fail(response, status, error, headers = []) {
	answer(response, status, ['Content-Type', 'application/json', 'Cache-Control', 'no-store', ...headers], JSON.stringify({ error }));
}

// The body, or null when it is too long.
function read(request) {
	return new Promise((resolve, reject) => {
		const chunks = [];
		let size = 0;
		request.on('data', (chunk) => {
			size += chunk.length;
			if (size > limit) resolve(null);
			else chunks.push(chunk);
		});
		request.on('end', () => resolve(Buffer.concat(chunks)));
		request.on('error', reject); // the client is gone
	});
}

function address(request) {
	const forwarded = (env.TRUST_PROXY || env.SOCKET) && request.headers['x-forwarded-for']?.split(',').at(-1).trim();
	const found = (forwarded || request.socket.remoteAddress || '').replace(/%.*/, ''); // inet has no zones
	return isIP(found) ? found : null;
}

// RFC 8414 inserts the well-known path before the issuer's, OpenID Connect appends it.
function pathBelow(pathname) {
	if (base && pathname.endsWith(base) && pathname.startsWith('/.well-known/')) return pathname.slice(0, -base.length);
	return pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : null;
}

// What scripts of any site may ask: they bring a token of their own, never a cookie.
const open = /^\/(token|revoke|userinfo|device_authorization|\.well-known\/.*)$/;
const cors = ['Access-Control-Allow-Origin', '*', 'Access-Control-Allow-Headers', 'Authorization, Content-Type, DPoP',
	'Access-Control-Expose-Headers', 'WWW-Authenticate, DPoP-Nonce'];

async function serve(request, response) {
	const [pathname, ...query] = request.url.split('?');
	const path = pathBelow(pathname);
	response.crossOrigin = open.test(path) ? cors : [];
	if (path === null) return fail(response, 404, 'invalid_request');
	if (response.crossOrigin === cors && request.method === 'OPTIONS') return answer(response, 204, ['Access-Control-Allow-Methods', 'GET, POST']);
	const database = path === '/login' && request.method === 'POST' ? logins : pool;
	if (database.waitingCount > queue) return fail(response, 503, 'temporarily_unavailable', ['Retry-After', '1']);

	const body = await read(request);
	if (body === null) return fail(response, 413, 'invalid_request', ['Connection', 'close']);
	const { authorization, cookie, accept, dpop } = request.headers;
	const headers = { authorization, cookie, accept, dpop,
		'content-type': request.headers['content-type'], 'user-agent': request.headers['user-agent'] };
	const values = [issuer, request.method, path, query.join('?'),
		JSON.stringify(headers), body, address(request)];
	const { rows: [[status, answered, page]] } = await database.query(handle, values);
	const pairs = [];
	for (const header of answered) for (const name in header) pairs.push(name, header[name]);
	answer(response, status, pairs, page);
}

const server = http.createServer({ connectionsCheckingInterval: 5000 }, (request, response) => {
	serve(request, response).catch((error) => {
		console.error(`${request.method} ${request.url.split('?')[0]}: ${reason(error)}`); // the query may hold a code
		if (response.headersSent) return response.destroy();
		fail(response, 503, 'temporarily_unavailable', ['Retry-After', '5']);
	});
});
server.requestTimeout = 20_000;
server.headersTimeout = 10_000;
server.maxHeadersCount = 100;

// Finish what was begun, begin nothing new.
for (const signal of ['SIGTERM', 'SIGINT']) {
	process.once(signal, () => {
		server.close(async () => {
			await Promise.all([pool.end(), logins.end()]);
			process.exit(0);
		});
		server.closeIdleConnections();
		setTimeout(() => process.exit(1), 20_000).unref();
	});
}

const listening = () => console.log(`serving ${env.ISSUER} on ${env.SOCKET ?? `${env.HOST ?? '127.0.0.1'}:${server.address().port}`}`);
server.on('error', (error) => quit(`cannot listen: ${reason(error)}`));
if (env.SOCKET) server.listen(env.SOCKET, listening);
else server.listen(Number(env.PORT ?? 8080), env.HOST ?? '127.0.0.1', listening);
