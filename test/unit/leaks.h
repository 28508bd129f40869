/*
 * leaks.h
 *		For test programs that parse broken JSON: where the text after a name or
 *		a value is wrong, PostgreSQL's parser forgets the copy it had made for
 *		our callbacks.  In the server the copy goes with its memory context;
 *		here LeakSanitizer is told.  Included once in a program.
 */
#ifndef UNIT_LEAKS_H
#define UNIT_LEAKS_H

extern const char *__lsan_default_suppressions(void);
extern const char *__lsan_default_options(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:pstrdup\nleak:palloc\n";
}

const char *
__lsan_default_options(void)
{
	return "print_suppressions=0";
}

#endif							/* UNIT_LEAKS_H */
