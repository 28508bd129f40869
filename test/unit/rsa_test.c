/*
 * rsa_test.c
 *		RSA keys and RS and PS signatures: the RFCs' examples, another program's
 *		keys and signatures, and what must not pass for a key or a signature.
 */
#include <openssl/rsa.h>

#include "tap.h"
#include "crypt.h"
#include "asym.h"
#include "foreign.h"

/* RFC 7515 A.2 */
#define RFC7515_A2_JWK \
	"{\"kty\":\"RSA\"" \
	",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJ" \
	"PMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf6" \
	"3kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k" \
	"G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\"" \
	",\"e\":\"AQAB\"" \
	",\"d\":\"Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9S" \
	"E-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3M" \
	"kqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoF" \
	"aFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ\"" \
	",\"p\":\"4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQT" \
	"a9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDw" \
	"GUc\"" \
	",\"q\":\"uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7" \
	"C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9R" \
	"Wdc\"" \
	",\"dp\":\"BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_" \
	"PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQA" \
	"dYo0\"" \
	",\"dq\":\"h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2o" \
	"Kr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tI" \
	"iTHU\"" \
	",\"qi\":\"IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd" \
	"_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFk" \
	"uQ3U\"}"

#define RFC7515_A2_INPUT \
	"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt" \
	"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

#define RFC7515_A2_SIGNATURE \
	"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W" \
	"2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS" \
	"jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv" \
	"Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"

/* RFC 7520 3.3 and 3.4 */
#define RFC7520_33_JWK \
	"{\"kty\":\"RSA\"" \
	",\"kid\":\"bilbo.baggins@hobbiton.example\"" \
	",\"use\":\"sig\"" \
	",\"n\":\"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nq" \
	"Q0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ" \
	"6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQ" \
	"bS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkq" \
	"gc5gHdrNP5zw\"" \
	",\"e\":\"AQAB\"}"

#define RFC7520_34_JWK \
	"{\"kty\":\"RSA\"" \
	",\"kid\":\"bilbo.baggins@hobbiton.example\"" \
	",\"use\":\"sig\"" \
	",\"n\":\"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nq" \
	"Q0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ" \
	"6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQ" \
	"bS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkq" \
	"gc5gHdrNP5zw\"" \
	",\"e\":\"AQAB\"" \
	",\"d\":\"bWUC9B-EFRIo8kpGfh0ZuyGPvMNKvYWNtB_ikiH9k20eT-O1q_I78eiZkpXxXQ0UTEs2LsNRS-8uJb" \
	"vQ-A1irkwMSMkK1J3XTGgdrhCku9gRldY7sNA_AKZGh-Q661_42rINLRCe8W-nZ34ui_qOfkLnK9QWDDqpaI" \
	"sA-bMwWWSDFu2MUBYwkHTMEzLYGqOe04noqeq1hExBTHBOBdkMXiuFhUq1BU6l-DqEiWxqg82sXt2h-LMnT3" \
	"046AOYJoRioz75tSUQfGCshWTBnP5uDjd18kKhyv07lhfSJdrPdM5Plyl21hsFf4L_mHCuoFau7gdsPfHPxx" \
	"jVOcOpBrQzwQ\"" \
	",\"p\":\"3Slxg_DwTXJcb6095RoXygQCAZ5RnAvZlno1yhHtnUex_fp7AZ_9nRaO7HX_-SFfGQeutao2TDjDAW" \
	"U4Vupk8rw9JR0AzZ0N2fvuIAmr_WCsmGpeNqQnev1T7IyEsnh8UMt-n5CafhkikzhEsrmndH6LxOrvRJlsPp" \
	"6Zv8bUq0k\"" \
	",\"q\":\"uKE2dh-cTf6ERF4k4e_jy78GfPYUIaUyoSSJuBzp3Cubk3OCqs6grT8bR_cu0Dm1MZwWmtdqDyI95H" \
	"rUeq3MP15vMMON8lHTeZu2lmKvwqW7anV5UzhM1iZ7z4yMkuUwFWoBvyY898EXvRD-hdqRxHlSqAZ192zB3p" \
	"VFJ0s7pFc\"" \
	",\"dp\":\"B8PVvXkvJrj2L-GYQ7v3y9r6Kw5g9SahXBwsWUzp19TVlgI-YV85q1NIb1rxQtD-IsXXR3-Tanevu" \
	"RPRt5OBOdiMGQp8pbt26gljYfKU_E9xn-RULHz0-ed9E9gXLKD4VGngpz-PfQ_q29pk5xWHoJp009Qf1HvCh" \
	"ixRX59ehik\"" \
	",\"dq\":\"CLDmDGduhylc9o7r84rEUVn7pzQ6PF83Y-iBZx5NT-TpnOZKF1pErAMVeKzFEl41DlHHqqBLSM0W1" \
	"sOFbwTxYWZDm6sI6og5iTbwQGIC3gnJKbi_7k_vJgGHwHxgPaX2PnvP-zyEkDERuf-ry4c_Z11Cq9AqC2yeL" \
	"6kdKT1cYF8\"" \
	",\"qi\":\"3PiqvXQN0zwMeE-sBvZgi289XP9XCQF3VWqPzMKnIgQp7_Tugo6-NZBKCQsMf3HaEGBjTVJs_jcK8" \
	"-TRXvaKe-7ZMaQj8VfBdYkssbu0NKDDhjJ-GtiseaDVWt7dcH0cfwxgFUHpQh7FoCrjFJ6h6ZEpMF6xmujs4" \
	"qMpPz8aaI4\"}"

