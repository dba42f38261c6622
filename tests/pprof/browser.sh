#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# browser.sh - opens flame graphs in a real browser (Chromium without a window, no network) and uses them: hover,
# click, keys, search, reset; and one whose function names try to become markup and script.
# Ends with `N passed, N failed`; skips where there is no Chromium.
set -u
cd "$(dirname "$0")/../.." || exit 1
INQUEST=${INQUEST:-$PWD/${BUILD:-build}/inquest}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "skip: no Chromium here"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# use NAME FOLDED SCRIPT: the script runs behind the drawing's own and calls check(what, true or false)
use() {
    printf '%b' "$2" >"$work/$1.txt"
    "$INQUEST" profile "$work/$1.txt" --svg -o "$work/$1.svg" || { failed=$((failed + 1)); return; }
    {
        sed '$d' "$work/$1.svg" # without </svg>
        cat <<'END'
<script><![CDATA[
var results = [];
function check(what, good) { results.push((good ? "ok - " : "not ok - ") + what); }
function all(what) { return Array.prototype.slice.call(document.querySelectorAll(what)); }
function frame(name) { return all(".f").filter(function (f) { return f.querySelector("title").textContent.split("\n")[0] === name; })[0]; }
function width(name) { return Number(frame(name).querySelector("rect").getAttribute("width")); }
function shown(name) { return !/gone/.test(frame(name).getAttribute("class")); }
function detail() { return document.querySelector(".detail").textContent; }
function key(k, target) { (target || document.activeElement).dispatchEvent(new KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true })); }
function search(text) { var i = document.querySelector("input"); i.value = text; i.dispatchEvent(new Event("input")); }
try {
END
        printf '%s\n' "$3"
        cat <<'END'
} catch (error) { check("no exception: " + error, false); }
var out = document.createElementNS("http://www.w3.org/2000/svg", "desc");
out.textContent = "RESULTS\n" + results.join("\n") + "\nEND";
document.documentElement.appendChild(out);
]]></script>
</svg>
END
    } >"$work/$1-used.svg"
    timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$work/user" \
        --host-resolver-rules='MAP * ~NOTFOUND' --window-size=1300,700 --dump-dom "file://$work/$1-used.svg" >"$work/dom" 2>/dev/null
    sed -n '/RESULTS/,/END/p' "$work/dom" | grep -E '^(not )?ok - ' | sed "s/ - / - $1: /" >"$work/results"
    cat "$work/results"
    [ -s "$work/results" ] || { echo "not ok - $1: the browser said nothing"; failed=$((failed + 1)); }
    passed=$((passed + $(grep -c '^ok' "$work/results")))
    failed=$((failed + $(grep -c '^not ok' "$work/results")))
}

use plain 'main;work;encode 40\nmain;work;decode 25\nmain;idle 30\nmain;work 5\n' '
check("all frames are there", all(".f").length === 6);
check("the root is as wide as its calls", Math.abs(width("main") - width("all")) < 0.1);
check("widths are shares", Math.abs(width("idle") / width("main") - 0.3) < 0.01);
frame("decode").dispatchEvent(new MouseEvent("mouseenter"));
check("hover shows name, value and share: " + detail(), /^decode . 25, 25\.00 %/.test(detail()));
var before = width("encode");
frame("work").dispatchEvent(new MouseEvent("click", { bubbles: true }));
check("a click zooms", Math.abs(width("work") - width("all")) < 0.1 && width("encode") > before * 1.3);
check("what is beside it goes", !shown("idle") && shown("main"));
check("callers stay, faded", /up/.test(frame("main").getAttribute("class")));
check("the reset button works now", !document.querySelector("button").disabled);
document.querySelector("button").click();
check("reset shows everything", shown("idle") && Math.abs(width("encode") - before) < 0.1);
search("code$");
check("a search marks what matches", all(".f.hit").length === 2 && /hit/.test(frame("encode").getAttribute("class")));
check("and says how much that is: " + detail(), /2 frames matched, 65\.00 %/.test(detail()));
search("work|code");
check("what lies within a match counts once: " + detail(), /3 frames matched, 70\.00 %/.test(detail()));
search("(");
check("a bad expression is said", /regular expression/.test(detail()) && document.querySelector("input").getAttribute("aria-invalid") === "true");
search("");
check("an empty search marks nothing", all(".f.hit").length === 0);
frame("all").focus();
key("ArrowDown"); key("ArrowDown");
check("keys walk down: " + detail(), document.activeElement === frame("work"));
key("ArrowRight");
check("keys walk aside", document.activeElement === frame("idle"));
key("ArrowUp");
check("keys walk up", document.activeElement === frame("main"));
key("ArrowDown"); key("Enter");
check("Enter zooms", !shown("idle"));
key("Escape");
check("Escape resets", shown("idle"));
key("/");
check("a slash goes to the search", document.activeElement === document.querySelector("input"));
check("every frame has one stop in the order of Tab", all(".f[tabindex=\"0\"]").length === 1);
check("nothing was fetched", performance.getEntriesByType("resource").length === 0);
'
use hostile '</title><script>window.pwned=1</script>;"><img src=x onerror=pwned=2>;]]><!--&amp;javascript:pwned=3 10\nok 1\n' '
check("no name became script", typeof window.pwned === "undefined");
check("no name became an element", all("img").length === 0 && all("script").length === 2);
check("names are text", frame("</title><script>window.pwned=1</script>") !== undefined);
search("<script>");
check("and can be searched", all(".f.hit").length === 1);
frame("</title><script>window.pwned=1</script>").dispatchEvent(new MouseEvent("mouseenter"));
check("hover shows them as text", /<script>window.pwned=1/.test(detail()) && typeof window.pwned === "undefined");
'
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
