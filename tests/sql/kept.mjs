// Answers kept as the program keeps them, but not packed: SQL does not look into them.
const text = (a) => `convert_to(concat_ws(E'\\n', ${a}.tag, ${a}.subjects, ${a}.view), 'utf8')`;

export const keep = (...keys) => `select dossier.keep(array_agg(k.key), array_agg(a.id), array_agg(a.as_of),
    array_agg(a.until), array_agg(${text('a')}))
    from unnest(array['${keys.join("','")}']) k (key) cross join lateral dossier.look(k.key) a`;
// How many of those that are kept say what would be told now.
export const kept_as_told = `select count(*) from dossier.told t cross join lateral dossier.answer(t.dossier) a
    where t.packed = ${text('a')}`;
export const kept_text = (id) => `select convert_from(packed, 'utf8') from dossier.told where dossier = '${id}'`;