/* RFC 7520 4.1 */
#define RFC7520_41_INPUT \
	"eyJhbGciOiJSUzI1NiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZ" \
	"GFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGU" \
	"gcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlc" \
	"mUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"

#define RFC7520_41_SIGNATURE \
	"MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp" \
	"83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCr" \
	"UCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aX" \
	"ic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg"

/* RFC 7520 4.2 */
#define RFC7520_42_INPUT \
	"eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZ" \
	"GFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGU" \
	"gcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlc" \
	"mUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"

#define RFC7520_42_SIGNATURE \
	"cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCd" \
	"P6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442Z" \
	"dNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1" \
	"aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw"

/* RFC 7638 3.1 */
#define RFC7638_JWK \
	"{\"kty\":\"RSA\",\"n\":\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zw" \
	"u1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w" \
	"6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI" \
	"SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awa" \
	"pJzKnqDKgw\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}"

/* ---- the RFCs' examples ---- */

static void
test_rfc7515(void)
{
	JoseKey    *key = key_of(RFC7515_A2_JWK);
	JoseBuf		signature = sign_message(key, "RS256", RFC7515_A2_INPUT);
	JoseBuf		expected = from_b64(RFC7515_A2_SIGNATURE);

	is_buf(&signature, &expected, "RFC 7515 A.2: RS256 signs what the RFC says");
	ok(jose_key_is_private(key), "it is private");
	is_err(jose_key_bits(key), 2048, "of 2048 bits");
	resists_changes(key, "RS256", RFC7515_A2_INPUT, RFC7515_A2_SIGNATURE);
	writes_the_same(RFC7515_A2_JWK, true, "RFC 7515 A.2");
	jose_buf_free(&signature);
	jose_buf_free(&expected);
	jose_key_free(key);
}

static void
test_rfc7520(void)
{
	JoseKey    *public = key_of(RFC7520_33_JWK);
	JoseKey    *private = key_of(RFC7520_34_JWK);

	ok(!jose_key_is_private(public), "RFC 7520 3.3 is a public key");
	is_err(verify_b64(public, "RS256", RFC7520_41_INPUT, RFC7520_41_SIGNATURE), JOSE_OK, "RFC 7520 4.1, RS256");
	is_err(verify_b64(public, "PS384", RFC7520_42_INPUT, RFC7520_42_SIGNATURE), JOSE_OK, "RFC 7520 4.2, PS384");
	is_err(verify_b64(private, "PS384", RFC7520_42_INPUT, RFC7520_42_SIGNATURE), JOSE_OK, "... by the private key");
	resists_changes(public, "PS384", RFC7520_42_INPUT, RFC7520_42_SIGNATURE);
	is_err(jose_sign(public, alg_of("RS256"), 0, "x", 1, &(JoseBuf) {0}), JOSE_ERR_KEY_PRIVATE,
		   "a public key does not sign");
	writes_the_same(RFC7520_33_JWK, false, "RFC 7520 3.3");
	writes_the_same(RFC7520_34_JWK, true, "RFC 7520 3.4");
	jose_key_free(public);
	jose_key_free(private);
}

