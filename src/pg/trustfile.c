/*
 * trustfile.c
 *		Reads and writes the trust file.
 *
 * While a client logs in no database is open, so no table can be read.  The
 * file says what the tables say of whom to trust, public halves only, as
 *
 *	{"version": 1, "database": "app", "issuers": [
 *		{"issuer": "https://...", "leeway": 10, "algorithms": ["ES256"],
 *		 "audience": ["..."], "type": "at+jwt", "required_claims": ["exp"],
 *		 "roles_claim": ["roles"], "jwks": {...}, "keys": [{...}]}]}
 *
 * jwks is a foreign issuer's, keys are our own; one of them with "exp" is
 * retired and verifies until then.  It is read anew for each log-in, and
 * replaced by rename, so a reader sees the one or the other and never half.
 */
#include "postgres.h"

#include <fcntl.h>
#include <unistd.h>

#include "miscadmin.h"
#include "storage/fd.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "guc.h"
#include "jose/json.h"
#include "keycache.h"
#include "readfile.h"
#include "scoped.h"
#include "trustfile.h"
#include "verify.h"

#define VERSION		1

static void
bad_file(const char *what)
{
	jwt_raise(JWT_ERR_TRUST_FILE, what);
}

/* ---- members ---- */

static const JoseObject *
parse_object(const char *json, size_t len)
{
	JoseObject **object = scoped_object();
	JoseError	error = jose_object_parse(json, len, object);

	if (error != JOSE_OK)
		bad_file(error == JOSE_ERR_TOO_LARGE ? "It is too large." : "It is not the JSON that is expected.");
	return *object;
}

/* The elements of a member; none where it is absent. */
static const JoseObject *
array_of(const JoseObject *object, const char *name)
{
	const JoseMember *member = jose_object_get(object, name);
	JoseObject **array = scoped_object();
	JoseError	error = member == NULL ? jose_array_parse("[]", 2, array) :
		jose_array_parse(member->raw, member->raw_len, array);

	if (error == JOSE_ERR_TOO_LARGE)
		bad_file(psprintf("Its \"%s\" has more than %d elements.", name, JOSE_MAX_MEMBERS));
	if (error != JOSE_OK)
		bad_file(psprintf("Its \"%s\" is not a list.", name));
	return *array;
}

static char *
string_of(const JoseObject *object, const char *name)
{
	const char *value;

	if (!jose_object_string(object, name, &value))
		bad_file(psprintf("Its \"%s\" is not a string.", name));
	return value != NULL ? pstrdup(value) : NULL;
}

static TextList
list_of(const JoseObject *object, const char *name)
{
	const JoseObject *array = array_of(object, name);
	TextList	list = {array->count, palloc(sizeof(char *) * (array->count + 1))};
	int			i;

	for (i = 0; i < array->count; i++)
	{
		if (array->members[i].string == NULL)
			bad_file(psprintf("Its \"%s\" holds something that is not a string.", name));
		list.items[i] = pstrdup(array->members[i].string);
	}
	return list;
}

/* A whole number, or otherwise where the member is absent. */
static int64
integer_of(const JoseObject *object, const char *name, int64 otherwise)
{
	const JoseMember *member = jose_object_get(object, name);
	char	   *digits;
	char	   *end;
	int64		value;

	if (member == NULL)
		return otherwise;
	digits = pnstrdup(member->raw, member->raw_len);
	errno = 0;
	value = strtoi64(digits, &end, 10);
	if (member->type != JOSE_JSON_NUMBER || errno != 0 || *end != '\0' ||
		value < 0 || value > PG_INT64_MAX / USECS_PER_SEC / 2)
		bad_file(psprintf("Its \"%s\" is not a whole number.", name));
	return value;
}

/* ---- an issuer ---- */

static void
read_keys(TrustedIssuer *trusted, const JoseObject *entry)
{
	const JoseMember *jwks = jose_object_get(entry, "jwks");
	const JoseObject *own = array_of(entry, "keys");
	JoseKeySet **set = scoped_keyset();
	int			i;

	*set = jwks == NULL ? jose_keyset_new(true) : NULL;
	if (jwks != NULL && jose_keyset_from_json(jwks->raw, jwks->raw_len, set) != JOSE_OK)
		bad_file("Its \"jwks\" is not one.");
	if (*set == NULL)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	trusted->keys = *set;
	trusted->good_until = DT_NOEND;
	for (i = 0; i < own->count; i++)
	{
		const JoseMember *jwk = &own->members[i];
		int64		exp = integer_of(parse_object(jwk->raw, jwk->raw_len), "exp", 0);
		TimestampTz end = exp > 0 ? exp * USECS_PER_SEC - UNIX_EPOCH_OFFSET : DT_NOEND;
		JoseKey    *key;

		if (end <= GetCurrentTimestamp())
			continue;
		if (jose_key_from_jwk(jwk->raw, jwk->raw_len, &key) != JOSE_OK)
			bad_file("Its \"keys\" hold something that is not a JWK.");
		jwt_check(jose_keyset_add(*set, key));
		(*set)->is_set = true;
		trusted->good_until = Min(trusted->good_until, end);
	}
}

static JoseAlgSet
algs_of(const TrustedIssuer *trusted, const TextList *names)
{
	JoseAlgSet	algs = 0;
	int			i;

	for (i = 0; i < names->count; i++)
	{
		const JoseAlg *alg = jose_alg_by_name(names->items[i]);

		if (alg == NULL || !jose_alg_is_signature(alg))
			bad_file("Its \"algorithms\" name no signature algorithm.");
		algs |= jose_alg_bit(alg);
	}
	return algs != 0 ? algs : jose_keyset_default_algs(trusted->keys, JOSE_OP_VERIFY);
}

