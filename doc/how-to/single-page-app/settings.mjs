export const issuer = 'https://auth.example.com';
export const clientId = 'notes-spa';
export const api = 'https://api.example.com';
