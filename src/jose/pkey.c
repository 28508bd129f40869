/*
 * pkey.c
 *		What the asymmetric key types share; see pkey.h.
 *
 * Numbers live in BIGNUMs of BN_secure_new: without a secure heap that is
 * ordinary memory, but BN_free and OSSL_PARAM_free then cleanse it.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "pkey.h"

/* No number of a key we accept is longer. */
#define MAX_NUMBER	(JOSE_MAX_RSA_BITS / 8)

/* EVP_PKEY_get_bn_param would leave a copy of the number on the stack. */
BIGNUM *
jose_pkey_number(const EVP_PKEY *pkey, const char *param)
{
	unsigned char native[MAX_NUMBER];
	BIGNUM	   *number = BN_secure_new();
	OSSL_PARAM	params[2];
	bool		found;

	params[0] = OSSL_PARAM_construct_BN(param, native, sizeof(native));
	params[1] = OSSL_PARAM_construct_end();
	found = number != NULL &&
		EVP_PKEY_get_params(pkey, params) == 1 &&
		OSSL_PARAM_modified(params) &&
		OSSL_PARAM_get_BN(params, &number) == 1;
	OPENSSL_cleanse(native, sizeof(native));
	if (found)
		return number;

	BN_free(number);
	ERR_clear_error();
	return NULL;
}

BIGNUM *
jose_number_from_bytes(const unsigned char *data, size_t len)
{
	BIGNUM	   *number = BN_secure_new();

	if (number != NULL && BN_bin2bn(data, (int) len, number) != NULL)
		return number;
	BN_free(number);
	ERR_clear_error();
	return NULL;
}

JoseError
jose_jwk_write_number(JoseBuf *out, const char *name, const BIGNUM *number, size_t len)
{
	unsigned char bytes[MAX_NUMBER];

	if (len == 0)
		len = (size_t) BN_num_bytes(number);
	if (len > sizeof(bytes) || BN_bn2binpad(number, bytes, (int) len) < 0)
		return JOSE_ERR_INTERNAL;
	jose_jwk_write_bytes(out, name, bytes, len);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return out->failed ? JOSE_ERR_MEMORY : JOSE_OK;
}

JoseError
jose_openssl_failed(JoseError err)
{
	unsigned long code;

	while ((code = ERR_get_error()) != 0)
	{
		if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE)
			err = JOSE_ERR_MEMORY;
		else if (ERR_GET_REASON(code) == ERR_R_INTERNAL_ERROR && err != JOSE_ERR_MEMORY)
			err = JOSE_ERR_INTERNAL;
	}
	return err;
}

JoseError
jose_openssl_refused(JoseError err)
{
	return ERR_peek_error() != 0 ? jose_openssl_failed(err) : JOSE_ERR_INTERNAL;
}

JoseError
jose_pkey_build(const char *type, OSSL_PARAM_BLD *parts, bool is_private, EVP_PKEY **pkey)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(parts);
	int			selection = is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
	JoseError	err = JOSE_OK;

	*pkey = NULL;
	if (ctx == NULL || params == NULL || EVP_PKEY_fromdata_init(ctx) != 1)
		err = JOSE_ERR_INTERNAL;
	else
	{
		ERR_clear_error();
		if (EVP_PKEY_fromdata(ctx, pkey, selection, params) != 1)
			err = JOSE_ERR_KEY_INVALID;
		/* short of memory, OpenSSL may say yes, leave an error, and make half a key */
		else if (ERR_peek_error() != 0)
			err = JOSE_ERR_MEMORY;
	}
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	if (err == JOSE_OK)
		return err;
	EVP_PKEY_free(*pkey);
	*pkey = NULL;
	return jose_openssl_refused(err);
}

typedef struct Watch
{
	bool		(*stop) (void);
	bool		stopped;
} Watch;

static int
keep_going(EVP_PKEY_CTX *ctx)
{
	Watch	   *watch = EVP_PKEY_CTX_get_app_data(ctx);

	/* told to stop, OpenSSL may look in a few times more on its way out */
	if (!watch->stopped && watch->stop != NULL)
		watch->stopped = watch->stop();
	return watch->stopped ? 0 : 1;
}

JoseError
jose_pkey_generate(EVP_PKEY_CTX *ctx, bool (*stop) (void), EVP_PKEY **pkey)
{
	Watch		watch = {stop, false};
	int			done;

	*pkey = NULL;
	EVP_PKEY_CTX_set_app_data(ctx, &watch);
	EVP_PKEY_CTX_set_cb(ctx, keep_going);
	/* a curve's key is made in one step, which asks nobody: ask once before */
	done = keep_going(ctx) ? EVP_PKEY_generate(ctx, pkey) : 0;
	EVP_PKEY_CTX_set_cb(ctx, NULL);
	EVP_PKEY_CTX_set_app_data(ctx, NULL);
	if (done == 1)
		return JOSE_OK;
	ERR_clear_error();
	return watch.stopped ? JOSE_ERR_CANCELLED : JOSE_ERR_INTERNAL;
}

EVP_PKEY_CTX *
jose_prepare(JosePrepared *kept, const JoseAlg *alg, EVP_PKEY *pkey,
			 JosePkeyInit init, JosePkeyConfigure configure)
{
	if (kept->alg == alg)
		return kept->pkey;

	jose_prepared_reset(kept);
	kept->digest = EVP_MD_fetch(NULL, alg->digest, NULL);
	kept->pkey = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (kept->digest != NULL && kept->pkey != NULL &&
		init(kept->pkey) == 1 && configure(kept->pkey, kept->digest))
	{
		kept->alg = alg;
		return kept->pkey;
	}
	jose_prepared_reset(kept);
	ERR_clear_error();
	return NULL;
}

JoseError
jose_digest(const JosePrepared *prepared, const void *message, size_t len,
			unsigned char *digest, size_t *digest_len)
{
	unsigned int written = 0;

	if (EVP_Digest(message, len, digest, &written, prepared->digest, NULL) == 1)
	{
		*digest_len = written;
		return JOSE_OK;
	}
	ERR_clear_error();
	return JOSE_ERR_INTERNAL;
}
