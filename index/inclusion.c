#include "index/inclusion.h"

#include <string.h>

#include "index/import.h"

const struct inclusion_program inclusion_programs[INCLUSION_PROGRAMS] = {
	{ "mozilla", DB_CCADB_MOZILLA, DB_CCADB_MOZILLA_BITS, true },
	{ "chrome", DB_CCADB_CHROME, DB_CCADB_FIELDS, true },
	{ "apple", DB_CCADB_APPLE, DB_CCADB_APPLE_BITS, false },
	{ "microsoft", DB_CCADB_MICROSOFT, DB_CCADB_MICROSOFT_EKUS, false },
};

bool inclusion_holds(const char *status)
{
	return strcmp(status, "Included") == 0 || strcmp(status, CCADB_OWN_LIST) == 0 ||
	       strcmp(status, "NotBefore") == 0;
}

/* Is one of the words an element of the list ("Websites;Email")? */
static bool lists(const char *list, const char *const *words)
{
	while (list && *list) {
		size_t n = strcspn(list, ";");
		const char *end = list + n;
		while (n && *list == ' ')
			list++, n--;
		while (n && list[n - 1] == ' ')
			n--;
		for (int i = 0; words[i]; i++)
			if (strlen(words[i]) == n && strncmp(words[i], list, n) == 0)
				return true;
		list = *end ? end + 1 : end;
	}
	return false;
}

bool inclusion_allows(const struct inclusion_program *p, const char *bits, int purpose)
{
	static const char *const tls[] = { "Websites", "TLS Server", "Server Authentication", NULL };
	static const char *const email[] = { "Email", "Secure Email", NULL };

	if (p->bits == DB_CCADB_FIELDS)
		return purpose == PURPOSE_TLS;
	return !bits || !*bits || lists(bits, purpose == PURPOSE_TLS ? tls : email);
}
