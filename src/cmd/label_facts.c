#include "cmd/label_facts.h"

#include <errno.h>
#include <string.h>

#include "label/bag.h"

enum { OBJECT_MAX = 1 << 20 }; // a list of 500 has some 100 KB

bool label_facts_open(struct label_facts *facts, const char *path)
{
    *facts = (struct label_facts){.path = path, .next = EOF};
    facts->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    if (!facts->file)
        fprintf(stderr, "dossierpost label: %s: %s\n", path, strerror(errno));
    return facts->file != NULL;
}

void label_facts_close(struct label_facts *facts)
{
    if (facts->file && facts->file != stdin)
        fclose(facts->file);
    *facts = (struct label_facts){0};
}

// The next byte that is no space.
static int solid(struct label_facts *facts)
{
    int c = facts->next != EOF ? facts->next : getc_unlocked(facts->file);
    facts->next = EOF;
    while (c == ' ' || c == '\n' || c == '\r' || c == '\t')
        c = getc_unlocked(facts->file);
    return c;
}

// What stands before an object; the byte behind it.
static int separated(struct label_facts *facts)
{
    int c = solid(facts);
    if (!facts->began && c == '[') {
        facts->array = true;
        c = solid(facts);
    } else if (facts->began && facts->array && c == ',') {
        c = solid(facts);
        return c == '{' ? c : EOF;
    } else if (facts->began && facts->array && c != ']') {
        return EOF;
    }
    facts->began = true;
    return c;
}

static enum label_facts_found object_read(struct label_facts *facts, struct buf *out)
{
    int depth = 0, c = '{';
    bool text = false, escaped = false;
    for (; c != EOF && out->len < OBJECT_MAX; c = getc_unlocked(facts->file)) {
        buf_byte(out, (char)c);
        if (text) {
            text = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            text = c == '"';
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
            if (depth == 0) {
                facts->count++;
                return LABEL_FACTS_ONE;
            }
        }
    }
    return LABEL_FACTS_BROKEN;
}

enum label_facts_found label_facts_next(struct label_facts *facts, struct buf *out)
{
    buf_reset(out);
    int c = separated(facts);
    if (c == '{')
        return object_read(facts, out);
    if (facts->array)
        return c == ']' && solid(facts) == EOF && !ferror(facts->file) ? LABEL_FACTS_END
                                                                       : LABEL_FACTS_BROKEN;
    return c == EOF && facts->count > 0 && !ferror(facts->file) ? LABEL_FACTS_END
                                                                : LABEL_FACTS_BROKEN;
}

bool label_facts_many(struct label_facts *facts)
{
    if (!facts->array)
        facts->next = solid(facts);
    return facts->array || facts->next != EOF;
}

static const char *problem_of(struct arena *arena, enum err err, const struct json_errors *errors)
{
    const char *text = err_row(err)->title_en;
    for (int i = 0; i < errors->count; i++)
        text = arena_printf(arena, "%s\n  %s: %s", text, errors->list[i].pointer,
                            errors->list[i].detail_en);
    return text;
}

const struct label_kind *label_facts_kind(const char *text)
{
    json_t *facts = json_loads(text, 0, NULL);
    const char *name = json_text(facts, "paper");
    const struct label_kind *kind = label_kind_named(name ? name : label_words.kind);
    if (!kind)
        fprintf(stderr, "dossierpost label: there is no paper \"%s\"\n", name);
    json_decref(facts);
    return kind;
}

const char *label_facts_no_number(const struct label_kind *kind)
{
    return kind->words == &bag_words ? "the identifier is not a valid S9 identifier"
                                     : "the number is not a valid S10 number";
}

json_t *label_facts_read(struct arena *arena, const struct label_kind *kind, const char *text,
                         const char **problem)
{
    struct json_errors errors = {0};
    json_t *facts = NULL;
    enum err err = json_read(arena, text, strlen(text), kind->facts, &facts, &errors);
    const char *paper = json_text(facts, "paper");
    *problem = NULL;
    if (strcmp(paper ? paper : label_words.kind, kind->words->kind) != 0 && facts)
        *problem =
            arena_printf(arena, "it is not of the kind %s, as the first is", kind->words->kind);
    else if (err != ERR_OK)
        *problem = problem_of(arena, err, &errors);
    if (!*problem)
        return facts;
    json_decref(facts);
    return NULL;
}

// Also of facts that are wrong elsewhere.
static const char *name_of(struct arena *arena, const char *text)
{
    json_t *facts = json_loads(text, 0, NULL);
    const char *number = json_text(facts, "number");
    const char *own = number ? number : json_text(facts, "id");
    own = own ? arena_strdup(arena, own) : NULL;
    json_decref(facts);
    return own;
}

const char *label_facts_data(struct arena *arena, const struct label_kind *kind, const char *text,
                             const struct label_source *source, struct label_data *out,
                             const char **number)
{
    const char *problem;
    json_t *facts = label_facts_read(arena, kind, text, &problem);
    *number = json_text(facts, "number");
    *number = *number ? *number : json_text(facts, "id");
    *number = *number ? arena_strdup(arena, *number) : facts ? NULL : name_of(arena, text);
    if (facts && !kind->make(arena, facts, source, out))
        problem = label_facts_no_number(kind);
    json_decref(facts);
    return problem;
}
