/* A growing array of any type:
 *
 *	VEC(uint32_t) v = {0};
 *	vec_push(&v, 7u);
 *	for (size_t i = 0; i < v.n; i++) use(v.v[i]);
 *	vec_release(&v); */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <stdlib.h>
#include "base/mem.h"

#define VEC(type)                                                                                                      \
	struct {                                                                                                       \
		type *v;                                                                                               \
		size_t n, cap;                                                                                         \
	}
#define vec_reserve(vec, want)                                                                                         \
	do {                                                                                                           \
		if ((vec)->cap < (want)) {                                                                             \
			size_t cap_ = (vec)->cap ? (vec)->cap * 2 : 8;                                                 \
			if (cap_ < (want))                                                                             \
				cap_ = (want);                                                                         \
			(vec)->v = xreallocarray((vec)->v, cap_, sizeof(*(vec)->v));                                   \
			(vec)->cap = cap_;                                                                             \
		}                                                                                                      \
	} while (0)
#define vec_push(vec, ...)                                                                                             \
	do {                                                                                                           \
		vec_reserve(vec, (vec)->n + 1);                                                                        \
		(vec)->v[(vec)->n++] = (__VA_ARGS__);                                                                  \
	} while (0)
#define vec_release(vec)                                                                                               \
	do {                                                                                                           \
		free((vec)->v);                                                                                        \
		(vec)->v = NULL;                                                                                       \
		(vec)->n = (vec)->cap = 0;                                                                             \
	} while (0)

#endif
