/*
 * jsonwebtoken and jose, the present one and 4 (the last with Ed448, X448 and
 * secp256k1), as peers of matrix.py: requests in, answers out, a JSON object a line.
 */
'use strict';
const crypto = require('node:crypto');
const readline = require('node:readline');

// Node 18, which Debian 12 has, keeps this out of the global scope
globalThis.crypto ??= crypto.webcrypto;

const jsonwebtoken = require('jsonwebtoken');

// Takes PEM, as its users mostly do; a secret as bytes.
const withJsonwebtoken = {
  key: (jwk, pem) => pem ?? Buffer.from(jwk.k, 'base64url'),
  sign({ alg, jwk, pem, claims }) {
    return jsonwebtoken.sign(claims, this.key(jwk, pem), { algorithm: alg, noTimestamp: true });
  },
  verify({ alg, jwk, pem, token }) {
    return jsonwebtoken.verify(token, this.key(jwk, pem), { algorithms: [alg] });
  },
};

// Both jose packages have the same interface.
const withJose = (jose) => ({
  async generate({ kty, size }) {
    const alg = {
      'RSA': 'RS256', 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512', 'secp256k1': 'ES256K',
      'Ed25519': 'EdDSA', 'Ed448': 'EdDSA', 'X25519': 'ECDH-ES', 'X448': 'ECDH-ES',
    }[kty === 'RSA' ? kty : size];
    const options = kty === 'RSA' ? { modulusLength: size } : { crv: size };
    const { privateKey } = await jose.generateKeyPair(alg, { extractable: true, ...options });
    return jose.exportJWK(privateKey);
  },
  async sign({ alg, jwk, claims }) {
    return new jose.SignJWT(claims).setProtectedHeader({ alg }).sign(await jose.importJWK(jwk, alg));
  },
  async verify({ alg, jwk, token }) {
    return (await jose.jwtVerify(token, await jose.importJWK(jwk, alg), { algorithms: [alg] })).payload;
  },
  async encrypt({ alg, enc, jwk, text }) {
    return new jose.CompactEncrypt(Buffer.from(text))
      .setProtectedHeader({ alg, enc }).encrypt(await jose.importJWK(jwk, alg));
  },
  async decrypt({ alg, enc, jwk, token }) {
    const { plaintext } = await jose.compactDecrypt(token, await jose.importJWK(jwk, alg), {
      keyManagementAlgorithms: [alg], contentEncryptionAlgorithms: [enc],
    });
    return Buffer.from(plaintext).toString();
  },
  thumbprint: ({ jwk }) => jose.calculateJwkThumbprint(jwk),
  async to_pem({ jwk, private: secret, alg }) {
    const key = await jose.importJWK({ ...jwk, ext: true }, alg);
    return secret ? jose.exportPKCS8(key) : jose.exportSPKI(key);
  },
  async from_pem({ pem, private: secret, alg }) {
    const key = secret ? await jose.importPKCS8(pem, alg, { extractable: true })
      : await jose.importSPKI(pem, alg, { extractable: true });
    return jose.exportJWK(key);
  },
});

async function main() {
  const named = (name, path) => `${name} ${require(`${path}/package.json`).version}`;
  const peers = {
    [named('jsonwebtoken', 'jsonwebtoken')]: withJsonwebtoken,
    [named('jose', 'jose')]: withJose(await import(require.resolve('jose'))),
    [named('jose', 'jose4')]: withJose(require('jose4')),
  };
  console.log(JSON.stringify(Object.keys(peers)));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { peer, do: operation, ...request } = JSON.parse(line);
    let answer;
    try {
      answer = { result: await peers[peer][operation](request) };
    } catch (error) {         // whatever a library throws is its answer
      answer = { error: `${error.name}: ${error.message}` };
    }
    console.log(JSON.stringify(answer));
  }
}

main();
