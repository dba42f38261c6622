// SPDX-License-Identifier: Apache-2.0
//
// Names that have no form: where the text says that one stands.
#include "privacy/scrubber.h"

static const struct {
    struct text key;
    enum name_kind kind;
} keys[] = {
#define KEY(key, kind) {{key, sizeof key - 1}, NAME_##kind},
#include "privacy/known.list"
};

static const struct {
    struct text text;
    enum name_kind kind;
} phrases[] = {
#define PHRASE(text, kind) {{text, sizeof text - 1}, NAME_##kind},
#include "privacy/known.list"
};

static const char *const plain_labels[] = {
#define PLAIN(label) #label,
#include "privacy/known.list"
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static struct text lower(struct text text, char *out, size_t room)
{
    size_t n = text.len < room ? text.len : room;
    for (size_t i = 0; i < n; i++)
        out[i] = byte_lower(text.ptr[i]);
    return (struct text){out, n};
}

// ---- hosts -----------------------------------------------------------------------------------

static bool is_plain(struct text label)
{
    for (size_t i = 0; i < COUNT(plain_labels); i++)
        if (text_is(label, plain_labels[i]))
            return true;
    return false;
}

static ptrdiff_t last_dot(struct text text)
{
    const char *dot = text.len ? memrchr(text.ptr, '.', text.len) : NULL;
    return dot ? dot - text.ptr : -1;
}

// `api.shop.svc.cluster.local`: a service of a namespace.
static bool service_parts(const struct scrubber *scrubber, struct text text, struct host_name *parts)
{
    ptrdiff_t tail = text_find(text, TEXT(".svc"));
    if (tail < 0)
        return false;
    struct text names = text_slice(text, 0, (size_t)tail);
    ptrdiff_t dot = last_dot(names);
    parts->tail = text_from(text, (size_t)tail);
    parts->label = text_slice(names, 0, dot < 0 ? names.len : (size_t)dot);
    parts->domain = dot < 0 ? (struct text){NULL, 0} : text_from(names, (size_t)dot + 1);
    parts->label_kind = NAME_OBJECT;
    parts->domain_kind = NAME_NAMESPACE;
    if (vocabulary_has(scrubber->vocabulary, parts->label) &&
        vocabulary_has(scrubber->vocabulary, parts->domain))
        parts->tail = text, parts->label = parts->domain = (struct text){NULL, 0};
    return true;
}

struct host_name host_name_parts(const struct scrubber *scrubber, struct text text)
{
    struct host_name parts = {.label_kind = NAME_LABEL, .domain_kind = NAME_DOMAIN};
    if (service_parts(scrubber, text, &parts))
        return parts;
    if (domain_is_public(text)) {
        parts.tail = text;
        return parts;
    }
    size_t first = (size_t)text_find_byte(text, '.');
    struct text rest = text_from(text, first + 1);
    bool plain_rest = is_plain(text_from(rest, (size_t)(last_dot(rest) + 1)));
    if (plain_rest) { // node-7.local, ip-10-0-0-1.ec2.internal
        parts.label = text_slice(text, 0, first);
        parts.label_kind = NAME_HOST;
        parts.tail = text_from(text, first);
    } else if (text_find_byte(rest, '.') < 0) {
        parts.domain = text;
    } else {
        parts.label = text_slice(text, 0, first);
        parts.domain = rest;
    }
    return parts;
}

static void learn_host(struct scrubber *scrubber, struct text name)
{
    if (text_find_byte(name, '.') < 0) {
        names_add(scrubber->names, NAME_HOST, name);
        return;
    }
    struct host_name parts = host_name_parts(scrubber, name);
    if (parts.label.len)
        names_add(scrubber->names, NAME_HOST, parts.label);
    if (parts.domain.len)
        names_add(scrubber->names, parts.domain_kind, parts.domain);
}

// ---- names that are told ---------------------------------------------------------------------

// registry.corp:5000/team/image:tag@sha256:…: the registry has a form of its own, the tag stays.
static void learn_image(struct scrubber *scrubber, struct text image)
{
    struct text part;
    bool first = true;
    (void)text_split(&image, '@', &part);
    image = part;
    while (text_split(&image, '/', &part)) {
        bool registry = first && image.ptr && text_find_byte(part, ':') >= 0;
        struct text name;
        (void)text_split(&part, ':', &name);
        bool full = text_find_byte(name, '.') >= 0; // has a form of its own
        if (!full && name.len && !vocabulary_has(scrubber->vocabulary, name))
            names_add(scrubber->names, registry ? NAME_HOST : NAME_IMAGE, name);
        first = false;
    }
}

// Letters, digits, dots, dashes and underscores, with a letter among them, and no address or id.
static bool is_name(struct text name)
{
    struct form form;
    bool letter = false;
    for (size_t i = 0; i < name.len; i++) {
        letter |= byte_is_alpha(name.ptr[i]);
        if (!is_alnum(name.ptr[i]) && !byte_in(name.ptr[i], "-._"))
            return false;
    }
    return letter && name.len > 1 && !form_of_uuid(name, 0, &form) && !form_of_id(name, 0, &form) &&
           !form_of_v4(name, 0, &form);
}

void scrubber_learn(struct scrubber *scrubber, enum name_kind kind, struct text name)
{
    char bytes[NAME_BYTES];
    struct text first;
    name = lower(name, bytes, sizeof bytes);
    if (kind == NAME_IMAGE) {
        learn_image(scrubber, name);
        return;
    }
    if (kind == NAME_POD && text_find_byte(name, '/') >= 0) {
        (void)text_split(&name, '/', &first);
        scrubber_learn(scrubber, NAME_NAMESPACE, first);
    }
    if (!is_name(name) || vocabulary_has(scrubber->vocabulary, name))
        return;
    if (kind == NAME_HOST)
        learn_host(scrubber, name);
    else
        names_add(scrubber->names, kind, name);
}

// ---- keys and phrases ------------------------------------------------------------------------

// The last letters of the phrases' last words: a quick no.
static const char phrase_ends[] = "ers";

enum name_kind phrase_before(struct text line, size_t at)
{
    if (at < 6 || (line.ptr[at - 1] != ' ' && line.ptr[at - 1] != '/') ||
        !byte_in(line.ptr[at - 2], phrase_ends))
        return NAME_KINDS;
    for (size_t i = 0; i < COUNT(phrases); i++) {
        struct text phrase = phrases[i].text;
        if (at >= phrase.len && memcmp(line.ptr + at - phrase.len, phrase.ptr, phrase.len) == 0)
            return phrases[i].kind;
    }
    return NAME_KINDS;
}

static enum name_kind kind_of_key(struct text key)
{
    for (size_t i = 0; i < COUNT(keys); i++)
        if (text_equal(key, keys[i].key))
            return keys[i].kind;
    return NAME_KINDS;
}

static bool begins_line(struct text line, size_t at)
{
    while (at && byte_in(line.ptr[at - 1], " \t-"))
        at--;
    return at == 0;
}

// Behind a key `=`, or `:` where the key is quoted or begins its line; quotes and backslashes round it. The
// place of the value, 0 for none.
static size_t value_at(struct text line, size_t key_at, size_t at)
{
    bool quoted = false;
    while (at < line.len && (line.ptr[at] == '"' || line.ptr[at] == '\\')) {
        quoted = true;
        at++;
    }
    if (at >= line.len ||
        (line.ptr[at] != '=' && (line.ptr[at] != ':' || !(quoted || begins_line(line, key_at)))))
        return 0;
    bool colon = line.ptr[at++] == ':';
    if (colon && !quoted && (at >= line.len || line.ptr[at] != ' ')) // node:internal is no line of YAML
        return 0;
    while (at < line.len && (line.ptr[at] == '"' || line.ptr[at] == '\\' || line.ptr[at] == '\'' ||
                             (colon && line.ptr[at] == ' ')))
        at++;
    return at;
}

void learn_key(struct scrubber *scrubber, struct text line, size_t at)
{
    enum { KEY_MOST = 24 };
    char bytes[KEY_MOST];
    size_t length = 0;
    while (at + length < line.len && length <= KEY_MOST &&
           (is_alnum(line.ptr[at + length]) || byte_in(line.ptr[at + length], "_.-")))
        length++;
    char behind = at + length < line.len ? line.ptr[at + length] : '\0';
    if (length > KEY_MOST || length < 3 || !behind || !byte_in(behind, "=:\"\\"))
        return;
    enum name_kind kind = kind_of_key(lower(text_slice(line, at, length), bytes, sizeof bytes));
    size_t value = kind == NAME_KINDS ? 0 : value_at(line, at, at + length), end = value;
    if (!value)
        return;
    while (end < line.len &&
           (is_alnum(line.ptr[end]) || byte_in(line.ptr[end], kind == NAME_IMAGE ? "-._/:@" : "-._/")))
        end++;
    struct text name = text_slice(line, value, end - value);
    bool path = text_starts(name, "/") || (end < line.len && line.ptr[end] == '(');
    if (!path)
        scrubber_learn(scrubber, kind, name);
}

// ---- round an id -----------------------------------------------------------------------------

static void learn_parts(struct scrubber *scrubber, struct text token)
{
    static const enum name_kind by_count[5][4] = {
        [2] = {NAME_NAMESPACE, NAME_POD},
        [3] = {NAME_POD, NAME_NAMESPACE, NAME_CONTAINER},
    };
    struct text parts[4], part;
    size_t count = 0;
    bool k8s = text_skip(&token, "k8s_");
    while (text_split(&token, '_', &part)) {
        if (count == 4)
            return;
        parts[count++] = part;
    }
    for (size_t i = 0; i < count && k8s && count == 3; i++)
        scrubber_learn(scrubber, i == 0 ? NAME_CONTAINER : i == 1 ? NAME_POD : NAME_NAMESPACE, parts[i]);
    for (size_t i = 0; i < count && !k8s && (count == 2 || count == 3); i++)
        scrubber_learn(scrubber, by_count[count][i], parts[i]);
}

void learn_around(struct scrubber *scrubber, struct text line, const struct form *form, size_t at)
{
    if (at < 4)
        return;
    char joint = line.ptr[at - 1];
    size_t end = at - 1, start = end;
    while (start > 0 && (is_alnum(line.ptr[start - 1]) || byte_in(line.ptr[start - 1], "-._")))
        start--;
    struct text token = text_slice(line, start, end - start);
    if (joint == '(') { // pod_namespace(uid)
        struct text pod;
        if (text_find_byte(token, '_') > 0 && text_split(&token, '_', &pod) &&
            text_find_byte(token, '_') < 0) {
            scrubber_learn(scrubber, NAME_POD, pod);
            scrubber_learn(scrubber, NAME_NAMESPACE, token);
        }
    } else if (form->kind == NAME_UUID && joint == '_') {
        learn_parts(scrubber, token);
    } else if (form->kind == NAME_ID && form->name_length == 64 && joint == '-') {
        learn_parts(scrubber, token);
    }
}

// ---- ls -l -----------------------------------------------------------------------------------

void learn_owner(struct scrubber *scrubber, struct text line)
{
    struct text rest = line, word, owner, group;
    if (!text_word(&rest, &word) || word.len < 10 || word.len > 11 || !byte_in(word.ptr[0], "-dlbcps"))
        return;
    for (size_t i = 1; i < 10; i++)
        if (!byte_in(word.ptr[i], "-rwxsStT"))
            return;
    if (!text_word(&rest, &word) || !text_all_digits(word) || !text_word(&rest, &owner) ||
        !text_word(&rest, &group))
        return;
    scrubber_learn(scrubber, NAME_USER, owner);
    scrubber_learn(scrubber, NAME_USER, group);
}

void learn_column(struct scrubber *scrubber, struct text line)
{
    struct text word;
    bool titles = (text_starts(line, "USER ") || text_starts(line, "UID ")) && text_contains(line, " PID ");
    if (!text_word(&line, &word))
        return;
    if (scrubber->user_column && !titles)
        scrubber_learn(scrubber, NAME_USER, word);
    scrubber->user_column |= titles;
}
