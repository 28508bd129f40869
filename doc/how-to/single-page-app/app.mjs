// The application of ../single-page-app.md.
import { api, clientId, issuer } from './settings.mjs';

const { UserManager } = oidc; // with a bundler: import { UserManager } from 'oidc-client-ts'
const home = `${location.origin}/`;

export const manager = new UserManager({
	authority: issuer,
	client_id: clientId,
	redirect_uri: home,
	post_logout_redirect_uri: home,
	scope: 'openid profile email offline_access notes:read notes:write',
	loadUserInfo: true,
	revokeTokensOnSignout: true,
});

// Ask the API as the user.  A token that it refuses is expired or revoked: a fresh
// one may do, and where there is none, only a log-in will.
export async function ask(path, options = {}) {
	const send = ({ access_token }) =>
		fetch(api + path, { ...options, headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${access_token}` } });
	const user = await manager.getUser();
	if (!user) throw new Error('nobody is logged in');
	let response = await send(user);
	if (response.status === 401 && user.refresh_token) response = await send(await manager.signinSilent());
	if (!response.ok) throw new Error((await response.json()).message);
	return response;
}

// Coming back from the authorization server: the answer is used once, and does not
// stay in the address bar.
async function comeBack() {
	const answer = new URLSearchParams(location.search);
	if (!answer.has('state')) return;
	history.replaceState(null, '', home);
	const url = `${home}?${answer}`;
	if (answer.has('code') || answer.has('error')) await manager.signinCallback(url);
	else await manager.signoutCallback(url);
}

const element = (id) => document.getElementById(id);

async function show() {
	const user = await manager.getUser();
	element('log-in').hidden = Boolean(user);
	element('notes').hidden = !user;
	if (!user) return;
	element('name').textContent = user.profile.name;
	const notes = await (await ask('/notes?select=body')).json();
	element('list').replaceChildren(...notes.map(({ body }) => {
		const item = document.createElement('li');
		item.textContent = body;
		return item;
	}));
}

// What goes wrong is shown, and who has no token any more can log in again.
async function act(work) {
	try {
		element('message').textContent = '';
		await work();
	} catch (error) {
		element('message').textContent = error.message;
		element('log-in').hidden = false;
	}
}

element('log-in').onclick = () => act(() => manager.signinRedirect());
element('log-out').onclick = () => act(() => manager.signoutRedirect());
element('add').onsubmit = (event) => act(async () => {
	event.preventDefault();
	await ask('/notes', { method: 'POST', body: JSON.stringify({ body: element('body').value }) });
	element('body').value = '';
	await show();
});

await act(async () => {
	await comeBack();
	await show();
});
document.body.dataset.ready = 'yes';
