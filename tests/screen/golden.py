#!/usr/bin/env python3
"""Plays keys on the fictional world and compares what stands on the screen.

usage: golden.py CANOPY CANOPY-WORLD SCREEN FOLDER

FOLDER holds the screens. CANOPY_UPDATE_GOLDEN=1 writes them instead; look at
what changed before you commit. The screens of VIEWS and PARTS stand there in every size,
in UTF-8 and in ASCII; below the text stands a letter for the role of each cell
(circled: under the cursor), in the same columns.
"""

import base64
import csv
import difflib
import io
import itertools
import json
import os
import re
import shutil
import sqlite3
import sys
import time
import unicodedata

from fixture import DAY, Tap, World

SIZES = ["60x12", "80x24", "120x40", "200x60"]
# Every view of the browser has its line here, named as it names itself; then what lies over views.
VIEWS = {
    "tree": "l j l",
    "detail": "/ 'birch root' Enter Enter",
    "impact": "Space j j m d Enter i",
    "help": "?",
    "findings": "f / 'aki-mismatch' Enter l j",
    "sources": "s G",
    "source": "s G Enter",
    "menu": "l j m j",
    "prompt": "l j Space / 'shared'",
}
# Parts of views that draw more than letters; --canopy where files are written.
PARTS = {
    "charts": "/ 'alder tls ca 1' Enter Enter / 'issued by' Enter C-d",
    "paths": "/ 'cedar shared' Enter Enter . .",
    "certificates": "/ 'birch root' Enter Enter / 'certificates (' Enter C-d C-d",
    "decay": "Space j j m d Enter i / 'decay' Enter C-d",
    "export_menu": "Space X j",
    "choices": "L Down",
    "stage": "m f ] Enter m",
    "pane": "l Tab",
    "owners": "O",
}
# Keys and sizes; a menu hides most of a small screen.
THEMES = {"dark": ("l j Space m j", ["80x24"]), "light": ("l j Space m j", ["80x24"]), "off": ("l j Space m j", ["80x24"]),
          "contrast": ("l j Space", SIZES)}