/* ---- another program's signatures ---- */

static const struct
{
	const char *alg;
	const char *signature;
}			foreign[] = {
	{"RS256", FOREIGN_RS256},
	{"RS384", FOREIGN_RS384},
	{"RS512", FOREIGN_RS512},
	{"PS256", FOREIGN_PS256},
	{"PS384", FOREIGN_PS384},
	{"PS512", FOREIGN_PS512}
};

#define FOREIGN ((int) (sizeof(foreign) / sizeof(foreign[0])))

/*
 * Each signature verifies under its own algorithm alone: neither the padding
 * nor the hash is taken from anywhere but the algorithm.
 */
static void
test_foreign(void)
{
	JoseKey    *key = key_of(FOREIGN_RSA_JWK);
	int			i;
	int			k;

	for (i = 0; i < FOREIGN; i++)
	{
		for (k = 0; k < FOREIGN; k++)
			ok(verify_b64(key, foreign[k].alg, FOREIGN_MESSAGE, foreign[i].signature) ==
			   (i == k ? JOSE_OK : JOSE_ERR_SIGNATURE),
			   "openssl's %s as %s", foreign[i].alg, foreign[k].alg);
		resists_changes(key, foreign[i].alg, FOREIGN_MESSAGE, foreign[i].signature);
		round_trips(key, foreign[i].alg);
	}
	jose_key_free(key);
}

/* What we sign, OpenSSL verifies with nothing of ours between. */
static bool
openssl_verifies(JoseKey *key, const char *md, bool pss, const JoseBuf *signature)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL;
	bool		good = EVP_DigestVerifyInit(ctx, &pctx, EVP_get_digestbyname(md), NULL, key->pkey) == 1 &&
		(!pss || (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
				  EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, EVP_MD_get_size(EVP_get_digestbyname(md))) == 1)) &&
		EVP_DigestVerify(ctx, signature->data, signature->len, (const unsigned char *) "hello", 5) == 1;

	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

static void
test_for_others(void)
{
	static const char *const hashes[] = {"SHA256", "SHA384", "SHA512"};
	JoseKey    *key = key_of(FOREIGN_RSA_JWK);
	int			i;

	for (i = 0; i < FOREIGN; i++)
	{
		JoseBuf		signature = sign_message(key, foreign[i].alg, "hello");

		ok(signature.len == 256 && openssl_verifies(key, hashes[i % 3], i >= 3, &signature),
		   "openssl verifies our %s", foreign[i].alg);
		jose_buf_free(&signature);
	}
	jose_key_free(key);
}

/* ---- forged signatures ---- */

/*
 * RFC 7518 3.5: the salt is as long as the hash.  A verifier that reads its
 * length off the signature accepts more encodings than were agreed on.
 */
static void
test_salt(void)
{
	JoseKey    *key = key_of(FOREIGN_RSA_JWK);

	is_err(verify_b64(key, "PS256", FOREIGN_MESSAGE, FOREIGN_PS256_SALT_NONE), JOSE_ERR_SIGNATURE, "PS256, no salt");
	is_err(verify_b64(key, "PS256", FOREIGN_MESSAGE, FOREIGN_PS256_SALT_LONGEST), JOSE_ERR_SIGNATURE,
		   "PS256, the longest salt");
	is_err(verify_b64(key, "PS256", FOREIGN_MESSAGE, FOREIGN_PS256_MGF1_SHA1), JOSE_ERR_SIGNATURE,
		   "PS256, MGF1 with SHA-1");
	jose_key_free(key);
}

