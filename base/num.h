/* The only functions that turn text into integers, and integers into text for people. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stddef.h>
#include <stdint.h>

/* Whole string, decimal, no sign but '-', no blanks. 0 or -1 (also on overflow). */
int num_parse_u64(const char *s, uint64_t *ret);
int num_parse_i64(const char *s, int64_t *ret);
/* Also as num_group() writes it. */
int num_parse_grouped(const char *s, uint64_t *ret);
/* "2,914,113" into buf (at least 32 bytes); returns buf. */
char *num_group(char *buf, uint64_t n);
/* "12.3 %", "0 %" and "100 %" only where that is so, else "< 0.1 %", "> 99.9 %"; buf has at least 16 bytes. */
char *num_percent(char *buf, uint64_t part, uint64_t whole);
/* "0.123456789", nine digits; buf has at least 16 bytes. part is at most whole, which is not 0. */
char *num_share(char *buf, uint64_t part, uint64_t whole);
/* At most 6 columns: "999", "9,999", "18.2 M", "61 k"; returns buf (>= 16 bytes). */
char *num_short(char *buf, uint64_t n);

#endif
