/*
 * readfile.c
 *		Reads small files, after a look at whose they are.
 */
#include "postgres.h"

#include <fcntl.h>
#include <unistd.h>

#include "storage/fd.h"

#include "readfile.h"
#include "scoped.h"

static void
check_owner(const struct stat *st, size_t max, JwtCode error)
{
	if (!S_ISREG(st->st_mode))
		jwt_raise(error, "The path does not name a regular file.");
	if (st->st_uid != geteuid() && st->st_uid != 0)
		jwt_raise(error, "The file belongs to another user.");
	if (st->st_size > (off_t) max)
		jwt_raise(error, "The file is too large.");
}

JoseBuf *
readfile(const char *path, size_t max, JwtCode error, void (*check) (const char *path, const struct stat *st))
{
	JoseBuf    *buf = scoped_buf();
	/* a FIFO, which is refused below, would make open wait for its writer */
	int			fd = OpenTransientFile(path, O_RDONLY | PG_BINARY | O_NONBLOCK);
	struct stat st;
	unsigned char *room;
	ssize_t		got;

	if (fd < 0 || fstat(fd, &st) != 0)
		jwt_raise(error, psprintf("The file cannot be opened: %s.", strerror(errno)));
	check_owner(&st, max, error);
	check(path, &st);
	room = jose_buf_grow(buf, (size_t) st.st_size);
	if (room == NULL)
		jwt_raise(JOSE_ERR_MEMORY, NULL);
	got = read(fd, room, (size_t) st.st_size);
	CloseTransientFile(fd);
	if (got < 0)
		jwt_raise(error, "The file cannot be read.");
	buf->len = (size_t) got;
	buf->data[got] = '\0';
	return buf;
}