/* s + n verifies by the bare equation as well as s: RFC 8017 5.2.2 wants s < n. */
static void
test_over_modulus(void)
{
	JoseKey    *key = key_of(FOREIGN_RSA_JWK);
	BIGNUM	   *n = member_number(FOREIGN_RSA_JWK, "n");
	JoseBuf		bytes = from_b64(FOREIGN_RS256);
	BIGNUM	   *s = BN_bin2bn(bytes.data, (int) bytes.len, NULL);
	unsigned char sum[257];

	BN_add(s, s, n);
	BN_bn2binpad(s, sum, sizeof(sum));
	if (sum[0] == 0)
		is_err(verify_bytes(key, "RS256", FOREIGN_MESSAGE, sum + 1, 256), JOSE_ERR_SIGNATURE, "s + n");
	else
		is_err(verify_bytes(key, "RS256", FOREIGN_MESSAGE, sum, 257), JOSE_ERR_SIGNATURE, "s + n, a byte longer");
	BN_bn2binpad(n, sum, 256);
	is_err(verify_bytes(key, "RS256", FOREIGN_MESSAGE, sum, 256), JOSE_ERR_SIGNATURE, "s = n");
	is_err(verify_bytes(key, "PS256", FOREIGN_MESSAGE, sum, 256), JOSE_ERR_SIGNATURE, "s = n, PS256");
	BN_free(s);
	BN_free(n);
	jose_buf_free(&bytes);
	jose_key_free(key);
}

/*
 * CVE-2006-4339: a verifier that parses the padding and does not look behind
 * the hash takes, for e = 3, the cube root of a right beginning.
 */
static void
test_bleichenbacher(void)
{
	JoseKey    *key = key_of(FOREIGN_RSA_E3_JWK);

	is_err(verify_b64(key, "RS256", FOREIGN_MESSAGE, FORGED_RS256_E3), JOSE_ERR_SIGNATURE,
		   "a cube root with garbage behind the hash");
	round_trips(key, "RS256");
	jose_key_free(key);
}

/* ---- what is no key ---- */

#define JWK FOREIGN_RSA_JWK

static void
test_missing(void)
{
	static const char *const private[] = {"p", "q", "dp", "dq", "qi"};
	size_t		i;

	refuses(JWK, "n", NULL, JOSE_ERR_KEY_MEMBER, "no n");
	refuses(JWK, "e", NULL, JOSE_ERR_KEY_MEMBER, "no e");
	refuses(JWK, "n", "\"\"", JOSE_ERR_KEY_MEMBER, "n is empty");
	refuses(JWK, "e", "65537", JOSE_ERR_KEY_MEMBER, "e is a number");
	refuses(JWK, "e", "null", JOSE_ERR_KEY_MEMBER, "e is null");
	refuses(JWK, "e", "\"AQAB=\"", JOSE_ERR_KEY_MEMBER, "e is padded base64");
	refuses(JWK, "d", "null", JOSE_ERR_KEY_MEMBER, "d is null");
	refuses(JWK, "d", "\"\"", JOSE_ERR_KEY_MEMBER, "d is empty");
	refuses(JWK, "d", NULL, JOSE_ERR_KEY_MEMBER, "p to qi without d");
	/* RFC 7518 6.3.2: all or none */
	for (i = 0; i < sizeof(private) / sizeof(private[0]); i++)
		refuses(JWK, private[i], NULL, JOSE_ERR_KEY_MEMBER, private[i]);
	refuses(JWK, "oth", "[]", JOSE_ERR_KEY_TYPE, "oth: more than two primes");
	refuses(JWK, "oth", "[{\"r\":\"Aw\",\"d\":\"AQ\",\"t\":\"AQ\"}]", JOSE_ERR_KEY_TYPE, "oth with a prime");
}

/* A public key with this e, or this n. */
#define PUBLIC RFC7638_JWK

