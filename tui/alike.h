/* What tells CAs apart that stand beside each other under one name, as three roots called GlobalSign.
 *
 *	uint8_t *alike = alike_find(&model, list, n); // enum alike by place in the list, heap
 *	alike_tell(&model, list[i], alike[i], &text);  // "GlobalSign" + " (GlobalSign Root CA - R3)" */
#ifndef TUI_ALIKE_H
#define TUI_ALIKE_H

#include "tui/model.h"

enum alike {
	ALIKE_NOT,
	ALIKE_BUT_UNIT, /* none of that name has its organizational unit, too */
	ALIKE_IN_ALL,   /* one has, or it names no unit */
};
uint8_t *alike_find(const struct model *m, const uint32_t *list, size_t n);
/* Adds the organizational units, else the first digits of the ca_id; of ALIKE_NOT nothing. */
void alike_tell(const struct model *m, uint32_t ca, enum alike alike, struct strbuf *out);

#endif
