/*
 * options.h
 *		The optional arguments that verify, check and explain share.
 */
#ifndef OAUTH_JWT_OPTIONS_H
#define OAUTH_JWT_OPTIONS_H

#include "fmgr.h"

#include "verify.h"

/* A text[] of algorithm names as a set: 0 for NULL or empty.  Raises on others. */
extern JoseAlgSet options_algorithms(Datum array, bool isnull, bool signatures);
extern JoseAlgSet options_encryptions(Datum array, bool isnull);

/* Fill in the options from the arguments that begin at first, in the order they have in SQL. */
extern void options_read(FunctionCallInfo fcinfo, int first, VerifyOptions *options);

/* Are these arguments all constants of the query's text? */
extern bool options_are_constant(FunctionCallInfo fcinfo, int first);

#endif							/* OAUTH_JWT_OPTIONS_H */
