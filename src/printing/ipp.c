#include "printing/ipp.h"

#include <cups/cups.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { CONNECT_MS = 5000, ANSWER_S = 15, LOOK_S = 5, BODY_S = 60 };

static int stopping; // libcups looks at it while it connects

void ipp_stop(void)
{
    __atomic_store_n(&stopping, 1, __ATOMIC_RELEASE);
}

static struct ipp_told told(enum ipp_end end, const char *trouble)
{
    struct ipp_told told = {.end = end};
    snprintf(told.trouble, sizeof told.trouble, "%s", trouble);
    return told;
}

// --- one call ------------------------------------------------------------------------------------

// Called each second that nothing moved.
static int go_on(http_t *http, void *until)
{
    (void)http;
    return clock_monotonic() < *(int64_t *)until && !__atomic_load_n(&stopping, __ATOMIC_ACQUIRE);
}

static http_t *dial(const struct print_uri *uri)
{
    http_encryption_t how =
        uri->scheme == PRINT_IPPS ? HTTP_ENCRYPTION_ALWAYS : HTTP_ENCRYPTION_IF_REQUESTED;
    return httpConnect2(uri->host, uri->port, NULL, AF_UNSPEC, how, 1, CONNECT_MS, &stopping);
}

static ipp_t *request_new(const struct print_uri *uri, ipp_op_t op)
{
    ipp_t *request = ippNewRequest(op);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", NULL, uri->text);
    return request;
}

static void add_job(ipp_t *request, int job)
{
    ippAddInteger(request, IPP_TAG_OPERATION, IPP_TAG_INTEGER, "job-id", job);
}

static void add_user(ipp_t *request)
{
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", NULL,
                 "dossierpost");
}

static bool put(http_t *http, const struct print_uri *uri, ipp_t *request, const struct buf *body)
{
    size_t more = body ? body->len : 0;
    httpClearFields(http);
    httpSetField(http, HTTP_FIELD_CONTENT_TYPE, "application/ipp");
    httpSetLength(http, ippLength(request) + more);
    ippSetState(request, IPP_STATE_IDLE);
    if (httpPost(http, uri->path) != 0 || ippWrite(http, request) != IPP_STATE_DATA)
        return false;
    for (size_t at = 0; at < more;) {
        ssize_t took = httpWrite2(http, body->data + at, more - at);
        if (took <= 0)
            return false;
        at += (size_t)took;
    }
    return httpFlushWrite(http) >= 0;
}

static ipp_t *answer(http_t *http, http_status_t *status)
{
    do
        *status = httpUpdate(http);
    while (*status == HTTP_STATUS_CONTINUE);
    if (*status != HTTP_STATUS_OK)
        return NULL;
    ipp_t *reply = ippNew();
    ipp_state_t state;
    do
        state = ippRead(http, reply);
    while (state != IPP_STATE_DATA && state != IPP_STATE_ERROR);
    if (state == IPP_STATE_DATA)
        return reply;
    ippDelete(reply);
    return NULL;
}

static struct ipp_told told_http(http_status_t status)
{
    if (status == HTTP_STATUS_ERROR)
        return told(TOLD_SILENT, "silent");
    if (status == HTTP_STATUS_UNAUTHORIZED || status == HTTP_STATUS_FORBIDDEN)
        return told(TOLD_NEVER, "login");
    if (status == HTTP_STATUS_NOT_FOUND)
        return told(TOLD_NEVER, "not-found");
    return status >= 500 ? told(TOLD_LATER, "busy") : told(TOLD_NEVER, "not-ipp");
}

static const struct {
    ipp_status_t status;
    enum ipp_end end;
    const char *trouble;
} refusals[] = {
    {IPP_STATUS_ERROR_NOT_FOUND, TOLD_GONE, "not-found"},
    {IPP_STATUS_ERROR_GONE, TOLD_GONE, "forgotten"},
    {IPP_STATUS_ERROR_NOT_AUTHENTICATED, TOLD_NEVER, "login"},
    {IPP_STATUS_ERROR_NOT_AUTHORIZED, TOLD_NEVER, "login"},
    {IPP_STATUS_ERROR_FORBIDDEN, TOLD_NEVER, "login"},
    {IPP_STATUS_ERROR_DOCUMENT_FORMAT_NOT_SUPPORTED, TOLD_NEVER, "format"},
    {IPP_STATUS_ERROR_NOT_ACCEPTING_JOBS, TOLD_LATER, "not-accepting"},
    {IPP_STATUS_ERROR_SERVICE_UNAVAILABLE, TOLD_LATER, "busy"},
    {IPP_STATUS_ERROR_DEVICE, TOLD_LATER, "other"},
    {IPP_STATUS_ERROR_TEMPORARY, TOLD_LATER, "busy"},
    {IPP_STATUS_ERROR_BUSY, TOLD_LATER, "busy"},
};

