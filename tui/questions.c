#include "tui/questions.h"

#include "tui/view.h"

static const struct question questions[] = {
	{ "Who operates the CA of a fingerprint?",
		{
			{ NULL, "/", "paste it; Enter: the row of its CA" },
			{ &view_tree, "Enter", "there: the owner, what each program says, and why" },
		} },
	{ "Which are the five largest sub-CAs of a root?",
		{
			{ &view_tree, "l", "open the root: the largest come first, each with all below it" },
			{ &view_tree, "o", "where they do not: sort by the counts again" },
		} },
	{ "Does a sub-CA survive the removal of its root, and why?",
		{
			{ NULL, "Space", "on the root; the row of the sub-CA then says lost, limited or kept" },
			{ &view_tree, "Enter", "on the sub-CA: the paths that keep it, or why there is none" },
		} },
	{ "What would be lost without six roots?",
		{
			{ NULL, "Space", "on each of them; the line above the keys says what all marks lose" },
			{ NULL, "i", "which CAs and sites lose, what keeps others, in each program" },
			{ &view_tree, "O", "one row an owner, found by /; Space there marks its roots" },
		} },
	{ "From which day on would fewer than so many leaves be lost?",
		{
			{ NULL, "i", "with marks" },
			{ &view_impact, "t", "asks how many, and says the day" },
		} },
	{ "How is the report saved?",
		{
			{ NULL, "x", "to a file whose name says how: .md .html .csv .json .ndjson .txt" },
			{ NULL, "w", "the marks themselves, for L" },
		} },
	{ "Which revoked CAs have a key that lives on in another certificate?",
		{
			{ NULL, "f", "the findings, kind by kind, of every program" },
			{ &view_findings, "&", "type kind:sibling-alive, Enter: all of them, counted at the top" },
			{ &view_findings, "Enter", "on one of these: its CA; below the list: who revoked, what lives" },
			{ &view_findings, "x", "in that list, not on a CA's page: all to a file (owners: .md .txt)" },
		} },
	{ "Which CAs does an owner have?",
		{
			{ &view_tree, "&", "owner:NAME, by CCADB; CAs of unknown owner called so are told of" },
			{ &view_tree, "A", "those below roots that the program does not have, too" },
		} },
};

const struct question *question_at(size_t i)
{
	return i < sizeof(questions) / sizeof(questions[0]) ? &questions[i] : NULL;
}
