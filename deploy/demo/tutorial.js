const jwt = require('jsonwebtoken');

const token = jwt.sign({ userId: 123, role: 'admin' }, 'your-secret-key', {
  expiresIn: '1h',
});
console.log(token);
