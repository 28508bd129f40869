// openid-client and oauth4webapi, as their examples use them.
//
//	oauth.mjs ISSUER CALLBACK CLIENT_ID CLIENT_SECRET PUBLIC_CLIENT_ID
//
// Prints JSON lines: {"visit": URL} for the person with the browser, whose answer
// is where that ended, and {"ok": ..., "name": ...} for each thing tried.
import readline from 'node:readline';
import * as client from 'openid-client';
import * as oauth from 'oauth4webapi';

const [issuer, callback, clientId, clientSecret, publicClientId] = process.argv.slice(2);
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

await withOpenidClient();
await withOauth4webapi();
process.exit(0);
