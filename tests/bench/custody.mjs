// ./dev bench custody [--dossiers N] [--rounds N] [--json FILE]
// What a bag costs, among 1 million dossiers: a scan of a bag of 1,000 items and its opening against
// one scan of one item; its list against what was found, against reading its rows once; what somebody
// with 500 items holds. One client, each in a transaction of its own with its commit, in turn; medians
// and ranges over the rounds, the first left out. Ends with 1 when a bar is missed, an answer is not
// as it must be, or a statement reads a table whole that is big: 10,000 rows or more are in it, or it read
// more than 1,000.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster, ROOT } from './cluster.mjs';

const { values: option } = parseArgs({ options: { json: { type: 'string' },
    dossiers: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '9' } } });
const NAME = 'bench_custody', ROUNDS = Number(option.rounds), MANY = 1000, HELD = 500;
const say = (text) => process.stderr.write(`== ${text}\n`);

// bench.scan(…): one call of scans of one kind; how many were recorded as they should be.
const SETUP = `
create function bench.scan(p_who text, p_kind text, p_subjects text[], p_bag text default null) returns bigint
language sql volatile as $$
    select count(*) filter (where r.outcome = 'recorded') from (
        select array_agg(x.ord::int) as ord, array_agg(base.uuid_v7()) as id, array_agg(x.subject) as subject,
               array_agg(p_kind) as kind, array_agg(clock_timestamp()) as at, array_agg(a.id) as who,
               array_agg(a.unit_id) as unit, array_agg(a.roles) as roles, array_agg(0::bigint) as zero,
               array_agg(p_bag) as bag, array_agg(null::text) as none, array_agg(null::uuid) as no_id,
               array_agg(null::jsonb) as data, array_agg(null::bytea) as no_bytes,
               array_agg(sha256(convert_to(x.subject || p_kind, 'UTF8'))) as digest
        from unnest(p_subjects) with ordinality as x (subject, ord)
        join account.account a on a.login = p_who) i
    cross join lateral custody.record_scans(i.ord, i.id, i.subject, i.kind, i.at, i.who, i.unit, i.roles, i.who,
        i.zero, i.bag, i.none, i.no_id, i.none, i.none, i.data, i.digest, i.no_bytes, i.no_bytes,
        i.no_bytes, i.no_bytes) r
$$;
create table bench.place as
    select h.id as hub, h.code as hub_code, o.id as office, o.code as office_code,
           (select min(login) from account.account where unit_id = h.id and login like 'bench.%') as at_hub,
           (select min(login) from account.account where unit_id = o.id and login like 'bench.%') as at_office
    from postal.unit h join postal.unit o on o.kind = 'post_office'
         and o.id in (select unit from bench.scanner)
    where h.id = (select max(unit) from bench.scanner where roles = 8)
    order by (h.lat - o.lat) ^ 2 + (h.lon - o.lon) ^ 2 limit 1;
create table bench.item as
    select row_number() over (order by s.number) - 1 as n, s.number
    from custody.shipment s, bench.place p
    where s.holder_kind = 'place' and s.holder_id = p.hub and p.office = any (s.route) and s.closure is null
    limit ${(ROUNDS + 1) * (MANY + 2) + HELD};
create index on bench.item (n);
create table bench.bag (round int, size int, id text);`;

const items = (from, count) => `array(select number from bench.item where n >= ${from} and n < ${from + count} order by n)`;
const who = (name) => `(select ${name} from bench.place)`;
const bag_of = (round, size) => `(select id from bench.bag where round = ${round} and size = ${size})`;

// The bag of a round and size, filled and sealed.
const filled = (round, size, from) => `
insert into bench.bag select ${round}, ${size}, container.create(a.id, p.hub, base.uuid_v7(), 'receptacle',
    p.hub_code, p.office_code, '\\x01') ->> 'id' from bench.place p join account.account a on a.login = p.at_hub;
${Array.from({ length: Math.ceil(size / 250) }, (_, i) => `select bench.scan(${who('at_hub')}, 'bag',
    ${items(from + i * 250, Math.min(250, size - i * 250))}, ${bag_of(round, size)});`).join('\n')}
select bench.scan(${who('at_hub')}, 'close', array[${bag_of(round, size)}]);`;

// What is timed in a round: name, statement, what it must answer.
const steps = (round) => {
    const one = items(round * (MANY + 2), 1), small = `array[${bag_of(round, 1)}]`, large = `array[${bag_of(round, MANY)}]`;
    const scan = (kind, subject) => `select bench.scan(${who('at_office')}, '${kind}', ${subject})`;
    const closure = `(select k.id from container.closure k where k.container = ${bag_of(round, MANY)} order by k.n limit 1)`;
    return [
        ['depart one', scan('depart', one), '1'], ['depart bag of 1', scan('depart', small), '1'],
        [`depart bag of ${MANY}`, scan('depart', large), '1'],
        ['arrive one', scan('arrive', one), '1'], ['arrive bag of 1', scan('arrive', small), '1'],
        [`arrive bag of ${MANY}`, scan('arrive', large), '1'],
        ['open bag of 1', scan('open', small), '1'], [`open bag of ${MANY}`, scan('open', large), '1'],
        ['rows once', `select count(s.state) + 0 * sum(length(e::text)) from container.membership m
            join custody.shipment s on s.number = m.subject
            left join custody.event e on e.subject = s.number and e.id = s.last_id where m.closure = ${closure}`, String(MANY)],
        ['list', `select container.get(${bag_of(round, MANY)}, null, ${MANY}) ->> 'expected'`, String(MANY)],
        ['held', `select jsonb_array_length(custody.held(a.id, null) -> 'items') from account.account a
            where a.login = ${who('at_office')}`, String(HELD)],
    ];
};

