#include "tui/screen.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/strbuf.h"
#include "base/text.h"
#include "tui/fmt.h"
#include "tui/keys.h"
#include "tui/terminal.h"

#define MAX_COLUMNS 1024
#define MAX_WATCHED 16 /* more than there are kinds of work that go on at once */
#define REPLACEMENT 0xFFFD
#define ESC 27
#define CSI_MOST 32
#define ESC_MS 25 /* after which an Esc is a key of its own */
#define ESC_PASTED_MS 1000
#define AHEAD_MAX 256
#define TICK_NS 150000000 /* of what moves while something is watched */

static struct {
	SCREEN *screen;
	FILE *null_in, *null_out; /* headless */
	bool open, colour, plain;
	bool bytes; /* keys are read as such, which are UTF-8 */
	char part[4]; /* the first bytes of such a character */
	size_t n_part;
	int back[CSI_MOST]; /* of what was read as a sequence of a terminal's, and is none */
	size_t first_back, n_back;
	int ahead[AHEAD_MAX]; /* keys that were looked at and not taken, from first_ahead on, around its end */
	size_t first_ahead, n_ahead;
	attr_t attr[R_COUNT][2];
	short pair[R_COUNT][2];
} scr;
static struct {
	int fd[MAX_WATCHED];
	nfds_t n;
	int ticks;
} watched;

static void set_style(enum role role, int selected, const struct style *s)
{
	bool rich = COLORS >= 256;
	short pair = (short)(1 + role * 2 + selected);
	attr_t a = A_NORMAL;

	if (s->flags & STYLE_BOLD)
		a |= A_BOLD;
	if (s->flags & STYLE_DIM)
		a |= A_DIM;
	if (s->flags & STYLE_UNDERLINE)
		a |= A_UNDERLINE;
	if (s->flags & STYLE_REVERSE || (selected && scr.colour && !rich))
		a |= A_REVERSE;
	scr.attr[role][selected] = a;
	if (scr.colour) {
		init_pair(pair, rich ? s->fg : s->fg8, rich ? s->bg : s->bg8);
		scr.pair[role][selected] = pair;
	}
}

/* What nothing is written on looks like text, where a theme has a background of its own. */
static void set_background(const struct theme *theme)
{
	struct style text = theme_style(theme, R_TEXT, false);
	cchar_t blank;

	if (scr.colour && text.bg >= 0 && setcchar(&blank, L" ", A_NORMAL, scr.pair[R_TEXT][0], NULL) == OK)
		bkgrndset(&blank);
}

static void set_theme(const struct theme *theme)
{
	scr.colour = false;
	if (theme != theme_off() && has_colors() && start_color() == OK && COLOR_PAIRS > R_COUNT * 2) {
		use_default_colors();
		scr.colour = true;
	}
	if (!scr.colour)
		theme = theme_off();
	memset(scr.pair, 0, sizeof(scr.pair));
	for (int role = 0; role < R_COUNT; role++) {
		for (int selected = 0; selected < 2; selected++) {
			struct style s = theme_style(theme, (enum role)role, selected);
			set_style((enum role)role, selected, &s);
		}
	}
	set_background(theme);
}

static int open_headless(const struct screen_options *o, struct err *err)
{
	scr.null_in = fopen("/dev/null", "r");
	scr.null_out = fopen("/dev/null", "w");
	if (!scr.null_in || !scr.null_out)
		return err_errno(err, ERR_USAGE, "cannot open '/dev/null'");
	scr.screen = newterm("xterm-256color", scr.null_out, scr.null_in);
	if (!scr.screen)
		return err_set(err, ERR_USAGE, "terminfo has no 'xterm-256color'");
	set_term(scr.screen);
	resizeterm(o->rows, o->cols);
	return 0;
}

static int open_terminal(struct err *err)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(
			err, ERR_USAGE, "the browser needs a terminal; 'canopy tree' writes the hierarchy as text");
	if (!term || !*term || !strcmp(term, "dumb"))
		return err_set(err, ERR_USAGE,
			"the terminal '%s' cannot show the browser; 'canopy tree' writes the hierarchy as text",
			term ? term : "");
	scr.screen = terminal_is_known(term) ? newterm(NULL, stdout, stdin) : NULL;
	if (!scr.screen)
		return err_set(err, ERR_USAGE, "terminfo does not know the terminal '%s'", term);
	set_term(scr.screen);
	return 0;
}

