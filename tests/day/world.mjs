// The province: the demo network's real communes and places (Huế), with a post office in up to every
// one of its 40 communes, a second hub in the north, one-stop departments, and the people who work
// there. It is loaded by the program's own commands: import, account add, account key.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from '../api/service.mjs';

const HUB = '46-H1', NORTH = '46-H2', NORTH_COMMUNE = '19858';
export const SMALL = { offices: 9, agencies: 7, couriers: 20 };
export const WHOLE = { offices: 40, agencies: 20, couriers: 120 };

export function table(name) {
    const [head, ...lines] = readFileSync(join(ROOT, 'conf/demo', name), 'utf8').trim().split('\n')
        .map((line) => (line + ',').match(/("[^"]*"|[^,]*),/g)
            .map((cell) => cell.slice(0, -1).replace(/^"|"$/g, '')));
    return lines.map((cells) => Object.fromEntries(head.map((key, i) => [key, cells[i]])));
}

function csv(rows) {
    const keys = Object.keys(rows[0]);
    const cell = (value) => /[,"]/.test(value) ? `"${value}"` : value;
    return [keys.join(','), ...rows.map((row) => keys.map((key) => cell(String(row[key]))).join(','))]
        .join('\n') + '\n';
}

const RADIANS = Math.PI / 180;
export function kilometres(a, b) {
    const part = Math.sin((b.lat - a.lat) * RADIANS / 2) ** 2
        + Math.cos(a.lat * RADIANS) * Math.cos(b.lat * RADIANS) * Math.sin((b.lon - a.lon) * RADIANS / 2) ** 2;
    return 6371 * 2 * Math.asin(Math.min(1, Math.sqrt(part)));
}

const nearest = (list, place) =>
    list.reduce((best, one) => kilometres(one, place) < kilometres(best, place) ? one : best);

const place_of = (row) => ({ code: row.code, kind: row.kind, parent: row.parent, commune: row.commune_code,
    level: row.agency_level, lat: Number(row.lat), lon: Number(row.lon), row });

// A new unit of a commune, as a row of the units file.
function unit_row(commune, n, more) {
    const name = commune.commune_name;
    return { id: '', code: '', kind: '', name: '', name_en: '', parent: '', commune_code: commune.commune_code,
        postcode: String(49800 + n), address: `Ủy ban nhân dân ${name}, thành phố Huế`, phone: '',
        lat: commune.latitude, lon: commune.longitude, agency_identity: '', agency_level: '',
        opens: '07:30', break_from: '', break_to: '', closes: '18:00', s10_office: '', ...more };
}

// Offices in more communes, agencies in more of those with an office.
function grown(dice, size, communes, units) {
    const offices = units.filter((u) => u.kind === 'post_office').slice(0, size.offices);
    const agencies = units.filter((u) => u.kind === 'agency').slice(0, size.agencies);
    const free = dice.shuffled(communes.filter((c) =>
        !units.some((u) => u.kind === 'post_office' && u.commune === c.commune_code)));
    for (let n = offices.length + 1; n <= size.offices; n++) {
        const commune = free.pop();
        offices.push(place_of(unit_row(commune, n, { code: `46-B${n}`, kind: 'post_office',
            name: `Bưu cục ${commune.commune_name}`, name_en: `Post office ${n}`, s10_office: 100 + n })));
    }
    const without = dice.shuffled(communes.filter((c) =>
        !agencies.some((a) => a.commune === c.commune_code)));
    for (let n = agencies.length; n < size.agencies; n++) {
        const commune = without.pop();
        agencies.push(place_of(unit_row(commune, 100 + n, { code: `46-A${n}`, kind: 'agency',
            name: `Trung tâm Phục vụ hành chính công ${commune.commune_name}`, name_en: `One-stop ${n}`,
            agency_identity: `000.${21 + n}.16.H57`, agency_level: 'commune', break_from: '11:30',
            break_to: '13:30', closes: '17:00' })));
    }
    return { offices, agencies };
}

export function plan_world(dice, size) {
    const communes = table('communes.csv'), units = table('units.csv').map(place_of);
    const north = communes.find((c) => c.commune_code === NORTH_COMMUNE);
    const hubs = [units.find((u) => u.code === HUB), place_of(unit_row(north, 99, { code: NORTH, kind: 'hub',
        name: 'Trung tâm Khai thác phía Bắc', name_en: 'Northern Sorting Hub', parent: '46-PP',
        s10_office: 99 }))];
    const { offices, agencies } = grown(dice, size, communes, units);
    for (const office of offices) {
        office.hub = nearest(hubs, office);
        office.parent = office.row.parent = office.hub.code;
        office.weight = communes.find((c) => c.commune_code === office.commune).commune_name
            .startsWith('Phường') ? 3 : 1;
    }
    // Whoever lives in a commune is served by its own office, or the nearest.
    for (const commune of communes) {
        const at = { lat: Number(commune.latitude), lon: Number(commune.longitude) };
        const office = offices.find((o) => o.commune === commune.commune_code) ?? nearest(offices, at);
        commune.delivery_office = office.code;
        (office.communes ??= []).push({ code: commune.commune_code, ...at });
    }
    for (const agency of agencies) {
        agency.office = offices.find((o) => o.commune === agency.commune) ?? nearest(offices, agency);
        agency.parent = agency.row.parent = agency.office.code;
        (agency.office.agencies ??= []).push(agency);
    }
    const world = { hubs, offices, agencies, communes, people: [] };
    world.units = new Map([units.find((u) => u.kind === 'province_post'), ...hubs, ...offices, ...agencies]
        .map((u) => [u.code, u]));
    staff(world, size);
    return world;
}

// A clerk an office, somebody at each hub and agency, a driver for each office's line and one between
// the hubs; the other couriers deliver.
function staff(world, size) {
    const hire = (login, role, unit) => {
        const person = { login, role, unit: unit.code };
        world.people.push(person);
        return person;
    };
    const drivers = world.offices.length + 1, carriers = size.couriers - drivers;
    world.offices.forEach((office, i) => {
        const mine = Math.floor(carriers / world.offices.length) + (i < carriers % world.offices.length ? 1 : 0);
        office.clerk = hire(`clerk.b${i + 1}`, 'clerk', office);
        office.couriers = Array.from({ length: Math.max(1, mine) }, (_, n) =>
            hire(`courier.b${i + 1}.${n + 1}`, 'courier', office));
        office.driver = hire(`driver.b${i + 1}`, 'courier', office.hub);
        office.agencies ??= [];
        office.communes ??= [];
    });
    world.hubs.forEach((hub, i) => (hub.clerk = hire(`hub.h${i + 1}`, 'hub', hub)));
    world.between = hire('driver.between', 'courier', world.hubs[0]);
    world.agencies.forEach((agency, i) => (agency.officer = hire(`officer.a${i}`, 'officer', agency)));
    world.supervisor = hire('supervisor.day', 'supervisor', world.units.get('46-PP'));
}

export function command(service, args, input = '') {
    const binary = resolve(ROOT, process.env.DOSSIERPOST_BIN ?? 'build/dossierpost');
    return new Promise((done, failed) => {
        const child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'pipe'],
            env: { ...process.env, ...service.env, DOSSIERPOST_STATE_DIR: service.state } });
        let out = '', err = '';
        child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
        child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
        child.on('error', failed);
        child.on('close', (status) => done({ status, out, err }));
        child.stdin.on('error', () => {}).end(input); // not every command reads it
    });
}