// Which of the things asked for it does not have.
static const char *missing(ipp_t *reply)
{
    static const char *const words[][2] = {
        {"document-format", "format"}, {"media-col", "media-size"}, {"media", "media-size"}};
    for (size_t i = 0; i < countof(words); i++) {
        ipp_attribute_t *found = ippFindAttribute(reply, words[i][0], IPP_TAG_ZERO);
        if (found && ippGetGroupTag(found) == IPP_TAG_UNSUPPORTED_GROUP)
            return words[i][1];
    }
    return "refused";
}

static struct ipp_told told_ipp(ipp_t *reply)
{
    ipp_status_t status = ippGetStatusCode(reply);
    if (status < IPP_STATUS_REDIRECTION_OTHER_SITE)
        return told(TOLD_DONE, "");
    if (status == IPP_STATUS_ERROR_ATTRIBUTES_OR_VALUES)
        return told(TOLD_NEVER, missing(reply));
    for (size_t i = 0; i < countof(refusals); i++) {
        if (refusals[i].status == status)
            return told(refusals[i].end, refusals[i].trouble);
    }
    return status >= IPP_STATUS_ERROR_INTERNAL ? told(TOLD_LATER, "other")
                                               : told(TOLD_NEVER, "refused");
}

// Takes the request. The reply is the caller's, NULL when there is none.
static struct ipp_told call(const struct print_uri *uri, ipp_t *request, const struct buf *body,
                            int seconds, ipp_t **reply)
{
    int64_t until = clock_monotonic() + (CONNECT_MS / 1000 + seconds) * 1000000LL;
    http_status_t status = HTTP_STATUS_ERROR;
    http_t *http = dial(uri);
    *reply = NULL;
    if (!http) {
        ippDelete(request);
        return told(TOLD_UNREACHABLE, "unreachable");
    }
    httpSetTimeout(http, 1, go_on, &until);
    if (put(http, uri, request, body))
        *reply = answer(http, &status);
    httpClose(http);
    ippDelete(request);
    return *reply ? told_ipp(*reply) : told_http(status);
}

// --- what labels need ----------------------------------------------------------------------------

static const char *const printer_wanted[] = {
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "document-format-supported",
    "job-creation-attributes-supported",
};

static bool has(ipp_t *reply, const char *name, const char *value)
{
    ipp_attribute_t *found = ippFindAttribute(reply, name, IPP_TAG_ZERO);
    return found && ippContainsString(found, value);
}

// A printer language has no name of its own on many queues: what is not described is passed on.
static void format_choose(ipp_t *reply, const char *type, struct ipp_printer *out)
{
    static const char *const bare = "application/octet-stream";
    bool page = strcmp(type, "application/pdf") == 0 || strcmp(type, "image/png") == 0;
    const char *found = has(reply, "document-format-supported", type)            ? type
                        : !page && has(reply, "document-format-supported", bare) ? bare
                                                                                 : "";
    snprintf(out->format, sizeof out->format, "%s", found);
}

static void reasons_read(ipp_t *reply, struct ipp_printer *out)
{
    ipp_attribute_t *list = ippFindAttribute(reply, "printer-state-reasons", IPP_TAG_KEYWORD);
    for (int i = 0; list && i < ippGetCount(list) && out->count < IPP_WORDS; i++) {
        const char *word = ippGetString(list, i, NULL);
        if (word && strcmp(word, "none") != 0)
            snprintf(out->reasons[out->count++], IPP_WORD, "%s", word);
    }
}

struct ipp_told ipp_look(const struct print_uri *uri, const char *type, struct ipp_printer *out)
{
    ipp_t *request = request_new(uri, IPP_OP_GET_PRINTER_ATTRIBUTES), *reply;
    *out = (struct ipp_printer){.accepting = true};
    add_user(request);
    ippAddStrings(request, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes",
                  (int)countof(printer_wanted), NULL, printer_wanted);
    struct ipp_told end = call(uri, request, NULL, LOOK_S, &reply);
    if (end.end == TOLD_DONE) {
        ipp_attribute_t *one = ippFindAttribute(reply, "printer-state", IPP_TAG_ENUM);
        out->state = one ? ippGetInteger(one, 0) : 0;
        one = ippFindAttribute(reply, "printer-is-accepting-jobs", IPP_TAG_BOOLEAN);
        out->accepting = !one || ippGetBoolean(one, 0);
        out->scaling = has(reply, "job-creation-attributes-supported", "print-scaling");
        out->media = has(reply, "job-creation-attributes-supported", "media-col");
        out->sides = has(reply, "job-creation-attributes-supported", "sides");
        reasons_read(reply, out);
        if (type)
            format_choose(reply, type, out);
    }
    ippDelete(reply);
    if (end.end == TOLD_GONE) // such a queue, not such a job
        end.end = TOLD_NEVER;
    return end;
}