static void
test_exponent(void)
{
	/* with e = 1 the padded hash is its own signature */
	refuses(PUBLIC, "e", "\"AQ\"", JOSE_ERR_KEY_WEAK, "e = 1");
	refuses(PUBLIC, "e", "\"Ag\"", JOSE_ERR_KEY_INVALID, "e = 2");
	refuses(PUBLIC, "e", "\"AA\"", JOSE_ERR_KEY_INVALID, "e = 0");
	refuses(PUBLIC, "e", "\"AQAA\"", JOSE_ERR_KEY_INVALID, "e = 65536");
	refuses(PUBLIC, "e", "\"AAEAAQ\"", JOSE_ERR_KEY_INVALID, "e = 65537 with a leading zero");
	refuses(PUBLIC, "e", "\"AQAAAAAAAAAB\"", JOSE_ERR_KEY_INVALID, "e = 2^64 + 1");
	refuses(PUBLIC, "e", "\"__________8\"", JOSE_OK, "e = 2^64 - 1 is the longest");
}

static void
test_modulus(void)
{
	BIGNUM	   *n = member_number(PUBLIC, "n");
	BIGNUM	   *changed = BN_new();
	JoseBuf		bytes = {0};

	BN_rshift1(changed, n);
	BN_set_bit(changed, 0);
	refuses_number(PUBLIC, "n", changed, JOSE_ERR_KEY_WEAK, "2047 bits");
	BN_rshift(changed, n, 1024);
	BN_set_bit(changed, 0);
	refuses_number(PUBLIC, "n", changed, JOSE_ERR_KEY_WEAK, "1024 bits");
	refuses(PUBLIC, "n", "\"AQ\"", JOSE_ERR_KEY_WEAK, "n = 1");
	/* time grows with the cube: one of 400,000 bits would hold a session for hours */
	BN_lshift(changed, n, 8193 - 2048);
	BN_set_bit(changed, 0);
	refuses_number(PUBLIC, "n", changed, JOSE_ERR_TOO_LARGE, "8193 bits");
	BN_copy(changed, n);
	BN_clear_bit(changed, 0);
	refuses_number(PUBLIC, "n", changed, JOSE_ERR_KEY_INVALID, "even");
	BN_mul_word(changed, 3);
	BN_set_bit(changed, 0);
	while (BN_mod_word(changed, 19) != 0)
		BN_add_word(changed, 2);
	refuses_number(PUBLIC, "n", changed, JOSE_ERR_KEY_INVALID, "a multiple of 19");
	jose_buf_append(&bytes, "", 1);
	BN_bn2binpad(n, jose_buf_grow(&bytes, 256), 256);
	refuses_bytes(PUBLIC, "n", bytes.data, bytes.len, JOSE_ERR_KEY_INVALID, "with a leading zero");
	jose_buf_free(&bytes);
	BN_free(changed);
	BN_free(n);
}

/*
 * A private key whose halves differ signs what nobody can verify, or, with a
 * wrong CRT number, leaks a factor of n by its first faulty signature.
 */
static void
test_halves(void)
{
	static const char *const private[] = {"d", "p", "q", "dp", "dq", "qi"};
	BIGNUM	   *number;
	size_t		i;

	for (i = 0; i < sizeof(private) / sizeof(private[0]); i++)
	{
		JoseBuf		other = member_bytes(RFC7515_A2_JWK, private[i]);

		refuses_bytes(JWK, private[i], other.data, other.len, JOSE_ERR_KEY_INVALID, "another key's number");
		jose_buf_free(&other);
		number = member_number(JWK, private[i]);
		BN_add_word(number, 2);
		refuses_number(JWK, private[i], number, JOSE_ERR_KEY_INVALID, "the number, and two");
		BN_free(number);
		refuses(JWK, private[i], "\"AA\"", JOSE_ERR_KEY_INVALID, "zero");
		refuses(JWK, private[i], "\"AQ\"", JOSE_ERR_KEY_INVALID, "one");
	}
}