LETTERS = {
    "text": "t", "title": "T", "title-dim": "i", "header": "h", "header-on": "H", "number": "n", "dim": "d", "bar": "b",
    "guide": "g", "name": "a", "owner": "o", "good": "G", "some": "S", "bad": "B", "mark": "M", "lost": "L", "match": "m",
    "section": "s", "label": "l", "link": "k", "status": "u", "key": "K", "key-text": "e", "prompt": "P", "error": "E",
    "box": "x", "box-on": "X", "wrong": "w", "chosen": "c",
}
# What each key is for, once: name, size, keys, options.
# No program's anchor for websites; found among all roots.
YEW = "A / 'yew university' Enter"
CASES = [
    ("start", "80x24", "", ["--notice", "Everything in this demo is fictional."]),
    ("first_keys", "80x24", "", ["--first"]),
    ("first_keys_60x12_ascii", "60x12", "", ["--first", "--ascii"]),
    ("first_keys_behind_a_notice", "80x24", "j", ["--first", "--notice", "Everything in this demo is fictional."]),
    ("first_keys_are_over", "80x24", "j", ["--first"]),
    ("impact_of_a_later_store", "80x90", "Space D C-u '2020-01-01' Enter i", []),
    ("impact_until_of_a_later_store", "120x30", "Space D C-u '2020-01-01' Enter i t C-u '100' Enter", []),
    ("later_start", "80x24", "", []),
    ("mark_usual", "80x24", "Space", []),
    ("mark_again_unmarks", "80x24", "Space k Space", []),
    ("mark_menu", "80x24", "m", []),
    ("mark_with_date", "80x24", "j j m d C-u '2025-06-30' Enter Esc", []),
    ("mark_bad_date", "80x24", "m s C-u '2025-02-30' Enter", []),
    ("mark_children_follow", "100x30", "Space k * g j", []),
    ("mark_exempt", "80x24", "Space m x Esc", []),
    ("mark_one_certificate", "100x30", "/ 'birch renewed' Enter Enter / 'certificates (' Enter Tab m v", []),
    ("mark_undo", "80x24", "Space Space u", []),
    ("mark_clear_asks", "80x24", "Space U", []),
    ("mark_clear_then_undo", "80x24", "Space U y u", []),
    ("search_typed", "80x24", "/ 'hazel'", []),
    ("search_cancelled", "80x24", "/ 'hazel' Esc", []),
    ("search_next", "80x24", "/ 'cedar' Enter n", []),
    ("search_long_text_leaves_room_for_the_answer", "80x24", "/ 'C5:41:5D:F9:43:C5:41:5D:F9:43:C5:41:5D:F9:43:C5:41:5D:F9:43:C5:41:5D:F9:43:C5:41:5D:F9:43'", []),
    ("page_turns_at_once", "80x24", "? PgDn", []),
    ("page_turns_back", "80x24", "? PgDn PgDn PgUp", []),
    ("page_of_the_tree_turns_at_once", "80x14", "* PgDn", []),
    ("page_of_the_findings_turns_at_once", "80x14", "f * l j j l PgDn", []),
    ("page_turned_to_its_end", "80x24", "Space i PgDn PgDn PgDn PgDn PgDn PgDn PgDn PgDn", []),
    ("search_no_hit", "80x24", "/ 'zzzz' Enter", []),
    ("search_no_hit_entered_again", "80x24", "/ 'zzzz' Enter Enter", []),
    ("search_no_hit_entered_at_last", "80x24", "/ 'zzzz' Enter Enter Enter", []),
    ("search_no_hit_and_another_row", "80x24", "/ 'zzzz' Enter j Enter", []),
    ("owner_pane_is_not_walked", "80x24", "O h Tab Tab", []),
    ("owner_pane_60x12_ascii", "60x12", "O h Tab Tab", ["--ascii"]),
    # the pane was about the CA below, which is not shown any more: Space marks the owner's roots
    ("owner_pane_is_not_the_ca_before", "80x24", "O Tab k Tab Space", []),
    ("search_typo", "80x24", "/ 'sekuoia' Enter", []),
    ("search_typo_typed", "60x12", "/ 'gingko'", ["--ascii"]),
    ("search_typo_next", "80x24", "/ 'gingko' Enter j n", []),
    ("search_typo_of_several_words", "80x24", "/ 'birch isuing' Enter", []),
    ("search_one_word_alone", "80x24", "/ 'sequoia fluff' Enter", []),
    ("search_hex_with_colons", "80x24", "/ 'C5:41:5D:F9:43' Enter", []),
    ("search_serial_without_its_zero", "80x24", "/ '102030405060708090a0b0c0d0e0f101112131415161718' Enter", []),
    ("search_openssl", "80x24", "/ 'SHA256 Fingerprint=C5:41:5D:F9:43' Enter", []),
    ("search_crtsh_address", "80x24", "/ 'https://crt.sh/?q=C5415DF943' Enter", []),
    ("search_crtsh_number", "80x24", "/ 'https://crt.sh/?id=12345' Enter", []),
    ("paste_searches", "80x24", "j Paste '19:E8:0F:22' Enter PasteEnd Enter", []),
    ("paste_searches_on_a_page", "80x24", "Enter Paste 'birch' PasteEnd", []),
    ("paste_into_a_line", "80x24", "& 'owner:x' Left Paste 'birch' Enter 'tele' Tab PasteEnd", []),
    ("paste_replaces_what_is_filled", "80x24", "D Paste '2026-05-01' PasteEnd Enter", []),
    ("paste_answers_no_question", "80x24", "Space U Paste 'y' Enter PasteEnd", []),
    ("paste_answers_no_menu", "80x24", "m Paste 'r' PasteEnd Esc", []),
    ("paste_of_blanks", "80x24", "Paste Enter Tab PasteEnd j", []),
    ("paste_without_an_end", "80x24", "Paste 'birch' Esc Enter", []),
    ("paste_longer_than_a_line", "80x24", "Paste '%s' PasteEnd" % (1200 * "y"), []),
    ("search_leaf", "80x24", "/ '0039D177B012361C' Enter", []),
    ("search_leaf_typed", "80x24", "/ '0039d177b0'", []),
    ("search_leaf_too_short", "80x24", "/ '0039d17'", []),
    ("search_page_goes_to_the_leaf", "80x24", "Enter / '00:39:d1:77:b0' Enter", []),
    ("search_page_goes_to_the_index", "80x24", "Enter / 'SHA-256: C5:41:5D:F9:43' Enter", []),
    ("search_page_asks_the_index", "80x24", "Enter / 'SHA-256: C5:41:5D:F9:43'", []),
    ("search_page_and_index_without", "80x24", "? / '00:11:22:33:44:55' Enter", []),
    ("search_page_says_where", "80x24", "j Enter / 'hazel' Enter", []),
    ("search_page_back", "80x24", "Enter / 'SHA-256: C5:41:5D:F9:43' Enter (", []),
    ("search_page_hex_of_it", "80x24", "/ 'C5:41:5D:F9:43' Enter Enter / 'SHA-256: C5:41:5D:F9:43' Enter", []),
    # the root above its other place is not usable
    ("search_goes_where_it_is_usable", "120x30", "A / 'thorn issuing' Enter", []),
    ("search_of_the_tree_goes_on", "80x24", "/ 'cedar' Enter Enter / 'serial' Enter h n", []),
    ("search_outside_the_roots", "80x24", "/ 'dogwood' Enter", []),
    ("search_outside_and_esc", "80x24", "j j / 'dogwood' Enter Esc", []),
    ("search_outside_and_back", "80x24", "j j / 'dogwood' Enter (", []),
    ("search_outside_and_back_and_forward", "80x24", "j j / 'dogwood' Enter ( )", []),
    ("search_outside_and_inside", "80x24", "/ 'dogwood' Enter / 'birch root' Enter", []),
    ("search_outside_from_a_page", "80x24", "Enter / '01:02:03:04:05:06:07:08' Enter", []),
    ("search_outside_by_hand", "80x24", "A / 'dogwood' Enter Esc", []),
    ("search_outside_kept", "80x24", "/ 'dogwood' Enter A A Esc", []),
    ("search_outside_not_found", "80x24", "/ 'dogwood' Enter / 'zzzz' Esc", []),
    ("filter_words", "80x24", "& 'owner:birch issued>4' Enter", []),
    ("filter_error", "80x24", "& 'last<soon' Enter", []),
    ("filter_of_the_findings", "80x24", "& 'kind:sibling-alive'", []),
    ("filter_of_the_findings_entered", "60x12", "& 'birch !program:chrome' Enter", []),
    ("filter_expired", "80x24", "A & 'expired' Enter", []),
    ("help_answers_a_question", "80x24", "? / 'key that lives' Enter", []),
    ("help_next_part", "80x24", "? Tab Tab", []),
    ("help_plain", "80x24", "? / 'its level' Enter", ["--plain"]),
    ("filter_elsewhere", "80x24", "& 'owner:alder' Enter", []),
    ("filter_of_unknown_owner", "80x24", "& 'owner:birch' Enter", []),
    ("filter_of_unknown_owner_all_roots", "80x24", "A & 'owner:birch' Enter", []),
    ("filter_of_unknown_owner_alone", "80x24", "& 'owner:sequoia !expired' Enter", []),
    ("filter_of_unknown_counts", "80x24", "& 'issued>4' Enter", []),
    ("filter_of_unknown_counts_alone", "80x24", "& '!issued>4' Enter", []),
    ("filter_of_unknown_counts_60x12", "60x12", "& 'issued>4' Enter", ["--ascii"]),
    ("filter_hides_all", "80x24", "& 'name:nothing' Enter", []),
    ("filter_gives_way_to_search", "80x24", "& 'birch' Enter / 'elm city' Enter", []),
    ("filter_gives_way_and_is_had_again", "80x24", "& 'birch' Enter / 'elm city' Enter &", []),
    ("filter_gives_way_to_all_roots", "80x24", "& 'birch' Enter / 'orphan' Enter", []),
    ("hidden_gives_way_to_search", "80x24", "E / 'birch expired' Enter", []),
    ("path_to_a_marked_anchor", "80x60", "/ 'birch root r1' Enter Space / 'birch ca below' Enter Enter", []),
    ("filter_off", "80x24", "& 'birch' Enter Esc Esc", []),
    ("filter_off_stays_on_its_ca", "80x24", "& 'pine issuing' Enter j Esc", []),
    ("filter_off_and_again", "80x24", "& 'birch' Enter Esc &", []),
    ("filter_off_and_again_entered", "80x24", "& 'birch' Enter Esc & Enter", []),
    ("filter_off_and_again_cleared", "80x24", "& 'birch' Enter Esc & C-u Enter &", []),
    ("hide_expired_and_empty", "100x30", "l j l E e", []),
    ("owners_all_hidden", "80x24", "O E D C-u '2090-01-01' Enter", []),
    ("filter_from_a_page", "80x24", "l j Enter & 'birch'", []),
    ("impact_of_one_with_a_namesake", "80x24", "/ 'alder rollover' Enter Space i", []),
    ("too_small_to_draw_what_is_searched", "50x10", "Enter / 'N' Enter", []),
    ("mark_on_an_owner", "80x24", "O h Space", []),
    ("mark_an_owner_of_other_roots_too", "80x24", "A O g Space", []),
    ("mark_an_owner_of_other_roots_too_marked", "80x24", "A O g Space y", []),
    ("mark_an_owner", "80x24", "O h Space y", []),
    ("mark_an_owner_not", "80x24", "O h Space n", []),
    ("mark_an_owner_asks_to_unmark", "80x24", "O h Space y k Space", []),
    ("mark_an_owner_of_chrome", "60x12", "p O h h j Space y", []),
    ("mark_all_of_an_owner_of_other_roots_too", "80x24", "A O g Space a", []),
    ("mark_all_of_an_owner_of_other_roots_too_60x12", "60x12", "A O g Space", []),
    ("mark_an_owner_of_other_roots_too_asks_to_unmark", "80x24", "A O g Space y k Space", []),
    ("mark_an_owner_of_other_roots_too_unmarks_all", "80x24", "A O g Space a k Space a", []),
    ("mark_an_owner_of_other_roots_too_menu", "80x24", "A O g m", []),
    ("mark_an_owner_of_other_roots_too_menu_of_all", "80x24", "A O g m o v", []),
    ("mark_an_owner_of_other_roots_too_menu_60x12", "60x12", "A O g m o", []),
    ("mark_an_owner_of_other_roots_alone", "80x24", "A O G Space", []),
    ("mark_an_owner_of_other_roots_alone_marked", "80x24", "A O G Space y k", []),
    ("mark_an_owner_of_other_roots_alone_menu", "80x24", "A O G m", []),
    ("mark_an_owner_of_other_roots_alone_in_chrome", "80x24", "p A O G Space y", []),
    ("regroup_keeps_the_ca", "80x24", "/ 'cedar shared' Enter O", []),
    ("regroup_keeps_the_line", "80x24", "G O", []),
    ("regroup_shows_the_owner", "60x12", "O g j j j O j j O", []),
    ("regroup_and_back", "80x24", "/ 'cedar shared' Enter > O O", []),
    ("regroup_from_an_owner", "80x24", "O G O", []),
    ("regroup_from_an_owner_and_back", "80x24", "O G O O", []),
    ("search_an_owner", "80x24", "O / 'fir hold' Enter", []),
    ("search_an_owner_and_on", "80x24", "O / 'fir hold' Enter n", []),
    ("search_an_owner_and_back", "80x24", "O / 'fir hold' Enter N", []),
    ("search_an_owner_and_mark", "80x24", "O / 'fir hold' Enter Space", []),
    ("search_an_owner_typed", "80x24", "O / 'telecom'", []),
    ("search_an_owner_of_other_roots", "80x24", "O / 'vanished t' Enter", []),
    ("mark_an_owner_staged", "80x24", "O h m f ] Enter m", []),
    ("mark_and_its_detail", "80x24", "Space k Enter", []),
    ("sort_by_name", "80x24", "o o o o", []),
    ("sort_by_issued_unseen", "80x24", "o o", []),
    ("sort_by_newest_unseen_reversed", "80x24", "o o o R", []),
    ("sort_by_owner_wide", "150x24", "o o o o o", []),
    ("sort_by_name_reversed_ascii", "80x24", "o o o o R", ["--ascii"]),
    ("sort_reversed", "80x24", "R", []),
    ("share_bar", "80x24", "% %", []),
    ("all_roots", "100x30", "A", []),
    ("all_leaves", "80x24", "a", []),
    ("by_owner", "100x30", "O", []),
    ("open_on_the_last_line", "60x12", "G l", []),
    ("open_on_the_last_line_of_a_pane", "80x24", "Tab j j j j l l", []),
    ("open_an_owner_on_the_last_line", "60x12", "O h h j j j j j j j Enter", []),
    ("expand_all", "120x60", "*", []),
    ("next_parent", "80x24", "/ 'cedar shared' Enter >", []),
    ("sort_unseen_with_marks_60x12_ascii", "60x12", "Space o o", ["--ascii"]),
    ("search_left_below_a_filter", "80x24", "& 'alder tls' Enter g h / 'alder tls ca 1' Esc", []),
    ("all_roots_keep_the_anchors", "80x24", "j A", []),
    # its third parent is none of the program's
    ("next_parent_of_those_shown", "80x24", "/ 'cedar shared' Enter m A >", ["--program", "own"]),
    ("next_parent_of_those_shown_60x12", "60x12", "/ 'cedar shared' Enter m A > >", ["--program", "own", "--ascii"]),
    ("ring_is_closed", "80x24", "/ 'ring ca b' Enter l j l", []),
    ("hostile_names", "100x30", "/ 'ginkgo research root' Enter l", []),
    ("hostile_names_ascii", "100x30", "/ 'ginkgo research root' Enter l", ["--ascii"]),
    ("program_menu", "80x24", "T", []),
    ("program_menu_60x12_ascii", "60x12", "p p T", ["--ascii"]),
    ("program_chosen", "80x24", "T c", []),
    ("program_chosen_over_impact", "80x24", "Space i T Down Down Enter", []),
    ("program_next", "80x24", "p", []),
    ("purpose_email", "80x24", "P", []),
    ("date_back", "80x24", "[ [", []),
    ("date_set", "80x24", "D C-u '2020-01-15' Enter", []),
    ("date_bad", "80x24", "D C-u 'tomorrow' Enter", []),
    ("cursor_stays_on_its_ca", "80x24", "/ 'cedar tls' Enter Esc ] R o", []),
    ("pane_below", "100x40", "Tab j", []),
    ("pane_beside", "160x30", "Tab Tab j j", []),
    ("detail_walk_to_parent", "80x24", "/ 'birch issuing' Enter Enter Tab Tab Enter", []),
    ("detail_revoked", "100x40", "/ 'thorn issuing' Enter Enter", []),
    ("detail_not_trusted", "100x40", "/ 'sha-1 ca' Enter Enter", []),
    ("detail_in_tree", "80x24", "/ 'birch issuing' Enter Enter Tab Tab h", []),
    ("detail_search", "80x24", "Enter / 'spki'", []),
    ("impact_empty", "80x24", "i", []),
    ("impact_to_ca", "80x24", "Space i G Enter", []),
    ("impact_other_program", "80x24", "Space i p", []),
    ("impact_whole", "100x110", "Space j j m d Enter i", []),
    ("impact_whole_ascii", "100x110", "Space j j m d Enter i", ["--ascii"]),
    ("impact_narrow", "60x70", "Space j j m d Enter i Tab Tab Tab", []),
    ("impact_sections", "80x24", "Space i Tab Tab Tab Tab Tab S-Tab", []),
    ("impact_mark_what_keeps", "100x40", "Space i / 'birch root r1' Esc Space", []),
    ("impact_mark_without_effect", "100x30", "l l m r i", []),
    ("impact_without_leaves", "80x60", "/ 'ginkgo research root' Enter m d Enter i", []),
    ("detail_dormant", "80x24", "D C-u '2028-06-01' Enter / 'alder tls ca 2' Enter Enter", []),
    ("only_here", "80x24", "H l j l", []),
    ("only_here_ascii", "80x24", "H l j l", ["--ascii"]),
    ("only_here_wide", "150x30", "l j l", []),
    ("only_here_off", "150x30", "H l j l", []),
    ("sort_by_only_here", "100x30", "l H o o o o o o", []),
    ("copied", "80x24", "y", []),
    ("copied_below_a_parent", "120x24", "l j y", []),
    ("copied_as_an_anchor", "120x24", "j y", []),
    ("unknown_key", "80x24", "z", []),
    ("filter_lost_without_marks", "60x12", "& 'lost' Enter", []),
    ("filter_lost_without_marks_turned_round", "80x24", "& '!lost' Enter", []),
    ("filter_lost_with_a_mark_of_nothing", "80x24", "A / 'yew university' Enter m b & 'lost' Enter", []),
    ("mark_undo_of_a_day", "80x24", "m d C-u '2026-01-01' Enter m d C-u '2026-02-01' Enter u", []),
    ("mark_undo_of_several", "80x24", "Space Space Space m x U y u", []),
    ("mark_undo_takes_away", "80x24", "Space u", []),
    # One after another on one index.
    ("scenario_nothing_to_save", "80x24", "w", []),
    ("scenario_bad_name", "80x24", "Space w 'a/b' Enter", []),
    ("scenario_saved", "80x24", "Space j m d C-u '2025-06-30' Enter m x P S 'cut' Enter y", []),
    ("scenario_taken", "80x24", "Space w 'cut' Enter", []),
    ("scenario_not_replaced", "80x24", "Space w 'cut' Enter n L 'cut' Enter", []),
    ("scenario_choices", "80x24", "L 'c'", []),
    ("scenario_loaded", "80x24", "Space j Space L 'cut' Enter i", []),
    ("scenario_loaded_on_another_day", "80x24", "[ L 'cut' Enter", []),
    ("scenario_undone", "80x24", "Space L 'cut' Enter u", []),
    ("detail_path_remark_60x12", "60x12", "/ 'elm tax issuing' Enter Enter . .", []),
    ("detail_path_remark_80x24", "80x24", "/ 'elm tax issuing' Enter Enter . .", []),
    ("detail_path_remark_60x24_ascii", "60x24", "/ 'elm tax issuing' Enter Enter . .", ["--ascii"]),
    ("detail_path_plain", "80x24", "/ 'elm tax issuing' Enter Enter . .", ["--plain"]),
    ("detail_path_plain_of_several", "80x24", "/ 'cedar shared' Enter Enter . .", ["--plain"]),
    ("detail_path_expired", "100x24", "D C-u '2036-06-01' Enter / 'cedar shared' Enter Enter . .", []),
    ("detail_path_expired_60x12_ascii", "60x12", "D C-u '2036-06-01' Enter V / 'thorn issuing' Enter Enter . .", ["--ascii"]),
    ("detail_path_expired_and_accepted", "100x24", "D C-u '2036-06-01' Enter / 'alder root' Enter Enter . .", []),
    ("detail_path_not_yet_valid", "100x24", "D C-u '2010-01-01' Enter / 'cedar shared' Enter Enter . .", []),
    ("scenario_undone_with_its_question", "80x24", "Space L 'made-up-story' Enter u", []),
    ("scenario_undone_of_another_program", "80x24", "Space L 'own' Enter u", []),
    # the day was moved by hand, and is not the scenario's: it stays
    ("scenario_undone_not_the_day_since", "80x24", "L 'cut' Enter ] u", []),
    ("scenario_undone_after_a_mark", "80x24", "L 'made-up-story' Enter Space u u", []),
    ("scenario_redone_with_its_question", "80x24", "Space L 'made-up-story' Enter u C-r", []),
    # the name w proposes is the former one
    ("scenario_undone_with_its_name", "80x24", "L 'all' Enter L 'cut' Enter u w", []),
    ("scenario_no_name", "80x24", "L Enter", []),
    ("scenario_unknown", "80x24", "L 'cat' Enter", []),
    ("scenario_nearly", "80x24", "L 'cust' Enter", []),
    ("scenario_unknown_mended", "80x24", "L 'cat' Enter Backspace Backspace 'ut' Enter", []),
    ("scenario_unknown_left", "80x24", "L 'cat' Enter Esc j", []),
    ("scenario_list", "100x30", "L Down", []),
    ("scenario_completed", "80x24", "L 'cu' Tab", []),
    ("scenario_taken_from_the_list", "80x24", "L Down Down Down Enter", []),
    ("scenario_delete_asks", "80x24", "L Down C-d", []),
    ("scenario_delete_of_a_typed_one_asks", "80x24", "L 'own' C-d", []),
    ("scenario_delete_of_none", "80x24", "L 'made' C-d", []),
    ("scenario_not_deleted", "80x24", "L Down C-d n L", []),
    ("scenario_assumes", "80x24", "L 'assumed' Enter", []),
    ("scenario_assumes_impact", "80x40", "L 'assumed' Enter i", []),
    ("scenario_assumes_wide", "150x24", "L 'assumed' Enter G m r", []),
    ("scenario_assumes_undone", "80x24", "L 'assumed' Enter u", []),
    ("scenario_assumes_plain", "80x24", "L 'assumed' Enter", ["--plain", "--ascii"]),
    ("assume_alone", "100x24", YEW + " m a A", []),
    ("assume_alone_impact", "80x24", YEW + " m a i", []),
    ("assume_again_is_taken_back", "80x24", YEW + " m a m a", []),
    ("assume_in_the_menu", "80x24", YEW + " m a m", []),
    ("assume_has_no_stage", "80x24", YEW + " m a m f", []),
    ("assume_is_unsaved", "80x24", YEW + " m a q", []),
    ("assume_until_without_marks", "80x24", YEW + " m a i t", []),
    ("assume_in_the_detail", "100x60", YEW + " m a l j Enter", []),
    ("assume_beside_a_date_rule", "110x60", "/ 'cedar root' Enter m a Enter", []),
    ("assume_before_the_rule_that_is_there", "80x24", "/ 'cedar root' Enter m a m d C-u '2025-11-30' Enter", []),
    ("assume_filtered_by_sunset", "80x24", "/ 'cedar root' Enter m a & 'sunset' Enter", []),
    ("assume_is_not_trusted", "80x24", YEW + " m a A & 'trusted university' Enter", []),
    ("assume_60x12_ascii", "60x12", "/ 'cedar root' Enter m a", ["--ascii"]),
    ("scenario_revocation", "80x24", "L 'all' Enter", []),
    ("scenario_of_another_program", "80x24", "Space L 'own' Enter", []),
    ("impact_of_all_that_is_known", "80x34", "Space L 'own' Enter i", []),
    ("scenario_of_stages", "100x30", "L 'staged' Enter w C-u 'later' Enter i", []),
    ("scenario_replaced", "80x24", "Space w 'cut' Enter y u L 'cut' Enter", []),
    ("scenario_files", "80x24", "L Up", []),
    ("scenario_files_60x12_ascii", "60x12", "L Up", ["--ascii"]),
    ("scenario_of_a_file", "80x24", "Space L 'made-up-plan' Enter i", []),
    ("scenario_of_a_file_undone", "80x24", "Space L 'made-up-plan' Enter u", []),
    ("scenario_of_a_file_saved", "80x24", "L 'made-up-p' Tab Enter w End '2' Enter", []),
    ("scenario_of_a_file_tells_its_note", "80x24", "L 'made-up-s' Down Down", []),
    ("scenario_of_a_file_tells_its_note_60x12_ascii", "60x12", "L Up", ["--ascii"]),
    ("scenario_tells_its_marks", "60x12", "L 'staged' Down", []),
    # its row has "more below" in it
    ("scenario_on_the_last_row_tells_its_note", "90x24", "L Down Down Down Down Down Down Down Down Down Down", []),
    ("scenario_of_a_file_tells_its_note_alone", "60x12", "L 'made-up-st'", ["--ascii"]),
    ("scenario_of_a_file_with_a_short_note", "120x24", "L 'made-up-plan' Down", []),
    ("scenario_of_a_file_instead_of_marks", "80x24", "Space L 'made-up-story' Enter", []),
    ("scenario_of_a_file_without_marks_before", "80x24", "L 'made-up-story' Enter", []),
    ("scenario_delete_asks_60x12", "60x12", "L 'made-up-plan2' Down C-d", []),
    ("scenario_begun", "80x24", "L 'made-up-st' Enter", []),
    ("scenario_begun_undone", "80x24", "L 'made-up-st' Enter u", []),
    ("scenario_begun_of_several", "80x24", "L 'made-up' Enter", []),
    ("scenario_before_a_file_asks", "80x24", "Space w C-u 'made-up-plan' Enter", []),
    ("scenario_before_a_file_asks_60x12", "60x12", "Space w C-u 'made-up-plan' Enter", []),
    ("scenario_before_a_file_not_saved", "80x24", "Space w C-u 'made-up-plan' Enter n L 'made-up-plan'", []),
    ("scenario_before_a_file_saved", "80x24", "Space w C-u 'made-up-plan' Enter y", []),
    ("scenario_before_a_file_listed", "80x24", "L 'made-up-plan'", []),
    ("scenario_before_a_file_deleted", "80x24", "L 'made-up-plan' Down C-d y L 'made-up-plan'", []),
    ("scenario_file_not_deleted", "80x24", "L 'made-up-m' Down C-d", []),
    ("scenario_file_wrong_line", "80x24", "Space L 'made-up-mistake' Enter", []),
    ("scenario_file_of_nobody", "80x24", "Space L 'made-up-nobody' Enter", []),
    ("scenario_file_unprintable", "80x24", "Space L 'made-up-signs' Enter", []),
    ("revocation_all", "80x24", "V", []),
    ("revocation_none_of_a_revoked_ca", "100x40", "V V / 'thorn issuing' Enter Enter", []),
    ("revocation_in_impact", "80x24", "V V V V i", []),
    ("mark_stage_seen_in_impact_60x12_ascii", "60x12", "m f C-u '2026-09-01' Enter Enter Esc j Space i j", ["--ascii"]),
    ("mark_stage_seen_beside_a_long_name", "80x24", "/ 'sub-CAs' Enter Enter / 'certificates (' Enter Tab m f C-u '2026-09-01' Enter Enter i", []),
    ("top_line_has_no_half_words", "60x12", "p p p P V", []),
    ("detail_charts_80x24", "80x24", "/ 'alder tls ca 1' Enter Enter . j j j j j j", []),
    ("detail_charts_120x40", "120x40", "/ 'alder tls ca 1' Enter Enter .", []),
    ("detail_charts_60x12", "60x12", "/ 'alder tls ca 1' Enter Enter / 'issued by' Enter C-d", []),
    ("detail_charts_60x12_ascii", "60x12", "/ 'alder tls ca 1' Enter Enter / 'issued by' Enter C-d", ["--ascii"]),
    ("detail_charts_plain", "80x24", "/ 'alder tls ca 1' Enter Enter .", ["--plain"]),
    ("detail_paths_60x12", "60x12", "/ 'cedar shared' Enter Enter . .", []),
    ("detail_paths_80x24_ascii", "80x24", "/ 'cedar shared' Enter Enter . .", ["--ascii"]),
    ("detail_paths_120x40", "120x40", "/ 'cedar shared' Enter Enter . .", []),
    ("detail_more_is_seen", "80x24", "/ 'birch renewed' Enter Enter G v", []),
    ("detail_less_is_seen", "80x24", "/ 'birch renewed' Enter Enter G v v", []),
    ("detail_is_whole_already", "80x24", "/ 'alder tls ca 1' Enter Enter v", []),
    ("detail_paths_200x60", "200x60", "/ 'ring ca b' Enter Enter v . .", []),
    ("detail_paths_with_marks", "120x40", "Space / 'birch issuing' Enter Enter . .", []),
    ("detail_findings", "100x30", "/ 'birch issuing' Enter Enter . . .", []),
    ("detail_next_certificate", "100x30", "/ 'birch root' Enter Enter > >", []),
    ("way_80x24", "80x24", "/ 'birch issuing' Enter Enter Tab Tab Enter Tab Tab Enter", []),
    ("way_60x12", "60x12", "/ 'birch issuing' Enter Enter / 'signed by' Enter Enter / 'signed by' Enter Enter", []),
    ("way_60x12_ascii", "60x12", "/ 'birch issuing' Enter Enter / 'signed by' Enter Enter / 'signed by' Enter Enter", ["--ascii"]),
    ("back_to_the_tree", "80x24", "l j Enter / 'parents' Enter j j Enter ( (", []),
    ("back_and_forward", "80x24", "l j Enter / 'parents' Enter j j Enter ( ( ) )", []),
    ("back_from_a_search", "80x24", "j j j / 'birch issuing' Enter Backspace", []),
    ("back_no_further", "80x24", "(", []),
    ("scenario_deleted", "80x24", "L 'al' Down C-d y L", []),
    ("quit_asks", "80x24", "Space q", []),
    ("quit_not", "80x24", "Space q n", []),
    ("mark_redo", "80x24", "Space Space u u C-r", []),
    ("mark_nothing_to_redo", "80x24", "Space u Space C-r", []),
    ("mark_menu_shows_dates", "100x30", "L 'staged' Enter / 'cedar root e1' Enter m", []),
    ("mark_date_by_keys", "80x24", "m d Up Up Down ]", []),
    ("date_by_keys", "80x24", "D [ [ Down Enter", []),
    ("export_menu", "80x24", "Space X", ["--canopy", "canopy"]),
    ("export_menu_ascii", "80x24", "Space X j", ["--canopy", "canopy", "--ascii"]),
    ("report_prompt", "80x24", "Space x", ["--canopy", "canopy"]),
    ("report_prompt_narrow", "60x12", "Space x", ["--canopy", "canopy"]),
    ("report_without_an_ending", "80x24", "Space x 'plan' Enter", ["--canopy", "canopy"]),
    ("report_prompt_resized", "80x24", "Space x C-u 'a.html' resize:12x60 resize:10x40 resize:30x100", ["--canopy", "canopy"]),
    ("menu_resized", "80x24", "m resize:12x60", []),
    ("prompt_filled", "80x24", "Space i t", []),
    ("prompt_filled_cells", "80x24", "Space i t", ["--cells"]),
    ("prompt_filled_cells_off", "80x24", "Space i t", ["--cells", "--theme", "off"]),
    ("prompt_filled_plain", "80x24", "Space i t", ["--plain"]),
    ("prompt_filled_replaced", "80x24", "Space i t '7'", []),
    ("prompt_filled_edited", "80x24", "Space i t End '7'", []),
    ("prompt_refused", "80x24", "D '2025-02-30' Enter", ["--cells"]),
    ("prompt_refused_then_edited", "80x24", "D '2025-02-30' Enter Left", []),
    ("prompt_refused_then_mended", "80x24", "D '2025-02-30' Enter Backspace Backspace '28'", []),
    ("prompt_refused_then_taken", "80x24", "m s C-u '2025-02-30' Enter Backspace Backspace '28' Enter", []),
    ("prompt_refused_then_left", "80x24", "m f '2025-02-30' Enter Esc", []),
    ("prompt_refuses_days_out_of_range", "80x24", "D '2525-01-01' Enter", []),
    ("until_grouped", "80x24", "Space i t '1,000' Enter", []),
    ("until_grouped_wrong", "80x24", "Space i t '10,00' Enter", []),
    ("prompt_filled_edited_at_the_start", "80x24", "Space i t Home '7'", []),
    ("prompt_filled_left", "80x24", "Space i t Left '7'", []),
    ("prompt_filled_shortened", "80x24", "Space i t Backspace '7'", []),
    ("prompt_filled_date_replaced", "80x24", "D ] '2024-01-01' Enter", []),
    ("prompt_filled_filter", "80x24", "& 'owner:birch' Enter &", []),
    ("prompt_filled_filter_replaced", "80x24", "& 'owner:birch' Enter & 'c'", []),
    ("prompt_filled_filter_refined", "80x24", "& 'owner:birch' Enter & End Space 'root'", []),
    ("prompt_filled_filter_mended", "80x24", "& 'last<soon' Enter '2'", []),
    ("prompt_edited", "80x24", "/ 'birxh rot' Left Left 'o' Home C-f C-f C-f Del 'c' End", []),
    ("prompt_longer_than_the_line", "60x12", "& '\"0123456789012345678901234567890123456789012345678901234567890123456789 end'", []),
    ("prompt_longer_than_the_line_ascii", "60x12", "& '\"0123456789012345678901234567890123456789012345678901234567890123456789 end'", ["--ascii"]),
    ("prompt_longer_at_its_start", "60x12", "& '\"0123456789012345678901234567890123456789012345678901234567890123456789 end' Home", []),
    ("filter_typed", "80x24", "& 'owner:birch'", []),
    ("filter_cancelled_stays_on_its_ca", "80x24", "l Down Down Down & 'name:cedar' Esc", []),
    ("filter_cancelled_below_another", "80x24", "& 'cedar' Enter j & C-u 'name:birch' Esc", []),
    ("filter_cancelled_in_the_middle", "60x12", "A * G & 'name:alder' Esc", []),
    ("filter_cancelled", "80x24", "& 'owner:birch' Esc", []),
    ("filter_unknown_word", "80x24", "& 'alder isued>3 root'", []),
    # what was its beginning hides nothing
    ("filter_unknown_word_alone", "80x24", "& 'ownr:foo'", []),
    ("filter_unknown_word_instead_of_another", "80x24", "& 'cedar' Enter & C-u 'ownr:foo'", []),
    ("filter_typo", "80x24", "& 'expird'", []),
    ("filter_typo_entered", "80x24", "& 'expird' Enter", []),
    ("filter_typo_turned_round", "80x24", "& '!expird'", []),
    ("filter_typo_turned_round_entered", "60x12", "& '!trustd' Enter", ["--ascii"]),
    ("filter_typo_of_an_owner", "80x24", "& 'owner:brich'", []),
    ("filter_typo_of_an_owner_entered", "60x12", "& 'owner:brich' Enter", ["--ascii"]),
    ("filter_of_nobody_turned_round", "80x24", "& '!name:zzz' Enter", []),
    ("filter_suggests", "80x24", "& 'e'", []),
    ("filter_unfinished_entered", "80x24", "& 'birch last<2026-' Enter", []),
    ("filter_completed", "80x24", "& '!undi' Tab", []),
    ("filter_completed_as_far_as_all_agree", "80x24", "& 'birch KEY:e' Tab", []),
    ("filter_completed_key", "80x24", "& 'key:r' Tab Enter", []),
    ("filter_not_completed_in_quotes", "80x24", "& '\"alder tr' Tab", []),
    ("filter_not_completed_inside", "80x24", "& 'undi' Left Tab", []),
    ("filter_unfinished", "80x24", "& 'birch last<2026-'", []),
    ("filter_not", "100x30", "A & '!trusted !expired' Enter", []),
    ("filter_key", "80x24", "A & 'key:rsa<2048' Enter", []),
    ("help_options", "80x24", "? G", []),
    ("help_options_60x12_ascii", "60x12", "? / '--theme' Enter", ["--ascii"]),
    ("help_search", "80x24", "? / 'mark' Enter n", []),
    ("help_whole", "80x180", "?", []),
    ("filter_unknown_word_cells", "80x24", "& 'alder isued>3 root'", ["--cells"]),
    ("help_search_cells", "80x24", "? / 'mark' Enter", ["--cells"]),
    ("too_small", "40x10", "", []),
    ("resized", "80x24", "l j resize:12x60 resize:30x100", []),
    ("plain", "80x24", "l j", ["--plain"]),
    ("plain_pane", "160x30", "l j Tab", ["--plain"]),
    ("plain_by_owner", "80x24", "O", ["--plain"]),
    ("ring_narrow", "60x12", "/ 'ginkgo ring ca a' Enter l j l j l j l", []),
    ("ring_narrow_plain", "60x12", "/ 'ginkgo ring ca a' Enter l j l j l j l", ["--plain"]),
    ("mark_stage_asks", "80x24", "m f", []),
    ("mark_stage", "80x24", "m f ] Enter", []),
    ("mark_stage_60x12_ascii", "60x12", "m f ] Enter m", ["--ascii"]),
    ("mark_stage_in_force", "80x24", "m f ] Enter ]", []),
    ("mark_stage_in_force_in_impact", "80x24", "m f ] Enter ] i", []),
    ("mark_stage_moved_and_undone", "80x24", "m f ] Enter m f ] Enter u m", []),
    ("mark_stage_always", "80x24", "m f ] Enter m f C-u Enter", []),
    ("mark_stage_with_limit", "80x24", "m j j j f C-u '2025-06-30' Enter C-u '2026-09-01' Enter m", []),
    ("mark_stage_keeps_its_limit", "100x30", "m d C-u '2025-06-30' Enter m f C-u '2026-09-01' Enter i", []),
    ("mark_stage_bad_date", "80x24", "m f C-u '2026-02-30' Enter", []),
    ("mark_stage_of_an_exemption", "80x24", "m k k f", []),
    ("mark_stage_saved", "80x24", "m f C-u '2026-09-01' Enter j m d C-u '2025-06-30' Enter w 'plan' Enter", []),
    ("mark_stage_loaded", "80x24", "L 'plan' Enter m", []),
    ("until_asks", "80x24", "Space i t", []),
    ("until", "80x40", "Space i t C-u '5' Enter", []),
    ("until_comes_to_be_seen", "80x24", "Space i t C-u '5' Enter", []),
    ("until_comes_to_be_seen_60x12_ascii", "60x12", "Space i t C-u '5' Enter", ["--ascii"]),
    ("until_comes_to_be_seen_from_below", "80x24", "Space i End t C-u '5' Enter", ["--plain"]),
    ("until_bad", "60x12", "Space i t C-u '0' Enter", []),
    ("until_without_marks", "80x24", "i t", []),
    ("until_answered", "60x12", "Space i t Enter", []),
]