// In hundredths of a millimetre, printed to the edge.
static void add_media(ipp_t *request, double width, double height)
{
    static const char *const margins[] = {"media-bottom-margin", "media-left-margin",
                                          "media-right-margin", "media-top-margin"};
    ipp_t *media = ippNew(), *size = ippNew();
    ippAddInteger(size, IPP_TAG_ZERO, IPP_TAG_INTEGER, "x-dimension", (int)lround(width * 100));
    ippAddInteger(size, IPP_TAG_ZERO, IPP_TAG_INTEGER, "y-dimension", (int)lround(height * 100));
    ippAddCollection(media, IPP_TAG_ZERO, "media-size", size);
    for (size_t i = 0; i < countof(margins); i++)
        ippAddInteger(media, IPP_TAG_ZERO, IPP_TAG_INTEGER, margins[i], 0);
    ippAddCollection(request, IPP_TAG_JOB, "media-col", media);
    ippDelete(size);
    ippDelete(media);
}

struct ipp_told ipp_create(const struct print_uri *uri, const struct ipp_printer *printer,
                           const char *name, double width, double height, int *job)
{
    ipp_t *request = request_new(uri, IPP_OP_CREATE_JOB), *reply;
    add_user(request);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_NAME, "job-name", NULL, name);
    if (printer->scaling) // codes keep their dots
        ippAddString(request, IPP_TAG_JOB, IPP_TAG_KEYWORD, "print-scaling", NULL, "none");
    if (printer->sides)
        ippAddString(request, IPP_TAG_JOB, IPP_TAG_KEYWORD, "sides", NULL, "one-sided");
    if (printer->media)
        add_media(request, width, height);
    struct ipp_told end = call(uri, request, NULL, ANSWER_S, &reply);
    ipp_attribute_t *id =
        end.end == TOLD_DONE ? ippFindAttribute(reply, "job-id", IPP_TAG_INTEGER) : NULL;
    *job = id ? ippGetInteger(id, 0) : 0;
    if (end.end == TOLD_DONE && *job <= 0)
        end = told(TOLD_NEVER, "not-ipp");
    ippDelete(reply);
    return end;
}

struct ipp_told ipp_send(const struct print_uri *uri, int job, const char *format,
                         const struct buf *document)
{
    ipp_t *request = request_new(uri, IPP_OP_SEND_DOCUMENT), *reply;
    add_job(request, job);
    add_user(request);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_MIMETYPE, "document-format", NULL, format);
    ippAddBoolean(request, IPP_TAG_OPERATION, "last-document", 1);
    struct ipp_told end = call(uri, request, document, BODY_S, &reply);
    ippDelete(reply);
    return end;
}

struct ipp_told ipp_ask(const struct print_uri *uri, int job, struct ipp_job *out)
{
    static const char *const wanted[] = {"job-state", "job-state-reasons"};
    ipp_t *request = request_new(uri, IPP_OP_GET_JOB_ATTRIBUTES), *reply;
    *out = (struct ipp_job){0};
    add_job(request, job);
    add_user(request);
    ippAddStrings(request, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes",
                  (int)countof(wanted), NULL, wanted);
    struct ipp_told end = call(uri, request, NULL, LOOK_S, &reply);
    if (end.end == TOLD_DONE) {
        ipp_attribute_t *state = ippFindAttribute(reply, "job-state", IPP_TAG_ENUM);
        out->state = state ? ippGetInteger(state, 0) : 0;
        out->incoming = has(reply, "job-state-reasons", "job-incoming") ||
                        has(reply, "job-state-reasons", "job-data-insufficient");
    }
    ippDelete(reply);
    return end;
}

struct ipp_told ipp_cancel(const struct print_uri *uri, int job)
{
    ipp_t *request = request_new(uri, IPP_OP_CANCEL_JOB), *reply;
    add_job(request, job);
    add_user(request);
    struct ipp_told end = call(uri, request, NULL, LOOK_S, &reply);
    ippDelete(reply);
    return end;
}

struct ipp_told ipp_reach(const struct print_uri *uri)
{
    char port[8];
    int sock = -1;
    snprintf(port, sizeof port, "%d", uri->port);
    http_addrlist_t *list = httpAddrGetList(uri->host, AF_UNSPEC, port);
    bool there = list && httpAddrConnect2(list, &sock, CONNECT_MS, &stopping) != NULL;
    httpAddrFreeList(list);
    if (sock >= 0)
        close(sock);
    return there ? told(TOLD_DONE, "") : told(TOLD_UNREACHABLE, "unreachable");
}
