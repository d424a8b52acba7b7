#include "tui/keys.h"

#include <curses.h>
#include <string.h>

#include "base/text.h"

static const struct {
	const char *name;
	int key;
} names[] = {
	{ "Up", KEY_FN(KEY_UP) },
	{ "Down", KEY_FN(KEY_DOWN) },
	{ "Left", KEY_FN(KEY_LEFT) },
	{ "Right", KEY_FN(KEY_RIGHT) },
	{ "PgUp", KEY_FN(KEY_PPAGE) },
	{ "PgDn", KEY_FN(KEY_NPAGE) },
	{ "Home", KEY_FN(KEY_HOME) },
	{ "End", KEY_FN(KEY_END) },
	{ "Del", KEY_FN(KEY_DC) },
	{ "S-Tab", KEY_FN(KEY_BTAB) },
	{ "A-Left", KEY_FN(KEY_PREVIOUS) },
	{ "A-Right", KEY_FN(KEY_NEXT) },
	{ "F1", KEY_FN(KEY_F(1)) },
	{ "F3", KEY_FN(KEY_F(3)) },
	{ "F4", KEY_FN(KEY_F(4)) },
	{ "F5", KEY_FN(KEY_F(5)) },
	{ "F10", KEY_FN(KEY_F(10)) },
	{ "Paste", KEY_FN(KEY_OPEN) },
	{ "PasteEnd", KEY_FN(KEY_CLOSE) },
	{ "Resize", KEY_FN(KEY_RESIZE) },
	{ "Mouse", KEY_FN(KEY_MOUSE) },
	{ "Enter", '\r' },
	{ "Tab", '\t' },
	{ "Esc", KEY_ESC },
	{ "Space", ' ' },
	{ "Backspace", 127 },
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

int key_normal(int key)
{
	switch (key) {
	case '\n':
	case KEY_FN(KEY_ENTER):
		return '\r';
	case '\b':
	case KEY_FN(KEY_BACKSPACE):
		return 127;
	default:
		return key;
	}
}

int key_parse(const char *name, size_t len)
{
	uint32_t cp;

	for (size_t i = 0; i < N_NAMES; i++)
		if (strlen(names[i].name) == len && !memcmp(names[i].name, name, len))
			return names[i].key;
	if (len == 3 && name[0] == 'C' && name[1] == '-' && name[2] >= 'a' && name[2] <= 'z')
		return name[2] - 'a' + 1;
	return len && text_decode(name, len, &cp) == (int)len ? (int)cp : 0;
}

bool keys_each(const char *keys, bool (*fn)(void *ctx, const char *name, size_t len), void *ctx)
{
	while (*keys) {
		size_t len = strcspn(keys, " ");

		if (len && fn(ctx, keys, len))
			return true;
		keys += len;
		keys += strspn(keys, " ");
	}
	return false;
}

static bool is_key(void *ctx, const char *name, size_t len)
{
	return key_parse(name, len) == *(int *)ctx;
}

const struct binding *keys_find(const struct binding *table, int key)
{
	for (const struct binding *b = table; b && b->keys; b++)
		if (keys_each(b->keys, is_key, &key))
			return b;
	return NULL;
}