def cases():
    """Name, size, keys, options, and whether the roles are looked at, too."""
    every = [(view, keys, []) for view, keys in VIEWS.items()] + [("part_" + part, keys, ["--canopy", "canopy"]) for part, keys in PARTS.items()]
    for name, keys, options in every:
        for size in SIZES:
            yield "%s_%s" % (name, size), size, keys, options, True
            yield "%s_%s_ascii" % (name, size), size, keys, ["--ascii"] + options, True
    for theme, (keys, sizes) in THEMES.items():
        for size in sizes:
            yield "theme_%s_%s" % (theme, size), size, keys, ["--theme", theme, "--cells"], False
    for case in CASES:
        yield *case, False


OWNER_OF_SEVERAL = "O / 'maple' Enter"  # open, as the cursor was on one of its roots
OWNERS = [
    ("owner_of_several_asks", "80x24", OWNER_OF_SEVERAL + " Space"),
    ("owner_of_several_asks_60x12_ascii", "60x12", OWNER_OF_SEVERAL + " Space"),
    ("owner_of_several_marked", "80x24", OWNER_OF_SEVERAL + " Space y"),
    ("owner_of_several_in_a_pane", "80x24", OWNER_OF_SEVERAL + " Tab"),
    ("owner_of_several_undone", "80x24", OWNER_OF_SEVERAL + " Space y u"),
    ("owner_of_several_completed", "80x24", OWNER_OF_SEVERAL + " j Space h Space y"),
    ("owner_of_several_unmarked", "80x24", OWNER_OF_SEVERAL + " Space y h Space y"),
    ("owner_of_several_filtered", "80x24", "O & 'name:birch' Enter g Space y"),
    ("owner_of_several_menu", "80x24", OWNER_OF_SEVERAL + " j Space h m"),
    ("owner_of_several_dated", "80x24", OWNER_OF_SEVERAL + " m d C-u '2025-06-30' Enter m"),
    ("search_serial_without_its_zeros", "80x24", "/ 'F1:02:03:04:05:06:07' Enter"),
    ("owner_beside_names", "80x24", "l"),
    ("owner_beside_names_below_another", "80x24", "/ 'birch root' Enter"),
    ("owner_beside_names_100", "100x24", "l o o o o o"),
    ("owner_beside_no_names_60x12_ascii", "60x12", "l"),
    ("search_serial_with_them", "80x24", "/ '00f1020304050607' Enter"),
    ("owner_of_several_blocked", "80x24", "p p p p " + OWNER_OF_SEVERAL + " Space"),
]

