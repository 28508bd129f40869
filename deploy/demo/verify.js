const { createLocalJWKSet, jwtVerify } = require('jose');

async function main([token, jwks]) {
  const keys = createLocalJWKSet(JSON.parse(jwks));
  const { protectedHeader, payload } = await jwtVerify(token, keys, {
    issuer: 'https://demo.example', audience: 'https://notes.example', algorithms: ['ES256'],
  });
  console.log('verified:', protectedHeader, payload);
}

main(process.argv.slice(2));
