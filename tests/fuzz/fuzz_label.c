#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "label/code.h"
#include "label/kind.h"
#include "label/template.h"

// What a scanner read, and what a designer drew: the first byte chooses. Both are text that ends
// with a NUL; whatever a template draws with must be within its own limits.

static void try_code(const char *text)
{
    static struct keyring keys;
    struct label_code code;
    if (!keys.count) {
        uint8_t seed[SIGN_KEY_SEED] = {0};
        for (int i = 0; i < SIGN_KEY_SEED; i++)
            seed[i] = (uint8_t)i;
        if (sodium_init() < 0 || !keyring_add(&keys, seed, 0))
            abort();
    }
    if (label_code_check(&keys, text, &code) == ERR_OK && strlen(code.number) != 13)
        abort();
}

// Of the kind whose name begins with this letter; a shipment label by default.
static const struct label_words *words_of(char letter)
{
    for (const struct label_kind *kind = label_kinds; kind->words; kind++) {
        if (kind->words->kind[0] == letter)
            return kind->words;
    }
    return &label_words;
}

static bool within_limits(const struct label_template *t)
{
    return t->count <= LABEL_TEMPLATE_OPS && t->cells <= LABEL_TEMPLATE_CELLS &&
           (t->cells > 0 || t->count >= 2);
}

static void try_template(const struct label_words *words, const char *data, size_t len)
{
    struct label_fault fault;
    struct label_template *t = label_template_parse("fuzz", words, data, len, &fault);
    if (t ? !within_limits(t) : !fault.text[0])
        abort();
    if (t && t->cells && label_template_link(t, &fault)) // there is nothing on the shelf
        abort();
    label_template_destroy(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    char *text = malloc(size);
    if (!text)
        abort();
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    if (data[0] == 'c')
        try_code(text);
    else
        try_template(words_of((char)data[0]), text, size - 1);
    free(text);
    return 0;
}