checked = set()


def circled(letter):
    first, base = (0x24d0, "a") if letter.islower() else (0x24b6, "A")
    return chr(first + ord(letter) - ord(base))


def roles(text, runs):
    """The screen with a letter for the role of each cell below it; runs is what screen --roles writes."""
    lines = [[] for line in text.splitlines()]
    used = {}
    for run in runs.splitlines()[1:]:
        y, x, role, covered = run.split(" ", 3)
        name, _, selected = role.partition("+")
        if name not in LETTERS:
            sys.exit("golden.py: no letter for the role '%s'" % name)
        used[name] = LETTERS[name]
        line = lines[int(y)]
        line += " " * (int(x) - len(line))
        line += (circled(LETTERS[name]) if selected else LETTERS[name]) * columns(covered)
    legend = ", ".join("%s %s" % (used[name], name) for name in LETTERS if name in used)
    return "%s-- %s\n%s" % (text, legend, "".join("".join(line) + "\n" for line in lines))


def columns(text):
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def difference(want, got):
    """Line by line, the text above its roles, so that it can be read without the file."""
    (want, _, want_roles), (got, _, got_roles) = (text.partition("\n-- ") for text in (want, got))
    lines = list(difflib.unified_diff(want.splitlines(), got.splitlines(), "golden", "now", lineterm="", n=1))
    screen, old, new = got.splitlines(), want_roles.splitlines(), got_roles.splitlines()
    for y, (a, b) in enumerate(itertools.zip_longest(old, new, fillvalue="")):
        if a != b:
            lines += ["roles of line %d" % y if y else "roles", " " + (screen[y - 1] if 0 < y <= len(screen) else ""), "-" + a, "+" + b]
    return "\n".join(lines)


