#pragma once
#include <jansson.h>

#include "base/buf.h"

// The allowed steps as a picture: a Mermaid stateDiagram-v2 of shipments and of containers, from
// the vocabulary (custody_db.h). An arrow names the kinds of scan that lead from one state to
// another; "(signed)": the signing of a hand-over does, "(returning)": when the thing is on its way
// back. What leaves a state as it is stands in its box. Pure.
void diagram_print(struct buf *out, const json_t *vocabulary);
