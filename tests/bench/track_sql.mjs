// The one statement of a look-up by a shipment's number: what the service
// itself asks (src/tracking/track_db.c, kept_stmt) when the answer is not in its memory.
export const track_sql = (number) => `
select t.dossier, t.as_of, t.until, t.packed
from dossier.told t where t.key = ${number}::text`;
// The same of answers that are kept as text, for a peer that cannot unpack them.
export const text_sql = (number) => `
select t.dossier, t.as_of, t.until, t.tag, t.subjects, t.view
from bench.told_view t where t.key = ${number}::text`;
