/* What was found of all CAs (checking.h), of one of them: what its detail tells.
 *
 *	for (size_t i = 0; i < facts_findings(checked, id, &list); i++) … */
#ifndef TUI_FACTS_H
#define TUI_FACTS_H

#include "tui/checking.h"

/* Those about the CA or one of its certificates, severe ones first, else in the order of `check`; heap. Returns how
 * many. */
size_t facts_findings(const struct checked *c, const uint8_t ca[32], const struct found ***ret);
/* The ranked sites that its unexpired leaves name, by rank, borrowed; *coverage says whether these are all. */
size_t facts_sites(const struct sited *s, const uint8_t ca[32], const struct site_use **ret, enum coverage *coverage);

#endif
