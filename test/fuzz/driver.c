/*
 * driver.c
 *		Runs a fuzz target without libFuzzer: mutates its seeds N times, the same
 *		way each time for the same FUZZ_SEED, and says how far it is and how long
 *		the slowest input took.  What kills the target is left in CRASH_FILE, and the
 *		slowest in CRASH_FILE.slowest.
 *
 *		driver TARGET N CRASH_FILE
 *		driver --replay FILE
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"
#include "leaks.h"

#define INPUT_LIMIT	65536

extern void __sanitizer_set_death_callback(void (*callback) (void));

static FuzzSeeds seeds;
static JoseBuf input;
static const char *crash_file;
static char slowest_file[512];
static uint64_t random_state;

/* ---- what kills ---- */

/* Only what a signal handler may call. */
static void
save_input_as(const char *path)
{
	int			fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd < 0 || write(fd, input.data, input.len) != (ssize_t) input.len)
		return;
	close(fd);
}

static void
save_input(void)
{
	save_input_as(crash_file);
}

static void
on_abort(int signal_number)
{
	save_input();
	_exit(1);
}

/* ---- chance ---- */

/* splitmix64: small, and the same everywhere */
static uint64_t
next_random(void)
{
	uint64_t	z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* From 0 to n - 1; 0 for n = 0. */
static size_t
below(size_t n)
{
	return n > 0 ? (size_t) (next_random() % n) : 0;
}

/* ---- mutations ---- */

static const char *const words[] = {
	"", ".", "..", "=", "==", "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "\r\n", "\t", "+", "/", "-", "_",
	"null", "true", "false", "0", "-1", "1e400", "2147483648", "18446744073709551616", "\\u0000", "\\ud800",
	"\\u0061", "\xef\xbb\xbf", "\xff", "\xc0\xaf", "\"alg\":\"none\",", "\"alg\":\"HS256\",", "\"\\u0061lg\":1,", "none", "HS256",
	"RS256", "ES256", "EdDSA", "dir", "A128KW", "PBES2-HS256+A128KW", "RSA-OAEP-256", "ECDH-ES", "A128GCM", "A256CBC-HS512",
	"\"crit\":[\"b64\"],", "\"b64\":false,", "\"b64\":true,", "\"kid\":\"\",", "\"kid\":\"x\",", "\"typ\":\"JWT\",", "\"zip\":\"DEF\",",
	"\"p2c\":", "\"epk\":{},", "\"iv\":\"\",", "\"tag\":\"AA\",", "\"kty\":\"oct\",", "\"kty\":\"RSA\",", "\"kty\":\"EC\",", "\"kty\":\"OKP\",",
	"\"keys\":[", "\"use\":\"sig\",", "\"use\":\"enc\",", "\"key_ops\":[\"sign\"],", "\"key_ops\":[],", "P-256", "P-521", "Ed448", "X25519",
	"\"d\":\"", "\"k\":\"", "\"e\":\"AQ\",", "\"oth\":[],", "-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\n",
	"-----BEGIN RSA PRIVATE KEY-----\n", "-----BEGIN EC PARAMETERS-----\n", "Proc-Type: 4,ENCRYPTED\n", "eyJ", "AAAA", "e30"
};

#define WORDS	(sizeof(words) / sizeof(words[0]))

/* Put len bytes where `removed` bytes stand at `at`. */
static void
replace(JoseBuf *buf, size_t at, size_t removed, const void *with, size_t len)
{
	JoseBuf		out = {0};

	jose_buf_append(&out, buf->data, at);
	jose_buf_append(&out, with, len);
	jose_buf_append(&out, buf->data + at + removed, buf->len - at - removed);
	jose_buf_free(buf);
	*buf = out;
}

static void
change_byte(JoseBuf *buf)
{
	static const char interesting[] = "\0\xff\x80.\"\\{}[]=+/-_A0 \n";
	size_t		at = below(buf->len);

	if (buf->len == 0)
		return;
	switch (below(3))
	{
		case 0:
			buf->data[at] ^= 1 << below(8);
			break;
		case 1:
			buf->data[at] = (unsigned char) next_random();
			break;
		default:
			buf->data[at] = (unsigned char) interesting[below(sizeof(interesting) - 1)];
			break;
	}
}

static void
put_word(JoseBuf *buf, size_t removed)
{
	const char *word = words[below(WORDS)];
	size_t		at = below(buf->len + 1);

	replace(buf, at, removed < buf->len - at ? removed : buf->len - at, word, strlen(word));
}

/* One word again and again, for depth and length. */
static void
repeat_word(JoseBuf *buf)
{
	const char *word = words[below(WORDS)];
	size_t		times = below(below(20) == 0 ? 5000 : 40);
	size_t		at = below(buf->len + 1);
	JoseBuf		many = {0};

	while (times-- > 0)
		jose_buf_puts(&many, word);
	if (many.len > 0)
		replace(buf, at, 0, many.data, many.len);
	jose_buf_free(&many);
}

static void
move_range(JoseBuf *buf, bool remove)
{
	size_t		at = below(buf->len);
	size_t		len = 1 + below(below(2) == 0 ? 4 : buf->len);
	JoseBuf		range = {0};

	if (len > buf->len - at)
		len = buf->len - at;
	jose_buf_append(&range, buf->data + at, len);
	if (remove)
		replace(buf, at, len, "", 0);
	else
		replace(buf, below(buf->len + 1), 0, range.data, range.len);
	jose_buf_free(&range);
}

/* The head of this and the tail of another seed. */
static void
cross_over(JoseBuf *buf)
{
	const JoseBuf *other = &seeds.seed[below((size_t) seeds.count)];
	size_t		head = below(buf->len + 1);
	size_t		tail = below(other->len + 1);

	replace(buf, head, buf->len - head, other->data + tail, other->len - tail);
}

static void
mutate_bytes(JoseBuf *buf)
{
	switch (below(10))
	{
		case 0:
		case 1:
		case 2:
			change_byte(buf);
			break;
		case 3:
			put_word(buf, 0);
			break;
		case 4:
			put_word(buf, 1 + below(12));
			break;
		case 5:
			repeat_word(buf);
			break;
		case 6:
			move_range(buf, true);
			break;
		case 7:
			move_range(buf, false);
			break;
		case 8:
			cross_over(buf);
			break;
		default:
			buf->len = below(buf->len + 1);
			break;
	}
}

static bool
is_base64(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		c == '-' || c == '_' || c == '+' || c == '/';
}

static void
translate(JoseBuf *buf, const char *from, const char *to)
{
	size_t		i;

	for (i = 0; i < buf->len; i++)
	{
		const char *found = buf->data[i] != 0 ? strchr(from, buf->data[i]) : NULL;

		if (found != NULL)
			buf->data[i] = (unsigned char) to[found - from];
	}
}

/* Mutate what a run of base64 stands for: a token's part, a JWK's number, a line of PEM. */
static void
mutate_encoded(JoseBuf *buf)
{
	size_t		start = below(buf->len);
	size_t		end = start;
	bool		standard = memmem(buf->data, buf->len, "-----BEGIN", 10) != NULL;
	JoseBuf		text = {0};
	JoseBuf		bytes = {0};

	while (start > 0 && is_base64(buf->data[start - 1]))
		start--;
	while (end < buf->len && is_base64(buf->data[end]))
		end++;
	if (end <= start)
		return;
	jose_buf_append(&text, buf->data + start, end - start);
	translate(&text, "+/", "-_");
	if (jose_b64_decode_buf((const char *) text.data, text.len, &bytes) == JOSE_OK)
	{
		mutate_bytes(&bytes);
		jose_buf_reset(&text);
		jose_b64_append(&text, bytes.data, bytes.len);
		if (standard)
			translate(&text, "-_", "+/");
		replace(buf, start, end - start, text.data, text.len);
	}
	jose_buf_free(&text);
	jose_buf_free(&bytes);
}

static void
make_input(void)
{
	const JoseBuf *seed = &seeds.seed[below((size_t) seeds.count)];
	size_t		rounds = 1 + below(4);

	jose_buf_free(&input);
	jose_buf_append(&input, seed->data, seed->len);
	while (rounds-- > 0)
	{
		if (below(2) == 0 && input.len > 0)
			mutate_encoded(&input);
		else
			mutate_bytes(&input);
	}
	if (input.len > INPUT_LIMIT)
		input.len = INPUT_LIMIT;
}

/* ---- the run ---- */

static double
now(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static void
run(const char *target, long n)
{
	double		begun = now(CLOCK_MONOTONIC);
	double		slowest = 0;
	long		i;

	for (i = 1; i <= n; i++)
	{
		double		before;
		double		taken;
		uint8_t    *copy;

		make_input();
		/* of its exact size, so that a byte too far is seen */
		copy = malloc(input.len > 0 ? input.len : 1);
		memcpy(copy, input.data, input.len);
		before = now(CLOCK_PROCESS_CPUTIME_ID);
		LLVMFuzzerTestOneInput(copy, input.len);
		taken = now(CLOCK_PROCESS_CPUTIME_ID) - before;
		free(copy);
		if (taken > slowest)
		{
			slowest = taken;
			save_input_as(slowest_file);
		}
		if (i % (n >= 10 ? n / 10 : 1) == 0 || i == n)
		{
			printf("%-8s %8ld of %ld   %6.0f/s   %ld taken for good   slowest %.1f ms\n", target, i, n,
				   (double) i / (now(CLOCK_MONOTONIC) - begun), fuzz_accepted, slowest * 1000);
			fflush(stdout);
		}
	}
}

static int
replay(const char *path)
{
	FILE	   *file = fopen(path, "r");
	static uint8_t data[INPUT_LIMIT];
	size_t		size;

	if (file == NULL)
	{
		perror(path);
		return 2;
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	printf("%s: %zu bytes, nothing happened\n", path, size);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *seed = getenv("FUZZ_SEED");
	long		n = argc == 4 ? atol(argv[2]) : 0;
	int			i;

	if (argc == 3 && strcmp(argv[1], "--replay") == 0)
		return replay(argv[2]);
	if (n <= 0)
	{
		fprintf(stderr, "usage: driver TARGET N CRASH_FILE\n       driver --replay FILE\n");
		return 2;
	}
	random_state = seed != NULL ? strtoull(seed, NULL, 0) : 1;
	crash_file = argv[3];
	snprintf(slowest_file, sizeof(slowest_file), "%s.slowest", crash_file);
	signal(SIGABRT, on_abort);
	__sanitizer_set_death_callback(save_input);

	seeds = fuzz_seeds(argv[1]);
	for (i = 0; i < seeds.count; i++)
		LLVMFuzzerTestOneInput(seeds.seed[i].data, seeds.seed[i].len);
	run(argv[1], n);
	return 0;
}
