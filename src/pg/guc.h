/*
 * guc.h
 *		The settings, all named oauth_jwt.*
 */
#ifndef OAUTH_JWT_GUC_H
#define OAUTH_JWT_GUC_H

extern char *guc_master_key_file;
extern bool guc_allow_short_hmac_keys;
extern bool guc_trust_request_claims;
extern bool guc_allow_login_switch;
extern char *guc_trust_file;
extern char *guc_login_audience;
extern char *guc_login_scope;
extern char *guc_login_identity;
extern int	guc_max_token_size; /* bytes */
extern int	guc_leeway;			/* seconds */
extern int	guc_password_cost;	/* log2 of scrypt's N */

extern void guc_define(void);

/* Raise unless a token may have that many bytes. */
extern void guc_check_token_size(size_t len);

/* The core's flags, from the settings. */
extern unsigned guc_jose_flags(void);

#endif							/* OAUTH_JWT_GUC_H */
