/*
 * no_gettext.c
 *		Message catalogues of no effect, for a server under AddressSanitizer.
 *
 * Debian's libgpg-error binds its catalogue before the sanitizer's start-up has
 * run; glibc's lock for that is then never released, and the server hangs.
 */
char	   *bindtextdomain(const char *domain, const char *folder);
char	   *textdomain(const char *domain);

char *
bindtextdomain(const char *domain, const char *folder)
{
	return (char *) folder;
}

char *
textdomain(const char *domain)
{
	return (char *) domain;
}
