#include "label/dispatch_note.h"

#include <inttypes.h>
#include <string.h>

#include "label/say.h"
#include "postal/postal.h"

static const char *const fields[] = {
#define FIELD_NAME(name, text) #name,
    DISPATCH_NOTE_FIELDS(FIELD_NAME) NULL};
const struct label_words dispatch_note_words = {"dispatch_note", fields, sheet_bands};
_Static_assert((int)NOTE_FIELD_COUNT <= (int)LABEL_FIELDS_MAX, "too many fields");

// --- the document --------------------------------------------------------------------------------

enum { DOCUMENTS_MAX = 200, CHARGES_MAX = 200 };
#define AMOUNT_MAX 1000000000000

static const char *const services[] = {"send", "receive", "both", "none", NULL};
static const char *const service_names[] = {"Gửi hồ sơ", "Nhận kết quả",
                                            "Gửi hồ sơ và nhận kết quả", "Nộp trực tuyến"};
static const char *const ledgers[] = {"postage_out", "postage_return", "extra", "agency_fee", NULL};

static const struct json_field party_shape[] = {
    {"name", JSON_KIND_TEXT, true, 0, LABEL_FACT_MAX, .text = "Person, office or agency"},
    {"address", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "Street, commune, province"},
    {"phone", JSON_KIND_TEXT, false, 0, 40, .text = "Printed whole"},
    {"email", JSON_KIND_TEXT, false, 0, 320, .text = "Printed whole"},
    {0}};
static const struct json_field procedure_shape[] = {
    {"code", JSON_KIND_TEXT, true, 1, 40, .text = "Code of the procedure"},
    {"name", JSON_KIND_TEXT, true, 1, LABEL_FACT_MAX, .text = "Name of the procedure"},
    {0}};
static const struct json_field document_shape[] = {
    {"name", JSON_KIND_TEXT, true, 1, LABEL_FACT_MAX, .text = "Name of the document"},
    {"originals", JSON_KIND_INT, true, 0, 1000, .text = "Originals"},
    {"copies", JSON_KIND_INT, true, 0, 1000, .text = "Copies"},
    {"returned", JSON_KIND_BOOL, .text = "The originals come back"},
    {0}};
static const struct json_field one_document = {.kind = JSON_KIND_OBJECT, .shape = document_shape};
static const struct json_field charge_shape[] = {
    {"ledger", JSON_KIND_ENUM, true, .choices = ledgers, .text = "Whose money it is"},
    {"name", JSON_KIND_TEXT, true, 1, LABEL_FACT_MAX, .text = "What it is for"},
    {"amount", JSON_KIND_INT, true, 0, AMOUNT_MAX, .text = "đồng"},
    {"paid", JSON_KIND_BOOL, .text = "Paid already"},
    {0}};
static const struct json_field one_charge = {.kind = JSON_KIND_OBJECT, .shape = charge_shape};

const struct json_field dispatch_note_shape[] = {
    LABEL_FACT_PAPER,
    {"code", JSON_KIND_TEXT, true, 1, 60, .text = "Code of the dossier"},
    {"number", JSON_KIND_TEXT, false, 13, 13, .text = "S10 number of what is sent out"},
    {"service", JSON_KIND_ENUM, true, .choices = services, .text = "What was ordered"},
    {"accepted_at", JSON_KIND_TIME, true, .text = "When it was taken in"},
    {"office", JSON_KIND_OBJECT, true, .shape = party_shape, .text = "Where it was taken in"},
    {"clerk", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "Who took it in"},
    {"procedure", JSON_KIND_OBJECT, true, .shape = procedure_shape, .text = "What it is about"},
    {"sender", JSON_KIND_OBJECT, true, .shape = party_shape, .text = "Sender"},
    {"receiver", JSON_KIND_OBJECT, true, .shape = party_shape, .text = "Receiver"},
    {"documents", JSON_KIND_ARRAY, true, 0, DOCUMENTS_MAX, .item = &one_document},
    {"weight_g", JSON_KIND_INT, false, 0, 1000000, .text = "Grams"},
    {"charges", JSON_KIND_ARRAY, true, 0, CHARGES_MAX, .item = &one_charge},
    {"result_to", JSON_KIND_TEXT, false, 0, LABEL_FACT_MAX, .text = "Where the result goes"},
    {"receipt_code", JSON_KIND_TEXT, false, 0, 20, .text = "The applicant's code for tracking"},
    {"cancelled", JSON_KIND_BOOL, .text = "The intake was cancelled"},
    {0}};

// --- the lists -----------------------------------------------------------------------------------

