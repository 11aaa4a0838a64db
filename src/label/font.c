#include "label/font.h"

#include <fontconfig/fontconfig.h>
#include <hb-subset.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"

#define HOUSE_FAMILY "Noto Sans"
static const struct {
    int weight, slant;
} styles[] = {{FC_WEIGHT_REGULAR, FC_SLANT_ROMAN},
              {FC_WEIGHT_BOLD, FC_SLANT_ROMAN},
              {FC_WEIGHT_REGULAR, FC_SLANT_ITALIC},
              {FC_WEIGHT_BOLD, FC_SLANT_ITALIC}};

// What takes the system's own files of the family out, so that ours are found.
static const FcChar8 without[] =
    "<fontconfig><selectfont><rejectfont><pattern><patelt name=\"family\"><string>" HOUSE_FAMILY
    "</string></patelt></pattern></rejectfont></selectfont></fontconfig>";

static FcConfig *fonts;
static pthread_once_t fonts_once = PTHREAD_ONCE_INIT;

// All letters and features of a face, without its instructions. NULL when it cannot be done.
static hb_blob_t *plain_of(const char *file, unsigned index)
{
    hb_blob_t *blob = hb_blob_create_from_file(file);
    hb_face_t *face = hb_face_create(blob, index), *plain = NULL;
    hb_subset_input_t *input = hb_subset_input_create_or_fail();
    if (input && hb_face_get_glyph_count(face) > 0) {
        hb_set_invert(hb_subset_input_unicode_set(input));
        hb_set_t *features = hb_subset_input_set(input, HB_SUBSET_SETS_LAYOUT_FEATURE_TAG);
        hb_set_clear(features);
        hb_set_invert(features);
        hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_NO_HINTING);
        plain = hb_subset_or_fail(face, input);
    }
    hb_blob_t *out = plain ? hb_face_reference_blob(plain) : NULL;
    hb_face_destroy(plain);
    hb_subset_input_destroy(input);
    hb_face_destroy(face);
    hb_blob_destroy(blob);
    return out;
}

// Font libraries open files by name: here the name of a file that exists in memory only.
static bool plain_add(FcConfig *config, hb_blob_t *blob)
{
    char path[40];
    unsigned len;
    const char *data = hb_blob_get_data(blob, &len);
    int file = memfd_create("dossierpost-font", MFD_CLOEXEC);
    bool ok = file >= 0 && write(file, data, len) == (ssize_t)len;
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    ok = ok && FcConfigAppFontAddFile(config, (const FcChar8 *)path);
    if (!ok && file >= 0)
        close(file);
    return ok;
}

// Whether this style of the family is there, and could be made plain.
static bool style_add(FcConfig *config, int weight, int slant)
{
    FcResult result;
    FcChar8 *file, *family;
    int index = 0;
    bool ok = false;
    FcPattern *wish = FcPatternBuild(NULL, FC_FAMILY, FcTypeString, HOUSE_FAMILY, FC_WEIGHT,
                                     FcTypeInteger, weight, FC_SLANT, FcTypeInteger, slant, NULL);
    FcConfigSubstitute(NULL, wish, FcMatchPattern);
    FcDefaultSubstitute(wish);
    FcPattern *found = FcFontMatch(NULL, wish, &result);
    if (found && FcPatternGetString(found, FC_FILE, 0, &file) == FcResultMatch &&
        FcPatternGetString(found, FC_FAMILY, 0, &family) == FcResultMatch &&
        FcPatternGetInteger(found, FC_INDEX, 0, &index) == FcResultMatch &&
        FcStrCmp(family, (const FcChar8 *)HOUSE_FAMILY) == 0) {
        hb_blob_t *plain = plain_of((const char *)file, (unsigned)index & 0xffff);
        ok = plain && plain_add(config, plain);
        hb_blob_destroy(plain);
    }
    if (found)
        FcPatternDestroy(found);
    FcPatternDestroy(wish);
    return ok;
}

static void fonts_make(void)
{
    bool ok = true;
    FcConfig *config = FcInitLoadConfig();
    ok = config && FcConfigParseAndLoadFromMemory(config, without, FcTrue) &&
         FcConfigBuildFonts(config);
    for (size_t i = 0; ok && i < countof(styles); i++)
        ok = style_add(config, styles[i].weight, styles[i].slant);
    if (ok) {
        fonts = config;
        return;
    }
    log_info("label", NULL, "PDFs carry " HOUSE_FAMILY " as it is installed");
    if (config)
        FcConfigDestroy(config);
    fonts = FcConfigReference(NULL);
}

FcConfig *label_fonts(void)
{
    pthread_once(&fonts_once, fonts_make);
    return fonts;
}
