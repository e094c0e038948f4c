#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The exported mdoc must be clean for mandoc. $1: the program that prints a manual page.
command -v mandoc >/dev/null || { echo "mandoc is not installed"; exit 77; }
page=$(mktemp) || exit 1
trap 'rm -f "$page"' EXIT
"$1" mdoc >"$page" && test -s "$page" && mandoc -Tlint -Wall <"$page" &&
	mandoc -Tascii <"$page" >/dev/null
