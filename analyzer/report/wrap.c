// SPDX-License-Identifier: Apache-2.0
#include "report/wrap.h"

#include "util/memory.h"
#include "util/show.h"

static void blanks(struct buffer *out, size_t count)
{
    while (count--)
        buffer_putc(out, ' ');
}

// The longest start of `word` that takes at most `columns`, at least one character; *width: what it takes.
static size_t fitting(struct text word, size_t columns, size_t *width)
{
    size_t end = 0;
    *width = 0;
    while (end < word.len) {
        uint32_t code;
        size_t bytes = utf8_decode(text_from(word, end), &code);
        bytes = bytes ? bytes : 1;
        size_t more = show_width(text_slice(word, end, bytes));
        if (end && *width + more > columns)
            break;
        *width += more;
        end += bytes;
    }
    return end;
}

struct writing {
    struct buffer *out;
    size_t hang, column;
    bool fresh; // nothing on this line yet but its indent
};

static void new_line(struct writing *writing)
{
    buffer_putc(writing->out, '\n');
    blanks(writing->out, writing->hang);
    writing->column = writing->hang;
    writing->fresh = true;
}

static void put_word(struct writing *writing, struct text word)
{
    size_t width = show_width(word);
    size_t gap = writing->fresh ? 0 : 1;
    if (!writing->fresh && writing->column + gap + width > WRAP_COLUMNS) {
        new_line(writing);
        gap = 0;
    }
    blanks(writing->out, gap);
    writing->column += gap;
    while (writing->column + width > WRAP_COLUMNS) {
        size_t room = WRAP_COLUMNS > writing->column ? WRAP_COLUMNS - writing->column : 1;
        size_t taken, part = fitting(word, room, &taken);
        buffer_add(writing->out, text_slice(word, 0, part));
        word = text_from(word, part);
        width -= taken;
        if (!word.len)
            break;
        new_line(writing);
    }
    buffer_add(writing->out, word);
    writing->column += width;
    writing->fresh = false;
}

void wrap(struct buffer *out, const char *first, size_t first_width, size_t hang, struct text text)
{
    CLEANUP(buffer_release) struct buffer visible = {0};
    show_line(&visible, text);
    struct writing writing = {.out = out, .hang = hang, .column = first_width, .fresh = true};
    buffer_puts(out, first);
    struct text rest = buffer_text(&visible), word;
    while (text_word(&rest, &word))
        put_word(&writing, word);
    buffer_putc(out, '\n');
}

// Blanks at the start, and of a list item the mark and the blank behind it.
static size_t own_indent(struct text line, size_t *mark)
{
    size_t indent = 0;
    while (indent < line.len && line.ptr[indent] == ' ')
        indent++;
    *mark = 0;
    size_t digits = indent;
    while (digits < line.len && byte_is_digit(line.ptr[digits]))
        digits++;
    if (text_starts(text_from(line, indent), "- ") || text_starts(text_from(line, indent), "* "))
        *mark = 2;
    else if (digits > indent &&
             (text_starts(text_from(line, digits), ". ") || text_starts(text_from(line, digits), ") ")))
        *mark = digits - indent + 2;
    return indent < 24 ? indent : 24;
}

// Whether the line goes on with the paragraph above it: no list mark, and not indented on purpose.
static bool goes_on(struct text line, size_t indent_above, size_t mark_above)
{
    size_t mark, own = own_indent(line, &mark);
    return !mark && (own == indent_above || own == indent_above + mark_above);
}

void wrap_lines(struct buffer *out, size_t indent, struct text text)
{
    struct lines lines = {.rest = text};
    struct text line;
    CLEANUP(buffer_release) struct buffer paragraph = {0};
    size_t own = 0, mark = 0;
    bool open = false;
    while (lines_next(&lines, &line)) {
        line = text_trim_end(line);
        // what stands more than a list's depth to the right is a command or a table: kept line by line
        bool joins = open && line.len && goes_on(line, own, mark) && own < 4;
        if (open && !joins) {
            blanks(out, indent + own);
            wrap(out, "", indent + own, indent + own + mark, buffer_text(&paragraph));
            buffer_clear(&paragraph);
        }
        open = line.len > 0;
        if (!open) {
            buffer_putc(out, '\n');
            continue;
        }
        if (!joins)
            own = own_indent(line, &mark);
        buffer_puts(&paragraph, joins ? " " : "");
        buffer_add(&paragraph, text_trim(line));
    }
    if (open) {
        blanks(out, indent + own);
        wrap(out, "", indent + own, indent + own + mark, buffer_text(&paragraph));
    }
}