/* Between two keys stands then what is pasted (bracketed paste, DEC private mode 2004 of xterm); who does not know it says
 * nothing to it. */
static void bracket_pastes(bool on)
{
	if (scr.null_out)
		return;
	fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
	fflush(stdout);
}

/* C-c and C-\ are keys, which throw nothing away unasked; curses has it so again after a suspension. */
static void keys_for_signals(void)
{
	struct termios modes;

	if (scr.null_out || tcgetattr(STDOUT_FILENO, &modes) < 0)
		return;
	modes.c_cc[VINTR] = modes.c_cc[VQUIT] = _POSIX_VDISABLE;
	tcsetattr(STDOUT_FILENO, TCSADRAIN, &modes);
	def_prog_mode();
}

/* Where the locale has ASCII alone, what is above that is UTF-8 too, as terminals send it. */
static bool sends_utf8(void)
{
	static const char *const names[] = { "UTF-8", "ANSI_X3.4-1968", "US-ASCII", "ASCII", "646" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(nl_langinfo(CODESET), names[i]))
			return true;
	return false;
}

void screen_ask_size(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || !size.ws_row || !size.ws_col)
		return;
	unsetenv("COLUMNS");
	unsetenv("LINES");
}

int screen_open(const struct screen_options *o, struct err *err)
{
	if ((o->rows > 0 ? open_headless(o, err) : open_terminal(err)) < 0) {
		screen_close();
		return -1;
	}
	scr.open = true;
	scr.plain = o->plain;
	scr.bytes = sends_utf8();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	keys_for_signals();
	set_escdelay(ESC_MS);
	/* Alt with an arrow, as xterm and its likes send it */
	define_key("\033[1;3D", KEY_PREVIOUS);
	define_key("\033[1;3C", KEY_NEXT);
	define_key("\033[200~", KEY_OPEN);
	define_key("\033[201~", KEY_CLOSE);
	bracket_pastes(true);
	if (!o->plain)
		curs_set(0);
	if (o->mouse) {
		mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
		mouseinterval(0);
	}
	set_theme(o->theme);
	return 0;
}

void screen_restore(void)
{
	if (scr.open && !isendwin()) {
		bracket_pastes(false);
		endwin();
	}
}

void screen_close(void)
{
	screen_restore();
	scr.open = false;
	if (scr.screen)
		delscreen(scr.screen);
	if (scr.null_in)
		fclose(scr.null_in);
	if (scr.null_out)
		fclose(scr.null_out);
	memset(&scr, 0, sizeof(scr));
}

void screen_size(int *rows, int *cols)
{
	getmaxyx(stdscr, *rows, *cols);
	if (*cols > MAX_COLUMNS)
		*cols = MAX_COLUMNS;
}

void screen_resize(int rows, int cols)
{
	resizeterm(rows, cols);
}

void screen_begin(void)
{
	erase();
}

void screen_end(int y, int x, bool visible)
{
	if (!scr.plain)
		curs_set(visible);
	move(y, x);
	refresh();
}

void screen_repaint(void)
{
	clearok(curscr, TRUE);
}

void screen_suspend(void)
{
	struct sigaction stop = { .sa_handler = SIG_DFL }, before;
	sigset_t only, mask;

	if (scr.null_out || sigaction(SIGTSTP, NULL, &before) < 0 || before.sa_handler == SIG_IGN)
		return;
	bracket_pastes(false);
	endwin();
	sigemptyset(&stop.sa_mask);
	sigaction(SIGTSTP, &stop, NULL);
	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &only, &mask);
	raise(SIGTSTP); /* here until somebody continues us */
	sigprocmask(SIG_SETMASK, &mask, NULL);
	sigaction(SIGTSTP, &before, NULL);
	clearok(curscr, TRUE);
	refresh();
	bracket_pastes(true);
}

/* How many bytes a character has that begins so; 0: none does. */
static size_t sequence(unsigned char c)
{
	return c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
}