function timed(text, list, wrong) {
    const lines = text.trim().split('\n'), times = {};
    for (const [i, [name, , must]] of list.entries()) {
        const answer = lines[2 * i], time = /^Time: ([\d.]+) ms/.exec(lines[2 * i + 1]);
        if (answer !== must) wrong.push(`${name}: ${answer}, not ${must}`);
        times[name] = Number(time?.[1]);
    }
    return times;
}

// The tables that these logged plans read whole, of those that are big, and where a plan read much.
function read_whole(log, big) {
    const found = new Set();
    const look = (node) => {
        const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
        if (node['Node Type'] === 'Seq Scan' && (rows > 1000 || big.includes(node['Relation Name'])))
            found.add(`${node['Relation Name']} (${rows} rows)`);
        (node.Plans ?? []).forEach(look);
    };
    const plans = [...log.matchAll(/ plan:\n(\{\n[^]*?\n\})/g)].map((match) => JSON.parse(match[1]));
    if (plans.length < 20) throw new Error(`only ${plans.length} plans were logged`);
    plans.forEach((one) => look(one.Plan));
    return [...found];
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const range = (list, digits = 2) => `${median(list).toFixed(digits)} (${Math.min(...list).toFixed(digits)}–${Math.max(...list).toFixed(digits)})`;

const BARS = [
    ['scan of a bag of 1,000 / of one item', (t) => (t[`depart bag of ${MANY}`] + t[`arrive bag of ${MANY}`]) / (t['depart one'] + t['arrive one']), 1.5],
    ['opening a bag of 1,000 / scan of one item', (t) => t[`open bag of ${MANY}`] / t['arrive one'], 1.5],
    ['bag of 1,000 / bag of 1, all three scans', (t) => (t[`depart bag of ${MANY}`] + t[`arrive bag of ${MANY}`] + t[`open bag of ${MANY}`])
        / (t['depart bag of 1'] + t['arrive bag of 1'] + t['open bag of 1']), 1.5],
    ['list of 1,000 / reading its rows once', (t) => t.list / t['rows once'], 1],
];

const cluster = await Cluster.start();
process.exitCode = 1;
try {
    const binary = process.env.DOSSIERPOST_BIN ?? join(ROOT, 'build/dossierpost');
    await cluster.copy(await cluster.template(Number(option.dossiers), binary, say), NAME);
    await cluster.script(NAME, SETUP);
    const wrong = [], rounds = [];
    for (let round = 0; round <= ROUNDS; round++)
        await cluster.script(NAME, filled(round, 1, round * (MANY + 2) + 1) + filled(round, MANY, round * (MANY + 2) + 2));
    const held = await cluster.script(NAME, `update custody.shipment s set holder_kind = 'person', holder_id = a.id
        from bench.item i, account.account a where i.n >= ${(ROUNDS + 1) * (MANY + 2)} and s.number = i.number
             and a.login = ${who('at_office')}; analyze container.membership; analyze container.closure; analyze container.container;`);
    if (held.stderr) say(held.stderr.trim());
    const all = Array.from({ length: ROUNDS + 1 }, (_, round) => steps(round));
    const { stdout } = await cluster.script(NAME, `set plan_cache_mode = auto;\n\\timing on\n${
        all.flat().map(([, sql]) => `${sql};`).join('\n')}`);
    const text = stdout.trim().split('\n');
    all.forEach((list, round) => {
        const part = text.slice(round * 2 * list.length, (round + 1) * 2 * list.length).join('\n');
        const times = timed(part, list, wrong);
        if (round > 0) rounds.push(times);
    });
    const { stderr } = await cluster.script(NAME, `set client_min_messages = log; load 'auto_explain';
        set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
        set auto_explain.log_analyze = on; set auto_explain.log_timing = off; set auto_explain.log_format = json;
        ${steps(ROUNDS).slice(-2).map(([, sql]) => `${sql};`).join('\n')}
        ${filled(99, 1, ROUNDS * (MANY + 2))}`);
    await cluster.query(NAME, 'analyze');
    const whole = read_whole(stderr, (await cluster.query(NAME, `select relname from pg_class
        where relkind = 'r' and reltuples >= 10000`)).flat());
    process.stdout.write(`\n${ROUNDS} rounds, ${option.dossiers} dossiers; milliseconds with the commit, median (range)\n`);
    for (const [name] of all[0]) process.stdout.write(`${name.padEnd(24)} ${range(rounds.map((t) => t[name]))}\n`);
    const judged = BARS.map(([name, of, most]) => {
        const list = rounds.map(of), met = median(list) <= most;
        process.stdout.write(`${name.padEnd(46)} ${range(list).padEnd(22)} ≤ ${most}  ${met ? 'met' : 'MISSED'}\n`);
        return { name, list, most, met };
    });
    process.stdout.write(`tables read whole: ${whole.join(', ') || 'none'}\nwrong answers: ${wrong.join('; ') || 'none'}\n`);
    if (option.json) writeFileSync(option.json, JSON.stringify({ rounds, judged, whole, wrong }, null, 1));
    process.exitCode = judged.every((one) => one.met) && !whole.length && !wrong.length ? 0 : 1;
} finally {
    await cluster.drop(NAME).catch(() => {});
    await cluster.stop();
}