/* All that is private of one key, which fits together, under the n of another. */
static void
test_other_modulus(void)
{
	JoseBuf		n = member_bytes(RFC7515_A2_JWK, "n");

	refuses_bytes(JWK, "n", n.data, n.len, JOSE_ERR_KEY_INVALID, "another key's n");
	jose_buf_free(&n);
	n = member_bytes(JWK, "n");
	refuses_bytes(RFC7515_A2_JWK, "n", n.data, n.len, JOSE_ERR_KEY_INVALID, "and the other way round");
	jose_buf_free(&n);
}

/* n, e, d of one key and trivial factors: p = n, q = 1. */
static void
test_trivial_factors(void)
{
	JoseBuf		n = member_bytes(JWK, "n");
	JoseBuf		one = jwk_with(JWK, "q", "\"AQ\"");

	refuses_bytes((const char *) one.data, "p", n.data, n.len, JOSE_ERR_KEY_INVALID, "p = n, q = 1");
	jose_buf_free(&one);
	one = jwk_with(JWK, "p", "\"AQ\"");
	refuses_bytes((const char *) one.data, "q", n.data, n.len, JOSE_ERR_KEY_INVALID, "p = 1, q = n");
	jose_buf_free(&one);
	jose_buf_free(&n);
}

/* d + lambda serves as well as d, but RFC 8017 3.2 has it under n; so have we. */
static void
test_long_d(void)
{
	BIGNUM	   *d = member_number(JWK, "d");
	BIGNUM	   *p = member_number(JWK, "p");
	BIGNUM	   *q = member_number(JWK, "q");
	BN_CTX	   *ctx = BN_CTX_new();

	BN_sub_word(p, 1);
	BN_sub_word(q, 1);
	BN_mul(p, p, q, ctx);
	BN_add(d, d, p);
	BN_add(d, d, p);
	refuses_number(JWK, "d", d, JOSE_ERR_KEY_INVALID, "d + 2 (p - 1)(q - 1)");
	BN_free(d);
	BN_free(p);
	BN_free(q);
	BN_CTX_free(ctx);
}

/* ---- n, e and d alone ---- */

static JoseBuf
without_crt(const char *jwk)
{
	static const char *const others[] = {"p", "q", "dp", "dq", "qi"};
	JoseBuf		out = jwk_with(jwk, others[0], NULL);
	int			i;

	for (i = 1; i < 5; i++)
	{
		JoseBuf		next = jwk_with((const char *) out.data, others[i], NULL);

		jose_buf_free(&out);
		out = next;
	}
	return out;
}

static void
test_no_crt(void)
{
	JoseBuf		bare = without_crt(RFC7515_A2_JWK);
	JoseBuf		other = member_bytes(JWK, "d");
	JoseBuf		written = {0};
	JoseKey    *key = key_of((const char *) bare.data);
	JoseBuf		signature = sign_message(key, "RS256", RFC7515_A2_INPUT);
	JoseBuf		expected = from_b64(RFC7515_A2_SIGNATURE);
	BIGNUM	   *d = member_number(RFC7515_A2_JWK, "d");

	is_buf(&signature, &expected, "n, e and d alone: signs the same");
	is_err(jose_key_to_jwk(key, true, &written), JOSE_OK, "and is written whole");
	writes_the_same((const char *) written.data, true, "with the numbers found");
	jose_key_free(key);
	key = NULL;
	is_err(read_jwk((const char *) written.data), JOSE_OK, "which make a key again");

	refuses_bytes((const char *) bare.data, "d", other.data, other.len, JOSE_ERR_KEY_INVALID, "another key's d");
	BN_add_word(d, 2);
	refuses_number((const char *) bare.data, "d", d, JOSE_ERR_KEY_INVALID, "d + 2");
	BN_add_word(d, 1);
	refuses_number((const char *) bare.data, "d", d, JOSE_ERR_KEY_INVALID, "d + 3, even");
	refuses((const char *) bare.data, "d", "\"AA\"", JOSE_ERR_KEY_INVALID, "d = 0");
	refuses((const char *) bare.data, "d", "\"AQ\"", JOSE_ERR_KEY_INVALID, "d = 1");
	BN_set_bit(d, 4095);
	refuses_number((const char *) bare.data, "d", d, JOSE_ERR_KEY_INVALID, "d twice as long as n");
	BN_free(d);
	jose_buf_free(&bare);
	jose_buf_free(&other);
	jose_buf_free(&written);
	jose_buf_free(&signature);
	jose_buf_free(&expected);
	jose_key_free(key);
}

