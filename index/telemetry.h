/* Firefox's count of successful validations by root: a GLAM export of the metric cert.validation_success_by_ca, and
 * KnownRootHashes.json, which says the number ("bin") of each root.
 *
 * The numbers 0 to 3 are no roots, whatever the table says: Firefox counts there what ends in no root of its own (0
 * unknown, 1 imported by the user, 2 of an external token, 3 of the operating system). Tables of 2024 and 2025 gave 1, 2
 * and 3 to roots as well; what those roots had cannot be told apart, so they are not given. The metric
 * cert.validation_success_by_ca_2 counts by other numbers and is refused.
 *
 *	struct telemetry_handler h = { .ctx = x, .bin = …, .problem = … };
 *	if (telemetry_recognise(data, n))
 *		r = telemetry_read(data, n, &h, &err); */
#ifndef INDEX_TELEMETRY_H
#define INDEX_TELEMETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "base/err.h"

#define TELEMETRY_FIRST_ROOT 4 /* the smallest number that is a root's alone */

struct telemetry_handler {
	void *ctx;
	/* telemetry_read: the validations of one number over all versions in the file, once each, ascending; < 0 stops. */
	int (*bin)(void *ctx, uint32_t bin, uint64_t validations);
	/* telemetry_roots_read: in the order of the file, no number and no fingerprint twice; < 0 stops. */
	int (*root)(void *ctx, uint32_t bin, const uint8_t sha256[32]);
	void (*problem)(void *ctx, const char *place, const char *what); /* may be NULL */
};

/* 0; -1 with ERR_INPUT; or -1 when a callback stopped. */
int telemetry_read(const char *data, size_t n, const struct telemetry_handler *h, struct err *err);
int telemetry_roots_read(const char *data, size_t n, const struct telemetry_handler *h, struct err *err);
bool telemetry_recognise(const char *data, size_t n);
bool telemetry_roots_recognise(const char *data, size_t n);

#endif
