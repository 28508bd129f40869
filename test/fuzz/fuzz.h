/*
 * fuzz.h
 *		What the fuzz targets share.  A target is a file with one
 *		LLVMFuzzerTestOneInput: driver.c calls it with mutated seeds, or libFuzzer
 *		does:
 *
 *		clang -fsanitize=fuzzer,address,undefined -DFRONTEND ... verify_fuzz.c support.c
 *
 * Targets run at the top of the project, where they find their keys and seeds.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "key.h"

/* The input was taken for good: counted, so that one sees how deep a run goes. */
extern long fuzz_accepted;

/* Something that must never be is: say so and die. */
extern void fuzz_fail(const char *what) __attribute__((noreturn));

#define FUZZ_MUST(condition) \
	do { \
		if (!(condition)) \
			fuzz_fail(#condition); \
	} while (0)

/* OpenSSL's error queue must be empty after every call of ours. */
extern void fuzz_check_queue(void);

/* test/fuzz/keys.json: a JWKS, the keys of the RFCs' appendices. */
extern JoseKeySet *fuzz_keys(void);

/* The seeds of a folder under test/fuzz/corpus: tokens that are good as they are. */
typedef struct FuzzSeeds
{
	JoseBuf    *seed;
	int			count;
} FuzzSeeds;

extern FuzzSeeds fuzz_seeds(const char *folder);
extern bool fuzz_is_seed(const FuzzSeeds *seeds, const uint8_t *data, size_t size);

extern JoseBuf fuzz_jwk(const JoseKey *key);

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif							/* FUZZ_H */
