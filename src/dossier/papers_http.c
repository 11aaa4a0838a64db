#include "dossier/papers_http.h"

#include <string.h>

#include "base/clock.h"
#include "base/conf.h"
#include "dossier/dossier_db.h"
#include "dossier/dossier_http.h"
#include "dossier/personal.h"
#include "dossier/receipt_code.h"
#include "http/respond.h"
#include "http/server.h"
#include "label/label.h"

static void paper_loaded(void *arg, const struct db_result *r);

void dispatch_note_get(struct request *req)
{
    dossier_note(req->app->db, &req->who, req->params[0], paper_loaded, req);
}

// --- who sends, who receives ---------------------------------------------------------------------

static void set(json_t *party, const char *name, const char *value)
{
    if (value && *value)
        json_object_set_new(party, name, json_string(value));
}

static const char *address_of(struct arena *arena, const json_t *address, const char *place)
{
    const char *line = json_text(address, "line");
    if (line && *line && place)
        return arena_printf(arena, "%s, %s", line, place);
    return line && *line ? line : place;
}

static json_t *citizen(struct arena *arena, const json_t *personal, const char *place)
{
    const json_t *applicant = json_object_get(personal, "applicant");
    json_t *party = json_object();
    set(party, "name", personal ? json_text(applicant, "name") : "(dữ liệu đã xoá)");
    set(party, "address", address_of(arena, json_object_get(applicant, "address"), place));
    set(party, "phone", json_text(applicant, "phone"));
    set(party, "email", json_text(applicant, "email"));
    return party;
}

// "Phát tại địa chỉ: 25 Phan Bội Châu, phường Thuận Hoá, thành phố Huế (Nguyễn Văn An)"
static void set_result(struct arena *arena, json_t *facts, const json_t *personal)
{
    const json_t *to = json_object_get(personal, "result_to");
    const char *how = json_text(facts, "result_to"), *place = json_text(facts, "result_place");
    const char *name = json_text(to, "name");
    const char *address = place ? address_of(arena, json_object_get(to, "address"), place) : NULL;
    if (how && address)
        set(facts, "result_to",
            arena_printf(arena, "%s: %s%s%s%s", how, address, name ? " (" : "", name ? name : "",
                         name ? ")" : ""));
}

// The applicant, who is sealed outside SQL's sight, becomes sender or receiver; the agency is the
// other.
static void people_join(struct arena *arena, json_t *facts, const json_t *personal)
{
    bool receives = strcmp(json_text(facts, "service"), "receive") == 0;
    json_t *person = citizen(arena, personal, json_text(facts, "citizen_place"));
    json_object_set_new(facts, receives ? "receiver" : "sender", person);
    json_object_set(facts, receives ? "sender" : "receiver", json_object_get(facts, "agency"));
    set_result(arena, facts, personal);
}

// NULL when the personal part cannot be opened.
static const struct sheet *lay(struct request *req, json_t *facts, const struct db_result *r)
{
    struct label_links links;
    json_t *personal = NULL;
    const char *url = request_url(req, "");
    if (!db_is_null(r, 0, PAPER_SEALED)) {
        personal =
            personal_open(&req->arena, db_text(r, 0, PAPER_SEALED), db_len(r, 0, PAPER_SEALED),
                          db_text(r, 0, PAPER_KEY), db_len(r, 0, PAPER_KEY));
        if (!personal)
            return NULL;
    }
    people_join(&req->arena, facts, personal);
    json_decref(personal);
    set(facts, "receipt_code", receipt_code_of(&req->arena, json_object_get(facts, "receipt")));
    json_object_del(facts, "receipt");
    label_links_make(&links, url);
    struct label_source source = {label_keys(), &links, clock_now(), conf.demo, url};
    return dispatch_note_lay(&req->arena, facts, &source);
}

// --- the paper -----------------------------------------------------------------------------------

static void paper_loaded(void *arg, const struct db_result *r)
{
    struct request *req = arg;
    size_t len;
    if (r->err != ERR_OK) {
        reply_problem_raised(req, r->err, r->detail);
        return;
    }
    const char *text = db_json(r, 0, PAPER_FACTS, &len);
    json_t *facts = json_loadb(text, len, 0, NULL);
    const struct sheet *sheet = facts ? lay(req, facts, r) : NULL;
    const char *code = facts ? json_text(facts, "code") : NULL;
    code = code ? arena_strdup(&req->arena, code) : "?";
    if (sheet) {
        const char *file = arena_printf(&req->arena, "phieu-gui-%s", code);
        label_paper_reply(req, &(struct label_paper){"dispatch_note", file, sheet, facts});
    } else {
        dossier_unopened(req, code);
        json_decref(facts);
    }
}
