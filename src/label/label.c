#include "label/label.h"

#include "base/conf.h"
#include "base/log.h"
#include "label/kind.h"
#include "label/label_http.h"
#include "label/template.h"
#include "label/text.h"

static struct keyring keys;

bool label_setup(void)
{
    struct label_fault fault;
    if (!keyring_load(&keys, conf.state_dir, "label"))
        return false;
    keyring_publish("label", &keys);
    if (!label_templates_load(&fault)) {
        log_error("label", NULL, "template %s", fault.text);
        return false;
    }
    if (!label_text_has("Noto Sans"))
        log_warn("label", NULL, "the font Noto Sans is missing: another stands in for it");
    log_info("label", NULL, "signing with key %04x", keyring_signing(&keys)->id);
    return true;
}

void label_finish(void)
{
    label_templates_drop();
    keyring_finish(&keys);
    label_pen_drop();
}

enum err label_code_read(const char *text, struct label_code *out)
{
    enum label_verdict verdict = label_code_judge(&keys, text, out);
    if (verdict == LABEL_UNKNOWN_KEY) {
        keyrings_look_again(conf.state_dir);
        verdict = label_code_judge(&keys, text, out);
    }
    return label_verdict_err(verdict);
}

const struct label_template *label_sheet(const char *name)
{
    const struct label_template *t = label_template_named(name, label_kind_of(name)->words);
    if (!t || !t->band_names)
        die("there is no paper %s", name);
    return t;
}

const struct keyring *label_keys(void)
{
    return &keys;
}

// Several loops close; what is dropped stays dropped.
static void label_close(struct app_loop *app)
{
    (void)app;
    label_finish();
}

const struct capability label_capability = {
    .name = "label",
    .routes = label_routes,
    .setup = label_setup,
    .close = label_close,
};
