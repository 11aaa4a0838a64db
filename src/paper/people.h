#pragma once
#include <jansson.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/compiler.h"

// Puts into a document of paper.draw what is personal: for each {personal: path, of?, place?,
// with?} in its facts what stands at that path ("applicant.name") of the people with that number (0
// when absent); an address is its line and the place behind it, `with` the path of what follows
// that. What is not there becomes null; of somebody erased the name says so. An identity number is
// never given. Takes `people` away. False: a part cannot be opened.
must_check bool paper_people_join(struct arena *arena, json_t *document);
