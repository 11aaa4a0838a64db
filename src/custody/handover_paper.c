#include "custody/handover_paper.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "custody/custody.h"

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
    int64_t originals, copies;
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
    return b;
}

static void line(struct making *m, const char *text)
{
    block(m, SHEET_BAND_line)->field[SHEET_words] = text;
}

// 08:15 ngày 26/11/2026
static const char *time_of(struct arena *arena, const char *text)
{
    char people[CLOCK_TEXT];
    int64_t at;
    if (!text || !clock_parse(text, &at))
        return "";
    clock_format_people(at, people);
    return arena_printf(arena, "%s ngày %.10s", people + 11, people);
}

// 1.234
static const char *grouped(struct arena *arena, int64_t number)
{
    const char *text = "";
    for (; number >= 1000; number /= 1000)
        text = arena_printf(arena, ".%03d%s", (int)(number % 1000), text);
    return arena_printf(arena, "%d%s", (int)number, text);
}

// An S10 number in its groups; a receptacle in those of S9.
static const char *code_groups(struct arena *arena, const char *code)
{
    static const int s9[] = {6, 6, 1, 2, 1, 4, 3, 1, 1, 4};
    char groups[LABEL_GROUPS];
    if (!custody_is_container(code)) {
        label_number_groups(code, groups);
        return arena_strdup(arena, groups);
    }
    const char *text = "";
    for (size_t i = 0; i < countof(s9); code += s9[i++])
        text = arena_printf(arena, "%s%s%.*s", text, i ? " " : "", s9[i], code);
    return text;
}

// --- the table -----------------------------------------------------------------------------------

// What the taker counted; beside it what was listed, where that is another number.
static const char *sheets(struct making *m, const json_t *item, const json_t *listed,
                          const char *name, int64_t *sum)
{
    int64_t was = json_int(listed, name, -1), now = json_int(item, name, was);
    if (finding_of(item) == MISSING)
        now = was < 0 ? -1 : 0;
    if (now < 0)
        return NULL;
    *sum += now;
    return was >= 0 && was != now ? arena_printf(m->arena, "%" PRId64 "/%" PRId64, now, was)
                                  : arena_printf(m->arena, "%" PRId64, now);
}

static const char *leg_of(struct making *m, const json_t *item, const json_t *listed)
{
    const char *leg = json_text(item, "leg"), *word = NULL;
    for (size_t i = 0; leg && i < countof(legs); i++)
        word = strcmp(legs[i].leg, leg) == 0 ? legs[i].word : word;
    if (custody_is_container(json_text(item, "number")))
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
    b->field[SHEET_line_no] = arena_printf(m->arena, "%d", m->items);
    b->field[SHEET_item] = code_groups(m->arena, number);
    b->field[SHEET_dossier] = json_text(item, "dossier");
    b->field[SHEET_leg] = leg_of(m, item, listed);
    b->field[SHEET_originals] = sheets(m, item, listed, "originals", &m->originals);
    b->field[SHEET_copies] = sheets(m, item, listed, "copies", &m->copies);
    b->field[SHEET_finding] = finding >= 0 ? words[finding].word : NULL;
    b->field[SHEET_note] = label_clean(m->arena, json_text(item, "note"));
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
        buf_printf(&text, "%s%s", first ? "" : "; ",
                   code_groups(m->arena, json_text(item, "number")));
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
            line(m, arena_printf(m->arena,
                                 "%s: đếm được %d bản chính, %d bản sao; kê khai %d bản chính, %d "
                                 "bản sao.",
                                 code_groups(m->arena, number), (int)now_o, (int)now_c, (int)o,
                                 (int)c));
    }
}