/* get_wch() drops what the locale does not know, half a character of which the rest is still to come, and what came with
 * either. A byte that is no UTF-8 is seen as U+FFFD. */
static bool take_bytes(int *key)
{
	for (int c = getch(); c != ERR; c = getch()) {
		bool more = c >= 0x80 && c < 0xc0 && scr.n_part;
		uint32_t cp;

		if (c == KEY_RESIZE) { /* nobody typed it */
			*key = KEY_FN(c);
			return true;
		}
		if (!more && scr.n_part) {
			ungetch(c);
			scr.n_part = 0;
			*key = REPLACEMENT;
			return true;
		}
		if (c < 0x80 || c > 0xff) {
			*key = key_normal(c > 0xff ? KEY_FN(c) : c);
			return true;
		}
		if (!more && !sequence((unsigned char)c)) {
			*key = REPLACEMENT;
			return true;
		}
		scr.part[scr.n_part++] = (char)c;
		if (scr.n_part < sequence((unsigned char)scr.part[0]))
			continue;
		text_decode(scr.part, scr.n_part, &cp);
		scr.n_part = 0;
		*key = (int)cp;
		return true;
	}
	return false;
}

static bool read_key(int *key)
{
	wint_t c;
	int kind;

	if (scr.n_back) {
		*key = scr.back[scr.first_back++];
		scr.n_back--;
		return true;
	}
	if (scr.bytes)
		return take_bytes(key);
	kind = get_wch(&c);
	if (kind == ERR)
		return false;
	*key = key_normal(kind == KEY_CODE_YES ? KEY_FN((int)c) : (int)c);
	return true;
}

/* The rest of a sequence of a terminal's that terminfo does not know (ECMA-48, 5.4): '[', parameters, and a letter that ends
 * it. An arrow is one in either mode; of all else nothing is a key, and least of all its characters are. False: it is none,
 * and still to be read. */
static bool take_sequence(int *key)
{
	static const int ends[][2] = { { 'A', KEY_UP }, { 'B', KEY_DOWN }, { 'C', KEY_RIGHT }, { 'D', KEY_LEFT }, { 'H', KEY_HOME },
		{ 'F', KEY_END } };
	int got[CSI_MOST];
	size_t n = 0;

	while (n < CSI_MOST && read_key(&got[n])) {
		int c = got[n++];

		if ((n == 1 && c != '[') || c < ' ' || c > '~')
			break;
		if (n == 1 || c < '@')
			continue;
		*key = KEY_NOTHING;
		for (size_t i = 0; n == 2 && i < sizeof(ends) / sizeof(ends[0]); i++)
			if (c == ends[i][0])
				*key = KEY_FN(ends[i][1]);
		return true;
	}
	/* what was given back before is read, for only its last one can be an Esc */
	memcpy(scr.back, got, n * sizeof(*got));
	scr.n_back = n;
	scr.first_back = 0;
	return false;
}

/* A key that came and was not looked at. */
static bool fetch_key(int *key)
{
	if (!read_key(key))
		return false;
	if (*key == ESC && take_sequence(key))
		return true;
	/* No Esc is expected in what is pasted but that of its end, which a slow connection may tear. */
	if (*key == KEY_FN(KEY_OPEN))
		set_escdelay(ESC_PASTED_MS);
	else if (*key == KEY_FN(KEY_CLOSE) || *key == ESC)
		set_escdelay(ESC_MS);
	return true;
}

static bool take_key(int *key)
{
	if (!scr.n_ahead)
		return fetch_key(key);
	*key = scr.ahead[scr.first_ahead];
	scr.first_ahead = (scr.first_ahead + 1) % AHEAD_MAX;
	scr.n_ahead--;
	return true;
}

int screen_key_ahead(size_t n)
{
	int key;

	while (n >= scr.n_ahead && scr.n_ahead < AHEAD_MAX && !scr.null_out && fetch_key(&key))
		scr.ahead[(scr.first_ahead + scr.n_ahead++) % AHEAD_MAX] = key;
	return n < scr.n_ahead ? scr.ahead[(scr.first_ahead + n) % AHEAD_MAX] : 0;
}