/* Private numbers may be padded: some writers pad d to n's length. */
static void
test_padded_private(void)
{
	JoseBuf		d = member_bytes(JWK, "d");
	JoseBuf		padded = {0};
	JoseBuf		jwk;

	jose_buf_append(&padded, "\0\0", 2);
	jose_buf_append(&padded, d.data, d.len);
	jwk = jwk_with_bytes(JWK, "d", padded.data, padded.len);
	is_err(read_jwk((const char *) jwk.data), JOSE_OK, "d with leading zeros");
	jose_buf_free(&d);
	jose_buf_free(&padded);
	jose_buf_free(&jwk);
}

/* ---- generation ---- */

static void
test_generate(void)
{
	JoseKey    *key;
	JoseBuf		jwk = {0};
	JoseObject *object;

	asked = 0;
	is_err(jose_key_generate("PS256", 0, NULL, never_stop, &key), JOSE_OK, "generated");
	ok(asked > 1, "stop was asked along the way");
	is_err(jose_key_bits(key), 2048, "of 2048 bits by default");
	round_trips(key, "PS256");
	is_err(jose_key_to_jwk(key, true, &jwk), JOSE_OK, "written");
	object = object_of((const char *) jwk.data);
	is_str(jose_object_get(object, "e")->string, "AQAB", "with the exponent 65537");
	is_err(read_jwk((const char *) jwk.data), JOSE_OK, "and read");
	jose_object_free(object);
	jose_buf_free(&jwk);
	jose_key_free(key);

	asked = 0;
	is_err(generate_error("RS256", 4096, NULL, stop_at_once), JOSE_ERR_CANCELLED, "stopped");
	ok(asked == 1, "after being asked once");
	is_err(generate_error("RS256", 2047, NULL, NULL), JOSE_ERR_KEY_WEAK, "2047 bits");
	is_err(generate_error("RS256", 1, NULL, NULL), JOSE_ERR_KEY_WEAK, "1 bit");
	is_err(generate_error("RS256", -2048, NULL, NULL), JOSE_ERR_KEY_WEAK, "-2048 bits");
	is_err(generate_error("RS256", 4097, NULL, NULL), JOSE_ERR_TOO_LARGE, "4097 bits");
	is_err(generate_error("RS256", 2147483647, NULL, NULL), JOSE_ERR_TOO_LARGE, "all the bits there are");
	is_err(generate_error("RS256", 0, "P-256", NULL), JOSE_ERR_KEY_TYPE, "on a curve");
}

/* A stop in mid-search, as a cancelled statement gives it. */
static bool
stop_at_fifth(void)
{
	return ++asked >= 5;
}

static void
test_cancel(void)
{
	asked = 0;
	is_err(generate_error("RS256", 4096, NULL, stop_at_fifth), JOSE_ERR_CANCELLED, "stopped in mid-search");
	ok(asked == 5, "and not asked again");
}

int
main(void)
{
	test_rfc7515();
	test_rfc7520();
	has_thumbprint(RFC7638_JWK, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", "RFC 7638 3.1");
	writes_the_same(JWK, true, "another library's JWK");
	test_foreign();
	test_for_others();
	test_salt();
	test_over_modulus();
	test_bleichenbacher();
	test_missing();
	test_exponent();
	test_modulus();
	test_halves();
	test_other_modulus();
	test_trivial_factors();
	test_long_d();
	test_no_crt();
	test_padded_private();
	test_generate();
	test_cancel();
	queue_is_empty();
	return done_testing();
}
