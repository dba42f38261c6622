// SPDX-License-Identifier: Apache-2.0
#include "evidence/goroutine_dump.h"

#include <string.h>

enum { MOST_PREFIX = 200, MOST_NAME = 4096 };

void goroutine_dump_init(struct goroutine_dump *dump, goroutine_take *take, void *context, size_t most_frames)
{
    *dump = (struct goroutine_dump){.take = take, .context = context, .most_frames = most_frames};
}

// ---- the header ------------------------------------------------------------------------------

// "goroutine 1 gp=0xc0 m=nil [chan send, 7 minutes]:" from its word on. *inside: between the brackets.
static bool read_header(struct text line, int64_t *id, struct text *inside)
{
    uint64_t number;
    if (!text_skip(&line, "goroutine ") || !text_take_u64(&line, &number) || number > INT64_MAX ||
        !text_skip(&line, " "))
        return false;
    *id = (int64_t)number;
    ptrdiff_t open = text_find_byte(line, '[');
    ptrdiff_t close = text_find(line, TEXT("]:"));
    if (open < 0 || close < open)
        return false;
    for (struct text between = text_slice(line, 0, (size_t)open), word; text_word(&between, &word);)
        if (text_find_byte(word, '=') < 0) // only gp=…, m=…, mp=… stand there
            return false;
    *inside = text_slice(line, (size_t)open + 1, (size_t)(close - open - 1));
    return true;
}

bool goroutine_is_header(struct text line, struct text *prefix)
{
    struct text rest = text_slice(line, 0, MOST_PREFIX), inside;
    size_t before = 0;
    int64_t id;
    for (ptrdiff_t at; (at = text_find(rest, TEXT("goroutine "))) >= 0;) {
        before += (size_t)at;
        if (read_header(text_from(line, before), &id, &inside)) {
            *prefix = text_slice(line, 0, before);
            return true;
        }
        before++;
        rest = text_from(rest, (size_t)at + 1);
    }
    return false;
}

static bool is_banner(struct text line)
{
    static const char *const banners[] = {
        "===",      "SIGQUIT",       "SIGABRT",          "PC=",
        "panic",    "fatal error",   "unexpected fault", "[signal",
        "runtime:", "runtime stack", "\tpanic",          "goroutine running"};
    for (size_t i = 0; i < sizeof banners / sizeof *banners; i++)
        if (text_starts(line, banners[i]))
            return true;
    return text_trim(line).len == 0;
}

bool goroutine_dump_looks_right(struct text head, bool first)
{
    struct lines lines = {.rest = head};
    struct text line, prefix;
    while (lines_next(&lines, &line)) {
        if (goroutine_is_header(line, &prefix) && (!first || prefix.len == 0))
            return true;
        if (first && !is_banner(line))
            return false;
    }
    return false;
}

// ---- one goroutine ---------------------------------------------------------------------------

static void put_text(struct buffer *buffer, struct text text)
{
    buffer_clear(buffer);
    buffer_add(buffer, text);
}

static void close_goroutine(struct goroutine_dump *dump)
{
    if (!dump->is_open)
        return;
    dump->is_open = false;
    dump->count++;
    dump->open.state = dump->state.len ? buffer_text(&dump->state) : (struct text){NULL, 0};
    dump->open.stack = text_trim_end(buffer_text(&dump->stack));
    dump->open.created_by = dump->created_by.len ? buffer_text(&dump->created_by) : (struct text){NULL, 0};
    dump->take(dump->context, &dump->open);
}

static void read_state(struct goroutine_dump *dump, struct text inside)
{
    struct text part;
    buffer_clear(&dump->state);
    for (bool is_first = true; text_split(&inside, ',', &part); is_first = false) {
        part = text_trim(part);
        uint64_t minutes;
        if (is_first)
            buffer_add(&dump->state, part);
        else if (text_take_u64(&part, &minutes) && text_is(text_trim(part), "minutes") &&
                 minutes <= INT64_MAX)
            dump->open.wait_minutes = (int64_t)minutes;
    }
}

static bool open_goroutine(struct goroutine_dump *dump, struct text line)
{
    struct text prefix, inside;
    int64_t id;
    if (!goroutine_is_header(line, &prefix) || !read_header(text_from(line, prefix.len), &id, &inside))
        return false;
    close_goroutine(dump);
    put_text(&dump->prefix, prefix);
    dump->open = (struct goroutine){.line = dump->line, .id = id, .wait_minutes = -1};
    read_state(dump, inside);
    buffer_clear(&dump->stack);
    buffer_clear(&dump->created_by);
    dump->frames = 0;
    dump->is_open = true;
    return true;
}

