/*
 * ec_curves.h
 *		The four curves, with a key and a signature of another program's on each,
 *		and a JWK of any point.  Included after crypt.h.
 */
#ifndef UNIT_EC_CURVES_H
#define UNIT_EC_CURVES_H

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "foreign.h"

static const struct
{
	const char *alg;
	const char *crv;
	int			nid;
	int			bits;
	size_t		bytes;
	const char *jwk;
	const char *signature;
}			curves[] = {
	{"ES256", "P-256", NID_X9_62_prime256v1, 256, 32, FOREIGN_P256_JWK, FOREIGN_ES256},
	{"ES384", "P-384", NID_secp384r1, 384, 48, FOREIGN_P384_JWK, FOREIGN_ES384},
	{"ES512", "P-521", NID_secp521r1, 521, 66, FOREIGN_P521_JWK, FOREIGN_ES512},
	/* RFC 8812 has no examples: this is its vector */
	{"ES256K", "secp256k1", NID_secp256k1, 256, 32, FOREIGN_SECP256K1_JWK, FOREIGN_ES256K}
};

#define CURVES ((int) (sizeof(curves) / sizeof(curves[0])))

UNUSED static JoseBuf
point_jwk(const char *crv, const EC_GROUP *group, const EC_POINT *point, size_t bytes)
{
	BIGNUM	   *x = BN_new();
	BIGNUM	   *y = BN_new();
	unsigned char octets[66];
	JoseBuf		out = {0};

	if (EC_POINT_get_affine_coordinates(group, point, x, y, NULL) != 1)
		bail("no coordinates", crv);
	jose_buf_puts(&out, "{\"kty\":\"EC\",\"crv\":\"");
	jose_buf_puts(&out, crv);
	jose_buf_puts(&out, "\"");
	BN_bn2binpad(x, octets, (int) bytes);
	jose_jwk_write_bytes(&out, "x", octets, bytes);
	BN_bn2binpad(y, octets, (int) bytes);
	jose_jwk_write_bytes(&out, "y", octets, bytes);
	jose_buf_puts(&out, "}");
	BN_free(x);
	BN_free(y);
	return out;
}

#endif							/* UNIT_EC_CURVES_H */