struct making {
    struct arena *arena;
    const json_t *facts;
    struct sheet_block *blocks;
    int count;
};

static struct sheet_block *block(struct making *m, enum sheet_band band)
{
    struct sheet_block *b = &m->blocks[m->count++];
    b->band = band;
    b->head = band == SHEET_BAND_row ? SHEET_BAND_columns : 0;
    return b;
}

static const char *count_text(struct making *m, int64_t count)
{
    return count ? arena_printf(m->arena, "%" PRId64, count) : "–";
}

static void documents(struct making *m)
{
    int64_t originals = 0, copies = 0;
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(m->facts, "documents"), i, one)
    {
        struct sheet_block *b = block(m, SHEET_BAND_row);
        int64_t o = json_int(one, "originals", 0), c = json_int(one, "copies", 0);
        bool back = o && json_is_true(json_object_get(one, "returned"));
        b->field[NOTE_line_no] = arena_printf(m->arena, "%zu", i + 1);
        b->field[NOTE_document] = label_clean(m->arena, json_text(one, "name"));
        b->field[NOTE_originals] = count_text(m, o);
        b->field[NOTE_copies] = count_text(m, c);
        b->field[NOTE_returned] = back ? "Có" : NULL;
        originals += o;
        copies += c;
    }
    block(m, SHEET_BAND_line)->field[NOTE_words] = arena_printf(
        m->arena, "Cộng: %" PRId64 " bản chính, %" PRId64 " bản sao.", originals, copies);
}

static int64_t sum_of(const struct making *m, const char *ledger, bool open)
{
    int64_t sum = 0;
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(m->facts, "charges"), i, one)
    {
        if ((!ledger || strcmp(json_text(one, "ledger"), ledger) == 0) &&
            !(open && json_is_true(json_object_get(one, "paid"))))
            sum += json_int(one, "amount", 0);
    }
    return sum;
}

static void charges(struct making *m)
{
    size_t i;
    const json_t *one;
    block(m, SHEET_BAND_heading)->field[NOTE_caption] = "Cước và phí · Charges";
    json_array_foreach(json_object_get(m->facts, "charges"), i, one)
    {
        block(m, SHEET_BAND_line)->field[NOTE_words] =
            arena_printf(m->arena, "%s: %s%s", say_text(m->arena, json_text(one, "name")),
                         say_money(m->arena, json_int(one, "amount", 0)),
                         json_is_true(json_object_get(one, "paid")) ? " (đã thu)" : "");
    }
}

static const char *payment(struct making *m)
{
    int64_t all = sum_of(m, NULL, false), open = sum_of(m, NULL, true);
    if (!all)
        return "Không thu tiền";
    if (!open)
        return "Tiền mặt, đã thu đủ";
    return all == open ? "Chưa thu"
                       : arena_printf(m->arena, "Tiền mặt, đã thu %s, còn %s",
                                      say_money(m->arena, all - open), say_money(m->arena, open));
}

// The law's least: four times the charge of the way on which it was lost, which is given back in
// it.
static const char *compensation(struct making *m)
{
    int64_t out = sum_of(m, "postage_out", false), back = sum_of(m, "postage_return", false);
    const char *parts[] = {
        out ? arena_printf(m->arena, "chiều gửi %s", say_money(m->arena, 4 * out)) : NULL,
        back ? arena_printf(m->arena, "chiều trả %s", say_money(m->arena, 4 * back)) : NULL};
    const char *sums = say_joined(m->arena, ", ", parts, 2);
    return arena_printf(
        m->arena,
        "Bồi thường: mất hoặc hư hỏng hoàn toàn, ít nhất 4 lần cước của chiều gửi có sự cố, đã "
        "gồm hoàn cước%s%s. Chậm so với thời gian toàn trình: hoàn cước đã thu.",
        *sums ? ": " : "", sums);
}

static void closing(struct making *m)
{
    struct sheet_block *end = block(m, SHEET_BAND_end);
    const json_t *sender = json_object_get(m->facts, "sender");
    const char *ordered = json_text(m->facts, "service");
    bool sends = strcmp(ordered, "send") == 0 || strcmp(ordered, "both") == 0;
    if (!sends)
        sender = json_object_get(m->facts, "receiver");
    end->field[NOTE_price] = say_money(m->arena, sum_of(m, NULL, false));
    end->field[NOTE_payment] = payment(m);
    end->field[NOTE_compensation] = compensation(m);
    end->field[NOTE_sender_signed] = label_clean(m->arena, json_text(sender, "name"));
    end->field[NOTE_clerk_signed] = label_clean(m->arena, json_text(m->facts, "clerk"));
}

