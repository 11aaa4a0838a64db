#include "label/handover_list.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "label/say.h"
#include "postal/postal.h"

static const char *const fields[] = {
#define FIELD_NAME(name, text) #name,
    HANDOVER_FIELDS(FIELD_NAME) NULL};
const struct label_words handover_words = {"handover_list", fields, sheet_bands};
_Static_assert((int)HANDOVER_FIELD_COUNT <= (int)LABEL_FIELDS_MAX, "too many fields");

// --- the document --------------------------------------------------------------------------------

static const char *const states[] = {"open", "signed", "superseded", NULL};
static const struct json_field side_shape[] = {
    {"name", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "Person"},
    {"capacity", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "What they are"},
    {"unit", JSON_KIND_TEXT, false, 0, 40, .text = "Code of the unit"},
    {"unit_name", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "Name of the unit"},
    {"address", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "Where it is"},
    {0}};
static const struct json_field item_shape[] = {
    {"number", JSON_KIND_TEXT, true, 13, 29, .text = "Shipment or bag"},
    {"dossier", JSON_KIND_TEXT, false, 0, 60, .text = "Code of its dossier"},
    {"leg", JSON_KIND_TEXT, false, 0, 40, .text = "Which way it goes"},
    {"finding", JSON_KIND_TEXT, false, 0, 20, .text = "present, missing, surplus …"},
    {"originals", JSON_KIND_INT, false, 0, 1000, .text = "Counted by the taker"},
    {"copies", JSON_KIND_INT, false, 0, 1000, .text = "Counted by the taker"},
    {"note", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "What the taker wrote"},
    {0}};
static const struct json_field one_item = {.kind = JSON_KIND_OBJECT, .shape = item_shape};
static const struct json_field checkpoint_shape[] = {
    {"size", JSON_KIND_INT, false, 0, INT64_MAX, .text = "Lines of the log"},
    {"root", JSON_KIND_TEXT, false, 64, 64, .text = "In hexadecimal"},
    {"at", JSON_KIND_TIME, .text = "When it was signed"},
    {0}};

const struct json_field handover_shape[] = {
    LABEL_FACT_PAPER,
    {"id", JSON_KIND_UUID, true, .text = "Of the list"},
    {"state", JSON_KIND_ENUM, true, .choices = states, .text = "Whether it is signed"},
    {"created_at", JSON_KIND_TIME, true, .text = "When it was made"},
    {"signed_at", JSON_KIND_TIME, .text = "When the taker signed"},
    {"giver", JSON_KIND_OBJECT, true, .shape = side_shape, .text = "Who gives"},
    {"taker", JSON_KIND_OBJECT, true, .shape = side_shape, .text = "Who takes"},
    {"items", JSON_KIND_ARRAY, true, 0, 10000, .item = &one_item, .text = "The list"},
    {"listed", JSON_KIND_ANY_OBJECT, true, .text = "What was listed of each item, by its number"},
    {"checkpoint", JSON_KIND_OBJECT, false, .shape = checkpoint_shape, .text = "Of the log"},
    {0}};

// --- words ---------------------------------------------------------------------------------------

enum finding_kind { PRESENT, MISSING, SURPLUS, DAMAGED, REFUSED, FINDINGS };

static const struct finding_word {
    const char *code, *word;
} words[FINDINGS] = {
    [PRESENT] = {"present", "Đủ"},      [MISSING] = {"missing", "Thiếu"},
    [SURPLUS] = {"surplus", "Thừa"},    [DAMAGED] = {"damaged", "Hư hỏng"},
    [REFUSED] = {"refused", "Từ chối"},
};

// As short as the column; the whole names are dossier.leg's.
static const struct leg_word {
    const char *leg, *word;
} legs[] = {
    {"outward", "Gửi cơ quan"}, {"supplement", "Bổ sung"},      {"inter_agency", "Liên cơ quan"},
    {"result", "Trả kết quả"},  {"originals", "Trả bản chính"}, {"back_to_agency", "Chuyển hoàn"},
};

struct making {
    struct arena *arena;
    const json_t *list, *listed;
    struct sheet_block *blocks;
    int count;
    int items, found[FINDINGS]; // found: of each kind
    int64_t originals, copies;  // that the taker took, or the giver lists
    int pieces;                 // of several, whose sheets stand nowhere
};