def check(tap, folder, name, got):
    path = os.path.join(folder, name + ".txt")
    if os.environ.get("CANOPY_UPDATE_GOLDEN"):
        with open(path, "w", encoding="utf-8") as f:
            f.write(got)
    try:
        with open(path, encoding="utf-8") as f:
            want = f.read()
    except FileNotFoundError:
        want = ""
    checked.add(name + ".txt")
    tap.point(want == got, name, difference(want, got))


def imported(text):
    """Documents are as old as the moment when they were imported; as wide, so that columns stay."""
    text = text.replace(time.strftime("%Y-%m-%d", time.gmtime()), "IMPORTED!!")
    return re.sub(r"IMPORTED!!T[\d:]{8}Z", "IMPORTED!!Thh:mm:ssZ", text)


def only_here(world, canopy, screen):
    """What of the column only here differs from counts --only-here, row by row, where a name is that of one CA: roots as such."""
    counted = {"ca": {}, "root": {}}
    for by in counted:
        for row in csv.DictReader(io.StringIO(world.run([canopy, "counts", "--only-here", "--by", by, "--program", "mozilla", "--purpose",
                                                         "tls", "--db", world.db, "--as-of", DAY, "--format", "csv"]))):
            counted[by].setdefault(row["name"], []).append(row)
    text = world.run([screen, "--db", world.db, "--as-of", DAY, "--size", "150x99", "--keys", "*"])
    wrong, seen = [], 0
    title = text.splitlines()[1].index("only here") + len("only here")
    for line in text.splitlines()[2:]:
        shown, name = line[title - 9:title].strip(), line[title:]
        rows = [r for n, r in counted["ca" if "─" in name else "root"].items() if n and re.search(r"[●○◐✗] .*[─▾▸ ] " + re.escape(n) + r"(  | ⇄)", name)]
        if not shown or len(rows) != 1 or len(rows[0]) != 1:
            continue
        row, seen = rows[0][0], seen + 1
        least = int(row["only_here_unknown_cas"] or 0) > 0
        want = "?" if least and int(row["only_here"] or 0) == 0 else "%s%s" % ("≥" if least else "", row["only_here"])
        if shown != want:
            wrong.append("%s: %s on the screen, %s in counts" % (row["name"], shown, want))
    return wrong if seen > 30 else ["only %d rows were found" % seen] + wrong