// The arguments are what the last parenthesis holds: "sync.(*Mutex).Lock(0xc8, {0x1, 0x2})".
static struct text without_arguments(struct text call)
{
    if (!text_ends(call, ")"))
        return call;
    size_t depth = 0;
    for (size_t i = call.len; i-- > 0;) {
        depth += call.ptr[i] == ')';
        depth -= call.ptr[i] == '(';
        if (depth == 0)
            return text_slice(call, 0, i);
    }
    return call;
}

// "0x49" or, where the compiler kept it in a register that may have changed since, "0x49?".
static bool take_argument(struct text *rest, uint64_t *value)
{
    struct text argument;
    if (!text_split(rest, ',', &argument))
        return false;
    argument = text_trim(argument);
    if (text_ends(argument, "?"))
        argument.len--;
    return text_starts(argument, "0x") && text_to_hex(argument, value);
}

// syscall.Syscall(0x0, 0x49, …): the number of the system call and its arguments.
static void read_syscall(struct goroutine_dump *dump, struct text name, struct text arguments)
{
    struct goroutine *open = &dump->open;
    if (open->in_syscall || !text_starts(buffer_text(&dump->state), "syscall"))
        return;
    if (text_ends(name, "6") || text_ends(name, "9"))
        name.len--;
    if (text_ends(name, "Syscall"))
        open->in_syscall =
            take_argument(&arguments, &open->syscall) && take_argument(&arguments, &open->syscall_arg0);
}

static void add_frame(struct goroutine_dump *dump, struct text line)
{
    struct text call = text_trim_end(line), name = without_arguments(call);
    if (call.len > name.len + 2)
        read_syscall(dump, name, text_slice(call, name.len + 1, call.len - name.len - 2));
    name = text_trim(name);
    if (name.len == 0 || name.len > MOST_NAME || text_is(name, "runtime.goexit") || text_starts(line, "..."))
        return;
    if (++dump->frames > dump->most_frames) {
        dump->stacks_cut += dump->frames == dump->most_frames + 1;
        return;
    }
    size_t start = dump->stack.len;
    buffer_add(&dump->stack, name);
    for (size_t i = start; i < dump->stack.len; i++) // a list of names can be split at its line ends
        if ((unsigned char)dump->stack.ptr[i] < ' ')
            dump->stack.ptr[i] = ' ';
    buffer_putc(&dump->stack, '\n');
}

static void set_creator(struct goroutine_dump *dump, struct text name)
{
    ptrdiff_t in = text_find(name, TEXT(" in goroutine "));
    put_text(&dump->created_by, text_trim(text_slice(name, 0, in < 0 ? name.len : (size_t)in)));
}

// What a log puts before the lines of a dump ends alike on each of them ("dockerd[1748]: "), the time
// before it does not.
static struct text without_prefix(const struct goroutine_dump *dump, struct text line)
{
    struct text prefix = buffer_text(&dump->prefix);
    if (prefix.len == 0)
        return line;
    struct text tag = prefix;
    while (tag.len && tag.ptr[tag.len - 1] == ' ')
        tag.len--;
    size_t start = tag.len;
    while (start > 0 && tag.ptr[start - 1] != ' ')
        start--;
    ptrdiff_t at = text_find(line, text_from(prefix, start));
    if (at >= 0 && start < tag.len)
        return text_from(line, (size_t)at + prefix.len - start);
    return line.len >= prefix.len ? text_from(line, prefix.len) : line;
}

void goroutine_dump_line(struct goroutine_dump *dump, struct text line)
{
    dump->line++;
    if (open_goroutine(dump, line) || !dump->is_open)
        return;
    line = without_prefix(dump, line);
    if (text_trim(line).len == 0) {
        if (dump->prefix.len == 0) // in a log an empty line may be any unit's
            close_goroutine(dump);
    } else if (line.ptr[0] == '\t' || line.ptr[0] == ' ') {
        return; // "file:line +0x50", "goroutine in C code; stack unavailable"
    } else if (text_skip(&line, "created by ")) {
        set_creator(dump, line);
    } else if (text_find_byte(line, '(') >= 0) {
        add_frame(dump, line);
    } else if (dump->prefix.len == 0 && !text_starts(line, "...")) {
        close_goroutine(dump); // a dump's end: "=== END goroutine stack dump ===", registers, "exit status 2"
    }
}

void goroutine_dump_end(struct goroutine_dump *dump)
{
    close_goroutine(dump);
    buffer_release(&dump->state);
    buffer_release(&dump->stack);
    buffer_release(&dump->created_by);
    buffer_release(&dump->prefix);
}