static int finding_of(const json_t *item)
{
    const char *code = json_text(item, "finding");
    for (int i = 0; code && i < FINDINGS; i++) {
        if (strcmp(words[i].code, code) == 0)
            return i;
    }
    return -1; // not looked at yet
}

static struct sheet_block *block(struct making *m, enum sheet_band band)
{
    struct sheet_block *b = &m->blocks[m->count++];
    b->band = band;
    b->head = band == SHEET_BAND_row ? SHEET_BAND_columns : 0;
    return b;
}

static void line(struct making *m, const char *text)
{
    block(m, SHEET_BAND_line)->field[HANDOVER_words] = text;
}

static bool is_bag(const char *code)
{
    return strlen(code) == S9_TEXT - 1;
}

// --- the table -----------------------------------------------------------------------------------

static bool stays_behind(const json_t *item)
{
    int finding = finding_of(item);
    return finding == MISSING || finding == REFUSED;
}

// What the taker counted; beside it what was listed, where that is another number.
static const char *sheets(struct making *m, const json_t *item, const json_t *listed,
                          const char *name, int64_t *sum)
{
    int64_t was = json_int(listed, name, -1), now = json_int(item, name, was);
    if (finding_of(item) == MISSING)
        now = was < 0 ? -1 : 0;
    if (now < 0)
        return NULL;
    if (!stays_behind(item))
        *sum += now;
    return was >= 0 && was != now ? arena_printf(m->arena, "%" PRId64 "/%" PRId64, now, was)
                                  : arena_printf(m->arena, "%" PRId64, now);
}

static const char *leg_of(struct making *m, const json_t *item, const json_t *listed)
{
    const char *leg = json_text(item, "leg"), *word = NULL;
    for (size_t i = 0; leg && i < countof(legs); i++)
        word = strcmp(legs[i].leg, leg) == 0 ? legs[i].word : word;
    if (is_bag(json_text(item, "number")))
        return arena_printf(m->arena, "Túi, %d bưu gửi", (int)json_int(listed, "items", 0));
    if (word && json_int(listed, "pieces", 0))
        return arena_printf(m->arena, "%s, kiện %d/%d", word, (int)json_int(listed, "piece", 0),
                            (int)json_int(listed, "pieces", 0));
    return word;
}

static void row(struct making *m, const json_t *item)
{
    const char *number = json_text(item, "number");
    const json_t *listed = json_object_get(m->listed, number);
    struct sheet_block *b = block(m, SHEET_BAND_row);
    int finding = finding_of(item);
    m->items++;
    if (finding >= 0)
        m->found[finding]++;
    b->field[HANDOVER_line_no] = arena_printf(m->arena, "%d", m->items);
    b->field[HANDOVER_item] = say_code(m->arena, number);
    b->field[HANDOVER_dossier] = json_text(item, "dossier");
    b->field[HANDOVER_leg] = leg_of(m, item, listed);
    b->field[HANDOVER_originals] = sheets(m, item, listed, "originals", &m->originals);
    b->field[HANDOVER_copies] = sheets(m, item, listed, "copies", &m->copies);
    if (json_int(listed, "pieces", 0) && !stays_behind(item) && !b->field[HANDOVER_originals] &&
        !b->field[HANDOVER_copies])
        m->pieces++;
    b->field[HANDOVER_finding] = finding >= 0 ? words[finding].word : NULL;
    b->field[HANDOVER_note] = label_clean(m->arena, json_text(item, "note"));
}

// --- what differs --------------------------------------------------------------------------------

static void numbers_of(struct making *m, enum finding_kind kind)
{
    struct buf text = {0};
    size_t i;
    const json_t *item;
    bool first = true;
    buf_printf(&text, "%s (%d): ", words[kind].word, m->found[kind]);
    json_array_foreach(json_object_get(m->list, "items"), i, item)
    {
        if (finding_of(item) != (int)kind)
            continue;
        buf_printf(&text, "%s%s", first ? "" : "; ", say_code(m->arena, json_text(item, "number")));
        first = false;
        if (text.len > 800) { // no line is so long that it could not go on on the next page
            line(m, arena_printf(m->arena, "%s;", text.data));
            buf_reset(&text);
            first = true;
        }
    }
    if (text.len)
        line(m, arena_printf(m->arena, "%s.", text.data));
    buf_finish(&text);
}