def unlike_their_removal(world, screen):
    """Roots of which the tree counts other leaves than the removal touches, with each choice of revocations."""
    wrong, n = [], 0
    for program in ("mozilla", "chrome", "apple"):
        for choice in ("", "V ", "V V "):
            def lines(keys):
                return world.run([screen, "--db", world.db, "--as-of", DAY, "--today", DAY, "--size", "160x40", "--program", program,
                                  "--keys", choice + keys]).splitlines()
            rows = [line.split()[0] for line in lines("") if re.match(r" +≥?[0-9,]+ ", line) and not line.split()[0] == "0"]
            for i, count in enumerate(rows):
                said = lines("j " * i + "Space")[-2]
                n += 1
                if " of %s " % count not in said:
                    wrong.append("%s, %sroot %d: %s, but %s" % (program, choice, i, count, said.strip()))
    return wrong if n > 30 else ["only %d roots" % n]


def side_by_side(world, canopy, db, screen):
    """What of the impact view differs from canopy impact: the programs, the sites, who keeps the most."""
    marks, wrong = ["--mark", "Alder Root CA=remove", "--db", db, "--as-of", DAY], []
    lines = world.run([screen, "--db", db, "--as-of", DAY, "--size", "100x99", "--keys", "Space i"]).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith(" Programs"))
    for program in ["mozilla", "chrome", "apple", "microsoft", "own"]:
        answer = json.loads(world.run([canopy, "impact", "--program", program, "--format", "json"] + marks))
        shown = next(line.replace("›", "").split() for line in lines[at:] if program in line.split())
        cas = answer["cas"]
        want = [program] + ["?" if not answer["total"][k] else "≥%d" % answer["total"][k] for k in ("lost", "kept")]
        if all(ca["after"] == "none" for ca in cas):
            want[2] = "0"  # where every CA loses all, nothing is kept, counted or not
        lost = sum(ca["after"] == "none" for ca in cas)
        want += [str(n) for n in (lost, answer["changed_cas"] - lost, len(cas) - answer["changed_cas"])] + [answer["store_date"]]
        if shown != want:
            wrong.append("%s on the screen, %s in impact" % (shown, want))
    sites = list(csv.DictReader(io.StringIO(world.run([canopy, "impact", "--sites", "--format", "csv", "--program", "mozilla"]
                                                      + marks))))
    if "≥%d, by the list" % len(sites) not in "\n".join(lines):
        wrong.append("%d sites in impact" % len(sites))
    keepers = list(csv.DictReader(io.StringIO(world.run([canopy, "impact", "--why-kept", "--format", "csv", "--program", "mozilla"]
                                                        + marks))))
    if not any(line.split()[:2] == ["≥" + keepers[0]["keeps"], keepers[0]["cas"]] and keepers[0]["cert_sha256"][:8] in line
               for line in lines):
        wrong.append("%s keeps %s" % (keepers[0]["name"], keepers[0]["keeps"]))
    return wrong