static TrustedIssuer *
read_issuer(const JoseObject *entry)
{
	TrustedIssuer *trusted = palloc0(sizeof(TrustedIssuer));
	TextList	algorithms = list_of(entry, "algorithms");

	trusted->context = CurrentMemoryContext;
	trusted->issuer = string_of(entry, "issuer");
	trusted->enabled = true;
	read_keys(trusted, entry);
	trusted->thumbprints = palloc0(TRUST_THUMBPRINT * (trusted->keys->count + 1));
	trusted->algs = algs_of(trusted, &algorithms);
	trusted->audience = list_of(entry, "audience");
	trusted->type = string_of(entry, "type");
	trusted->required = list_of(entry, "required_claims");
	trusted->roles_claim = list_of(entry, "roles_claim");
	trusted->leeway = integer_of(entry, "leeway", 0) * USECS_PER_SEC;
	return trusted;
}

/* ---- the document ---- */

static const JoseObject *
parse_document(const char *json, size_t len)
{
	const JoseObject *document = parse_object(json, len);

	if (integer_of(document, "version", 0) != VERSION)
		bad_file("It is of another version.");
	return document;
}

static const JoseObject *
entry_of(const JoseMember *element)
{
	const JoseObject *entry = parse_object(element->raw, element->raw_len);

	if (string_of(entry, "issuer") == NULL)
		bad_file("An issuer of it has no name.");
	return entry;
}

/* Whoever can write it can log in as anybody: that is the server's own user, and root. */
static void
check_mode(const char *path, const struct stat *st)
{
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		bad_file("The file can be written by group or others.");
}

static const JoseObject *
read_document(void)
{
	JoseBuf    *file;

	if (guc_trust_file == NULL || guc_trust_file[0] == '\0')
		bad_file("oauth_jwt.trust_file is not set.");
	file = readfile(guc_trust_file, JOSE_MAX_KEYSET_TEXT, JWT_ERR_TRUST_FILE, check_mode);
	return parse_document((const char *) file->data, file->len);
}

const TrustedIssuer *
trustfile_read(const char *issuer)
{
	const JoseObject *issuers = array_of(read_document(), "issuers");
	int			i;

	for (i = 0; i < issuers->count; i++)
	{
		const JoseObject *entry = entry_of(&issuers->members[i]);

		if (strcmp(string_of(entry, "issuer"), issuer) == 0)
			return read_issuer(entry);
	}
	return NULL;
}

uint64
trustfile_serial(void)
{
	static struct stat seen;
	static uint64 serial = 0;
	struct stat st;

	if (guc_trust_file == NULL || stat(guc_trust_file, &st) != 0)
		return ++serial;
	if (st.st_dev == seen.st_dev && st.st_ino == seen.st_ino && st.st_size == seen.st_size &&
		st.st_mtim.tv_sec == seen.st_mtim.tv_sec && st.st_mtim.tv_nsec == seen.st_mtim.tv_nsec &&
		st.st_ctim.tv_sec == seen.st_ctim.tv_sec && st.st_ctim.tv_nsec == seen.st_ctim.tv_nsec)
		return serial;
	seen = st;
	return ++serial;
}

/* ---- writing ---- */

/* Two databases that export in turn would each shut out the other's users. */
static void
check_database(const JoseObject *document)
{
	const char *ours = string_of(document, "database");
	const char *theirs;

	if (access(guc_trust_file, F_OK) != 0)
		return;
	theirs = string_of(read_document(), "database");
	if (ours == NULL || theirs == NULL || strcmp(ours, theirs) == 0)
		return;
	ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					errmsg("trust file is another database's"),
					errdetail("Database \"%s\" wrote \"%s\".", theirs, guc_trust_file),
					errhint("One database says whom log-ins trust. If it is to be this one from now on, remove the file first.")));
}

static void
raise_file_error(const char *path)
{
	ereport(ERROR, (errcode_for_file_access(),
					errmsg("could not write file \"%s\": %m", path)));
}

/*
 * A new file, of our own and with this mode.  What a crash has left there, or
 * somebody has linked to elsewhere, goes first, and is not written to.
 */
static void
write_whole(const char *path, const char *text, size_t len)
{
	int			fd;

	if (unlink(path) != 0 && errno != ENOENT)
		raise_file_error(path);
	fd = OpenTransientFilePerm(path, O_WRONLY | O_CREAT | O_EXCL | PG_BINARY, S_IRUSR | S_IWUSR);
	if (fd < 0)
		raise_file_error(path);
	errno = 0;
	if (write(fd, text, len) != (ssize_t) len)
	{
		if (errno == 0)
			errno = ENOSPC;
		raise_file_error(path);
	}
	if (pg_fsync(fd) != 0 || CloseTransientFile(fd) != 0)
		raise_file_error(path);
}

void
trustfile_write(const char *text, size_t len)
{
	const JoseObject *document = parse_document(text, len);
	const JoseObject *issuers = array_of(document, "issuers");
	char	   *fresh;
	int			i;

	/* what could not be read must not take the place of what could */
	for (i = 0; i < issuers->count; i++)
		(void) read_issuer(entry_of(&issuers->members[i]));
	if (guc_trust_file == NULL || guc_trust_file[0] == '\0')
		bad_file("oauth_jwt.trust_file is not set.");
	check_database(document);
	fresh = psprintf("%s.new", guc_trust_file);
	write_whole(fresh, text, len);
	(void) durable_rename(fresh, guc_trust_file, ERROR);
}
