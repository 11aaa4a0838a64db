// The one statement of a look-up by a shipment's number: what the service
// itself asks (src/dossier/track_db.c, by_number_stmt) when the answer is not in its memory.
export const track_sql = (number) => `
select t.dossier, t.as_of, t.until, t.packed
from custody.shipment s join dossier.told t on t.dossier = s.dossier where s.number = ${number}::text`;
// The same of answers that are kept as text, for a peer that cannot unpack them.
export const text_sql = (number) => `
select t.dossier, t.as_of, t.until, t.tag, t.subjects, t.view
from custody.shipment s join bench.told_view t on t.dossier = s.dossier where s.number = ${number}::text`;