def of_one_owner(world):
    """The same index, where three of the fictional roots are one owner's, and a serial number has a high bit; its path."""
    path = os.path.join(world.path, "one-owner.db")
    shutil.copy(world.db, path)
    with sqlite3.connect(path) as c:
        c.execute("UPDATE ca SET owner = 'Maple (fictional)' WHERE name IN ('Alder Root CA', 'Birch Root R1', 'Cedar Root E1')")
        c.execute("UPDATE ca_certificate SET serial = x'00F1020304050607' WHERE substr(hex(sha256), 1, 10) = 'C5415DF943'")
    c.close()
    return path


def capitals(world, screen):
    """Names that begin alike but for a capital, in lists where nothing else decides."""
    path = os.path.join(world.path, "capitals.db")
    shutil.copy(world.db, path)
    with sqlite3.connect(path) as c:
        c.execute("UPDATE ca SET name = 'pine class 3 root', owner = 'pine legacies (fictional)' WHERE name = 'Oak Class 3 Root'")
    c.close()

    def says(keys, *options):
        return world.run([screen, "--db", path, "--as-of", DAY, "--size", "150x60", "--keys", keys, *options])

    wrong = []
    for keys, first, then in [("", "pine class 3", "Pine Root ("), ("o o o o", "pine class 3", "Pine Root ("), ("o o o o R", "Pine Root (", "pine class 3"),
                              ("o o o o o", "pine class 3", "Pine Root ("), ("O", "pine legacies", "Pine Legacy"), ("& 'owner:pine' Enter", "pine class 3", "Pine Root ("),
                              ("G k Space Space i G", "pine class 3", "Pine Root (")]:
        text = says(keys)
        text = text[text.index("CAs touched") if " i " in keys else 0:]
        if not 0 < text.find(first) < text.find(then):
            wrong.append("%r: %s\n%s" % (keys, first, text))
    # Of two that are found, none trusted more than the other.
    if "pine class 3 root" not in says("/ 'pine' Enter Enter").splitlines()[1]:
        wrong.append(says("/ 'pine' Enter Enter"))
    return wrong


def owner_as_tree(world, canopy, db, screen):
    """The row of an owner, and what the command line's tree has below its three roots, each CA once."""
    rows = json.loads(world.run([canopy, "tree", "--db", db, "--as-of", DAY, "--format", "json"]))
    below, own = {}, {row["ca_id"]: row["unexpired"] for row in rows}
    for row in rows:
        if row["state"] == "valid":
            below.setdefault(row["parent_ca_id"], set()).add(row["ca_id"])
    roots = [row["ca_id"] for row in rows if row["depth"] == 0 and row["owner"] == "Maple (fictional)"]
    found, todo = set(), list(roots)
    while todo:
        ca = todo.pop()
        if ca not in found:
            found.add(ca)
            todo += below.get(ca, ())
    sums = [sum(own[ca] or 0 for ca in found), sum(row["subtree_unexpired"] for row in rows if row["depth"] == 0 and row["ca_id"] in roots)]
    shown = world.run([screen, "--db", db, "--as-of", DAY, "--size", "150x24", "--keys", "a O"]).splitlines()[2]
    counted = csv.DictReader(io.StringIO(world.run([canopy, "counts", "--db", db, "--as-of", DAY, "--format", "csv"])))
    issued = sum(int(row["issued"] or 0) for row in counted if row["ca_id"] in found)
    good = len(roots) == 3 and sums[0] < sums[1] and re.match(r" +≥%d .* %d +≥%d 2026-07 +. Maple" % (sums[0], len(found), issued), shown)
    return [] if good else ["%d roots, %s, %d CAs: %s" % (len(roots), sums, len(found), shown)]


FILES = {
    "made-up-plan": "# A plan, fictional like all here.\n#\n#     canopy impact --scenario made-up-plan --as-of 2026-03-15\n\nprogram mozilla\n"
                    "purpose tls\nrevocation none\nmark Birch Root R1=distrust-after@2025-06-30\nstage 2026-03-01 Alder Root CA=remove\n",
    "made-up-mistake": "program mozilla\nmark Alder Root CA=remove\nmarks Birch Root R1=remove\n",
    "made-up-nobody": "# Birch Root R9=remove\nprogram mozilla\nmark Alder Root CA=remove\nmark Birch Root R9=remove\n",
    "made-up-story": "# A story, fictional like all here, that is told at such a length that no list\n# of scenarios has room for it: what it says first is what tells it from others.\n#\n#     canopy impact --scenario made-up-story --as-of 2026-03-15\n\nprogram microsoft\npurpose email\nrevocation none\nmark Alder Root CA=remove\n",
    "made-up-signs": "program mozilla\nmark Alder\x1b[31m Root CA=remove\n",
    "cut": "mark Birch Root R1=remove\n",  # the index keeps one of this name
}


def write_files(world):
    os.mkdir(world.env["CANOPY_SCENARIOS"])
    for name, text in FILES.items():
        with open(os.path.join(world.env["CANOPY_SCENARIOS"], name + ".txt"), "w", encoding="utf-8") as f:
            f.write(text)


def file_as_impact(world, canopy, screen):
    """The status line with a file's scenario loaded, and what the command line says of the same file and day."""
    answer = json.loads(world.run([canopy, "impact", "--scenario", "made-up-plan", "--db", world.db, "--as-of", "2026-03-15",
                                   "--format", "json"]))
    lines = world.run([screen, "--db", world.db, "--as-of", DAY, "--size", "150x24", "--keys", "L 'made-up-plan' Enter"]).splitlines()
    want = [(lines[0], "mozilla (store of 2024-06-30) · tls · 2026-03-15 · revocation none"), (lines[-2], "2 marks · old store ! · ≥%d leaves lost" % answer["total"]["lost"]),
            (lines[-2], "%d CAs lose trust" % sum(ca["after"] == "none" for ca in answer["cas"]))]
    return ["%s: %s" % (text, line) for line, text in want if text not in line]


def owner_as_impact(world, canopy, db, screen):
    """The status line with all roots of an owner marked and that of the command line's marks."""
    roots = ["Alder Root CA", "Birch Root R1", "Cedar Root E1"]
    answer = json.loads(world.run([canopy, "impact", "--program", "mozilla", "--db", db, "--as-of", DAY, "--format", "json"]
                                  + [a for name in roots for a in ("--mark", name + "=remove")]))
    line = world.run([screen, "--db", db, "--as-of", DAY, "--size", "150x24", "--keys", OWNER_OF_SEVERAL + " Space y"]).splitlines()[-2]
    want = ["3 marks", "≥%d leaves lost" % answer["total"]["lost"], "%d CAs lose trust" % sum(ca["after"] == "none" for ca in answer["cas"])]
    return [text for text in want if text not in line] and ["%s: %s" % (want, line)]


def ranked(world, canopy):
    """The same index with a fictional rank list and a fictional count of validations in Firefox; its path."""
    rows = ["7,alder-tls-1-000.example", "40,birch.example", "900,alder-roll-000.example", "5000,alder-tls-2-003.example",
            "70000,alder-ocsp-001.example", "80000,alder-pl0-001.example", "900000,alder-tls-1-013.example"]
    counts = {"version": 901, "ping_type": "*", "os": "*", "build_id": "*", "metric": "cert_validation_success_by_ca",
              "non_norm_histogram": [{"bin": b, "value": n} for b, n in [(0, 100), (4, 250), (9, 650)]]}
    path = os.path.join(world.path, "ranked.db")
    with open(world.db, "rb") as f, open(path, "wb") as to:
        to.write(f.read())
    root = json.loads(world.run([canopy, "show", "--db", world.db, "--as-of", DAY, "--format", "json", "Birch Root R1"]))
    fingerprint = base64.b64encode(bytes.fromhex(root["certificates"][0]["sha256"])).decode()
    table = {"roots": [{"label": "fictional", "binNumber": 4, "sha256Fingerprint": fingerprint}]}
    files = {"ranks.csv": "\n".join(rows) + "\n", "counts.json": json.dumps({"data": [counts]}),
             "roots.json": "// fictional\n" + json.dumps(table)}
    for name, text in files.items():
        with open(os.path.join(world.path, name), "w", encoding="utf-8") as f:
            f.write(text)
    world.run([canopy, "import", "--quiet", "--db", path, "--source-date", "2026-05-20"] + list(files), cwd=world.path)
    return path