bool screen_key_waits(void)
{
	screen_key_ahead(0);
	return scr.n_ahead > 0;
}

void screen_watch(int fd, bool on)
{
	for (nfds_t i = 0; i < watched.n; i++)
		if (watched.fd[i] == fd)
			watched.fd[i] = watched.fd[--watched.n];
	if (on && fd >= 0 && watched.n < MAX_WATCHED)
		watched.fd[watched.n++] = fd;
}

void screen_tick(bool on)
{
	watched.ticks += on ? 1 : -1;
}

/* curses may hold keys that it read ahead: ask it first, then sleep. */
int screen_key(bool *gone)
{
	struct pollfd in[1 + MAX_WATCHED] = { { .fd = STDIN_FILENO, .events = POLLIN } };
	const struct timespec tick = { .tv_nsec = TICK_NS };
	sigset_t none;
	int key, n;

	if (take_key(&key))
		return key;
	for (nfds_t i = 0; i < watched.n; i++)
		in[1 + i] = (struct pollfd){ .fd = watched.fd[i], .events = POLLIN };
	sigemptyset(&none);
	n = ppoll(in, 1 + watched.n, watched.n || watched.ticks > 0 ? &tick : NULL, &none);
	/* A terminal that hung up can be read, too: of nothing, again and again. */
	if (n > 0 && in[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		*gone = true;
	if (take_key(&key))
		return key;
	return n < 0 || in[0].revents ? KEY_NOTHING : KEY_WOKEN;
}

int screen_input(void)
{
	return scr.null_out ? -1 : STDIN_FILENO;
}

bool screen_mouse(int *y, int *x, int *key)
{
	MEVENT e;

	if (getmouse(&e) != OK)
		return false;
	*y = e.y;
	*x = e.x;
	*key = e.bstate & BUTTON4_PRESSED ? KEY_WHEEL_UP : e.bstate & BUTTON5_PRESSED ? KEY_WHEEL_DOWN : KEY_CLICK;
	return true;
}

/* Clean text as wide characters; in ASCII every other character is a '?' a column. */
static int widen(const char *s, size_t len, wchar_t *out, int max)
{
	int n = 0;

	for (size_t at = 0; at < len && n < max - 2;) {
		uint32_t cp;
		int step = text_decode(s + at, len - at, &cp);

		if (step <= 0)
			break;
		at += (size_t)step;
		if (!fmt_is_ascii() || cp < 0x7f) {
			out[n++] = (wchar_t)cp;
			continue;
		}
		for (int w = text_cp_width(cp); w > 0 && n < max - 2; w--)
			out[n++] = L'?';
	}
	return n;
}

static void draw(int y, int x, enum role role, bool selected, const char *s, size_t len)
{
	wchar_t wide[MAX_COLUMNS * 2];
	int n = widen(s, len, wide, MAX_COLUMNS * 2);

	attr_set(scr.attr[role][selected], scr.pair[role][selected], NULL);
	mvaddnwstr(y, x, wide, n);
	attr_set(A_NORMAL, 0, NULL);
}

static int draw_clipped(int y, int x, int w, enum role role, bool selected, const char *s)
{
	const char *more = glyph(G_ELLIPSIS);
	int took = 0, rest = 0, room = text_width(more);
	size_t len;

	len = text_clip(s, w, &took);
	if (!s[len]) {
		draw(y, x, role, selected, s, len);
		return took;
	}
	len = text_clip(s, w - room, &rest);
	draw(y, x, role, selected, s, len);
	draw(y, x + rest, role, selected, more, text_clip(more, w, &took));
	return rest + took;
}

/* What comes from the index is clean already; this is the last gate before a terminal. */
int screen_text(int y, int x, int w, enum role role, bool selected, const char *s)
{
	struct strbuf clean = STRBUF_INIT;
	int used;

	if (w <= 0 || y < 0 || y >= LINES)
		return 0;
	if (!text_is_clean(s, strlen(s))) {
		text_clean(&clean, s, strlen(s));
		s = clean.buf;
	}
	used = draw_clipped(y, x, w, role, selected, s);
	strbuf_release(&clean);
	return used;
}

int screen_right(int y, int x, int w, enum role role, bool selected, const char *s)
{
	int width = text_width(s);

	return screen_text(y, width < w ? x + w - width : x, width < w ? width : w, role, selected, s);
}

void screen_fill(int y, int x, int w, enum role role, bool selected)
{
	if (w <= 0 || y < 0 || y >= LINES)
		return;
	attr_set(scr.attr[role][selected], scr.pair[role][selected], NULL);
	mvprintw(y, x, "%*s", w, "");
	attr_set(A_NORMAL, 0, NULL);
}

void screen_copy(const char *text)
{
	struct strbuf b = STRBUF_INIT;
	FILE *out = scr.null_out ? scr.null_out : stdout;

	strbuf_addstr(&b, "\033]52;c;");
	base64_encode(&b, text, strlen(text));
	strbuf_addstr(&b, "\a");
	fwrite(b.buf, 1, b.len, out);
	fflush(out);
	strbuf_release(&b);
}

static void add_cell(struct strbuf *out, const cchar_t *c, attr_t *attrs, short *pair)
{
	wchar_t wide[CCHARW_MAX + 1] = { 0 };

	if (getcchar(c, wide, attrs, pair, NULL) != OK)
		return;
	for (int i = 0; i < CCHARW_MAX && wide[i]; i++)
		text_encode(out, (uint32_t)wide[i]);
}

/* set_style() numbers the pairs. */
static void dump_role(FILE *out, int y, int x, short pair, const char *text)
{
	if (pair)
		fprintf(out, "%d %d %s%s %s\n", y, x, theme_role_name((enum role)((pair - 1) / 2)),
			(pair - 1) % 2 ? "+selected" : "", text);
}

static void dump_run(FILE *out, int y, int x, attr_t attrs, short pair, const char *text)
{
	short fg = -1, bg = -1;

	if (pair)
		pair_content(pair, &fg, &bg);
	fprintf(out, "%d %d %d %d %s%s%s%s- %s\n", y, x, fg, bg, attrs & A_BOLD ? "b" : "", attrs & A_DIM ? "d" : "",
		attrs & A_UNDERLINE ? "u" : "", attrs & A_REVERSE ? "r" : "", text);
}

static void dump_cells(FILE *out, enum dump how, int y, int x, attr_t attrs, short pair, const char *text)
{
	if (how == DUMP_ROLES)
		dump_role(out, y, x, pair, text);
	else
		dump_run(out, y, x, attrs, pair, text);
}

/* Columns come from our own widths: the cells of a wide character's second half are left out by curses. */
static void dump_line(FILE *out, int y, int cols, enum dump how)
{
	cchar_t cell[MAX_COLUMNS + 1];
	struct strbuf run = STRBUF_INIT;
	attr_t attrs = 0, last_attrs = 0;
	short pair = 0, last_pair = 0;
	bool cells = how != DUMP_TEXT;
	int start = 0;

	memset(cell, 0, sizeof(cell));
	mvin_wchnstr(y, 0, cell, cols);
	for (int i = 0, x = 0; x < cols && i < cols; i++) {
		struct strbuf one = STRBUF_INIT;

		add_cell(&one, &cell[i], &attrs, &pair);
		if (cells && run.len && (attrs != last_attrs || pair != last_pair)) {
			dump_cells(out, how, y, start, last_attrs, last_pair, run.buf);
			strbuf_reset(&run);
			start = x;
		}
		strbuf_addstr(&run, one.buf);
		x += one.len ? text_width(one.buf) : 1;
		last_attrs = attrs;
		last_pair = pair;
		strbuf_release(&one);
	}
	if (cells && run.len)
		dump_cells(out, how, y, start, last_attrs, last_pair, run.buf);
	while (!cells && run.len && run.buf[run.len - 1] == ' ')
		strbuf_setlen(&run, run.len - 1);
	if (!cells)
		fprintf(out, "%s\n", run.buf);
	strbuf_release(&run);
}

void screen_dump(FILE *out, enum dump how)
{
	int rows, cols;

	screen_size(&rows, &cols);
	if (how != DUMP_TEXT)
		fprintf(out, "%d %d\n", rows, cols);
	for (int y = 0; y < rows; y++)
		dump_line(out, y, cols, how);
}