// Every item of which another number of sheets was counted than listed.
static void counted_otherwise(struct making *m)
{
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(m->list, "items"), i, item)
    {
        const char *number = json_text(item, "number");
        const json_t *listed = json_object_get(m->listed, number);
        int64_t o = json_int(listed, "originals", -1), c = json_int(listed, "copies", -1);
        int64_t now_o = json_int(item, "originals", o), now_c = json_int(item, "copies", c);
        if (o >= 0 && finding_of(item) != MISSING && (o != now_o || c != now_c))
            line(m,
                 arena_printf(m->arena,
                              "%s: đếm được %d bản chính, %d bản sao; kê khai %d bản chính, %d "
                              "bản sao.",
                              say_code(m->arena, number), (int)now_o, (int)now_c, (int)o, (int)c));
    }
}

static void differences(struct making *m)
{
    int before = m->count + 1;
    block(m, SHEET_BAND_heading)->field[HANDOVER_caption] =
        "Chênh lệch so với danh sách bên giao lập";
    for (int kind = MISSING; kind < FINDINGS; kind++) {
        if (m->found[kind])
            numbers_of(m, (enum finding_kind)kind);
    }
    counted_otherwise(m);
    if (m->count == before)
        line(m, "Không có chênh lệch.");
}

static void totals(struct making *m)
{
    const int *f = m->found;
    bool signed_ = json_text(m->list, "signed_at") != NULL;
    block(m, SHEET_BAND_heading)->field[HANDOVER_caption] = "Tổng cộng";
    line(m, signed_ ? arena_printf(m->arena,
                                   "%d bưu gửi: %d đủ, %d thiếu, %d thừa, %d hư hỏng, %d từ chối "
                                   "nhận. Bên nhận đã nhận %d.",
                                   m->items, f[PRESENT], f[MISSING], f[SURPLUS], f[DAMAGED],
                                   f[REFUSED], f[PRESENT] + f[SURPLUS] + f[DAMAGED])
                    : arena_printf(m->arena, "%d bưu gửi, chờ bên nhận kiểm và ký.", m->items));
    const char *pieces =
        m->pieces ? arena_printf(m->arena, "; chưa kể giấy tờ trong %d kiện của hồ sơ nhiều kiện",
                                 m->pieces)
                  : "";
    if (m->originals || m->copies || m->pieces)
        line(m, arena_printf(m->arena, "Giấy tờ: %" PRId64 " bản chính, %" PRId64 " bản sao%s.",
                             m->originals, m->copies, pieces));
    if (signed_)
        differences(m);
}

