/* Errors as values. A function that can fail returns 0 or -1 and takes a
 * caller-owned `struct err *` last; it holds one lower-case sentence without
 * a full stop and the exit code it leads to. Context is added going up:
 *
 *	if (read_file(path, &buf, err) < 0)
 *		return err_context(err, "cannot import '%s'", path);
 *
 * Only cli and tui print errors. A NULL err is allowed and means "not told". */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* The exit codes of the contract; ERR_NONE doubles as "no error". */
enum err_kind {
	ERR_NONE = 0,
	ERR_ANSWER_NO = 1, /* findings present, answer "no" */
	ERR_USAGE = 2,     /* bad argument, unknown or ambiguous REF */
	ERR_INPUT = 3,     /* a file or document was rejected */
	ERR_NETWORK = 4,   /* a source failed */
	ERR_INDEX = 5,     /* the index cannot be read or written */
};

struct err {
	enum err_kind kind;
	char msg[1024];
};

/* Sets kind and message, always returns -1. Outside text in the arguments is
 * cleaned (text_clean) as a whole: no control character survives. What does
 * not fit is cut out of the middle. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Puts "CONTEXT: " before the message, keeps the kind, returns -1. */
int err_context(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* err_set with ": strerror(errno)" behind the message. */
int err_errno(struct err *err, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
