#include "tui/theme.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct theme {
	const char *name;
	struct style selected; /* laid over a role under the cursor */
	struct style role[R_COUNT];
};

#define NO (-1)
#define BOLD STYLE_BOLD
#define DIM STYLE_DIM
#define LINE STYLE_UNDERLINE
#define REVERSE STYLE_REVERSE

static const struct theme themes[] = {
	{ .name = "dark",
		.selected = { NO, 238, NO, NO, BOLD },
		.role = {
			[R_TEXT] = { 252, NO, NO, NO, 0 },
			[R_TITLE] = { 255, 235, 7, NO, BOLD },
			[R_TITLE_DIM] = { 247, 235, 7, NO, 0 },
			[R_HEADER] = { 244, NO, NO, NO, LINE },
			[R_HEADER_ON] = { 255, NO, 7, NO, LINE | BOLD },
			[R_NUMBER] = { 252, NO, NO, NO, 0 },
			[R_DIM] = { 243, NO, NO, NO, 0 },
			[R_BAR] = { 67, NO, 4, NO, 0 },
			[R_GUIDE] = { 240, NO, NO, NO, 0 },
			[R_NAME] = { 253, NO, NO, NO, 0 },
			[R_OWNER] = { 246, NO, NO, NO, 0 },
			[R_GOOD] = { 108, NO, 2, NO, 0 },
			[R_SOME] = { 179, NO, 3, NO, 0 },
			[R_BAD] = { 167, NO, 1, NO, 0 },
			[R_MARK] = { 234, 179, 0, 3, BOLD },
			[R_LOST] = { 167, NO, 1, NO, BOLD },
			[R_MATCH] = { 222, NO, 3, NO, BOLD },
			[R_SECTION] = { 255, NO, 7, NO, BOLD },
			[R_LABEL] = { 245, NO, NO, NO, 0 },
			[R_LINK] = { 110, NO, 6, NO, 0 },
			[R_STATUS] = { 252, 235, 7, NO, 0 },
			[R_KEY] = { 252, NO, 7, NO, BOLD },
			[R_KEY_TEXT] = { 244, NO, NO, NO, 0 },
			[R_PROMPT] = { 255, 235, 7, NO, BOLD },
			[R_ERROR] = { 217, 235, 1, NO, BOLD },
			[R_BOX] = { 252, 237, 7, NO, 0 },
[R_BOX_ON] = { 255, 24, 7, 4, BOLD },
			[R_WRONG] = { 217, 88, 7, 1, BOLD | LINE },
			[R_CHOSEN] = { 255, 24, 7, 4, 0 },
		} },
	{ .name = "light",
		.selected = { NO, 253, NO, NO, BOLD },
		.role = {
			[R_TEXT] = { 236, NO, NO, NO, 0 },
			[R_TITLE] = { 232, 254, 0, NO, BOLD },
			[R_TITLE_DIM] = { 240, 254, 0, NO, 0 },
			[R_HEADER] = { 242, NO, NO, NO, LINE },
			[R_HEADER_ON] = { 232, NO, 0, NO, LINE | BOLD },
			[R_NUMBER] = { 236, NO, NO, NO, 0 },
			[R_DIM] = { 243, NO, NO, NO, 0 },
			[R_BAR] = { 67, NO, 4, NO, 0 },
			[R_GUIDE] = { 247, NO, NO, NO, 0 },
			[R_NAME] = { 234, NO, NO, NO, 0 },
			[R_OWNER] = { 240, NO, NO, NO, 0 },
			[R_GOOD] = { 28, NO, 2, NO, 0 },
			[R_SOME] = { 130, NO, 3, NO, 0 },
			[R_BAD] = { 124, NO, 1, NO, 0 },
			[R_MARK] = { 255, 130, 7, 3, BOLD },
			[R_LOST] = { 124, NO, 1, NO, BOLD },
			[R_MATCH] = { 130, NO, 3, NO, BOLD },
			[R_SECTION] = { 232, NO, 0, NO, BOLD },
			[R_LABEL] = { 241, NO, NO, NO, 0 },
			[R_LINK] = { 25, NO, 4, NO, 0 },
			[R_STATUS] = { 236, 254, 0, NO, 0 },
			[R_KEY] = { 234, NO, 0, NO, BOLD },
			[R_KEY_TEXT] = { 243, NO, NO, NO, 0 },
			[R_PROMPT] = { 232, 254, 0, NO, BOLD },
			[R_ERROR] = { 124, 254, 1, NO, BOLD },
			[R_BOX] = { 236, 253, 0, NO, 0 },
[R_BOX_ON] = { 255, 25, 7, 4, BOLD },
			[R_WRONG] = { 255, 124, 7, 1, BOLD | LINE },
			[R_CHOSEN] = { 255, 25, 7, 4, 0 },
		} },
	/* White on black whatever the terminal's own colours are; no text fainter than 250. */
	{ .name = "contrast",
		.selected = { 16, 231, 0, 7, BOLD },
		.role = {
			[R_TEXT] = { 231, 16, 7, 0, 0 },
			[R_TITLE] = { 16, 231, 0, 7, BOLD },
			[R_TITLE_DIM] = { 16, 231, 0, 7, 0 },
			[R_HEADER] = { 231, 16, 7, 0, LINE },
			[R_HEADER_ON] = { 226, 16, 3, 0, LINE | BOLD },
			[R_NUMBER] = { 231, 16, 7, 0, 0 },
			[R_DIM] = { 250, 16, 7, 0, 0 },
			[R_BAR] = { 51, 16, 6, 0, 0 },
			[R_GUIDE] = { 250, 16, 7, 0, 0 },
			[R_NAME] = { 231, 16, 7, 0, BOLD },
			[R_OWNER] = { 252, 16, 7, 0, 0 },
			[R_GOOD] = { 46, 16, 2, 0, BOLD },
			[R_SOME] = { 226, 16, 3, 0, BOLD },
			[R_BAD] = { 213, 16, 5, 0, BOLD },
			[R_MARK] = { 16, 226, 0, 3, BOLD },
			[R_LOST] = { 213, 16, 5, 0, BOLD },
			[R_MATCH] = { 226, 16, 3, 0, BOLD | LINE },
			[R_SECTION] = { 231, 16, 7, 0, BOLD | LINE },
			[R_LABEL] = { 252, 16, 7, 0, 0 },
			[R_LINK] = { 51, 16, 6, 0, LINE },
			[R_STATUS] = { 16, 231, 0, 7, 0 },
			[R_KEY] = { 226, 16, 3, 0, BOLD },
			[R_KEY_TEXT] = { 231, 16, 7, 0, 0 },
			[R_PROMPT] = { 16, 231, 0, 7, BOLD },
			[R_ERROR] = { 16, 213, 0, 5, BOLD },
			[R_BOX] = { 231, 18, 7, 4, 0 },
			[R_BOX_ON] = { 16, 226, 0, 3, BOLD },
			[R_WRONG] = { 16, 213, 0, 5, BOLD | LINE },
			[R_CHOSEN] = { 16, 226, 0, 3, 0 },
		} },
	{ .name = "off",
		.selected = { NO, NO, NO, NO, REVERSE },
		.role = {
			[R_TEXT] = { NO, NO, NO, NO, 0 },
			[R_TITLE] = { NO, NO, NO, NO, REVERSE },
			[R_TITLE_DIM] = { NO, NO, NO, NO, REVERSE },
			[R_HEADER] = { NO, NO, NO, NO, LINE },
			[R_HEADER_ON] = { NO, NO, NO, NO, LINE | BOLD },
			[R_NUMBER] = { NO, NO, NO, NO, 0 },
			[R_DIM] = { NO, NO, NO, NO, DIM },
			[R_BAR] = { NO, NO, NO, NO, 0 },
			[R_GUIDE] = { NO, NO, NO, NO, DIM },
			[R_NAME] = { NO, NO, NO, NO, 0 },
			[R_OWNER] = { NO, NO, NO, NO, DIM },
			[R_GOOD] = { NO, NO, NO, NO, 0 },
			[R_SOME] = { NO, NO, NO, NO, 0 },
			[R_BAD] = { NO, NO, NO, NO, BOLD },
			[R_MARK] = { NO, NO, NO, NO, BOLD | REVERSE },
			[R_LOST] = { NO, NO, NO, NO, BOLD },
			[R_MATCH] = { NO, NO, NO, NO, BOLD | LINE },
			[R_SECTION] = { NO, NO, NO, NO, BOLD },
			[R_LABEL] = { NO, NO, NO, NO, DIM },
			[R_LINK] = { NO, NO, NO, NO, LINE },
			[R_STATUS] = { NO, NO, NO, NO, REVERSE },
			[R_KEY] = { NO, NO, NO, NO, BOLD },
			[R_KEY_TEXT] = { NO, NO, NO, NO, 0 },
			[R_PROMPT] = { NO, NO, NO, NO, BOLD | REVERSE },
			[R_ERROR] = { NO, NO, NO, NO, BOLD | REVERSE },
			[R_BOX] = { NO, NO, NO, NO, 0 },
[R_BOX_ON] = { NO, NO, NO, NO, REVERSE | BOLD },
			[R_WRONG] = { NO, NO, NO, NO, BOLD | LINE },
			[R_CHOSEN] = { NO, NO, NO, NO, LINE }, /* the line around it is reversed */
		} },
};
#define N_THEMES (sizeof(themes) / sizeof(themes[0]))

