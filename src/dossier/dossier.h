#pragma once
#include "http/capability.h"

// The dossier: intake, what may be done with it, and what a second factor opens of it.
//
// SQL (schema dossier) holds the rules and makes the documents; nothing personal ever reaches it in
// the clear. This part checks the shape of what comes in, seals the personal members (base/seal.h)
// and puts them back for staff whose reading the database has allowed and recorded. The second
// factor (the last four digits of the applicant's telephone, or the code on the receipt) opens more
// than tracking/ shows to everybody, masked; its tries are counted in the database, for the number
// and the address.
extern const struct capability dossier_capability;
extern const struct capability unlock_capability;

// A result on line is a PDF that the agency sends as an attachment of its dossier and that the
// service seals (dossier/result_seal.h) with the ring "result" of its keys; the receipt's code
// opens it.
extern const struct capability result_capability;