async function must(service, args, input) {
    const { status, out, err } = await command(service, args, input);
    if (status !== 0) throw new Error(`dossierpost ${args.join(' ')}: ${status}\n${out}${err}`);
    return out;
}

async function import_rows(service, kind, rows) {
    const path = join(service.state, `day.${kind}.csv`);
    writeFileSync(path, csv(rows));
    await must(service, ['import', kind, path]);
}

export async function load_world(service, world, password) {
    const units = [...world.hubs, ...world.offices, ...world.agencies];
    const known = new Set(table('units.csv').map((row) => row.code));
    await import_rows(service, 'units', units.map(({ row }) => ({ ...row, id: '' })));
    await import_rows(service, 'communes', world.communes);
    const fresh = world.offices.filter((o) => !known.has(o.code));
    if (fresh.length)
        await import_rows(service, 'blocks', fresh.map((o, i) => ({ unit: o.code, indicator: 'RR',
            first: 46600001 + i * 20000, last: 46620000 + i * 20000 })));
    const left = [...world.people];
    const lane = async () => {
        for (let one; (one = left.pop());) {
            await must(service, ['account', 'add', one.login, '--name', `${one.login} (thử nghiệm)`,
                '--roles', one.role, '--unit', one.unit], `${password}\n`);
            one.key = (await must(service, ['account', 'key', one.login, 'day'])).trim();
        }
    };
    await Promise.all([lane(), lane(), lane()]);
}