def owners_by_title(world, canopy, screen):
    """Grouped by owner the rows go by the column whose title has the sign, also where leaves of one owner only are known."""
    few, wrong = os.path.join(world.path, "few.db"), []
    world.run([canopy, "import", "--quiet", "--db", few, "--source-date", "2026-05-30", "ccadb", "mozilla"],
              cwd=os.path.join(world.path, "world"))
    with open(os.path.join(world.path, "few.csv"), "w", encoding="utf-8") as f:
        f.write("ca,unexpired,source,as_of\nPine Root (SHA-1),700,fictional hand count,2026-05-30\n")
    world.run([canopy, "import", "--quiet", "--db", few, f.name])
    for db, title, keys in [(few, "%CAs", "O"), (few, "CAs", "O o o"), (world.db, "trusted", "O"), (world.db, "CAs", "O o"),
                            (world.db, "issued", "O o o"), (world.db, "CAs", "O o R")]:
        lines = world.run([screen, "--db", db, "--as-of", DAY, "--today", DAY, "--size", "160x30", "--keys", keys]).splitlines()
        sign = re.search("[▼▲]" + title, lines[1])
        rows = [line[:sign.end()].split()[-1] for line in lines[2:] if re.search(r"roots?\)", line)] if sign else []
        numbers = [float(re.sub("[≥%,]", "", row)) for row in rows]
        if not numbers or numbers != sorted(numbers, reverse="R" not in keys) or len(set(numbers)) < 3:
            wrong.append("%s: %s by %s" % (keys, rows, title))
    # the one of whom leaves are known comes first where that is asked for, though most have none
    for keys, first in (("", "Alder Root CA"), ("o", "Pine Root (SHA-1)"), ("O o", "Pine Legacy")):
        lines = world.run([screen, "--db", few, "--as-of", DAY, "--today", DAY, "--size", "160x30", "--keys", keys]).splitlines()
        if first not in lines[2] or ("▼trusted" in lines[1]) != ("o" in keys):
            wrong.append("%s: %r, %r" % (keys, lines[1], lines[2]))
    return wrong


def main():
    canopy, maker, screen, folder = map(os.path.abspath, sys.argv[1:5])
    world = World(canopy, maker)
    every = list(cases())
    tap = Tap(len(every) + len(OWNERS) + 2 * len(SIZES) + 30)
    shown = world.run([screen, "--views"]).split()
    tap.point(not set(shown) - set(VIEWS), "every_view_has_its_screens", "none of: " + " ".join(sorted(set(shown) - set(VIEWS))))

    def play(db, size, keys, options, name=""):
        text = world.run([screen, "--db", db, "--as-of", DAY, "--today", DAY, "--size", size, "--keys", keys] + options)
        # Leaves are as old as the day on which they were imported.
        text = re.sub(time.strftime("%Y-%m-%d", time.gmtime()) + "  (?=mozilla|own)", "SAVED-DAY!  ", text)
        text = text.replace("as of " + time.strftime("%Y-%m-%d", time.gmtime()), "as of IMPORTED!!")
        return imported(text) if re.match("sources?_", name) else text

    for name, more in [("assumed", ["--assume", "Yew University Root"]), ("all", ["--revocation", "all"]),
                       ("own", ["--program", "own"]), ("staged", ["--stage", "2026-07-15:Cedar Root E1=remove"])]:
        world.run([canopy, "scenario", "save", name, "--db", world.db, "-q", "--mark", "Alder Root CA=block"] + more)
    write_files(world)
    for name, size, keys, options, coloured in every:
        got = play(world.db, size, keys, options, name)
        check(tap, folder, name, roles(got, play(world.db, size, keys, options + ["--roles"], name)) if coloured else got)
    saved = world.run([canopy, "scenario", "show", "cut", "--db", world.db]).splitlines()
    tap.point(saved[:5] == ["program mozilla", "purpose tls", "revocation enforced", "# as it was saved: canopy impact --as-of " + DAY,
                            "mark Alder Root CA=remove"]
              and [line.split(" ", 2)[2] for line in saved if line.startswith("ref ")] == ["Alder Root CA"],
              "what_is_saved_is_the_command_lines", "\n".join(saved))
    later = world.run([canopy, "scenario", "show", "later", "--db", world.db]).splitlines()
    tap.point("stage 2026-07-15 Cedar Root E1=remove" in later, "a_stage_is_saved_as_one", "\n".join(later))
    plan = world.run([canopy, "scenario", "show", "plan", "--db", world.db]).splitlines()
    tap.point({"stage 2026-09-01 Alder Root CA=remove", "mark Birch Root R1=distrust-after@2025-06-30"} <= set(plan),
              "a_stage_of_the_menu_is_saved_as_one", "\n".join(plan))
    kept = world.run([canopy, "scenario", "show", "made-up-plan2", "--db", world.db]).splitlines()
    tap.point({"revocation none", "stage 2026-03-01 Alder Root CA=remove", "mark Birch Root R1=distrust-after@2025-06-30"} <= set(kept),
              "what_a_file_says_is_saved", "\n".join(kept))
    wrong = file_as_impact(world, canopy, screen)
    tap.point(not wrong, "a_file_loses_what_impact_says", "\n".join(wrong))
    until = world.run([canopy, "impact", "--mark", "Alder Root CA=remove", "--until", "5", "--db", world.db, "--as-of", DAY])
    shown = " ".join(play(world.db, "80x24", "Space i t C-u '5' Enter", []).split())
    tap.point(" ".join(until.split()) in shown, "until_is_that_of_impact", until)
    for size, options in itertools.product(SIZES, ([], ["--ascii"])):
        absent = [os.path.join(world.path, "absent.db"), size, ""]
        check(tap, folder, "_".join(["empty_index", size] + [o.strip("-") for o in options]), roles(play(*absent, options), play(*absent, options + ["--roles"])))
    wrong = only_here(world, canopy, screen)
    tap.point(not wrong, "the_column_only_here_is_that_of_counts", "\n".join(wrong))
    one = of_one_owner(world)
    for name, size, keys in OWNERS:
        check(tap, folder, name, play(one, size, keys, ["--ascii"] if name.endswith("ascii") else []))
    wrong = owner_as_impact(world, canopy, one, screen)
    tap.point(not wrong, "all_roots_of_an_owner_lose_what_impact_says", "\n".join(wrong))
    wrong = owner_as_tree(world, canopy, one, screen)
    tap.point(not wrong, "an_owner_counts_what_is_below_its_roots_once", "\n".join(wrong))
    wrong = owners_by_title(world, canopy, screen)
    tap.point(not wrong, "owners_are_sorted_by_what_the_title_says", "\n".join(wrong))
    wrong = capitals(world, screen)
    tap.point(not wrong, "capitals_do_not_come_before_small_letters", "\n".join(wrong))
    more = ranked(world, canopy)
    wrong = side_by_side(world, canopy, more, screen)
    tap.point(not wrong, "the_impact_view_says_what_impact_says", "\n".join(wrong))
    wrong = unlike_their_removal(world, screen)
    tap.point(not wrong, "a_root_counts_what_its_removal_touches", "\n".join(wrong))
    for name, size, keys in [("sites_on_the_status_line", "120x40", "Space"), ("sites_in_impact", "100x60", "Space i Tab Tab Tab Tab"),
                             ("sites_when_none_is_lost", "80x40", "j j j j Space i Tab Tab Tab Tab"),
                             ("detail_use_in_firefox", "80x24", "/ 'birch root' Enter Enter"),
                             ("impact_use_in_firefox", "80x24", "/ 'birch root' Enter Space i"),
                             # of Alder's root the telemetry has no number
                             ("impact_use_in_firefox_of_one", "120x40", "Space / 'birch root' Enter Space i")]:
        check(tap, folder, name, play(more, size, keys, []))
    for name, size, keys in [("detail_use_by_later_telemetry", "120x40", "[ [ / 'birch root' Enter Enter"),
                             ("impact_use_by_later_telemetry", "60x40", "[ [ / 'birch root' Enter Space i")]:
        check(tap, folder, name, play(more, size, keys, []))
    bare = os.path.join(world.path, "uncounted.db")
    world.run([canopy, "import", "--quiet", "--db", bare, "--source-date", "2026-05-30", "ccadb", "mozilla"],
              cwd=os.path.join(world.path, "world"))
    for name, size, keys, options in [("uncounted_60x12_ascii", "60x12", "l j", ["--ascii"]), ("uncounted_plain", "80x24", "O", ["--plain"]),
                                      ("uncounted", "160x20", "l j", []), ("uncounted_sorted", "80x24", "o o", []),
                                      ("uncounted_all_leaves", "100x20", "a", []), ("uncounted_reversed", "80x24", "R", [])]:
        check(tap, folder, name, play(bare, size, keys, options))
    coloured = play(world.db, "80x24", "l j Space", ["--cells"])
    bare = play(world.db, "80x24", "l j Space", ["--cells", "--no-color"])
    tap.point(" -1 -1 " in bare and not any(int(line.split()[2]) >= 0 for line in bare.splitlines()[1:])
              and coloured != bare, "no_color_uses_no_colour")
    left = sorted(set(os.listdir(folder)) - checked)
    tap.point(not left, "no_screen_is_left_over", " ".join(left))
    tap.end()


if __name__ == "__main__":
    main()