int theme_find(const char *name, const struct theme **ret, struct err *err)
{
	const char *env = getenv("CANOPY_THEME");
	bool of_env = !name && env && *env;

	if (of_env)
		name = env;
	for (size_t i = 0; i < N_THEMES; i++) {
		if (!name || !strcmp(themes[i].name, name)) {
			*ret = &themes[i];
			return 0;
		}
	}
	return err_set(err, ERR_USAGE, "%sno theme '%s' (off, dark, light, contrast)", of_env ? "CANOPY_THEME: " : "", name);
}

const struct theme *theme_off(void)
{
	return &themes[N_THEMES - 1];
}

const char *theme_role_name(enum role role)
{
	static const char *const names[R_COUNT] = {
		[R_TEXT] = "text",
		[R_TITLE] = "title",
		[R_TITLE_DIM] = "title-dim",
		[R_HEADER] = "header",
		[R_HEADER_ON] = "header-on",
		[R_NUMBER] = "number",
		[R_DIM] = "dim",
		[R_BAR] = "bar",
		[R_GUIDE] = "guide",
		[R_NAME] = "name",
		[R_OWNER] = "owner",
		[R_GOOD] = "good",
		[R_SOME] = "some",
		[R_BAD] = "bad",
		[R_MARK] = "mark",
		[R_LOST] = "lost",
		[R_MATCH] = "match",
		[R_SECTION] = "section",
		[R_LABEL] = "label",
		[R_LINK] = "link",
		[R_STATUS] = "status",
		[R_KEY] = "key",
		[R_KEY_TEXT] = "key-text",
		[R_PROMPT] = "prompt",
		[R_ERROR] = "error",
		[R_BOX] = "box",
		[R_BOX_ON] = "box-on",
		[R_WRONG] = "wrong",
		[R_CHOSEN] = "chosen",
	};

	return names[role];
}

struct style theme_style(const struct theme *t, enum role role, int selected)
{
	struct style s = t->role[role];

	/* What has its own background (a mark) keeps it under the cursor. */
	if (!selected || s.bg != t->role[R_TEXT].bg)
		return s;
	s.bg = t->selected.bg;
	if (t->selected.fg >= 0)
		s.fg = t->selected.fg; /* of 8 colours the screen reverses the two */
	s.flags = (s.flags | t->selected.flags) & ~(unsigned)STYLE_DIM;
	return s;
}
