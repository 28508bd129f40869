// openid-client, oauth4webapi, passport-oauth2 and passport-jwt, as their examples use them.
//
//	oauth.mjs ISSUER CALLBACK CLIENT_ID CLIENT_SECRET PUBLIC_CLIENT_ID POST_CLIENT_ID POST_CLIENT_SECRET
//
// Prints JSON lines: {"visit": URL} for the person with the browser, whose answer
// is where that ended, and {"ok": ..., "name": ...} for each thing tried.
import { webcrypto } from 'node:crypto';
import readline from 'node:readline';
import * as client from 'openid-client';
import * as oauth from 'oauth4webapi';
import JwtStrategy from 'passport-jwt';
import OAuth2Strategy from 'passport-oauth2';
import { createRemoteJWKSet, exportSPKI, decodeProtectedHeader } from 'jose';

globalThis.crypto ??= webcrypto; // Debian 12's Node 18 has it, but not by this name

const [issuer, callback, clientId, clientSecret, publicClientId, postClientId, postClientSecret] = process.argv.slice(2);
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (message) => console.log(JSON.stringify(message));

async function visit(url) {
	say({ visit: url.href });
	return new URL((await lines.next()).value);
}

async function trying(name, what) {
	try {
		say({ ok: (await what()) !== false, name });
	} catch (error) {
		say({ ok: false, name, error: `${error.code ?? ''} ${error.message} ${error.cause ? JSON.stringify(error.cause) : ''}` });
	}
}

async function withOpenidClient() {
	let config, tokens;
	await trying('openid-client: discovery', async () => {
		config = await client.discovery(new URL(issuer), clientId, clientSecret, client.ClientSecretBasic(clientSecret),
			{ execute: [client.allowInsecureRequests] });
	});
	await trying('openid-client: authorization code with PKCE, state and nonce', async () => {
		const verifier = client.randomPKCECodeVerifier();
		const state = client.randomState(), nonce = client.randomNonce();
		const url = client.buildAuthorizationUrl(config, {
			redirect_uri: callback, scope: 'openid profile email offline_access', state, nonce, max_age: '600',
			code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
		});
		tokens = await client.authorizationCodeGrant(config, await visit(url),
			{ pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true, maxAge: 600 });
	});
	await trying('openid-client: userinfo, with the ID token\'s sub', async () => {
		const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
		return info.email === 'alice@example.com';
	});
	await trying('openid-client: refresh', async () => {
		tokens = await client.refreshTokenGrant(config, tokens.refresh_token);
	});
	await trying('openid-client: introspection', async () => (await client.tokenIntrospection(config, tokens.access_token)).active);
	await trying('openid-client: revocation', async () => {
		await client.tokenRevocation(config, tokens.refresh_token);
		return !(await client.tokenIntrospection(config, tokens.access_token)).active;
	});
}

async function withOauth4webapi() {
	const insecure = { [oauth.allowInsecureRequests]: true };
	const me = { client_id: publicClientId };
	let server;
	await trying('oauth4webapi: discovery by RFC 8414', async () => {
		const url = new URL(issuer);
		server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { ...insecure, algorithm: 'oauth2' }));
	});
	await trying('oauth4webapi: a public client\'s code flow', async () => {
		const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState();
		const url = new URL(server.authorization_endpoint);
		for (const [name, value] of Object.entries({
			client_id: publicClientId, redirect_uri: callback, response_type: 'code', scope: 'openid', state,
			code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
		})) url.searchParams.set(name, value);
		const parameters = oauth.validateAuthResponse(server, me, await visit(url), state);
		const response = await oauth.authorizationCodeGrantRequest(server, me, oauth.None(), parameters, callback, verifier, insecure);
		const tokens = await oauth.processAuthorizationCodeResponse(server, me, response, { requireIdToken: true });
		await oauth.validateApplicationLevelSignature(server, response, insecure);
		return oauth.getValidatedIdTokenClaims(tokens).aud === publicClientId;
	});
	await trying('oauth4webapi: a wrong verifier is refused with invalid_grant', async () => {
		const verifier = oauth.generateRandomCodeVerifier(), state = oauth.generateRandomState();
		const url = new URL(`${server.authorization_endpoint}?${new URLSearchParams({
			client_id: publicClientId, redirect_uri: callback, response_type: 'code', scope: 'openid', state,
			code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
		})}`);
		const parameters = oauth.validateAuthResponse(server, me, await visit(url), state);
		const response = await oauth.authorizationCodeGrantRequest(server, me, oauth.None(), parameters, callback,
			oauth.generateRandomCodeVerifier(), insecure);
		try {
			await oauth.processAuthorizationCodeResponse(server, me, response);
			return false;
		} catch (error) {
			return error.error === 'invalid_grant';
		}
	});
}

// What passport itself does: give a strategy the ways its answer may go.
function asked(strategy, request, options = {}) {
	return new Promise((resolve, reject) => {
		Object.assign(Object.create(strategy), {
			redirect: (url) => resolve({ redirect: new URL(url) }),
			success: (user) => resolve({ user }),
			fail: (challenge) => resolve({ fail: challenge }),
			error: reject,
		}).authenticate(request, options);
	});
}

async function withPassport() {
	const session = {};
	let accessToken;
	const strategy = new OAuth2Strategy({
		authorizationURL: `${issuer}/authorize`, tokenURL: `${issuer}/token`, callbackURL: callback,
		clientID: postClientId, clientSecret: postClientSecret, scope: ['profile', 'notes:read'], pkce: 'S256', state: true,
	}, (token, refreshToken, profile, done) => {
		accessToken = token;
		done(null, { refreshToken });
	});
	await trying('passport-oauth2: code flow with PKCE and state', async () => {
		const { redirect } = await asked(strategy, { session, query: {} });
		const landed = await visit(redirect);
		const { user } = await asked(strategy, { session, query: Object.fromEntries(landed.searchParams) });
		return user.refreshToken !== undefined;
	});
	await trying('passport-jwt: takes the access token', async () => {
		const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
		const verifier = new JwtStrategy.Strategy({
			jwtFromRequest: JwtStrategy.ExtractJwt.fromAuthHeaderAsBearerToken(), algorithms: ['ES256'],
			issuer, audience: 'https://api.example.com',
			secretOrKeyProvider: (request, token, done) =>
				keys(decodeProtectedHeader(token)).then(exportSPKI).then((pem) => done(null, pem), done),
		}, (claims, done) => done(null, claims));
		const answer = await asked(verifier, { headers: { authorization: `Bearer ${accessToken}` } });
		const forged = await asked(verifier, { headers: { authorization: `Bearer ${accessToken.slice(0, -4)}AAAA` } });
		return answer.user.client_id === postClientId && forged.user === undefined;
	});
}

await withOpenidClient();
await withPassport();
await withOauth4webapi();
process.exit(0);