// --- the head ------------------------------------------------------------------------------------

static void set_party(struct making *m, const char *name, struct sheet *s, int first)
{
    static const char *const members[] = {"name", "address", "phone", "email"};
    const json_t *party = json_object_get(m->facts, name);
    for (size_t i = 0; i < countof(members); i++)
        s->field[first + (int)i] = label_clean(m->arena, json_text(party, members[i]));
}

static const char *service(const json_t *facts)
{
    const char *name = json_text(facts, "service");
    for (size_t i = 0; services[i]; i++) {
        if (strcmp(services[i], name) == 0)
            return service_names[i];
    }
    return NULL;
}

static void set_office(struct making *m, struct sheet *s)
{
    const json_t *office = json_object_get(m->facts, "office");
    const char *name = label_clean(m->arena, json_text(office, "name"));
    const char *phone = label_clean(m->arena, json_text(office, "phone"));
    const char *parts[] = {label_clean(m->arena, json_text(office, "address")),
                           phone ? arena_printf(m->arena, "ĐT: %s", phone) : NULL};
    const char *clerk = label_clean(m->arena, json_text(m->facts, "clerk"));
    s->field[NOTE_org] = name;
    s->field[NOTE_org_address] = say_joined(m->arena, " · ", parts, 2);
    s->field[NOTE_accepted] = arena_printf(
        m->arena, "%s, tại %s%s%s", say_time(m->arena, json_text(m->facts, "accepted_at")),
        name ? name : "…", clerk ? "; giao dịch viên " : "", clerk ? clerk : "");
}

static bool set_numbers(struct making *m, const struct label_source *source, struct sheet *s)
{
    const char *code = label_clean(m->arena, json_text(m->facts, "code"));
    const char *number = json_text(m->facts, "number");
    if (!code || (number && (strlen(number) != 13 || !s10_valid(number))))
        return false;
    s->title = arena_printf(m->arena, "Phiếu gửi hồ sơ %s", code);
    s->field[NOTE_code] = s->field[NOTE_code_again] = code;
    s->field[NOTE_number] = s->field[NOTE_number_again] =
        number ? say_code(m->arena, number) : code;
    s->code[LABEL_CODE128] = number ? arena_strdup(m->arena, number) : NULL;
    s->code[LABEL_QR_SHORT] =
        arena_printf(m->arena, "%s%s", source->links->track, number ? number : code);
    s->field[NOTE_link] = label_link(m->arena, source->links->track, number ? number : code);
    return true;
}

static void head(struct making *m, const struct label_source *source, struct sheet *s)
{
    const json_t *procedure = json_object_get(m->facts, "procedure");
    const char *name = label_clean(m->arena, json_text(procedure, "name"));
    int64_t weight = json_int(m->facts, "weight_g", 0);
    set_party(m, "sender", s, NOTE_sender_name);
    set_party(m, "receiver", s, NOTE_receiver_name);
    set_office(m, s);
    s->field[NOTE_procedure] =
        arena_printf(m->arena, "%s (%s)", name ? name : "", json_text(procedure, "code"));
    s->field[NOTE_receipt] = label_clean(m->arena, json_text(m->facts, "receipt_code"));
    s->field[NOTE_receipt_caption] = s->field[NOTE_receipt] ? "MÃ TRA CỨU" : NULL;
    s->field[NOTE_service] = service(m->facts);
    s->field[NOTE_weight] = weight > 0 ? say_weight(m->arena, weight) : NULL;
    s->field[NOTE_result_to] = label_clean(m->arena, json_text(m->facts, "result_to"));
    s->field[NOTE_state] =
        json_is_true(json_object_get(m->facts, "cancelled")) ? "ĐÃ HỦY TIẾP NHẬN" : NULL;
    s->field[NOTE_demo] = say_demo(source->demo);
}

const struct sheet *dispatch_note_lay(struct arena *arena, const json_t *facts,
                                      const struct label_source *source)
{
    size_t documents_count = json_array_size(json_object_get(facts, "documents"));
    size_t charges_count = json_array_size(json_object_get(facts, "charges"));
    struct sheet *s = arena_alloc(arena, sizeof *s);
    struct making m = {.arena = arena, .facts = facts};
    // A row each, a line each, the sum, a heading, the end.
    m.blocks = arena_alloc(arena, (documents_count + charges_count + 3) * sizeof *m.blocks);
    if (!set_numbers(&m, source, s))
        return NULL;
    head(&m, source, s);
    documents(&m);
    if (charges_count)
        charges(&m);
    closing(&m);
    s->blocks = m.blocks;
    s->count = m.count;
    return s;
}