const char *handover_code(struct arena *arena, const struct label_links *links, const char *id)
{
    char *code = arena_printf(arena, "%s%s", links->handover, id);
    for (char *c = code; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return code;
}

// --- the two sides, the checkpoint ---------------------------------------------------------------

static const char *unit_line(struct arena *arena, const json_t *side)
{
    const char *name = json_text(side, "unit_name"), *address = json_text(side, "address");
    if (!name)
        return NULL;
    const char *unit = json_text(side, "unit");
    return arena_printf(arena, "%s%s%s%s%s%s", name, unit ? " (" : "", unit ? unit : "",
                        unit ? ")" : "", address ? ", " : "", address ? address : "");
}

static const char *person_line(struct arena *arena, const json_t *side)
{
    const char *name = label_clean(arena, json_text(side, "name"));
    const char *capacity = json_text(side, "capacity");
    if (!name)
        return "Ông/Bà: ………………………………………  Chức danh: ……………………………";
    return arena_printf(arena, "Ông/Bà: %s%s%s", name, capacity ? ", " : "",
                        capacity ? capacity : "");
}

static const char *state_of(const json_t *list)
{
    const char *state = json_text(list, "state");
    return strcmp(state, "open") == 0         ? "CHƯA KÝ NHẬN"
           : strcmp(state, "superseded") == 0 ? "ĐÃ ĐƯỢC THAY THẾ BẰNG BIÊN BẢN KHÁC"
                                              : NULL;
}

static void heads(struct making *m, const struct label_source *source, struct sheet *s)
{
    const json_t *giver = json_object_get(m->list, "giver");
    const json_t *taker = json_object_get(m->list, "taker");
    const char *org = json_text(giver, "unit_name");
    const char *number = arena_printf(m->arena, "Số: %s", json_text(m->list, "id"));
    s->title = arena_printf(m->arena, "Biên bản giao nhận %s", json_text(m->list, "id"));
    s->field[HANDOVER_org] = org ? org : json_text(giver, "name");
    s->field[HANDOVER_number] = s->field[HANDOVER_number_again] = number;
    s->field[HANDOVER_state] = s->field[HANDOVER_state_again] = state_of(m->list);
    s->field[HANDOVER_when] = arena_printf(m->arena, "Lập lúc %s%s%s",
                                           say_time(m->arena, json_text(m->list, "created_at")),
                                           org ? ", tại " : "", org ? org : "");
    s->field[HANDOVER_giver_unit] = unit_line(m->arena, giver);
    s->field[HANDOVER_giver] = person_line(m->arena, giver);
    s->field[HANDOVER_taker_unit] = unit_line(m->arena, taker);
    s->field[HANDOVER_taker] = person_line(m->arena, taker);
    if (json_text(m->list, "signed_at") == NULL && !json_text(m->list, "superseded_by")) {
        s->code[LABEL_QR] = handover_code(m->arena, source->links, json_text(m->list, "id"));
        s->field[HANDOVER_take_all] = "Bên nhận quét để nhận đủ tất cả";
    }
    s->field[HANDOVER_demo] = say_demo(source->demo);
}

static const char *root_groups(struct arena *arena, const char *root)
{
    const char *text = "";
    for (; strlen(root) >= 8; root += 8)
        text = arena_printf(arena, "%s%s%.8s", text, *text ? " " : "", root);
    return text;
}

static void checkpoint(struct making *m, const struct label_source *source, struct sheet *s,
                       struct sheet_block *end)
{
    const json_t *c = json_object_get(m->list, "checkpoint");
    const char *root = json_text(c, "root");
    int64_t size = json_int(c, "size", 0);
    if (!root) {
        end->field[HANDOVER_checkpoint] = "Nhật ký chưa có mốc.";
        return;
    }
    char dotted[MONEY_TEXT];
    text_money(size, dotted);
    end->field[HANDOVER_checkpoint] =
        arena_printf(m->arena, "%s dòng, lúc %s", dotted, say_time(m->arena, json_text(c, "at")));
    end->field[HANDOVER_root] = root_groups(m->arena, root);
    end->field[HANDOVER_link] = arena_printf(m->arena, "%s/c/%" PRId64, source->url, size);
    s->field[HANDOVER_mark] =
        arena_printf(m->arena, "Mốc nhật ký %s · %.8s %.8s", dotted, root, root + 8);
    if (*source->links->checkpoint)
        s->code[LABEL_QR_SHORT] =
            arena_printf(m->arena, "%s%" PRId64, source->links->checkpoint, size);
}

static void closing(struct making *m, const struct label_source *source, struct sheet *s)
{
    struct sheet_block *end = block(m, SHEET_BAND_end);
    const json_t *giver = json_object_get(m->list, "giver");
    const json_t *taker = json_object_get(m->list, "taker");
    const char *made = say_time(m->arena, json_text(m->list, "created_at"));
    const char *when = json_text(m->list, "signed_at");
    end->field[HANDOVER_giver_signed] = arena_printf(m->arena, "Đã lập và ký điện tử lúc %s", made);
    end->field[HANDOVER_giver_name] = label_clean(m->arena, json_text(giver, "name"));
    end->field[HANDOVER_taker_signed] =
        when ? arena_printf(m->arena, "Đã ký nhận điện tử lúc %s", say_time(m->arena, when))
             : "Chưa ký nhận";
    end->field[HANDOVER_taker_name] = when ? label_clean(m->arena, json_text(taker, "name")) : NULL;
    checkpoint(m, source, s, end);
}

const struct sheet *handover_paper(struct arena *arena, const json_t *list,
                                   const struct label_source *source)
{
    const json_t *items = json_object_get(list, "items"), *item;
    size_t count = json_array_size(items), i;
    struct sheet *s = arena_alloc(arena, sizeof *s);
    struct making m = {.arena = arena, .list = list, .listed = json_object_get(list, "listed")};
    // A row each, and at most two lines: in its finding's list, and of what was counted.
    m.blocks = arena_alloc(arena, (3 * count + 10) * sizeof *m.blocks);
    json_array_foreach(items, i, item) row(&m, item);
    heads(&m, source, s);
    totals(&m);
    closing(&m, source, s);
    s->blocks = m.blocks;
    s->count = m.count;
    return s;
}