static void differences(struct making *m)
{
    int before = m->count + 1;
    block(m, SHEET_BAND_heading)->field[SHEET_caption] = "Chênh lệch so với danh sách bên giao lập";
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
    block(m, SHEET_BAND_heading)->field[SHEET_caption] = "Tổng cộng";
    line(m, signed_ ? arena_printf(m->arena,
                                   "%d bưu gửi: %d đủ, %d thiếu, %d thừa, %d hư hỏng, %d từ chối "
                                   "nhận. Bên nhận đã nhận %d.",
                                   m->items, f[PRESENT], f[MISSING], f[SURPLUS], f[DAMAGED],
                                   f[REFUSED], f[PRESENT] + f[SURPLUS] + f[DAMAGED])
                    : arena_printf(m->arena, "%d bưu gửi, chờ bên nhận kiểm và ký.", m->items));
    if (m->originals || m->copies)
        line(m, arena_printf(m->arena, "Giấy tờ: %" PRId64 " bản chính, %" PRId64 " bản sao.",
                             m->originals, m->copies));
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
    return arena_printf(arena, "%s (%s)%s%s", name, json_text(side, "unit"), address ? ", " : "",
                        address ? address : "");
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

static void heads(struct making *m, const struct paper_source *source, struct sheet *s)
{
    const json_t *giver = json_object_get(m->list, "giver");
    const json_t *taker = json_object_get(m->list, "taker");
    const char *org = json_text(giver, "unit_name");
    const char *number = arena_printf(m->arena, "Số: %s", json_text(m->list, "id"));
    s->title = arena_printf(m->arena, "Biên bản giao nhận %s", json_text(m->list, "id"));
    s->field[SHEET_org] = org ? org : json_text(giver, "name");
    s->field[SHEET_number] = s->field[SHEET_number_again] = number;
    s->field[SHEET_state] = s->field[SHEET_state_again] = state_of(m->list);
    s->field[SHEET_when] = arena_printf(m->arena, "Lập lúc %s%s%s",
                                        time_of(m->arena, json_text(m->list, "created_at")),
                                        org ? ", tại " : "", org ? org : "");
    s->field[SHEET_giver_unit] = unit_line(m->arena, giver);
    s->field[SHEET_giver] = person_line(m->arena, giver);
    s->field[SHEET_taker_unit] = unit_line(m->arena, taker);
    s->field[SHEET_taker] = person_line(m->arena, taker);
    if (json_text(m->list, "signed_at") == NULL && !json_text(m->list, "superseded_by")) {
        s->code[LABEL_QR] = handover_code(m->arena, source->links, json_text(m->list, "id"));
        s->field[SHEET_take_all] = "Bên nhận quét để nhận đủ tất cả";
    }
    s->field[SHEET_demo] = source->demo ? "MẪU – KHÔNG CÓ GIÁ TRỊ" : NULL;
}

static const char *root_groups(struct arena *arena, const char *root)
{
    const char *text = "";
    for (; strlen(root) >= 8; root += 8)
        text = arena_printf(arena, "%s%s%.8s", text, *text ? " " : "", root);
    return text;
}

static void checkpoint(struct making *m, const struct paper_source *source, struct sheet *s,
                       struct sheet_block *end)
{
    const json_t *c = json_object_get(m->list, "checkpoint");
    const char *root = json_text(c, "root");
    int64_t size = json_int(c, "size", 0);
    if (!root) {
        end->field[SHEET_checkpoint] = "Nhật ký chưa có mốc.";
        return;
    }
    const char *dotted = grouped(m->arena, size);
    end->field[SHEET_checkpoint] =
        arena_printf(m->arena, "%s dòng, lúc %s", dotted, time_of(m->arena, json_text(c, "at")));
    end->field[SHEET_root] = root_groups(m->arena, root);
    end->field[SHEET_link] = arena_printf(m->arena, "%s/c/%" PRId64, source->url, size);
    s->field[SHEET_mark] =
        arena_printf(m->arena, "Mốc nhật ký %s · %.8s %.8s", dotted, root, root + 8);
    if (*source->links->checkpoint)
        s->code[LABEL_QR_SHORT] =
            arena_printf(m->arena, "%s%" PRId64, source->links->checkpoint, size);
}

static void closing(struct making *m, const struct paper_source *source, struct sheet *s)
{
    struct sheet_block *end = block(m, SHEET_BAND_end);
    const json_t *giver = json_object_get(m->list, "giver");
    const json_t *taker = json_object_get(m->list, "taker");
    const char *made = time_of(m->arena, json_text(m->list, "created_at"));
    const char *when = json_text(m->list, "signed_at");
    end->field[SHEET_giver_signed] = arena_printf(m->arena, "Đã lập và ký điện tử lúc %s", made);
    end->field[SHEET_giver_name] = label_clean(m->arena, json_text(giver, "name"));
    end->field[SHEET_taker_signed] =
        when ? arena_printf(m->arena, "Đã ký nhận điện tử lúc %s", time_of(m->arena, when))
             : "Chưa ký nhận";
    end->field[SHEET_taker_name] = when ? label_clean(m->arena, json_text(taker, "name")) : NULL;
    checkpoint(m, source, s, end);
}

const struct sheet *handover_paper(struct arena *arena, const json_t *list,
                                   const struct paper_source *source)
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
